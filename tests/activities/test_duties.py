"""Who owes what: the rules alone, and 我还差什么 of a branch and of a member."""

from __future__ import annotations

import datetime

import pytest

from apps.activities.compliance.due import duties_of, duties_of_member, missed_by
from apps.activities.models import Requirement
from apps.activities.rules.compliance import Slot, Tally, is_on_time, months_begun, slot_of, tally_of
from apps.activities.rules.duties import Ask, asked_in, existed_throughout, is_asked, speaking
from apps.activities.services.requirements import end_requirement, set_requirement
from apps.branches.rules.organisations import COMMITTEE_MIN_FORMAL_MEMBERS, COMMITTEE_MIN_SEATS
from apps.core.errors import DomainError
from apps.core.models import AuditEntry
from apps.core.periods import Period
from apps.core.scoping import unscoped
from apps.members.models import Membership

Q4 = Period.parse("2026Q4")
START = datetime.date(2018, 10, 28)


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def ask(pk: int = 1, path: str = "", rhythm: str = "month", times: int = 1, since: str = "2018-10-28", **more) -> Ask:
    given = {"kind": 1, "org_kinds": ("branch",), "subject": "organisation", "condition": "always", **more}
    return Ask(pk, org_path=path, rhythm=rhythm, times=times, since=day(since), **given)


def test_a_monthly_requirement_is_asked_in_each_month_of_the_quarter():
    found = asked_in(Q4, [ask()])
    assert [(each.slot, each.start, each.end) for each in found] == [
        (Slot.MONTH_1, day("2026-10-01"), day("2026-11-01")), (Slot.MONTH_2, day("2026-11-01"), day("2026-12-01")),
        (Slot.MONTH_3, day("2026-12-01"), day("2027-01-01")),
    ]  # fmt: skip


def test_a_yearly_requirement_is_counted_until_the_end_of_the_quarter():
    (found,) = asked_in(Period.parse("2026Q2"), [ask(rhythm="year")])
    assert (found.slot, found.start, found.end, found.cut) == (
        Slot.YEAR, day("2026-01-01"), day("2027-01-01"), day("2026-07-01"),
    )  # fmt: skip


@pytest.mark.parametrize(("since", "times"), [("2026-10-31", 2), ("2026-11-01", 2), ("2026-11-02", 1)])
def test_what_is_in_force_on_the_first_day_speaks_for_the_whole_period(since, times):
    found = asked_in(Q4, [ask(), ask(2, times=2, since=since)])
    assert next(each.times for each in found if each.slot == Slot.MONTH_2) == times


def test_the_nearest_node_above_wins_and_is_left_out_above():
    found = asked_in(Q4, [ask(), ask(2, path="00010001", times=2, since="2020-01-01")])
    assert {(each.requirement, each.path, each.without) for each in found} == {
        (1, "", ("00010001",)), (2, "00010001", ()),
    }  # fmt: skip


def test_a_row_that_asks_for_nothing_ends_the_asking_below_its_node():
    found = asked_in(Q4, [ask(), ask(2, path="00010001", times=0, since="2020-01-01")])
    assert {(each.requirement, each.without) for each in found} == {(1, ("00010001",))}


def test_rows_for_other_kinds_of_organisation_do_not_meet():
    found = asked_in(Q4, [ask(), ask(2, path="0001", rhythm="year", org_kinds=("committee",))])
    assert {(each.requirement, each.without) for each in found} == {(1, ()), (2, ())}


def test_one_organisation_is_spoken_for_as_the_whole_tree_is():
    rows = [ask(), ask(2, path="0001", times=3, since="2026-11-01"), ask(3, path="00010001", times=0, since="2026-11-01")]
    given = {"kind": 1, "subject": "organisation", "org_kind": "branch"}
    assert speaking(rows, path="00010001", day=day("2026-10-31"), **given).id == 1
    assert speaking(rows, path="00010002", day=day("2026-11-01"), **given).id == 2
    assert speaking(rows, path="000100010001", day=day("2026-11-01"), **given).id == 3
    assert speaking(rows, path="0002", day=day("2018-10-27"), **given) is None


@pytest.mark.parametrize("seats", [COMMITTEE_MIN_SEATS - 1, COMMITTEE_MIN_SEATS, COMMITTEE_MIN_SEATS + 1])
def test_a_committee_has_at_least_three_seats(seats):
    given = {"members": 5, "formal": 5, "roster_elsewhere": False}
    assert is_asked("has_committee", seats=seats, **given) == (seats >= COMMITTEE_MIN_SEATS)


