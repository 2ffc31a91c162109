"""公开承诺: promised for one or for many, kept on the way, verified by somebody else; compare-and-set throughout."""

from __future__ import annotations

import datetime

import pytest

from apps.activities.kinds import PledgeState
from apps.activities.models import Pledge
from apps.activities.rules.pioneers import PLEDGE_STEPS, is_same_person, may_follow
from apps.activities.services.pledges import (
    change_pledge,
    make_pledges,
    note_progress,
    verify_pledge,
    withdraw_verdict,
)
from apps.core.errors import Conflict, DomainError
from apps.core.models import AuditEntry
from tests.activities.conftest import TODAY

D = datetime.date.fromisoformat
DAY = datetime.timedelta(days=1)
MADE, DUE = D("2026-03-01"), D("2026-12-31")


@pytest.fixture
def promise(cast, roster, today, officer):
    def now(*promises, **more):
        given = promises or [(roster.worker_a1, "带徒弟两名")]
        facts = {"org": cast.branch_a, "made_on": MADE, "due_on": DUE, "today": today, "actor": officer, **more}
        return make_pledges(promises=given, **facts)

    return now


@pytest.fixture
def verify(today, officer):
    def now(pledge, **more):
        facts = {"kept": True, "on": today, "by": "赵敏", "verdict": "", "today": today, "actor": officer, **more}
        return verify_pledge(pledge=pledge, **facts)

    return now


def test_many_promise_at_once_or_nobody_does(promise, roster):
    made = promise((roster.worker_a1, "带徒弟两名"), (roster.worker_a2, "不出一件废品"))
    assert [(p.member.name, p.state) for p in made] == [("陈一鸣", "promised"), ("孙·阿依古丽", "promised")]
    with pytest.raises(DomainError) as caught:
        promise((roster.worker_a3, "新的承诺"), (roster.worker_b1, "别的支部"))
    assert caught.value.code == "not_of_org"
    assert Pledge.objects.count() == 2


def test_one_promise_is_not_registered_twice_while_it_is_open(promise, verify, roster):
    (first,) = promise()
    for again in ([(roster.worker_a1, "带徒弟两名")], [(roster.worker_a2, "一"), (roster.worker_a2, "一")]):
        with pytest.raises(DomainError) as caught:
            promise(*again)
        assert caught.value.code == "known"
    verify(first)
    assert promise()


@pytest.mark.parametrize(
    ("facts", "field"),
    [({"made_on": TODAY + DAY, "due_on": TODAY + DAY}, "made_on"), ({"due_on": MADE - DAY}, "due_on")],
)
def test_days_follow_each_other(promise, facts, field):
    with pytest.raises(DomainError) as caught:
        promise(**facts)
    assert caught.value.field == field
    assert promise(due_on=MADE)


def test_progress_stands_in_the_order_of_its_days(promise, officer, today):
    (pledge,) = promise()
    for on, text in (("2026-09-01", "二"), ("2026-05-01", "一")):
        pledge = note_progress(pledge=pledge, on=D(on), text=text, today=today, actor=officer)
    assert [(note["on"], note["note"]) for note in pledge.progress] == [("2026-05-01", "一"), ("2026-09-01", "二")]
    assert pledge.state == PledgeState.KEEPING
    for on, text in ((MADE - DAY, "早"), (today + DAY, "晚"), (today, "  ")):
        with pytest.raises(DomainError):
            note_progress(pledge=pledge, on=on, text=text, today=today, actor=officer)


def test_the_verifier_is_named_and_the_trail_tells_who_it_was(promise, verify, cast):
    row = verify(promise()[0], verdict="已完成")
    assert (row.state, row.verified_by_name, row.verified_on) == ("verified", "赵敏", TODAY)
    assert "验收人：赵敏" in AuditEntry.objects.latest("id").summary
    assert verify(promise()[0], by="").verified_by_name == cast.users.park_officer.display_name


def test_what_was_not_kept_says_why(promise, verify):
    (pledge,) = promise()
    with pytest.raises(DomainError) as caught:
        verify(pledge, kept=False)
    assert caught.value.field == "verdict"
    assert verify(pledge, kept=False, verdict="转岗").state == PledgeState.UNKEPT


def test_nobody_verifies_the_own_promise(promise, verify, roster, cast):
    (pledge,) = promise()
    with pytest.raises(DomainError) as caught:
        verify(pledge, by="陈一鸣")
    assert (caught.value.code, caught.value.field) == ("own_pledge", "by")
    own = cast.users.secretary_a
    own.display_name = "陈一鸣"
    with pytest.raises(DomainError) as caught:
        verify(pledge, actor=own, by="赵敏")
    assert caught.value.code == "own_pledge"
    own.phone, roster.worker_a1.phone = "13800000001", "13800000002"
    roster.worker_a1.save()
    assert verify(Pledge.objects.get(), actor=own, by="").state == PledgeState.VERIFIED


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        (("王", ""), ("王", ""), True), (("王", "1"), ("王", ""), True), (("王", "1"), ("王", "1"), True),
        (("王", "1"), ("王", "2"), False), (("王", "1"), ("李", "1"), False), ((" 王 ", ""), ("王", "2"), True),
    ],
)  # fmt: skip
def test_in_doubt_two_of_one_name_are_one(first, second, same):
    assert is_same_person(*first, *second) is same


def test_a_verdict_stands_until_it_is_withdrawn_with_a_reason(promise, verify, officer, today):
    row = verify(promise()[0])
    for change in (
        lambda: verify(row),
        lambda: note_progress(pledge=row, on=today, text="又", today=today, actor=officer),
        lambda: change_pledge(pledge=row, facts={"content": "改"}, actor=officer),
    ):
        with pytest.raises(Conflict):
            change()
    with pytest.raises(DomainError):
        withdraw_verdict(pledge=row, reason=" ", actor=officer)
    back = withdraw_verdict(pledge=row, reason="点错", actor=officer)
    assert (back.state, back.verified_on, back.verified_by_name) == ("promised", None, "")
    with pytest.raises(DomainError):
        withdraw_verdict(pledge=back, reason="再次", actor=officer)
    assert verify(back).state == PledgeState.VERIFIED


def test_of_two_who_verify_at_once_the_second_is_told(promise, verify):
    (pledge,) = promise()
    seen = pledge.version
    verify(pledge, version=seen)
    with pytest.raises(Conflict):
        verify(pledge, version=seen)


def test_every_state_has_its_steps_and_none_leaves_a_verdict():
    assert set(PLEDGE_STEPS) == set(PledgeState)
    for state in (PledgeState.VERIFIED, PledgeState.UNKEPT):
        assert not any(may_follow(state, target) for target in PledgeState)


def test_overdue_begins_the_day_after(promise, verify):
    promise(due_on=D("2026-06-30"))
    assert not Pledge.objects.overdue(D("2026-06-30")).exists()
    assert Pledge.objects.overdue(D("2026-07-01")).exists()
    verify(Pledge.objects.get())
    assert not Pledge.objects.overdue(D("2026-07-01")).exists()
