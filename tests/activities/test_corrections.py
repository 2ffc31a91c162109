"""A closed quarter changes only by a numbered correction, which somebody else approves."""

from __future__ import annotations

import datetime

import pytest

from apps.activities.kinds import State
from apps.activities.models import Activity, Attendance, Participation
from apps.activities.services.records import amend_activity, facts_of, roll_of
from apps.activities.services.records_joint import mark_attendance
from apps.activities.services.records_review import (
    approve_correction,
    cancel_activity,
    confirm_activities,
    refuse_correction,
    return_activity,
)
from apps.census.models import CensusRound
from apps.core.errors import DomainError
from apps.core.models import AuditEntry
from apps.core.period_guard import PeriodClosed

from .conftest import SHANGHAI, TODAY

pytestmark = pytest.mark.django_db

LAST_QUARTER = datetime.date(2026, 9, 15)
OPEN = datetime.date(2026, 10, 1)


@pytest.fixture
def closed(closed_until):
    """The third quarter is closed."""
    closed_until(OPEN)


@pytest.fixture
def late(closed, logbook, officer):
    """A record that comes after the closing, by the secretary."""
    return logbook.log(day=LAST_QUARTER, reported=TODAY, reason="书记住院，现补记")


def test_into_a_closed_quarter_a_record_needs_a_reason_and_waits_for_approval(closed, logbook, officer):
    with pytest.raises(DomainError, match="请说明原因") as refusal:
        logbook.log(day=LAST_QUARTER, reported=TODAY)
    assert (refusal.value.code, refusal.value.field) == ("period_closed", "reason")
    late = logbook.log(day=LAST_QUARTER, reported=TODAY, reason="书记住院，现补记")
    assert (late.state, late.correction_reason, late.correction_number) == (State.CORRECTION, "书记住院，现补记", None)
    assert not Participation.objects.counted().exists()
    assert not Attendance.objects.counted().exists()


def test_a_draft_may_be_kept_meanwhile(closed, logbook, officer):
    assert logbook.log(day=LAST_QUARTER, reported=TODAY, submit=False).state == State.DRAFT


@pytest.mark.parametrize(("day", "state"), [
    (OPEN - datetime.timedelta(days=1), State.CORRECTION), (OPEN, State.SUBMITTED),
])  # fmt: skip
def test_the_first_open_day_is_not_closed(closed, logbook, officer, day, state):
    assert logbook.log(day=day, reported=TODAY, reason="补记").state == state


def test_whoever_proposed_it_does_not_approve_it(late, cast, today):
    with pytest.raises(DomainError, match="提出人以外的人") as refusal:
        approve_correction(activity=late, actor=cast.users.secretary_a, today=today)
    assert refusal.value.code == "own_correction"


def test_approval_gives_it_the_next_number_of_the_quarter_and_lets_it_count(late, logbook, officer, today):
    approved = approve_correction(activity=late, actor=officer, today=today)
    assert (approved.state, approved.correction_number) == (State.CONFIRMED, 1)
    assert Participation.objects.counted().get().held_on == LAST_QUARTER
    assert Attendance.objects.counted().count() == 6
    assert AuditEntry.objects.get(action="activity.corrected").summary.endswith("2026年第三季度第 1 号更正")

    second = logbook.log("assembly", day=LAST_QUARTER, reported=TODAY, reason="补记")
    earlier = logbook.log("assembly", day=datetime.date(2026, 6, 30), reported=TODAY, reason="补记")
    assert approve_correction(activity=second, actor=officer, today=today).correction_number == 2
    assert approve_correction(activity=earlier, actor=officer, today=today).correction_number == 1


def test_a_refused_one_goes_back_with_the_reason_and_may_come_again(late, logbook, cast, officer, today):
    refused = refuse_correction(activity=late, reason="请附签到照片", actor=officer, today=today)
    assert (refused.state, refused.review_note) == (State.RETURNED, "请附签到照片")
    again = amend_activity(
        activity=refused, facts=facts_of(refused), roll=roll_of(refused), submit=True, actor=cast.users.secretary_a,
        today=today,
    )  # fmt: skip
    assert (again.state, again.correction_reason) == (State.CORRECTION, "书记住院，现补记")


