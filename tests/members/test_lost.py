"""失联: the calendar raises a case, people decide it, and nothing happens by itself."""

from __future__ import annotations

import datetime

import pytest

from apps.core.errors import Conflict, DomainError
from apps.core.scoping import unscoped
from apps.members.kinds import LostOutcome, LostStage, Relation, Standing
from apps.members.models import LostContact, Member
from apps.members.services.lost import decide_case, tend_lost
from apps.members.services.members import mark_found, mark_lost

LOST = datetime.date(2026, 5, 22)
DUE = datetime.date(2026, 11, 22)
DAY = datetime.timedelta(days=1)


@pytest.fixture
def lost(cast, roster, secretary):
    """worker_a1 is lost since 22 May; somebody else is not."""
    return mark_lost(member=roster.worker_a1, since=LOST, today=LOST, actor=secretary)


def case() -> LostContact:
    with unscoped("test"):
        return LostContact.objects.select_related("member").get(decided_on=None)


def decide(outcome, on, **given):
    return decide_case(case=case(), outcome=outcome, on=on, today=on, **{"actor": None, **given})


def test_the_night_opens_a_search_and_raises_it_after_six_months(lost):
    assert tend_lost(today=LOST) == 1
    assert case().stage == LostStage.SEARCHING
    assert tend_lost(today=DUE - DAY) == 0
    assert case().stage == LostStage.SEARCHING
    assert tend_lost(today=DUE) == 1
    assert case().stage == LostStage.SUSPENSION_DUE
    assert tend_lost(today=DUE) == 0


def test_a_raised_case_changes_nothing_about_the_member(lost):
    tend_lost(today=DUE + 1000 * DAY)
    member = Member.objects.get(pk=lost.pk)
    assert (member.standing, member.relation, member.lost_since) == (Standing.NORMAL, Relation.HERE, LOST)


def test_a_suspension_before_its_time_or_without_a_document_is_refused(lost):
    tend_lost(today=DUE - DAY)
    with pytest.raises(DomainError) as refused:
        decide(LostOutcome.SUSPENDED, DUE - DAY, document="园党〔2026〕9号")
    assert (refused.value.code, refused.value.basis.rule_id) == ("too_early", "DJ-03")
    tend_lost(today=DUE)
    with pytest.raises(DomainError) as refused:
        decide(LostOutcome.SUSPENDED, DUE)
    assert refused.value.field == "document"
    with pytest.raises(DomainError) as refused:
        decide_case(case=case(), outcome=LostOutcome.SUSPENDED, on=DUE - DAY, today=DUE, actor=None, document="9号")
    assert refused.value.field == "on"
    decided = decide(LostOutcome.SUSPENDED, DUE, document="园党〔2026〕9号")
    assert decided.member.pk == lost.pk
    assert Member.objects.get(pk=lost.pk).standing == Standing.SUSPENDED
    with pytest.raises(Conflict):
        decide_case(case=decided, outcome=LostOutcome.FOUND, on=DUE, today=DUE, actor=None)


@pytest.fixture
def suspended(lost):
    tend_lost(today=DUE)
    decide(LostOutcome.SUSPENDED, DUE, document="园党〔2026〕9号")
    tend_lost(today=DUE)
    return Member.objects.get(pk=lost.pk)


def test_two_years_after_the_suspension_removal_falls_due_and_people_decide(suspended):
    after = datetime.date(2028, 11, 22)
    tend_lost(today=after - DAY)
    assert case().stage == LostStage.SEARCHING
    with pytest.raises(DomainError) as refused:
        decide(LostOutcome.REMOVED, after - DAY, document="园党〔2028〕3号")
    assert refused.value.code == "too_early"
    tend_lost(today=after)
    assert case().stage == LostStage.REMOVAL_DUE
    assert Member.objects.get(pk=suspended.pk).relation == Relation.HERE
    with pytest.raises(DomainError) as refused:
        decide(LostOutcome.REMOVED, after)
    assert refused.value.field == "document"
    decide(LostOutcome.REMOVED, after, document="园党〔2028〕3号")
    gone = Member.objects.get(pk=suspended.pk)
    assert (gone.relation, gone.left_on, gone.leaving_reason) == (Relation.LEFT, after, "removed")


def test_a_suspended_member_who_is_found_is_restored_with_a_document(suspended):
    with pytest.raises(DomainError) as refused:
        decide(LostOutcome.FOUND, DUE + DAY)
    assert (refused.value.field, refused.value.basis.rule_id) == ("document", "DJ-05")
    decide(LostOutcome.FOUND, DUE + DAY, document="园党〔2026〕10号")
    member = Member.objects.get(pk=suspended.pk)
    assert (member.standing, member.lost_since) == (Standing.NORMAL, None)
    assert tend_lost(today=DUE + 2 * DAY) == 0


def test_a_search_ends_when_the_branch_finds_the_member(lost, secretary):
    tend_lost(today=LOST)
    mark_found(member=lost, on=LOST + DAY, today=LOST + DAY, actor=secretary)
    assert tend_lost(today=LOST + DAY) == 1
    assert LostContact.objects.get().outcome == LostOutcome.FOUND


def test_a_case_that_has_to_be_studied_stays_with_whoever_decides(lost, secretary):
    tend_lost(today=DUE)
    mark_found(member=lost, on=DUE, today=DUE, actor=secretary)
    assert tend_lost(today=DUE) == 0
    decide(LostOutcome.FOUND, DUE, note="本人已回园区")
    assert LostContact.objects.get().decided_on == DUE
