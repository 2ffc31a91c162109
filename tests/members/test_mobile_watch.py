"""What the night finds and the reminders say about agreements, contacts and lost members; and that the page agrees."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from apps.core.scoping import unscoped
from apps.members import due
from apps.members.models import ContactNote, Departure, DualAgreement, Member, MobileRecord
from apps.members.services.agreements import renew_agreement, sign_agreement
from apps.patrol.models import PatrolHit
from apps.patrol.patrolling import run_patrol
from apps.reminders.models import Reminder
from apps.reminders.planning import plan_rule
from apps.reminders.registry import registry

TODAY = datetime.date(2026, 11, 22)
DAY = datetime.timedelta(days=1)
QUARTER_END = datetime.date(2026, 12, 31)
SINCE = datetime.date(2026, 4, 1)


@pytest.fixture
def away(cast, roster):
    with unscoped("fixture"):
        return MobileRecord.objects.create(
            member=roster.worker_a1, org=cast.branch_a, direction="out", since=SINCE, reason="work"
        )


@pytest.fixture
def guest(cast, roster):
    """worker_elsewhere under an agreement with branch_a until 22 December."""
    with unscoped("fixture"):
        return sign_agreement(
            member=roster.worker_elsewhere, org=cast.branch_a, facts={}, since=SINCE, until=TODAY + 30 * DAY,
            today=TODAY, actor=None,
        )  # fmt: skip


def noted(member: Any, org: Any, on: datetime.date) -> None:
    with unscoped("fixture"):
        ContactNote.objects.create(
            member=member, org=org, on=on, method="phone", contact_name="孙", thoughts="稳", study="学", conduct="好"
        )


def reminded(code: str, day: datetime.date) -> list[tuple[str, str]]:
    """(title, step) of what is planned for the secretary of branch_a by a rule on a day."""
    Reminder.objects.all().delete()
    plan_rule(registry[f"members.{code}"], day)
    rows = Reminder.objects.filter(recipient__username="secretary_a", channel="in_app")
    return list(rows.values_list("title", "step"))


def patrolled(code: str, day: datetime.date = TODAY) -> list[tuple[str, str]]:
    assert {run.problem for run in run_patrol(day)} == {""}
    with unscoped("test"):
        rows = PatrolHit.objects.standing().filter(rule=f"members.{code}").order_by("title")
        return list(rows.values_list("title", "value"))


class TestContactReminders:
    @pytest.mark.parametrize(
        ("day", "step"),
        [
            (QUARTER_END - 16 * DAY, None),
            (QUARTER_END - 15 * DAY, "opened"),
            (QUARTER_END - 8 * DAY, "opened"),
            (QUARTER_END - 7 * DAY, "ahead-7"),
            (QUARTER_END, "due"),
        ],
    )
    def test_the_branch_hears_fifteen_and_seven_days_before_the_end_and_on_it(self, away, guest, day, step):
        found = reminded("contact_due", day)
        assert [given for _, given in found] == ([step] if step else [])

    def test_the_line_counts_who_is_missing_and_goes_when_nobody_is(self, cast, roster, away, guest):
        day = QUARTER_END - 15 * DAY
        assert reminded("contact_due", day) == [("本季联系：还有 2 名党员没有联系", "opened")]
        noted(roster.worker_a1, cast.branch_a, TODAY)
        assert reminded("contact_due", day) == [("本季联系：还有 1 名党员没有联系", "opened")]
        noted(roster.worker_elsewhere, cast.branch_a, TODAY)
        assert reminded("contact_due", day) == []

    @pytest.mark.parametrize(("days", "steps"), [(1, ["due"]), (7, ["overdue-1"]), (15, ["overdue-2"]), (16, [])])
    def test_after_the_quarter_it_is_chased_for_the_days_of_the_place(self, away, days, steps):
        assert [step for _, step in reminded("contact_overdue", QUARTER_END + days * DAY)] == steps

    def test_a_contact_in_the_new_quarter_ends_the_chase(self, cast, roster, away):
        noted(roster.worker_a1, cast.branch_a, QUARTER_END + DAY)
        assert reminded("contact_overdue", QUARTER_END + DAY) == []


class TestAgreementReminders:
    @pytest.mark.parametrize(
        ("left", "step"), [(31, None), (30, "opened"), (7, "ahead-7"), (0, "due"), (-7, "overdue-1")]
    )
    def test_the_expiry_is_told_thirty_days_ahead_and_on_the_day(self, guest, left, step):
        found = reminded("agreement_expiring", guest.until - left * DAY)
        assert [given for _, given in found] == ([step] if step else [])

    def test_a_successor_or_an_early_end_silences_it(self, cast, guest):
        with cast.within(cast.branch_a):
            renew_agreement(agreement=guest, since=guest.until, signed_on=TODAY, today=TODAY, actor=None)
        assert reminded("agreement_expiring", guest.until) == []
        with unscoped("test"):
            DualAgreement.objects.filter(since__gt=TODAY).delete()
            DualAgreement.objects.update(ended_reason="离开企业")
        assert reminded("agreement_expiring", guest.until) == []


class TestPatrol:
    def test_an_expired_agreement_without_a_successor(self, guest):
        assert patrolled("agreement_expired", guest.until - DAY) == []
        assert patrolled("agreement_expired", guest.until + 3 * DAY) == [("韩梅梅", "2026-12-22到期，已3天")]
        with unscoped("test"):
            DualAgreement.objects.update(ended_reason="离开企业")
        assert patrolled("agreement_expired", guest.until + 3 * DAY) == []

    def test_somebody_looked_after_without_an_agreement(self, cast, roster):
        assert patrolled("no_agreement") == []
        with unscoped("fixture"):
            Member.objects.filter(pk=roster.worker_a2.pk).update(relation="elsewhere", home_text="沈阳某支部")
        assert patrolled("no_agreement") == [("孙·阿依古丽", "关系在“沈阳某支部”，没有协议")]
        with unscoped("fixture"):
            sign_agreement(member=Member.objects.get(pk=roster.worker_a2.pk), org=cast.branch_a, facts={}, since=TODAY,
                           today=TODAY, actor=None)  # fmt: skip
        assert patrolled("no_agreement") == []

    def test_nobody_was_in_touch_last_quarter_nor_since(self, cast, roster, away):
        assert patrolled("no_contact") == [("陈一鸣", "2026年第3季度没有联系")]
        noted(roster.worker_a1, cast.branch_b, datetime.date(2026, 8, 1))
        assert patrolled("no_contact") == [("陈一鸣", "2026年第3季度没有联系")], (
            "another branch's contact is not its own"
        )
        noted(roster.worker_a1, cast.branch_a, TODAY)
        assert patrolled("no_contact") == []

    def test_a_record_younger_than_the_quarter_was_not_due(self, away):
        with unscoped("fixture"):
            MobileRecord.objects.update(since=datetime.date(2026, 10, 1))
        assert patrolled("no_contact") == []

    @pytest.mark.parametrize(("since", "found"), [
        (datetime.date(2026, 5, 23), []), (datetime.date(2026, 5, 22), ["陈一鸣"]), (datetime.date(2026, 5, 21), ["陈一鸣"])
    ])  # fmt: skip
    def test_lost_for_six_months(self, roster, since, found):
        with unscoped("fixture"):
            Member.objects.filter(pk=roster.worker_a1.pk).update(lost_since=since)
        assert [title for title, _ in patrolled("lost_contact")] == found
        with unscoped("fixture"):
            Member.objects.filter(pk=roster.worker_a1.pk).update(standing="suspended")
        assert patrolled("lost_contact") == []


def test_the_page_the_reminder_and_the_patrol_count_the_same_people(cast, roster, away, guest):
    """One person for each rule of who is due, one who is two branches' duty, and some who are nobody's."""
    with unscoped("fixture"):
        Departure.objects.create(member=roster.worker_a2, org=cast.branch_a, left_post_on=SINCE, reason="retired")
        MobileRecord.objects.create(
            member=roster.worker_a2, org=cast.branch_a, direction="out", since=SINCE, reason="work"
        )
        MobileRecord.objects.create(member=roster.worker_elsewhere, org=cast.branch_b, other_org=cast.sibling_branch,
                                    direction="in", since=SINCE, reason="work")  # fmt: skip
        MobileRecord.objects.create(member=roster.worker_b1, org=cast.branch_b, direction="out", since=SINCE,
                                    until=TODAY, reason="work")  # fmt: skip
        Member.objects.filter(pk=roster.worker_a3.pk).update(placement_since=TODAY)
        by_page = {line.org: line.due for line in due.progress(TODAY)}
        names = {org: sorted(each.name for each in due.people(org, TODAY)) for org in by_page}
    assert by_page == {cast.branch_a: 4, cast.sibling_branch: 1}
    assert names == {
        cast.branch_a: sorted(["陈一鸣", "孙·阿依古丽", "王建国", "韩梅梅"]), cast.sibling_branch: ["韩梅梅"]
    }  # fmt: skip
    told = reminded("contact_due", datetime.date(2026, 12, 16))
    assert told == [("本季联系：还有 4 名党员没有联系", "opened")]
    ended_since = "吴刚"
    assert {title for title, _ in patrolled("no_contact")} == {"陈一鸣", "孙·阿依古丽", "韩梅梅", ended_since}
    for org, count in by_page.items():
        with cast.within(org):
            assert {line.org: line.due for line in due.progress(TODAY)} == {org: count}, "the same under each scope"