@pytest.mark.parametrize(
    "formal", [COMMITTEE_MIN_FORMAL_MEMBERS - 1, COMMITTEE_MIN_FORMAL_MEMBERS, COMMITTEE_MIN_FORMAL_MEMBERS + 1]
)
def test_seven_formal_members_have_a_committee(formal):
    given = {"members": 9, "seats": 0, "roster_elsewhere": False}
    assert is_asked("has_committee", formal=formal, **given) == (formal >= COMMITTEE_MIN_FORMAL_MEMBERS)


@pytest.mark.parametrize(("members", "elsewhere", "asked"), [(0, False, False), (1, False, True), (0, True, True)])
def test_a_branch_is_asked_when_it_has_members(members, elsewhere, asked):
    given = {"formal": 0, "seats": 0}
    assert is_asked("has_members", members=members, roster_elsewhere=elsewhere, **given) == asked
    assert is_asked("always", members=0, roster_elsewhere=False, **given)


@pytest.mark.parametrize(
    ("founded", "ended", "owes"),
    [(None, None, True), ("2026-10-01", None, True), ("2026-10-02", None, False), (None, "2026-11-01", True),
     (None, "2026-10-31", False)],
)  # fmt: skip
def test_only_whole_periods_are_owed(founded, ended, owes):
    days = (founded and day(founded), ended and day(ended))
    assert existed_throughout(day("2026-10-01"), day("2026-11-01"), *days) == owes


@pytest.mark.parametrize(
    ("held", "timely", "tally"),
    [(0, 0, Tally(1, 0, 2, 0, 0, 0)), (1, 1, Tally(1, 0, 2, 1, 1, 0)), (2, 1, Tally(1, 1, 2, 2, 1, 1)),
     (3, 3, Tally(1, 1, 2, 2, 2, 0)), (3, 1, Tally(1, 1, 2, 2, 1, 1))],
)  # fmt: skip
def test_at_most_what_is_asked_counts_and_what_came_in_time_goes_first(held, timely, tally):
    assert tally_of(2, held, timely) == tally


@pytest.mark.parametrize(("reported", "said"), [("2026-11-08", True), ("2026-11-09", True), ("2026-11-10", False), (None, False)])
def test_on_time_is_within_the_days_for_entering(reported, said):
    assert is_on_time(day("2026-11-02"), reported and day(reported), 7) == said


@pytest.mark.parametrize(
    ("today", "begun"),
    [("2026-09-30", 0), ("2026-10-01", 1), ("2026-10-31", 1), ("2026-11-01", 2), ("2026-12-01", 3), ("2027-01-01", 3)],
)
def test_a_month_counts_from_its_first_day(today, begun):
    assert months_begun(Q4, day(today)) == begun
    slots = (None, Slot.MONTH_1, Slot.TWO_MONTHS, Slot.THREE_MONTHS)
    assert slot_of("month", Q4, day(today)) == slots[begun]


@pytest.fixture
def owed(cast, roster, today):
    def show(org=None, today=today):
        with cast.within(org or cast.branch_a):
            return {(duty.kind.code, str(duty.period)): duty for duty in duties_of(org or cast.branch_a, today=today)}

    return show


def test_a_branch_sees_what_is_due_this_month_this_quarter_and_this_year(owed):
    assert set(owed()) == {
        ("theme_day", "2026-11"), ("assembly", "2026Q4"), ("lecture", "2026Q4"), ("life_meeting", "2026"),
        ("appraisal", "2026"), ("talk", "2026"),
    }  # fmt: skip


def test_a_duty_says_why_until_when_and_where_it_is_done(owed, cast):
    duty = owed()["assembly", "2026Q4"]
    assert duty.reason == (
        "支部党员大会一般每季度 1 次：2026年第四季度还没有记录（依据：《中国共产党支部工作条例（试行）》第十一条）"
    )
    assert (duty.due_on, duty.days_left, duty.is_met) == (day("2026-12-31"), 39, False)
    assert duty.url == "/activities/new/?org=JYA&kind=assembly"
    talk = owed()["talk", "2026"]
    assert (talk.of_members, talk.expected, talk.lacking) == (True, 6, 6)
    assert "共 6 名党员，已有 0 名，还差 6 名" in talk.reason


def test_what_was_done_is_met(owed, logbook):
    logbook.log("assembly", day=day("2026-10-20"))
    assert owed()["assembly", "2026Q4"].is_met
    assert "已完成" in owed()["assembly", "2026Q4"].reason


