"""What organisational life reminds of: on its days, to whom it concerns, once, and of nothing that is done or not owed."""

from __future__ import annotations

import datetime

import pytest

from apps.accounts.models import RoleAssignment
from apps.activities.compliance.cells import duties_of
from apps.activities.kinds import State
from apps.activities.models import Activity, Participation
from apps.core.models import Parameter
from apps.core.scoping import unscoped
from apps.members.models import Membership
from apps.reminders.models import Reminder
from apps.reminders.planning import plan_rule, still_due
from apps.reminders.registry import registry

BRANCH_A = {"secretary_a", "clerk_a1"}


def both(title):
    """The secretary and the clerk of branch_a hear of one thing."""
    return {name: [title] for name in BRANCH_A}


def day(text):
    return datetime.date.fromisoformat(text)


def heard(code, today):
    """Who is reminded under the rule on a day that nobody planned before, and of what."""
    Reminder.objects.all().delete()
    plan_rule(registry[code], day(today) if isinstance(today, str) else today)
    rows = Reminder.objects.filter(rule=code, channel="in_app").select_related("recipient").order_by("pk")
    found = {}
    for row in rows:
        found.setdefault(row.recipient.username, []).append(row.title)
    return found


def steps(code, today):
    heard(code, today)
    return set(Reminder.objects.values_list("step", flat=True))


# ---- theme day


@pytest.mark.parametrize(
    ("today", "told"),
    [
        ("2026-11-11", set()), ("2026-11-12", {"opened"}), ("2026-11-13", {"opened"}), ("2026-11-14", {"ahead-1"}),
        ("2026-11-15", {"due"}), ("2026-11-16", set()),
    ],
)  # fmt: skip
def test_the_theme_day_is_told_three_days_and_a_day_before_and_on_the_day(cast, roster, today, told):
    assert steps("activities.theme_day", today) == told


def test_the_secretary_and_the_clerk_of_each_branch_hear_of_its_theme_day(cast, roster):
    found = heard("activities.theme_day", "2026-11-12")
    assert {name: titles for name, titles in found.items() if name in BRANCH_A} == both("主题党日：11月15日")


def test_a_theme_day_that_is_recorded_reminds_nobody_of_that_branch(cast, logbook):
    logbook.log("lecture", day=day("2026-11-05"), second_kind="theme_day")
    assert not set(heard("activities.theme_day", "2026-11-12")) & BRANCH_A
    assert "secretary_b" in heard("activities.theme_day", "2026-11-12")


def test_a_plan_moves_the_day(cast, logbook):
    row = logbook.log("theme_day", day=day("2026-11-26"), submit=False)
    assert not set(heard("activities.theme_day", "2026-11-15")) & BRANCH_A
    assert heard("activities.theme_day", "2026-11-23")["secretary_a"] == ["主题党日：11月26日"]
    assert Reminder.objects.filter(recipient=cast.users.secretary_a).get().url == f"/activities/{row.pk}/"


def test_the_day_is_that_of_the_nearest_node(cast, roster):
    Parameter.objects.create(
        code="activities.theme_day", value=20, since="2020-01-01", source="通知", org_path=cast.branch_a.path
    )
    assert heard("activities.theme_day", "2026-11-17")["secretary_a"] == ["主题党日：11月20日"]
    assert "secretary_b" not in heard("activities.theme_day", "2026-11-17")


def test_nobody_is_reminded_for_a_branch_without_members(cast, roster):
    with unscoped("test"):
        Membership.objects.filter(org=cast.branch_b).update(until=day("2026-10-31"))
    for code, today in (("activities.theme_day", "2026-11-12"), ("activities.month_missing", "2026-11-30")):
        assert "secretary_b" not in heard(code, today)
        assert "secretary_a" in heard(code, today)


# ---- month, quarter, year


@pytest.mark.parametrize(
    ("today", "told"),
    [
        ("2026-11-24", set()), ("2026-11-25", {"opened"}), ("2026-11-26", {"opened"}), ("2026-11-29", {"ahead-1"}),
        ("2026-11-30", {"due"}), ("2026-12-01", set()), ("2026-12-26", {"opened"}), ("2026-12-31", {"due"}),
        ("2027-01-01", set()), ("2027-02-22", set()), ("2027-02-23", {"opened"}), ("2028-02-23", set()),
        ("2028-02-24", {"opened"}),
    ],
)  # fmt: skip
def test_what_the_month_lacks_is_told_five_days_before_its_end(cast, roster, today, told):
    assert steps("activities.month_missing", today) == told


@pytest.mark.parametrize(
    ("today", "told"),
    [
        ("2026-12-20", set()), ("2026-12-21", {"opened"}), ("2026-12-22", {"opened"}), ("2026-12-30", {"ahead-1"}),
        ("2026-12-31", {"due"}), ("2027-01-01", set()), ("2027-03-20", set()), ("2027-03-21", {"opened"}),
    ],
)  # fmt: skip
def test_what_the_quarter_lacks_is_told_ten_days_before_its_end(cast, roster, today, told):
    assert steps("activities.quarter_missing", today) == told


