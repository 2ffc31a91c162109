"""District = Σ parks = Σ branches, in the summary, from the records and counted by hand, after whatever happens."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.activities.compliance import cells, summary
from apps.activities.models import (
    Activity,
    ActivityKind,
    ComplianceChange,
    ComplianceSummary,
    Participation,
    Requirement,
)
from apps.activities.rules.compliance import Slot, Unit, added
from apps.branches.models import PartyOrg
from apps.branches.services import merge_organizations, move_organization
from apps.core.periods import Period
from apps.core.scoping import EVERYTHING, unscoped, use_scope
from apps.members.models import Membership
from tests.activities import oracle

TODAY = datetime.date(2026, 11, 22)
QUARTERS = [Period.parse(text) for text in ("2025Q4", "2026Q1", "2026Q3", "2026Q4")]
SLOTS = {1: Slot.MONTH_1, 2: Slot.MONTH_2, 0: Slot.MONTH_3}


def slot_of(period: Period, subject: str) -> int:
    unit = Unit.MEMBERS if subject == "member" else Unit.TIMES
    plain = {"month": SLOTS[period.number % 3], "quarter": Slot.QUARTER, "year": Slot.YEAR}[period.kind]
    return plain + unit


def by_hand(quarter: Period) -> dict[int, dict[tuple[int, int], tuple[int, ...]]]:
    """The figures of every node from the oracle: its own duties and those of everything below it."""
    kinds = dict(ActivityKind.objects.values_list("code", "pk"))
    paths = dict(PartyOrg.objects.values_list("pk", "path"))
    found: dict[int, dict[tuple[int, int], tuple[int, ...]]] = {pk: {} for pk in paths}
    for (pk, kind, subject, period), figure in oracle.own(quarter).items():
        key = (kinds[kind], slot_of(period, subject))
        numbers = (1, int(figure[1] >= figure[0]), *figure)
        for above, path in paths.items():
            if paths[pk].startswith(path):
                before = found[above].get(key, (0,) * 6)
                found[above][key] = tuple(a + b for a, b in zip(before, numbers, strict=True))
    return found


def counted(quarter: Period) -> dict[int, dict[tuple[int, int], tuple[int, ...]]]:
    """What the summary says, without the months taken together."""
    nodes = list(PartyOrg.objects.values_list("pk", flat=True))
    found = summary.read(nodes, quarter)
    assert found is not None
    return {
        pk: {key: tally.numbers for key, tally in figures.items() if key[1] % Unit.MEMBERS <= Slot.YEAR}
        for pk, figures in found.items()
    }


def check_everything() -> None:
    for quarter in QUARTERS:
        assert counted(quarter) == by_hand(quarter), quarter
        nodes = list(PartyOrg.objects.values_list("pk", "path"))
        kept = summary.read([pk for pk, _ in nodes], quarter)
        assert kept == summary.live(nodes, quarter)
    assert summary.differences(TODAY) == []


def put(org, code: str, held: datetime.date, delay: int, number: int, second: str = "") -> None:
    kinds = {kind.code: kind for kind in ActivityKind.objects.all()}
    start = datetime.datetime.combine(held, datetime.time(6), datetime.UTC)
    said = held + datetime.timedelta(days=delay)
    record = Activity.objects.create(
        org=org, kind=kinds[code], second_kind=kinds.get(second), title=f"活动{number}", starts_at=start, held_on=held,
        state="submitted", reported_on=said,
    )  # fmt: skip
    Participation.objects.create(
        activity=record, org=org, kind=record.kind, second_kind=record.second_kind, held_on=held, state="submitted",
        reported_on=said,
    )  # fmt: skip


records = st.tuples(
    st.sampled_from(["branch_a", "branch_b", "sibling_branch", "group_a", "committee"]),
    st.sampled_from(["theme_day", "assembly", "lecture", "committee_meeting", "life_meeting", "group_meeting"]),
    st.integers(0, 14), st.integers(0, 20), st.sampled_from(["", "lecture", "assembly"]),
)  # fmt: skip
happenings = st.sampled_from(["move", "merge", "end", "found", "post", "leave", "override", "free", "nothing"])


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(logged=st.lists(records, max_size=12), deeds=st.lists(happenings, max_size=4), late=st.lists(records, max_size=3))
def test_the_summary_is_what_one_counts_by_hand(cast, roster, django_db_blocker, logged, deeds, late):
    from django.db import transaction

    with use_scope(EVERYTHING), transaction.atomic():
        Membership.objects.filter(member=roster.worker_a1).update(group=cast.group_a)
        for number, (org, code, month, delay, second) in enumerate(logged):
            held = datetime.date(2025, 10, 28) + datetime.timedelta(days=28 * month)
            put(getattr(cast, org), code, min(held, TODAY), delay, number, second if second != code else "")
        check_everything()
        for deed in deeds:
            happen(deed, cast, roster)
        for number, (org, code, month, delay, second) in enumerate(late):
            held = datetime.date(2025, 10, 3) + datetime.timedelta(days=30 * month)
            put(getattr(cast, org), code, min(held, TODAY), delay, 90 + number, second if second != code else "")
        check_everything()
        transaction.set_rollback(True)


def happen(deed: str, cast, roster) -> None:
    """Something that changes the figures of one or more nodes; what cannot happen twice happens once."""
    actor = cast.users.authority_officer
    branch = PartyOrg.objects.get(pk=cast.branch_b.pk)
    if deed == "move" and branch.ended_on is None:
        parent = cast.sibling_org if branch.path.startswith(cast.park_org.path) else cast.station
        move_organization(org=branch, parent=PartyOrg.objects.get(pk=parent.pk), on=TODAY, today=TODAY, actor=actor)
    elif deed == "merge" and branch.ended_on is None:
        target = PartyOrg.objects.get(pk=cast.branch_a.pk)
        merge_organizations(sources=[branch], target=target, on=TODAY, today=TODAY, actor=actor)
    elif deed == "end":
        PartyOrg.objects.filter(pk=cast.sibling_branch.pk).update(ended_on=datetime.date(2026, 8, 1))
    elif deed == "found":
        PartyOrg.objects.filter(pk=cast.branch_a.pk).update(founded_on=datetime.date(2026, 2, 1))
    elif deed == "post":
        from apps.members.models import Post

        for member, role in zip(roster.of_sibling, ("secretary", "deputy", "committee"), strict=False):
            if not Post.objects.filter(org=cast.sibling_branch, role=role).exists():
                Post.objects.create(org=cast.sibling_branch, member=member, name=member.name, role=role,
                                    since=datetime.date(2026, 1, 15))  # fmt: skip
    elif deed == "leave":
        Membership.objects.filter(member=roster.worker_b1, until=None).update(until=datetime.date(2026, 11, 1))
    elif deed in ("override", "free"):
        kind = ActivityKind.objects.get(code="theme_day" if deed == "override" else "assembly")
        Requirement.objects.get_or_create(
            kind=kind, org_path=cast.park_org.path, org_kinds=["branch", "joint_branch"], since=datetime.date(2026, 1, 1),
            defaults={"rhythm": "month" if deed == "override" else "quarter", "times": 2 if deed == "override" else 0,
                      "condition": "has_members", "weight": "local", "source": "园区通知"},
        )  # fmt: skip


def test_the_figures_of_a_node_are_the_sum_of_its_children_s(cast, roster, logbook):
    logbook.log("theme_day", day=datetime.date(2026, 11, 3))
    with unscoped("the whole tree is added up"):
        for org in PartyOrg.objects.all():
            children = list(PartyOrg.objects.filter(parent=org).values_list("pk", flat=True))
            found = summary.read([org.pk, *children], Period.parse("2026Q4"))
            sums = added(found[pk] for pk in children)
            assert all(tally.bound <= found[org.pk][key].bound for key, tally in sums.items())
            if org.kind not in ("committee", "work_committee", "branch"):
                assert found[org.pk] == sums or not children


def test_a_broken_summary_is_found_out(cast, roster, logbook):
    """The negative control of the nightly comparison."""
    with unscoped("the whole tree"):
        summary.rebuild(Period.parse("2026Q4"))
        assert summary.freshen() >= 0
        assert summary.differences(TODAY) == []
        row = ComplianceSummary.objects.get(org=cast.park_org, quarter="2026Q4")
        row.figures[0][4] += 1
        row.save()
        assert summary.differences(TODAY) == [f"2026Q4 {cast.park_org.pk}"]
        summary.tend(TODAY)
        assert summary.differences(TODAY) == []


def test_what_no_trigger_noted_is_not_counted_until_the_night(cast, roster, logbook):
    """The negative control of the notes: without them the summary would stay as it was."""
    with unscoped("the whole tree"):
        before = summary.read([cast.authority.pk], Period.parse("2026Q4"))
    logbook.log("theme_day", day=datetime.date(2026, 11, 3))
    with unscoped("the whole tree"):
        ComplianceChange.objects.all().delete()
        assert summary.read([cast.authority.pk], Period.parse("2026Q4")) == before
        summary.tend(TODAY)
        assert summary.read([cast.authority.pk], Period.parse("2026Q4")) != before


@pytest.mark.parametrize(("changed", "waits"), [(4, False), (5, False), (6, True)])
def test_a_page_does_not_wait_for_a_load_of_data(cast, roster, logbook, monkeypatch, changed, waits):
    """Beyond a number of changes the page counts from the records; its figures are as right."""
    monkeypatch.setattr(summary, "AT_ONCE", 5)
    monkeypatch.setattr(summary, "_is_small", lambda: False)
    with cast.within(cast.authority):
        summary.tend(TODAY)
        logbook.log("theme_day", day=datetime.date(2026, 11, 3))
        ComplianceChange.objects.all().delete()
        ids = list(PartyOrg.objects.values_list("pk", flat=True))[: changed - 1]
        ComplianceChange.objects.bulk_create(ComplianceChange(org_id=pk) for pk in {*ids, cast.branch_a.pk})
        ComplianceChange.objects.bulk_create(
            ComplianceChange(org_id=10**9 + n) for n in range(changed - ComplianceChange.objects.count())
        )
        found = cells.board(cast.park_org, Period.parse("2026Q4"), today=TODAY)
        cell = found.total.cells["theme_day-month-organisation"]
        assert (cell.expected, cell.actual) == (4, 1)
        assert ComplianceChange.objects.exists() == waits


def test_a_requirement_for_everybody_is_counted_in_the_night_where_the_tree_is_large(cast, roster, monkeypatch):
    monkeypatch.setattr(summary, "_is_small", lambda: False)
    with unscoped("the whole tree"):
        summary.tend(TODAY)
        Requirement.objects.filter(kind__code="theme_day").update(times=2)
        board = cells.board(cast.park_org, Period.parse("2026Q4"), today=TODAY)
        assert board.total.cells["theme_day-month-organisation"].expected == 8
        assert ComplianceChange.objects.filter(org_id=None).exists()
        summary.tend(TODAY)
        assert not ComplianceChange.objects.exists()
        assert cells.board(cast.park_org, Period.parse("2026Q4"), today=TODAY).total == board.total


def test_a_save_is_on_the_board_at_once_and_without_the_queue(cast, roster, logbook, django_assert_max_num_queries):
    with cast.within(cast.authority):
        cells.board(cast.authority, Period.parse("2026Q4"), today=TODAY)
    logbook.log("theme_day", day=datetime.date(2026, 11, 3))
    with cast.within(cast.authority):
        found = cells.board(cast.authority, Period.parse("2026Q4"), today=TODAY)
        assert found.total.cells["theme_day-month-organisation"].actual == 1
        with django_assert_max_num_queries(8):
            cells.board(cast.authority, Period.parse("2026Q4"), today=TODAY)