@pytest.mark.parametrize(("today", "due"), [("2026-11-14", "2026-11-15"), ("2026-11-15", "2026-11-15"), ("2026-11-16", "2026-11-30")])
def test_the_theme_day_is_due_on_its_fixed_day_and_then_until_the_month_is_over(owed, today, due):
    assert owed(today=day(today))["theme_day", "2026-11"].due_on == day(due)


def test_a_group_s_meeting_stands_among_the_duties_of_its_branch(owed, cast, roster):
    with unscoped("a member joins the group"):
        Membership.objects.filter(member=roster.worker_a1).update(group=cast.group_a)
    assert owed()["group_meeting", "2026-11"].org == cast.group_a


def test_a_committee_sees_its_own_duties_and_not_those_of_its_branches(owed, cast):
    assert set(owed(cast.committee)) == {("lecture", "2026")}


def test_what_was_missed_lately_can_still_be_entered(cast, roster, logbook, today):
    logbook.log("theme_day", day=day("2026-08-15"))
    logbook.log("assembly", day=day("2026-08-15"))
    with cast.within(cast.branch_a):
        found = [(duty.kind.code, str(duty.period)) for duty in missed_by(cast.branch_a, today=today)]
    assert found == [
        ("theme_day", "2026-07"), ("lecture", "2026Q3"), ("theme_day", "2026-09"), ("theme_day", "2026-10"),
    ]  # fmt: skip


def test_a_member_is_asked_what_each_member_is_asked(cast, roster, logbook, today):
    member = roster.worker_a1
    with cast.within(cast.branch_a):
        (duty,) = duties_of_member(member, today=today)
        assert (duty.kind.code, duty.expected, duty.actual, duty.is_met) == ("talk", 1, 0, False)
        logbook.log("talk", day=day("2026-11-03"), chosen=[member], reported=day("2026-11-20"))
        (duty,) = duties_of_member(member, today=today)
        assert (duty.actual, duty.on_time, duty.late, duty.is_met) == (1, 0, 1, True)
        (other,) = duties_of_member(roster.worker_a2, today=today)
        assert not other.is_met


@pytest.fixture
def require(cast, logbook):
    def act(**more):
        given = {
            "kind": logbook.kind("lecture"), "org_kinds": ["branch"], "rhythm": "quarter", "times": 2,
            "since": day("2026-10-01"), "source": "园区通知", "org_path": cast.park_org.path, "org_name": "甲园区",
            "condition": "has_members", "actor": cast.users.park_officer, **more,
        }  # fmt: skip
        with unscoped("the office asks"):
            return set_requirement(**given)

    return act


def test_a_requirement_keeps_what_was_before_it(require, cast):
    first = require(since=day("2026-07-01"))
    second = require(times=3, since=day("2026-10-01"))
    first.refresh_from_db()
    assert (first.until, first.times, second.until) == (day("2026-10-01"), 2, None)
    assert second.author_name == "李明"
    entry = AuditEntry.objects.filter(action="requirement.set").latest("id")
    assert "自 2026-10-01 起在甲园区每季度3次" in entry.summary


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"source": " "}, "依据"),
        ({"org_kinds": []}, "组织类别"),
        ({"since": day("2026-07-01")}, "晚于现行要求"),
        ({"rhythm": "month", "since": day("2026-11-01")}, "每季度周期的第一天"),
        ({"org_kinds": ["branch", "joint_branch"], "since": day("2027-01-01")}, "先终止"),
    ],
)
def test_a_requirement_that_would_overlap_is_refused(require, more, said):
    require(since=day("2026-07-01"))
    with pytest.raises(DomainError, match=said):
        require(**more)


def test_the_rhythm_may_change_on_the_first_day_of_both_periods(require):
    require(since=day("2026-07-01"))
    assert require(rhythm="month", times=1, since=day("2026-10-01")).rhythm == "month"


def test_what_has_ended_cannot_end_again(require, cast):
    row = require()
    with unscoped("the office ends it"):
        with pytest.raises(DomainError, match="晚于生效日期"):
            end_requirement(requirement=row, until=day("2026-10-01"), actor=cast.users.park_officer)
        end_requirement(requirement=row, until=day("2027-01-01"), actor=cast.users.park_officer)
        with pytest.raises(DomainError, match="已经终止"):
            end_requirement(requirement=row, until=day("2027-04-01"), actor=cast.users.park_officer)
    assert Requirement.objects.get(pk=row.pk).until == day("2027-01-01")
