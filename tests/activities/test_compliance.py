"""The board: what was asked, what was done, late or on time, and by whom it is still missing."""

from __future__ import annotations

import datetime

import pytest

from apps.activities.compliance import cells
from apps.activities.models import Participation, Requirement
from apps.branches.models import PartyOrg
from apps.branches.tree import segment
from apps.core.periods import Period
from apps.core.scoping import unscoped
from apps.members.models import Member, Membership, Post


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


@pytest.fixture
def board(cast, roster, today):
    """The board of a node, as somebody sees it who answers for the whole tree."""

    def show(org, period="2026Q4", today=today):
        with cast.within(cast.authority):
            return cells.board(org, Period.parse(period), today=today)

    return show


@pytest.fixture
def figures(board):
    """(expected, actual, on time, late, organisations that miss it) of a kind at a node; None where nothing is asked."""

    def show(org, code, period="2026Q4", rhythm="month", subject="organisation", **more):
        cell = board(org, period, **more).total.cells.get(f"{code}-{rhythm}-{subject}")
        return cell and (cell.expected, cell.actual, cell.on_time, cell.late, cell.missing)

    return show


def test_a_branch_with_members_owes_a_theme_day_in_each_month_that_has_begun(figures, cast):
    assert figures(cast.branch_a, "theme_day") == (2, 0, 0, 0, 1)
    assert figures(cast.branch_a, "theme_day", "2026-12") is None
    assert figures(cast.branch_a, "theme_day", "2026-12", today=day("2026-12-01")) == (1, 0, 0, 0, 1)


def test_several_records_of_one_month_do_not_stand_for_another(figures, cast, logbook):
    logbook.log("theme_day", day=day("2026-10-15"))
    logbook.log("theme_day", day=day("2026-10-20"))
    assert figures(cast.branch_a, "theme_day", "2026-10") == (1, 1, 1, 0, 0)
    assert figures(cast.branch_a, "theme_day", "2026-11") == (1, 0, 0, 0, 1)
    assert figures(cast.branch_a, "theme_day") == (2, 1, 1, 0, 1)


def test_a_record_that_serves_two_kinds_counts_for_both(figures, cast, logbook):
    logbook.log("theme_day", day=day("2026-11-12"), second_kind="lecture")
    assert figures(cast.branch_a, "lecture", rhythm="quarter") == (1, 1, 1, 0, 0)
    assert figures(cast.branch_a, "theme_day", "2026-11") == (1, 1, 1, 0, 0)


def test_a_joint_activity_counts_for_the_host_and_for_each_other_branch(figures, cast, logbook):
    logbook.log("theme_day", day=day("2026-11-12"), co_hosts=[cast.branch_b], actor=cast.users.park_officer)
    assert figures(cast.branch_a, "theme_day", "2026-11") == (1, 1, 1, 0, 0)
    assert figures(cast.branch_b, "theme_day", "2026-11") == (1, 1, 1, 0, 0)
    assert figures(cast.sibling_branch, "theme_day", "2026-11") == (1, 0, 0, 0, 1)


@pytest.mark.parametrize("state", ["planned", "draft", "returned", "correction", "cancelled"])
def test_only_submitted_and_confirmed_records_count(figures, cast, logbook, state):
    record = logbook.log("theme_day", day=day("2026-11-12"))
    with unscoped("a state that no service would give so directly"):
        Participation.objects.filter(activity=record).update(state=state)
        assert figures(cast.branch_a, "theme_day", "2026-11") == (1, 0, 0, 0, 1)
        Participation.objects.filter(activity=record).update(state="confirmed")
        assert figures(cast.branch_a, "theme_day", "2026-11") == (1, 1, 1, 0, 0)


@pytest.mark.parametrize(("delay", "on_time"), [(6, 1), (7, 1), (8, 0)])
def test_a_record_is_on_time_within_the_days_for_entering(figures, cast, logbook, delay, on_time):
    held = day("2026-11-02")
    logbook.log("theme_day", day=held, reported=held + datetime.timedelta(days=delay), reason="补记")
    assert figures(cast.branch_a, "theme_day", "2026-11") == (1, 1, on_time, 1 - on_time, 0)


