"""落实事项: what a meeting has decided, until it is done."""

from __future__ import annotations

import datetime

import pytest

from apps.activities.ledgers.follow_ups import FollowUpLedger, progress
from apps.activities.models import FollowUp
from apps.activities.services import follow_ups
from apps.core.errors import Conflict, DomainError
from tests.activities.conftest import TODAY

HELD = datetime.date(2026, 11, 10)
FACTS = {"content": "共建单位共享活动室", "owner_name": "王书记", "due_on": TODAY}


@pytest.fixture
def conference(cast, roster, logbook):
    return logbook.log("joint_conference", day=HELD, chosen=[roster.worker_a1], units="甲街道、子公司")


@pytest.fixture
def item(cast, conference, secretary):
    return follow_ups.add_follow_up(activity=conference, facts=FACTS, actor=secretary)


def test_a_conference_leaves_something_to_do_and_it_gets_done(cast, item, secretary):
    done = follow_ups.finish_follow_up(follow_up=item, on=TODAY, result="已开放", today=TODAY, actor=secretary)
    assert (done.done_on, done.result) == (TODAY, "已开放")
    with pytest.raises(DomainError, match="办结"):
        follow_ups.change_follow_up(follow_up=item, facts={"content": "另一件"}, actor=secretary)


@pytest.mark.parametrize(("due_on", "fits"), [("2026-11-09", False), ("2026-11-10", True), ("2026-11-11", True)])
def test_nothing_is_due_before_the_meeting(cast, conference, secretary, due_on, fits):
    facts = {**FACTS, "due_on": datetime.date.fromisoformat(due_on)}
    if fits:
        follow_ups.add_follow_up(activity=conference, facts=facts, actor=secretary)
    else:
        with pytest.raises(DomainError) as refused:
            follow_ups.add_follow_up(activity=conference, facts=facts, actor=secretary)
        assert refused.value.field == "due_on"


@pytest.mark.parametrize(("on", "fits"), [(-1, False), (0, True), (12, True), (13, False)])
def test_it_is_done_between_the_meeting_and_today(cast, item, secretary, on, fits):
    day = HELD + datetime.timedelta(days=on)
    if fits:
        follow_ups.finish_follow_up(follow_up=item, on=day, result="已办", today=TODAY, actor=secretary)
    else:
        with pytest.raises(DomainError):
            follow_ups.finish_follow_up(follow_up=item, on=day, result="已办", today=TODAY, actor=secretary)


def test_a_plan_and_a_result_without_words_are_refused(cast, item, logbook, secretary):
    with pytest.raises(DomainError) as refused:
        follow_ups.finish_follow_up(follow_up=item, on=TODAY, result=" ", today=TODAY, actor=secretary)
    assert refused.value.field == "result"
    plan = logbook.log("joint_conference", day=TODAY + datetime.timedelta(days=3), submit=False)
    with pytest.raises(DomainError, match="计划"):
        follow_ups.add_follow_up(activity=plan, facts=FACTS, actor=secretary)


def test_one_hand_changes_it_at_a_time(cast, item, secretary):
    follow_ups.change_follow_up(follow_up=item, facts={"owner_name": "孙委员"}, actor=secretary, version=1)
    with pytest.raises(Conflict):
        follow_ups.change_follow_up(follow_up=item, facts={"owner_name": "赵敏"}, actor=secretary, version=1)
    follow_ups.drop_follow_up(follow_up=item, reason="重复登记", actor=secretary)
    assert not FollowUp.objects.exists()


@pytest.mark.parametrize(("due", "expected"), [(-1, "overdue"), (0, "open"), (1, "open")])
def test_the_book_tells_what_is_overdue_from_the_day_after(cast, item, secretary, due, expected):
    FollowUp.objects.filter(pk=item.pk).update(due_on=TODAY + datetime.timedelta(days=due))
    [row] = FollowUpLedger({"progress": expected}, today=TODAY).queryset()
    assert progress(row) == expected
    others = {"open", "overdue", "done", "done_late"} - {expected}
    assert not any(FollowUpLedger({"progress": other}, today=TODAY).queryset().exists() for other in others)
