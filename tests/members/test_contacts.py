"""季度联系: who has to be contacted, by which branch, in which quarter."""

from __future__ import annotations

import datetime

import pytest

from apps.core.errors import Conflict, DomainError
from apps.core.periods import Period
from apps.core.scoping import unscoped
from apps.members.models import ContactNote, Departure, DualAgreement, Member, MobileRecord
from apps.members.querysets.modes import lacks
from apps.members.rules.mobile import Lack
from apps.members.services.agreements import sign_agreement
from apps.members.services.contacts import change_contact, record_contact
from apps.members.services.mobile import register_outflow

SINCE = datetime.date(2026, 7, 1)
QUARTER = Period("quarter", 2026, 4)
FACTS = {
    "method": "phone",
    "contact_name": "孙委员",
    "thoughts": "思想稳定",
    "study": "参加线上学习",
    "conduct": "工作积极",
}


@pytest.fixture
def away(cast, roster, secretary, today):
    """worker_a1 has been away from branch_a since July."""
    return register_outflow(
        member=roster.worker_a1, facts={"reason": "work"}, since=SINCE, today=today, actor=secretary
    )


@pytest.fixture
def guest(cast, roster, today):
    """worker_elsewhere (of the sibling branch) is under an agreement with branch_a since July."""
    with unscoped("fixture"):
        agreement = sign_agreement(
            member=roster.worker_elsewhere, org=cast.branch_a, facts={}, since=SINCE, today=today, actor=None
        )
    with cast.within(cast.branch_a):
        yield agreement


def to_contact(today):
    return {
        row.member_id: row.contacted
        for rows in (MobileRecord.objects.to_contact(today), DualAgreement.objects.to_contact(today))
        for row in rows
    }


def test_a_contact_is_due_each_quarter_and_done_by_one_note(cast, away, secretary, today):
    assert to_contact(today) == {away.member_id: False}
    record_contact(
        member=away.member, org=cast.branch_a, facts={**FACTS, "on": QUARTER.start}, today=today, actor=secretary
    )
    assert to_contact(today) == {away.member_id: True}


def test_a_contact_of_the_last_quarter_does_not_count_for_this_one(cast, away, secretary, today):
    on = QUARTER.start - datetime.timedelta(days=1)
    record_contact(member=away.member, org=cast.branch_a, facts={**FACTS, "on": on}, today=today, actor=secretary)
    assert to_contact(today) == {away.member_id: False}
    assert to_contact(on) == {away.member_id: True}
    assert Member.objects.filter(lacks(Lack.CONTACT, today), pk=away.member_id).exists()


def test_a_guest_under_an_agreement_is_contacted_by_the_branch_that_manages(cast, guest, secretary, today):
    assert to_contact(today) == {guest.member_id: False}
    note = record_contact(
        member=guest.member, org=cast.branch_a, facts={**FACTS, "on": today}, today=today, actor=secretary
    )
    assert note.org == cast.branch_a
    assert to_contact(today) == {guest.member_id: True}
    with cast.within(cast.sibling_branch):
        assert to_contact(today) == {}, "home sees the agreement, the contact is not its duty"
        assert not ContactNote.objects.exists()


def test_after_the_agreement_has_ended_the_guest_is_a_stranger(cast, guest, secretary, today):
    DualAgreement.objects.update(until=today)
    for on, stranger in ((today, True), (today - datetime.timedelta(days=1), False)):
        if stranger:
            with pytest.raises(DomainError) as refused:
                record_contact(
                    member=guest.member, org=cast.branch_a, facts={**FACTS, "on": on}, today=today, actor=secretary
                )
            assert refused.value.code == "stranger"
        else:
            assert record_contact(
                member=guest.member, org=cast.branch_a, facts={**FACTS, "on": on}, today=today, actor=secretary
            )


def test_nobody_writes_for_another_branch(cast, roster, away, today):
    with cast.within(cast.branch_b), pytest.raises(DomainError) as refused:
        record_contact(member=away.member, org=cast.branch_a, facts={**FACTS, "on": today}, today=today, actor=None)
    assert refused.value.code == "not_yours"


def test_who_has_left_the_post_is_contacted_until_placed_and_only_once(cast, roster, away, today):
    departure = Departure.objects.create(
        member=roster.worker_a1, org=cast.branch_a, left_post_on=today, reason="resigned"
    )
    assert to_contact(today) == {}, "in the hands of 离职属地"
    missing = Member.objects.filter(lacks(Lack.CONTACT, today), pk=roster.worker_a1.pk)
    assert missing.exists()
    departure.placed_on = today
    departure.save()
    assert to_contact(today) == {roster.worker_a1.pk: False}


def test_a_closed_quarter_is_said_in_a_sentence(cast, away, secretary, today, closed_until):
    closed_until(QUARTER.start)
    with pytest.raises(Conflict, match="已关闭"):
        record_contact(
            member=away.member, org=cast.branch_a, facts={**FACTS, "on": QUARTER.start - datetime.timedelta(days=1)},
            today=today, actor=secretary,
        )  # fmt: skip
    note = record_contact(
        member=away.member, org=cast.branch_a, facts={**FACTS, "on": today}, today=today, actor=secretary
    )
    with pytest.raises(Conflict):
        change_contact(note=note, facts={"on": SINCE}, today=today, actor=secretary)


def test_three_short_fields_are_asked_and_no_day_to_come(cast, away, secretary, today):
    for facts, field in (
        ({"thoughts": ""}, "thoughts"), ({"study": ""}, "study"), ({"conduct": ""}, "conduct"),
        ({"on": today + datetime.timedelta(days=1)}, "on"), ({"thoughts": "长" * 201}, "thoughts"),
    ):  # fmt: skip
        with pytest.raises(DomainError) as refused:
            record_contact(
                member=away.member,
                org=cast.branch_a,
                facts={**FACTS, "on": today, **facts},
                today=today,
                actor=secretary,
            )
        assert refused.value.field == field


def test_a_correction_keeps_the_day_of_entry(cast, away, secretary, today):
    note = record_contact(
        member=away.member, org=cast.branch_a, facts={**FACTS, "on": today}, today=today, actor=secretary
    )
    note.refresh_from_db()
    entered = note.recorded_at
    changed = change_contact(
        note=note, facts={**FACTS, "on": QUARTER.start}, today=today, actor=secretary, version=note.version
    )
    changed.refresh_from_db()
    assert (changed.on, changed.recorded_at) == (QUARTER.start, entered)
    with pytest.raises(Conflict):
        change_contact(note=note, facts={**FACTS, "on": today}, today=today, actor=secretary, version=1)