def test_a_record_in_time_goes_before_one_that_came_late(figures, cast, logbook):
    logbook.log("theme_day", day=day("2026-11-02"), reported=day("2026-11-22"))
    assert figures(cast.branch_a, "theme_day", "2026-11") == (1, 1, 0, 1, 0)
    logbook.log("theme_day", day=day("2026-11-12"))
    assert figures(cast.branch_a, "theme_day", "2026-11") == (1, 1, 1, 0, 0)


def test_a_park_may_give_more_days_for_entering(figures, cast, logbook):
    from apps.core.parameters import set_parameter

    held = day("2026-11-02")
    for org, actor in ((cast.branch_a, cast.users.secretary_a), (cast.sibling_branch, cast.users.authority_officer)):
        logbook.log("theme_day", org=org, day=held, reported=held + datetime.timedelta(days=9), actor=actor)
    set_parameter(
        code="activities.entry_days", value=10, since=day("2026-11-01"), source="园区通知", org_path=cast.park_org.path,
        actor=cast.users.park_officer,
    )  # fmt: skip
    assert figures(cast.branch_a, "theme_day", "2026-11") == (1, 1, 1, 0, 0)
    assert figures(cast.sibling_branch, "theme_day", "2026-11") == (1, 1, 0, 1, 0)


def test_the_sum_of_the_lines_is_the_total_and_the_names_are_the_figure(board, cast, logbook, today):
    logbook.log("theme_day", day=day("2026-11-12"))
    logbook.log("assembly", day=day("2026-10-12"))
    found = board(cast.authority)
    assert {line.name for line in found.lines} >= {"甲园区党工委", "乙园区党工委"}
    for column in found.columns:
        for name in ("bound", "expected", "actual", "on_time", "late", "missing"):
            parts = [getattr(line.cells[column.key], name) for line in found.lines if column.key in line.cells]
            assert sum(parts) == getattr(found.total.cells[column.key], name), (column, name)
        with cast.within(cast.authority):
            names = cells.missing(cast.authority, found.period, column, today=today)
        assert len(names) == found.total.cells[column.key].missing


def test_whoever_misses_is_named_with_the_months(cast, logbook, roster, today):
    logbook.log("theme_day", day=day("2026-11-12"))
    with cast.within(cast.park_org):
        column = cells.column_of("theme_day-month-organisation")
        found = cells.missing(cast.park_org, Period.parse("2026Q4"), column, today=today)
        everybody = cells.cells_below(cast.park_org, Period.parse("2026Q4"), column, today=today)
    assert [(each.name, [str(p) for p in each.periods]) for each in found] == [
        ("子公司党支部", ["2026-10"]), ("丑寅联合党支部", ["2026-10", "2026-11"]),
    ]  # fmt: skip
    assert len(everybody) == 2


@pytest.mark.parametrize("key", ["", "theme_day", "theme_day-day-organisation", "none-month-organisation", "a-month-b"])
def test_an_address_that_names_no_column_names_none(db, key):
    assert cells.column_of(key) is None


@pytest.mark.parametrize(("seats", "asked"), [(2, False), (3, True), (4, True)])
def test_a_committee_of_three_meets_each_month(figures, cast, logbook, roster, seats, asked):
    logbook.seat(cast.branch_a, *roster.of_a[:seats])
    assert figures(cast.branch_a, "committee_meeting", "2026-11") == ((1, 0, 0, 0, 1) if asked else None)


@pytest.mark.parametrize(("formal", "asked"), [(6, False), (7, True), (8, True)])
def test_seven_formal_members_have_to_have_a_committee(figures, cast, roster, formal, asked):
    with unscoped("more members than the cast has"):
        for number in range(formal - 5):
            member = Member.objects.create(
                code=f"DY7{number:07d}", name=f"党员{number}", org=cast.branch_a, joined_on=day("2010-01-01"),
                formal_on=day("2011-01-01"),
            )  # fmt: skip
            Membership.objects.create(member=member, org=cast.branch_a, since=day("2020-01-01"))
    assert figures(cast.branch_a, "committee_meeting", "2026-11") == ((1, 0, 0, 0, 1) if asked else None)


def test_a_worker_or_group_leader_takes_no_seat(figures, cast, logbook, roster):
    posts = logbook.seat(cast.branch_a, *roster.of_a[:3])
    with unscoped("a post is changed"):
        Post.objects.filter(pk=posts[-1].pk).update(role="worker")
        assert figures(cast.branch_a, "committee_meeting", "2026-11") is None


