"""What a restructuring leaves as it was: closed quarters, sums at every level, and every member on one roster."""

from __future__ import annotations

import datetime

import pytest

from apps.branches.figures import measured
from apps.branches.models import PartyOrg
from apps.branches.services.rehearsal import rehearse
from apps.core.periods import Period
from apps.coverage import basis, figures, services
from apps.coverage.models import SnapshotRow
from apps.members.models import Member, Membership
from tests.branches.plans import COVERS, DAY, EVE, TODAY, applied, drafted, hefeng, hefeng_plan, put
from tests.cast import SINCE, Cast

pytestmark = pytest.mark.django_db
Q3 = Period.parse("2026Q3")
LAST = datetime.date(2026, 9, 30)
HELD = "members.members"


def enrolled(org, count: int, employer=None) -> list[Member]:
    """So many 正式党员 on the roster of an organisation since long ago."""
    members = [
        Member.objects.create(
            code=f"{org.pk}-{n}", name=f"党员{org.pk}-{n}", org=org, employer=employer, joined_on=SINCE,
            formal_on=SINCE,
        ) for n in range(count)
    ]  # fmt: skip
    for member in members:
        Membership.objects.create(member=member, org=org, enterprise=employer, since=SINCE)
    return members


def agree(org: PartyOrg, day: datetime.date, definition) -> int:
    """The enterprises of a node are the sum of the level below, at every level that is left; returns their number."""
    found = figures.level(basis.on_day(org, day), definition)
    assert found.total.enterprises == sum(row.totals.enterprises for row in found.rows)
    assert found.total.organisation_covered == sum(row.totals.organisation_covered for row in found.rows)
    for child in PartyOrg.objects.filter(parent=org, ended_on=None):
        if PartyOrg.objects.filter(parent=child, ended_on=None).exists():
            agree(child, day, definition)
    return found.total.enterprises


def test_a_closed_quarter_stays_as_it_was(cast: Cast, definition) -> None:
    with cast.within(cast.park_org):
        there = hefeng(cast)
        closed = services.take_snapshot(org=cast.park_org, period=Q3, as_of=LAST, actor=cast.users.park_officer)
        report = figures.level(basis.of_period(cast.park_org, Q3, today=TODAY), definition)
        rows = list(SnapshotRow.objects.filter(snapshot=closed).order_by("pk").values())
        plan = hefeng_plan(cast, there)
        put(cast, plan, "merge", org=cast.branch_a, target=cast.branch_b)
        rehearse(plan, today=TODAY, actor=cast.users.park_officer)
        applied(cast, plan)
        assert list(SnapshotRow.objects.filter(snapshot=closed).order_by("pk").values()) == rows
        assert services.seal_holds(closed)
        assert figures.level(basis.of_period(cast.park_org, Q3, today=TODAY), definition) == report


def test_the_sums_agree_at_every_level_before_and_after(cast: Cast, definition) -> None:
    with cast.within(cast.park_org):
        there = hefeng(cast)
        before = agree(cast.park_org, TODAY, definition)
        plan = hefeng_plan(cast, there)
        put(cast, plan, "merge", org=cast.branch_a, target=cast.branch_b)
        applied(cast, plan)
        assert agree(PartyOrg.objects.get(pk=cast.park_org.pk), TODAY, definition) == before


def test_members_go_with_their_branches_and_stand_on_one_roster_each(cast: Cast) -> None:
    """党员统一划入: four branches come with theirs, eight new ones take theirs from the joint branch."""
    with cast.within(cast.park_org):
        there = hefeng(cast)
        for org, firm in zip(there.old, there.own, strict=True):
            enrolled(org, 4, firm)
        of_firm = {firm: enrolled(there.joint, 3, firm) for firm in there.shared[:1]}
        of_firm |= {firm: [] for firm in there.shared[1:]}
        for n, firm in enumerate(there.shared[1:], 1):
            of_firm[firm] = [
                Member.objects.create(
                    code=f"n{n}-{k}", name=f"新{n}-{k}", org=there.joint, employer=firm, joined_on=SINCE, formal_on=SINCE
                ) for k in range(3)
            ]  # fmt: skip
            for member in of_firm[firm]:
                Membership.objects.create(member=member, org=there.joint, enterprise=firm, since=SINCE)
        plan = drafted(cast, name="和丰工业党总支组建方案")
        top = put(
            cast, plan, "found", target=cast.committee, name="中共和丰工业总支部委员会", org_kind="general_branch"
        )
        for org in there.old:
            put(cast, plan, "move", org=org, target_step=top)
        for n, firm in enumerate(there.shared, 1):
            picks = {COVERS: [firm.pk], HELD: [member.pk for member in of_firm[firm]]}
            put(cast, plan, "split", org=there.joint, target_step=top, name=f"中共和丰新{n}公司支部委员会",
                org_kind="branch", picks=picks, ends=n == len(there.shared))  # fmt: skip
        found = rehearse(plan, today=TODAY, actor=cast.users.park_officer)
        assert found.errors == {}
        everybody = {(row.pk, row.org_id) for row in Member.objects.all()}
        applied(cast, plan)

        general = PartyOrg.objects.get(name="中共和丰工业总支部委员会")
        assert PartyOrg.objects.get(pk=there.joint.pk).ended_on == DAY
        assert Member.objects.filter(org_path__startswith=general.path).count() == 4 * 4 + 8 * 3 == len(everybody)
        assert not Member.objects.filter(org=there.joint).exists()
        assert Membership.objects.as_of(DAY).count() == Membership.objects.as_of(EVE).count() == len(everybody)
        assert Membership.objects.as_of(EVE).filter(org=there.joint).count() == 24
        row = plan_row(plan, general)
        assert row["members.formal"] == [None, 40]


def test_the_rates_of_the_planner_are_those_of_the_report(cast: Cast, definition) -> None:
    with cast.within(cast.park_org):
        orgs = [cast.park_org, cast.station, cast.branch_a, cast.group_a]
        found = measured(orgs, TODAY)
        for org in orgs[:3]:
            totals = figures.total(basis.on_day(org, TODAY), definition)
            assert found[org.pk]["coverage.organisation_rate"] == float(totals.organisation_rate)
            assert found[org.pk]["coverage.work_rate"] == float(totals.work_rate)
        assert "coverage.work_rate" not in found[cast.group_a.pk]


def test_the_planner_shows_what_becomes_of_the_rates(cast: Cast) -> None:
    with cast.within(cast.park_org):
        plan = drafted(cast)
        put(cast, plan, "dissolve", org=cast.branch_b, target=cast.branch_a)
        found = rehearse(plan, today=TODAY, actor=cast.users.park_officer)
        assert found.numbers[cast.branch_b.pk]["coverage.organisation_rate"] == (1.0, None)
        assert found.numbers[cast.park_org.pk]["coverage.organisation_rate"] == (0.6667, 0.6667)


def plan_row(plan, org: PartyOrg) -> dict:
    """The figures that the applied plan kept about an organisation."""
    outcome = type(plan).objects.get(pk=plan.pk).outcome
    return next(numbers for pk, _, numbers in outcome["rows"] if pk == org.pk)