class TestRecordsThatCountAlready:
    """What was counted when the quarter was closed stays until somebody else approves the change."""

    @pytest.fixture
    def counted(self, logbook, officer, today, closed_until, cast):
        activity = logbook.log(day=LAST_QUARTER, title="原题", absent=[logbook.roster.worker_a1])
        confirm_activities(activities=[activity], actor=officer, today=today)
        closed_until(OPEN)
        activity.refresh_from_db()
        return activity

    def change(self, activity, facts, actor, today, **more):
        roll = more.pop("roll", None) or roll_of(activity)
        return amend_activity(
            activity=activity, facts=facts, roll=roll, submit=True, seen=activity.version, actor=actor, today=today,
            **more,
        )  # fmt: skip

    def test_a_change_stands_beside_it(self, counted, logbook, cast, today):
        change = self.change(counted, logbook.facts(day=LAST_QUARTER, title="新题"), cast.users.secretary_a, today,
                             roll=logbook.roll(), reason="漏记一人")  # fmt: skip
        assert change.pk != counted.pk
        assert (change.state, change.replaces_id, change.present) == (State.CORRECTION, counted.pk, 6)
        counted.refresh_from_db()
        assert (counted.title, counted.present, counted.state) == ("原题", 5, State.CONFIRMED)
        assert Participation.objects.counted().get().activity_id == counted.pk

        with pytest.raises(DomainError, match="已有一份尚未批准的更正"):
            self.change(
                counted, logbook.facts(day=LAST_QUARTER, title="再改"), cast.users.secretary_a, today, reason="x"
            )

    def test_it_takes_over_what_was_approved(self, counted, logbook, cast, officer, today):
        change = self.change(counted, logbook.facts(day=LAST_QUARTER, title="新题"), cast.users.secretary_a, today,
                             roll=logbook.roll(), reason="漏记一人")  # fmt: skip
        approved = approve_correction(activity=change, actor=officer, today=today)
        assert approved.pk == counted.pk
        counted.refresh_from_db()
        assert (counted.title, counted.present, counted.state, counted.correction_number) == ("新题", 6, "confirmed", 1)
        assert counted.reported_on == LAST_QUARTER, "it was on time"
        assert Participation.objects.get().reported_on == LAST_QUARTER
        assert list(Activity.objects.all()) == [counted]
        assert logbook.sides(counted) == {"子公司党支部": (6, 6)}
        assert Attendance.objects.counted().filter(activity=counted).count() == 6

    def test_moving_it_out_of_the_closed_quarter_is_a_correction_too(self, counted, logbook, cast, today):
        change = self.change(counted, logbook.facts(day=OPEN), cast.users.secretary_a, today, reason="日期写错")
        assert (change.state, change.held_on, change.replaces_id) == (State.CORRECTION, OPEN, counted.pk)

    def test_a_refused_change_leaves_it_as_it_is(self, counted, logbook, cast, officer, today):
        change = self.change(counted, logbook.facts(day=LAST_QUARTER, title="新题"), cast.users.secretary_a, today,
                             reason="改题")  # fmt: skip
        refuse_correction(activity=change, reason="不必更正", actor=officer, today=today)
        counted.refresh_from_db()
        assert counted.title == "原题"
        withdrawn = cancel_activity(activity=change, reason="不再更正", actor=cast.users.secretary_a, today=today)
        assert withdrawn.state == State.CANCELLED

    def test_it_is_neither_returned_nor_cancelled(self, counted, officer, today):
        with pytest.raises(PeriodClosed):
            return_activity(activity=counted, reason="撤回", actor=officer, today=today)
        with pytest.raises(DomainError, match="请上级先退回"):
            cancel_activity(activity=counted, reason="撤回", actor=officer, today=today)
        Activity.objects.filter(pk=counted.pk).update(state=State.SUBMITTED)
        with pytest.raises(PeriodClosed):
            cancel_activity(activity=counted, reason="撤回", actor=officer, today=today)

    def test_whoever_changes_a_correction_does_not_approve_it(self, counted, logbook, cast, officer, today):
        change = self.change(counted, logbook.facts(day=LAST_QUARTER, title="新题"), cast.users.secretary_a, today,
                             reason="改题")  # fmt: skip
        amend_activity(activity=change, facts=logbook.facts(day=LAST_QUARTER, title="另一题"), roll=roll_of(change),
                       submit=False, actor=officer, today=today)  # fmt: skip
        with pytest.raises(DomainError, match="提出人以外的人"):
            approve_correction(activity=change, actor=officer, today=today)


class TestWithARealClosing:
    """The census closed the third quarter of the park on 8 October; the other park is still open."""

    @pytest.fixture(autouse=True)
    def closing(self, cast):
        quarter = {"starts_on": datetime.date(2026, 7, 1), "ends_on": OPEN, "opens_on": OPEN, "due_on": OPEN}
        with cast.within(cast.park_org):
            CensusRound.objects.create(
                org=cast.park_org, period="2026Q3", title="第三季度摸底", **quarter, opened_by_name="李明",
                closed_at=datetime.datetime(2026, 10, 8, 9, 0, tzinfo=SHANGHAI), closed_by_name="李明",
            )  # fmt: skip

    def test_its_quarter_takes_corrections_only(self, logbook, officer):
        assert logbook.log(day=LAST_QUARTER, reported=TODAY, reason="补记").state == State.CORRECTION
        assert logbook.log(day=OPEN, reported=TODAY).state == State.SUBMITTED
        assert logbook.log(day=datetime.date(2026, 6, 30), reported=TODAY).state == State.SUBMITTED

    def test_another_park_is_not_bound(self, logbook, cast, roster):
        row = logbook.log(org=cast.sibling_branch, day=LAST_QUARTER, reported=TODAY)
        assert row.state == State.SUBMITTED

    def test_a_joint_record_is_bound_by_the_closing_of_any_of_its_branches(self, logbook, cast, roster):
        row = logbook.log(
            org=cast.sibling_branch, co_hosts=[cast.branch_a], day=LAST_QUARTER, reported=TODAY, reason="补记"
        )
        assert row.state == State.CORRECTION

    def test_a_co_host_marks_nothing_in_it(self, logbook, cast, roster, today):
        with cast.within(cast.authority):
            CensusRound.objects.update(closed_at=None)
            row = logbook.log(org=cast.sibling_branch, co_hosts=[cast.branch_a], day=LAST_QUARTER, reported=TODAY)
            CensusRound.objects.update(closed_at=datetime.datetime(2026, 10, 8, 9, 0, tzinfo=SHANGHAI))
        with cast.within(cast.branch_a), pytest.raises(PeriodClosed):
            mark_attendance(participation=Participation.objects.get(activity=row), absent=logbook.roll([roster.worker_a1]).absent,
                            actor=cast.users.secretary_a, today=today)  # fmt: skip