def test_groups_meet_only_where_there_are_groups_with_members(figures, cast, roster):
    assert figures(cast.branch_a, "group_meeting", "2026-11") is None
    with unscoped("members join the group"):
        Membership.objects.filter(member=roster.worker_a1).update(group=cast.group_a)
    assert figures(cast.branch_a, "group_meeting", "2026-11") == (1, 0, 0, 0, 1)
    assert figures(cast.branch_b, "group_meeting", "2026-11") is None


@pytest.mark.parametrize("kind", ["temporary_branch", "mobile_branch"])
def test_a_temporary_branch_studies_but_owes_no_assembly(figures, cast, kind):
    with unscoped("a branch for a task is founded"):
        org = PartyOrg.objects.create(
            code="LS", name="临时党支部", kind=kind, parent=cast.station, path=cast.station.path + segment(9),
            founded_on=day("2026-01-01"),
        )  # fmt: skip
    assert figures(org, "theme_day") == (2, 0, 0, 0, 1)
    assert figures(org, "lecture", rhythm="quarter") == (1, 0, 0, 0, 1)
    assert figures(org, "assembly", rhythm="quarter") is None
    assert figures(org, "life_meeting", rhythm="year") is None


def test_a_branch_without_members_owes_nothing(figures, cast, roster):
    with unscoped("everybody has left"):
        Membership.objects.filter(org=cast.branch_b).update(until=day("2026-10-01"))
        assert figures(cast.branch_b, "theme_day") is None
        Membership.objects.filter(org=cast.branch_b).update(until=day("2026-10-02"))
        assert figures(cast.branch_b, "theme_day") == (1, 0, 0, 0, 1)


def test_talks_are_asked_of_each_member_on_the_roster(figures, cast, logbook, roster):
    assert figures(cast.branch_a, "talk", rhythm="year", subject="member") == (6, 0, 0, 0, 1)
    logbook.log("talk", day=day("2026-03-03"), chosen=roster.of_a[:2])
    logbook.log("talk", day=day("2026-05-03"), chosen=roster.of_a[:1], reported=day("2026-11-20"))
    logbook.log("talk", day=day("2026-11-03"), chosen=roster.of_a[2:3], reported=day("2026-11-20"))
    assert figures(cast.branch_a, "talk", rhythm="year", subject="member") == (6, 3, 2, 1, 1)
    logbook.log("talk", day=day("2026-11-20"), chosen=roster.of_a[3:])
    assert figures(cast.branch_a, "talk", rhythm="year", subject="member") == (6, 6, 5, 1, 0)


def test_a_talk_before_a_transfer_counts_in_the_new_branch(figures, cast, logbook, roster):
    moved = roster.of_a[0]
    logbook.log("talk", day=day("2026-03-03"), chosen=[moved])
    with unscoped("a member goes over"):
        Membership.objects.filter(member=moved).update(until=day("2026-07-01"))
        Membership.objects.create(member=moved, org=cast.branch_b, since=day("2026-07-01"))
    assert figures(cast.branch_a, "talk", rhythm="year", subject="member") == (5, 0, 0, 0, 1)
    assert figures(cast.branch_b, "talk", rhythm="year", subject="member") == (3, 1, 1, 0, 1)


def test_who_has_had_no_talk_is_named(cast, logbook, roster, today):
    logbook.log("talk", day=day("2026-03-03"), chosen=roster.of_a[:4])
    with cast.within(cast.branch_a):
        found = cells.members_without(cast.branch_a, logbook.kind("talk"), Period.parse("2026"))
    assert sorted(name for _, name in found) == sorted(member.name for member in roster.of_a[4:])


def test_the_office_adds_a_kind_and_the_board_has_a_column(board, cast, logbook):
    with unscoped("a requirement of the office"):
        Requirement.objects.create(
            kind=logbook.kind("volunteering"), org_kinds=["branch"], rhythm="quarter", times=2, condition="has_members",
            weight="local", source="园区通知", since=day("2026-01-01"),
        )  # fmt: skip
    logbook.log("volunteering", day=day("2026-11-05"), chosen=[logbook.roster.worker_a1])
    cell = board(cast.branch_a).total.cells["volunteering-quarter-organisation"]
    assert (cell.expected, cell.actual, cell.missing, cell.requirement.source) == (2, 1, 1, "园区通知")
