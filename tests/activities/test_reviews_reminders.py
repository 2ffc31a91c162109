"""Who is reminded of open reviews and of promises, from which day on, and that no reminder names anybody."""

from __future__ import annotations

import datetime

import pytest

from apps.activities.kinds import ReviewKind
from apps.activities.models import ReviewResult, ReviewRound
from apps.activities.services.pledges import make_pledges, verify_pledge
from apps.activities.services.reviews import open_review
from apps.core.parameters import set_parameter
from apps.reminders.models import Reminder
from apps.reminders.planning import plan_rule
from apps.reminders.registry import registry
from tests.activities.conftest import TODAY

DAY = datetime.timedelta(days=1)
HELD = datetime.date(2026, 10, 1)


def heard(code, day):
    """{who: what is told} of one rule on a day."""
    Reminder.objects.all().delete()
    plan_rule(registry[code], day)
    rows = Reminder.objects.filter(rule=code, channel="in_app").select_related("recipient")
    return {row.recipient.username: row.title for row in rows}


@pytest.fixture
def review(cast, roster, secretary):
    return open_review(
        org=cast.branch_a, kind=ReviewKind.DEMOCRATIC, year=2026, held_on=HELD, today=TODAY, actor=secretary
    )


@pytest.mark.parametrize(("days", "told"), [(30, False), (31, True), (61, True)])
def test_a_round_that_stays_open_is_told_to_the_secretary_alone(review, days, told):
    said = heard("activities.review_open", HELD + days * DAY)
    assert set(said) == ({"secretary_a"} if told else set())


def test_the_place_may_wait_longer_and_a_closed_round_is_quiet(cast, review):
    set_parameter(code="activities.review_open_days", value=60, since=datetime.date(2026, 1, 1), source="园区规定",
                  org_path=cast.park_org.path, actor=cast.users.park_officer)  # fmt: skip
    assert not heard("activities.review_open", HELD + 60 * DAY)
    assert heard("activities.review_open", HELD + 61 * DAY)
    ReviewRound.objects.update(state="closed", closed_on=TODAY)
    assert not heard("activities.review_open", HELD + 61 * DAY)


def test_talks_and_help_are_told_without_a_name_or_a_grade(review, roster):
    rows = ReviewResult.objects.filter(member__in=[roster.worker_a1, roster.worker_a2])
    rows.update(talk_needed=True, grade="unqualified", follow_up="结对帮助", follow_up_due=HELD + 10 * DAY)
    said = [*heard("activities.review_talk", TODAY).items(), *heard("activities.review_help", TODAY).items()]
    assert [who for who, _ in said] == ["secretary_a", "secretary_a"]
    assert "2 次谈话" in said[0][1]
    assert "2 项后续工作" in said[1][1]
    for secret in ("陈一鸣", "阿依古丽", "不合格", "结对", "帮教"):
        assert all(secret not in title for _, title in said)
    rows.update(talked_on=TODAY, follow_up_done_on=TODAY)
    assert not heard("activities.review_talk", TODAY)
    assert not heard("activities.review_help", TODAY)


@pytest.mark.parametrize(("after", "told"), [(-1, False), (0, True), (1, True)])
def test_help_is_told_of_from_its_day_on(review, roster, after, told):
    ReviewResult.objects.filter(member=roster.worker_a1).update(follow_up="结对", follow_up_due=HELD + 10 * DAY)
    assert bool(heard("activities.review_help", HELD + (10 + after) * DAY)) is told


@pytest.mark.parametrize(("before", "told"), [(8, False), (7, True), (6, True), (-1, True)])
def test_promises_of_one_branch_and_day_are_one_line_for_secretary_and_clerk(cast, roster, secretary, before, told):
    due = datetime.date(2026, 12, 31)
    promises = [(roster.worker_a1, "带徒弟"), (roster.worker_a2, "零缺陷")]
    made = make_pledges(org=cast.branch_a, promises=promises, made_on=HELD, due_on=due, today=TODAY, actor=secretary)
    said = heard("activities.pledges_due", due - before * DAY)
    assert said == (dict.fromkeys(("secretary_a", "clerk_a1"), "2 项公开承诺到期，请验收") if told else {})
    for pledge in made:
        verify_pledge(pledge=pledge, kept=True, on=TODAY, by="赵敏", verdict="", today=TODAY, actor=secretary)
    assert not heard("activities.pledges_due", due)
