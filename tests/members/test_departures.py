"""离职属地管理: left the post, placed where the person now belongs; a closed loop."""

from __future__ import annotations

import datetime

import pytest

from apps.core.errors import Conflict, DomainError
from apps.core.scoping import unscoped
from apps.members.kinds import DepartureReason, ManagementMode, Relation
from apps.members.models import Departure, Member, Membership
from apps.members.querysets.modes import mode_is
from apps.members.services import departures
from tests.members import transfers as walk
from tests.members.conftest import TODAY

LEFT = datetime.date(2026, 10, 20)
PLACED = datetime.date(2026, 11, 12)


@pytest.fixture
def depart(cast, roster):
    """登记离职 of a member of branch_a."""

    def record(member=roster.worker_a1, **facts):
        facts = {"left_post_on": LEFT, "reason": DepartureReason.RESIGNED, **facts}
        with cast.within(cast.branch_a):
            return departures.record_departure(
                member=member, today=TODAY, actor=cast.users.secretary_a, **facts
            )  # fmt: skip

    return record


@pytest.fixture
def place(cast):
    def record(row, **facts):
        facts = {"on": PLACED, "destination": "中共振兴区某社区总支部委员会", "note": "回执 2026-17 号", **facts}
        with cast.within(cast.branch_a):
            return departures.place_departure(departure=row, today=TODAY, actor=cast.users.secretary_a, **facts)

    return record


def modes_of(member):
    with unscoped("test"):
        return [mode for mode in ManagementMode if Member.objects.filter(mode_is(mode, TODAY), pk=member.pk).exists()]


def test_who_left_the_post_keeps_the_relation_and_no_longer_belongs_through_the_enterprise(cast, roster, depart):
    row = depart()
    member = walk.again(roster.worker_a1)
    assert (row.enterprise, row.org) == (cast.enterprise_a, cast.branch_a)
    assert (member.relation, member.org, member.employer) == (Relation.HERE, cast.branch_a, None)
    with unscoped("test"):
        rows = Membership.objects.filter(member=member).order_by("since")
        assert [(each.since, each.until, each.enterprise) for each in rows] == [
            (datetime.date(2020, 1, 1), LEFT, cast.enterprise_a), (LEFT, None, None),
        ]  # fmt: skip
    assert modes_of(member) == [ManagementMode.DEPARTED_LOCAL]


def test_a_second_departure_is_refused(depart):
    depart()
    with pytest.raises(Conflict, match="去向尚未落实"):
        depart()


@pytest.mark.parametrize("day", [TODAY + datetime.timedelta(days=1), datetime.date(2020, 1, 1)])
def test_the_day_is_not_to_come_and_after_the_roster_began(depart, day):
    with pytest.raises(DomainError) as refused:
        depart(left_post_on=day)
    assert refused.value.field == "left_post_on"


def test_it_is_placed_by_a_document_and_the_member_has_left(cast, roster, depart, place):
    row = place(depart())
    member = walk.again(roster.worker_a1)
    assert row.placed_on == PLACED
    assert (member.relation, member.left_on, member.destination) == (Relation.LEFT, PLACED, row.destination)
    with unscoped("test"):
        assert not Membership.objects.open().filter(member=member).exists()
    assert modes_of(member) == []


@pytest.mark.parametrize(
    ("facts", "field"),
    [({"note": " "}, "note"), ({"destination": ""}, "destination"), ({"on": LEFT - datetime.timedelta(days=1)}, "on")],
)
def test_placing_names_the_organisation_the_document_and_a_day_that_fits(depart, place, facts, field):
    row = depart()
    with pytest.raises(DomainError) as refused:
        place(row, **facts)
    assert refused.value.field == field


def test_it_is_placed_once(depart, place):
    row = place(depart())
    with pytest.raises(Conflict, match="已于 2026-11-12 落实"):
        place(row)


def test_a_transfer_that_is_accepted_places_it(cast, roster, depart):
    row = depart()
    transfer = walk.outward(cast, roster.worker_a1)
    assert transfer.departure == row
    walk.accepted(cast, transfer, by=cast.branch_a)
    assert walk.again(row).placed_on == datetime.date(2026, 11, 10)


def test_a_document_does_not_overtake_a_transfer_under_way(cast, roster, depart, place):
    row = depart()
    walk.requested(cast, roster.worker_a1, outside="中共振兴区某社区总支部委员会")
    with pytest.raises(DomainError, match="正在转接"):
        place(row)


def test_who_works_in_the_park_again_stays(cast, roster, depart):
    row = depart()
    with cast.within(cast.branch_a):
        row = departures.withdraw_departure(
            departure=row, on=PLACED, note="到园区物业工作", today=TODAY, actor=cast.users.secretary_a
        )
    assert (row.placed_on, "重新上岗：到园区物业工作" in row.note) == (PLACED, True)
    assert walk.again(roster.worker_a1).relation == Relation.HERE
    assert modes_of(roster.worker_a1) == [ManagementMode.IN_POST]


def test_reason_and_destination_can_be_corrected(cast, depart):
    row = depart()
    with cast.within(cast.branch_a):
        facts = {"reason": DepartureReason.RETIRED, "destination": "某社区党委", "note": "", "actor": None}
        changed = departures.change_departure(departure=row, version=row.version, **facts)
        assert (changed.reason, changed.destination) == ("retired", "某社区党委")
        with pytest.raises(Conflict):
            departures.change_departure(departure=row, version=row.version, **{**facts, "destination": "别处"})


def test_another_branch_neither_sees_nor_places_it(cast, depart):
    row = depart()
    with cast.within(cast.branch_b):
        assert not Departure.objects.filter(pk=row.pk).exists()
        with pytest.raises(DomainError):
            departures.place_departure(
                departure=row, on=PLACED, destination="某党委", note="回执", today=TODAY, actor=None
            )