@pytest.mark.parametrize(
    ("today", "told"),
    [
        ("2026-11-30", set()), ("2026-12-01", {"opened"}), ("2026-12-02", {"opened"}), ("2026-12-21", {"ahead-10"}),
        ("2026-12-30", {"ahead-1"}), ("2026-12-31", {"due"}), ("2027-01-01", set()),
    ],
)  # fmt: skip
def test_what_the_year_lacks_is_told_a_month_before_its_end(cast, roster, today, told):
    assert steps("activities.year_missing", today) == told


def test_one_line_names_everything_that_lacks_with_its_number(cast, roster):
    assert heard("activities.month_missing", "2026-11-25")["secretary_a"] == ["本月还差：主题党日 1 次"]
    assert heard("activities.quarter_missing", "2026-12-21")["secretary_a"] == [
        "本季度还差：支部党员大会 1 次、党课 1 次"
    ]
    assert heard("activities.year_missing", "2026-12-01")["secretary_a"] == [
        "本年度还差：组织生活会 1 次、民主评议党员 1 次、谈心谈话 6 名"
    ]


def test_what_is_told_is_what_the_page_lists(cast, logbook):
    logbook.log("assembly", day=day("2026-11-03"))
    today = day("2026-12-21")
    with cast.within(cast.branch_a):
        lacking = [
            d.kind.name for d in duties_of(cast.branch_a, today=today) if not d.is_met and d.period.kind == "quarter"
        ]
    assert lacking == ["党课"]
    assert heard("activities.quarter_missing", today)["secretary_a"] == ["本季度还差：党课 1 次"]


def test_a_record_that_comes_before_the_sending_takes_the_reminder_away(cast, logbook):
    heard("activities.month_missing", "2026-11-25")
    ids = [cast.branch_a.pk, cast.branch_b.pk]
    assert still_due("activities.month_missing", ids, day("2026-11-25")) == set(ids)
    logbook.log("theme_day", day=day("2026-11-20"))
    assert still_due("activities.month_missing", ids, day("2026-11-25")) == {cast.branch_b.pk}


def test_planning_twice_tells_once(cast, roster):
    for code, today in (
        ("activities.theme_day", "2026-11-12"), ("activities.month_missing", "2026-11-25"),
        ("activities.quarter_missing", "2026-12-21"), ("activities.year_missing", "2026-12-01"),
    ):  # fmt: skip
        first = plan_rule(registry[code], day(today))
        assert first > 0
        assert plan_rule(registry[code], day(today)) == 0
        assert plan_rule(registry[code], day(today) + datetime.timedelta(days=1)) == 0


def test_a_branch_without_anybody_in_office_is_told_of_at_the_park(cast, roster):
    assert "park_officer" not in heard("activities.month_missing", "2026-11-25")
    with unscoped("test"):
        RoleAssignment.objects.filter(org=cast.branch_b).delete()
    assert heard("activities.month_missing", "2026-11-25")["park_officer"] == ["本月还差：主题党日 1 次"]


# ---- records that wait


@pytest.mark.parametrize(("today", "told"), [("2026-11-04", False), ("2026-11-05", True), ("2026-11-06", True)])
def test_the_officer_hears_of_records_that_wait_three_days(cast, logbook, today, told):
    logbook.log("theme_day", day=day("2026-11-02"))
    found = heard("activities.review_waiting", today)
    assert found == ({"park_officer": ["待审核「子公司党支部」的组织生活记录 1 条"]} if told else {})


def test_a_correction_waits_like_any_other_record(cast, logbook):
    row = logbook.log("theme_day", day=day("2026-11-02"))
    with unscoped("test"):
        Activity.objects.filter(pk=row.pk).update(state=State.CORRECTION)
    assert set(heard("activities.review_waiting", "2026-11-05")) == {"park_officer"}


def test_a_reviewed_record_reminds_nobody(cast, logbook):
    row = logbook.log("theme_day", day=day("2026-11-02"))
    with unscoped("test"):
        Activity.objects.filter(pk=row.pk).update(state=State.CONFIRMED)
        Participation.objects.filter(activity=row).update(state=State.CONFIRMED)
    assert heard("activities.review_waiting", "2026-11-20") == {}


@pytest.mark.parametrize(("today", "told"), [("2026-11-25", False), ("2026-11-26", False), ("2026-11-27", True)])
def test_the_branch_hears_of_a_plan_on_the_day_after_it(cast, logbook, today, told):
    logbook.log("assembly", day=day("2026-11-26"), submit=False, title="年终总结")
    found = heard("activities.plan_past", today)
    assert found == (both("计划未转为记录「年终总结」") if told else {})


def test_a_plan_over_the_end_of_the_year_is_told_in_the_new_one(cast, logbook):
    logbook.log("assembly", day=day("2026-12-31"), submit=False)
    assert heard("activities.plan_past", "2026-12-31") == {}
    assert set(heard("activities.plan_past", "2027-01-01")) == BRANCH_A
    assert steps("activities.plan_past", "2027-01-08") == {"overdue-1"}


def test_the_branch_hears_of_a_returned_record(cast, logbook):
    row = logbook.log("theme_day", day=day("2026-11-02"), title="观影")
    when = datetime.datetime(2026, 11, 3, 16, 30, tzinfo=datetime.UTC)  # 4 November in Shanghai
    with unscoped("test"):
        Activity.objects.filter(pk=row.pk).update(state=State.RETURNED, reviewed_at=when)
    assert heard("activities.returned", "2026-11-03") == {}
    assert heard("activities.returned", "2026-11-04") == both("记录退回待修改「观影」")
