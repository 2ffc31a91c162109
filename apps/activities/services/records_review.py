"""审核: records are confirmed or returned, cancelled, and corrections of closed quarters decided by somebody else."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any, Final

from django.db.models import Max
from django.utils import timezone

from apps.core.attachments import hand_on
from apps.core.audit import record, write
from apps.core.bulk import update_rows
from apps.core.errors import DomainError
from apps.core.periods import Period
from apps.core.scoping import unscoped
from apps.core.versions import check_version
from apps.members.services.common import locked, locked_all, store, tidied

from ..kinds import State
from ..models import Activity, Attendance, FollowUp, Participation, Vote
from ..rules.records import is_counted
from .following import Change, Touched, tell_followers
from .records import guard_days
from .records_facts import FACTS

TAKEN_OVER: Final = (*FACTS, "held_on", "expected", "present", "visitors", "correction_reason")
"""What a record of a closed quarter takes over from the correction that changes it."""


@write
def confirm_activities(*, activities: Sequence[Activity], note: str = "", actor: Any, today: datetime.date) -> int:
    """通过: all of them, or none when one is not 已提交. They counted before and count on; returns how many.

    Nobody reviews what he or she submitted.
    """
    rows = locked_all(activities) if activities else []
    for row in rows:
        _check_other(row, actor)
        if row.state != State.SUBMITTED:
            message = (
                f"「{row.org}」{row.held_on:%Y-%m-%d} 的“{row}”是{State(row.state).label}，只有已提交的记录可以通过。"
            )
            raise DomainError(message, code="not_submitted")
    facts = {
        "state": State.CONFIRMED.value, "reviewed_at": timezone.now(), "reviewed_by_name": actor.display_name,
        "review_note": tidied("note", note),
    }  # fmt: skip
    update_rows(Activity, {row.pk: facts for row in rows})
    for row in rows:
        row.state = State.CONFIRMED.value
        record(actor, "activity.confirmed", row, summary=f"通过{_named(row)}")
    if rows:
        _carry_state(rows)
    tell_followers(Change(rows, _touched(rows), today, actor))
    return len(rows)


@write
def return_activity(
    *, activity: Activity, reason: str, seen: int | None = None, actor: Any, today: datetime.date
) -> Activity:
    """退回 with a reason: it counts no longer, until the branch submits it anew. Raises PeriodClosed for a closed quarter."""
    row = _opened(activity, seen)
    _check_other(row, actor)
    if not is_counted(row.state):
        raise DomainError(f"这条记录是{State(row.state).label}，只能退回已提交或已确认的。", code="not_submitted")
    guard_days(_touched([row]))
    _decide(row, State.RETURNED, _given(reason), actor)
    record(actor, "activity.returned", row, summary=f"退回{_named(row)}：{row.review_note}")
    return _finished(row, actor, today)


@write
def cancel_activity(
    *, activity: Activity, reason: str, seen: int | None = None, actor: Any, today: datetime.date
) -> Activity:
    """取消 a plan that is not held, or withdraw a record that was entered by mistake. It stays, and counts nowhere.

    One that was confirmed is returned first, by whoever reviews. Raises PeriodClosed for a record that counts in a
    closed quarter.
    """
    row = _opened(activity, seen)
    if row.state == State.CANCELLED:
        raise DomainError("这次活动已经取消。", code="cancelled")
    if row.state == State.CONFIRMED:
        raise DomainError("这条记录已经审核确认；记错了的，请上级先退回，再撤回。", code="confirmed")
    if is_counted(row.state):
        guard_days(_touched([row]))
    row.state, row.review_note = State.CANCELLED.value, _given(reason)
    store(row)
    record(actor, "activity.cancelled", row, summary=f"取消{_named(row)}：{row.review_note}")
    return _finished(row, actor, today)


@write
def approve_correction(
    *, activity: Activity, note: str = "", seen: int | None = None, actor: Any, today: datetime.date
) -> Activity:
    """批准更正: it gets its number in the quarter of the organisation and counts from now on; what was frozen stays.

    A correction of a record is taken over into that record, which is returned. Raises DomainError when its author
    is the one who approves.
    """
    row = _opened(activity, seen)
    _check_correction(row, actor)
    if row.replaces_id is not None:
        row, touched = _taken_over(row)
    else:
        touched = _touched([row])
    row.correction_number = _next_number(row)
    _decide(row, State.CONFIRMED, tidied("note", note), actor)
    number = f"第 {row.correction_number} 号更正"
    record(actor, "activity.corrected", row, data={"number": row.correction_number, "reason": row.correction_reason},
           summary=f"批准{_named(row)}为{Period.quarter_of(row.held_on).label}{number}")  # fmt: skip
    return _finished(row, actor, today, touched)


@write
def refuse_correction(
    *, activity: Activity, reason: str, seen: int | None = None, actor: Any, today: datetime.date
) -> Activity:
    """不批准更正: it goes back to the branch with the reason; the record that it was to change stays as it is."""
    row = _opened(activity, seen)
    _check_correction(row, actor)
    _decide(row, State.RETURNED, _given(reason), actor)
    record(actor, "activity.correction_refused", row, summary=f"不批准更正{_named(row)}：{row.review_note}")
    return _finished(row, actor, today)


def _opened(activity: Activity, seen: int | None) -> Activity:
    row = locked(activity)
    check_version(row, seen)
    return row


def _check_other(row: Activity, actor: Any) -> None:
    if row.author_id == actor.pk:
        raise DomainError("审核须由提交人以外的上级工作人员办理。", code="own_record")


def _check_correction(row: Activity, actor: Any) -> None:
    if row.state != State.CORRECTION:
        raise DomainError(f"这条记录是{State(row.state).label}，不是待批准的更正。", code="no_correction")
    if row.author_id == actor.pk:
        raise DomainError("更正须由提出人以外的人批准。", code="own_correction")


def _given(reason: str) -> str:
    text = tidied("reason", reason)
    if not text:
        raise DomainError("请填写原因。", field="reason", code="required")
    return text


def _decide(row: Activity, state: State, note: str, actor: Any) -> None:
    row.state, row.review_note = state.value, note
    row.reviewed_at, row.reviewed_by_name = timezone.now(), actor.display_name
    store(row)


def _finished(row: Activity, actor: Any, today: datetime.date, touched: frozenset[Touched] = frozenset()) -> Activity:
    _carry_state([row])
    tell_followers(Change([row], touched | _touched([row]), today, actor))
    return row


def _carry_state(rows: Sequence[Activity]) -> None:
    """Let the rows below records say the same state; three statements for one state, however many records."""
    ids, state = [row.pk for row in rows], rows[0].state
    with unscoped("the rows of these records: each of their branches has its own"):
        Participation.objects.filter(activity__in=ids).update(state=state)
        stale = Attendance.objects.filter(activity__in=ids).exclude(counted=is_counted(state))
        stale.update(counted=is_counted(state))


def _touched(rows: Sequence[Activity]) -> frozenset[Touched]:
    with unscoped("where these records are felt; branches and days"):
        found = Participation.objects.filter(activity__in=[row.pk for row in rows])
        return frozenset(Touched(*each) for each in found.values_list("org_id", "org_path", "held_on"))


def _taken_over(correction: Activity) -> tuple[Activity, frozenset[Touched]]:
    """Let the record say what its correction says, with the correction's sheet; the correction is gone then."""
    kept: Any = correction.replaces
    row: Activity = locked(kept)
    touched = _touched([row, correction])
    for name in TAKEN_OVER:
        setattr(row, name, getattr(correction, name))
    days = [day for day in (row.reported_on, correction.reported_on) if day]
    row.reported_on, row.author = min(days), correction.author
    moved = {"activity_id": row.pk}
    with unscoped("the sheet of a correction goes over to the record that it changes"):
        sheet: tuple[Any, ...] = (Participation, Attendance)
        for model in sheet:
            model.objects.filter(activity=row).delete()
            update_rows(
                model, dict.fromkeys(model.objects.filter(activity=correction).values_list("pk", flat=True), moved)
            )
        Participation.objects.filter(activity=row).update(reported_on=row.reported_on)
    beside: tuple[Any, ...] = (Vote, FollowUp)
    for model in beside:
        model.objects.filter(activity=correction).update(activity=row)
    hand_on(Activity, {correction.pk: row.pk}, row.org_path)
    correction.delete()
    return row, touched


def _next_number(row: Activity) -> int:
    """The next number among the corrections of the organisation in the quarter; the organisation's row is the queue."""
    locked(row.org)
    quarter = Period.quarter_of(row.held_on)
    last = Activity.objects.filter(org=row.org).held_in(quarter).aggregate(last=Max("correction_number"))["last"]
    return (last or 0) + 1


def _named(row: Activity) -> str:
    return f"「{row.org}」{row.held_on:%Y-%m-%d} 的{row.kind}「{row.title}」"
