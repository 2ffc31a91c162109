"""The record of an activity: logged, planned, changed, submitted. All else follows from it in the same transaction."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

from django.utils import timezone

from apps.branches.models import PartyOrg
from apps.core.audit import record, write
from apps.core.errors import DomainError
from apps.core.period_guard import PeriodClosed, Span, guard_spans
from apps.core.versions import check_version
from apps.members.services.common import locked, store, tidied, weigh

from ..kinds import State
from ..models import Activity
from ..rules.records import is_counted, state_of_unsubmitted
from .following import Change, Touched, tell_followers
from .records_checks import check_activity, check_facts, findings_of
from .records_facts import Absence, Facts, Roll, facts_of, roll_of
from .records_sheet import Sheet, draw_sheet, sheet_of, write_sheet

__all__ = [
    "Absence",
    "Facts",
    "Roll",
    "amend_activity",
    "check_activity",
    "facts_of",
    "log_activity",
    "roll_of",
    "submit_activity",
]

ACTIONS = {
    State.PLANNED: ("activity.planned", "计划"),
    State.DRAFT: ("activity.drafted", "存为草稿："),
    State.RETURNED: ("activity.drafted", "修改已退回的"),
    State.SUBMITTED: ("activity.submitted", "提交"),
    State.CORRECTION: ("activity.correction_proposed", "提出更正："),
}
"""How the trail says what became of a record that was saved, by the state in which it is now."""


@write
def log_activity(
    *, org: PartyOrg, facts: Facts, roll: Roll, submit: bool, key: uuid.UUID | None = None, late_reason: str = "",
    actor: Any, today: datetime.date,
) -> Activity:  # fmt: skip
    """Log an activity of `org`: a record that is submitted, a draft, or a plan for a day to come.

    The same key again returns what it made before, also when two arrive at once. Into a closed quarter it becomes a
    correction that somebody else approves; `late_reason` says why it comes so late, and answers what the rules ask.
    Raises DomainError with the rule that speaks; Conflict never.
    """
    org = locked(org)
    if key is not None and (known := Activity.objects.filter(key=key, org=org).first()) is not None:
        return known  # type: ignore[no-any-return]
    row = Activity(org=org, recorded_by_name=actor.display_name, **({} if key is None else {"key": key}))
    _save(row, facts, roll, submit=submit, reason=late_reason, before=frozenset(), actor=actor, today=today)
    return row


@write
def amend_activity(
    *, activity: Activity, facts: Facts, roll: Roll, submit: bool, seen: int | None = None, reason: str = "",
    actor: Any, today: datetime.date,
) -> Activity:  # fmt: skip
    """Change a record, or let a plan, a draft or a returned record be submitted. A confirmed one waits for review again.

    A record that counts stays submitted. One of a closed quarter stays as it is: the change becomes a correction
    beside it, which is returned. Raises Conflict when it was changed meanwhile, DomainError for what the rules refuse.
    """
    row = _opened(activity)
    check_version(row, seen, facts.as_columns())
    before = sheet_of(row).touched(row.held_on)
    if is_counted(row.state):
        return _amend_counted(row, facts, roll, before, reason=reason, actor=actor, today=today)
    _save(row, facts, roll, submit=submit, reason=reason, before=before, actor=actor, today=today)
    return row


@write
def submit_activity(
    *, activity: Activity, seen: int | None = None, reason: str = "", actor: Any, today: datetime.date
) -> Activity:
    """Submit a plan, a draft or a returned record as it is kept. Raises like `amend_activity`."""
    facts, roll = facts_of(activity), roll_of(activity)
    return amend_activity(  # type: ignore[no-any-return]
        activity=activity, facts=facts, roll=roll, submit=True, seen=seen, reason=reason, actor=actor, today=today
    )


def _opened(activity: Activity) -> Activity:
    """The record, locked, if it may still be changed. Moments read as the clock of the place says them."""
    row = locked(activity)
    if row.state == State.CANCELLED:
        raise DomainError("这次活动已取消，不能再修改；请另建一条记录。", code="cancelled")
    row.starts_at = timezone.localtime(row.starts_at)
    row.ends_at = row.ends_at and timezone.localtime(row.ends_at)
    return row


def _amend_counted(
    row: Activity, facts: Facts, roll: Roll, before: frozenset[Touched], *, reason: str, actor: Any,
    today: datetime.date,
) -> Activity:  # fmt: skip
    """A record that counts changes in place, or through a correction where its quarter, or the new one, is closed."""
    check_facts(row.org, facts, row)
    after = draw_sheet(row.org, facts, roll, row).touched(facts.held_on)
    if not _is_closed(before | after):
        _save(row, facts, roll, submit=True, reason=reason, before=before, actor=actor, today=today)
        return row
    waiting = Activity.objects.filter(replaces=row).exclude(state=State.CANCELLED).first()
    if waiting is not None:
        raise DomainError("这条记录已有一份尚未批准的更正，请修改那一份。", code="correction_waiting")
    correction = Activity(org=row.org, recorded_by_name=actor.display_name, replaces=row)
    _save(correction, facts, roll, submit=True, reason=reason, before=frozenset(), actor=actor, today=today, beside=row)
    return correction


def _save(
    row: Activity, facts: Facts, roll: Roll, *, submit: bool, reason: str, before: frozenset[Touched], actor: Any,
    today: datetime.date, beside: Activity | None = None,
) -> None:  # fmt: skip
    """Weigh, set, store and let everything follow. `before` is where the record was felt so far."""
    check_facts(row.org, facts, row)
    # Whoever changes a correction becomes its author, and does not approve it.
    submit = submit or row.state == State.CORRECTION
    sheet = draw_sheet(row.org, facts, roll, beside or (row if row.pk else None))
    reason = tidied("reason", reason)
    if submit:
        findings = findings_of(row.org, facts, sheet, today=today, activity=row)
        weigh([each for each in findings if each.blocks] if _was_weighed(row, facts, sheet) else findings, reason)
    for name, value in facts.as_columns().items():
        setattr(row, name, value)
    row.held_on = facts.held_on
    if submit:
        _mark_submitted(row, sheet, reason, actor, today)
    elif row.state != State.RETURNED:
        row.state = state_of_unsubmitted(facts.held_on, today).value
    row.expected, row.visitors = sheet.expected, sheet.visitors
    row.present = 0 if row.state == State.PLANNED else sheet.present
    store(row)
    write_sheet(row, sheet)
    _finish(row, before | sheet.touched(row.held_on), reason, actor=actor, today=today)


def _was_weighed(row: Activity, facts: Facts, sheet: Sheet) -> bool:
    """Whether the record counts already with this day, these kinds and these heads: what was asked then is answered."""
    before = (row.kind_id, row.second_kind_id, row.held_on, row.expected, row.present)
    second = facts.second_kind.pk if facts.second_kind else None
    return is_counted(row.state) and before == (facts.kind.pk, second, facts.held_on, sheet.expected, sheet.present)


def _mark_submitted(row: Activity, sheet: Sheet, reason: str, actor: Any, today: datetime.date) -> None:
    """已提交, or 待批准更正 where the quarter is closed: then for a reason."""
    row.state = State.SUBMITTED.value
    if row.replaces_id is not None or _is_closed(sheet.touched(row.held_on)):
        row.state, row.correction_reason = State.CORRECTION.value, reason or row.correction_reason
        if not row.correction_reason:
            message = "所在季度已经关闭，提交后作为更正，由上级批准才计入；请说明原因。"
            raise DomainError(message, code="period_closed", field="reason")
    row.reported_on, row.author = row.reported_on or today, actor
    row.reviewed_at, row.reviewed_by_name, row.review_note = None, "", ""


def _is_closed(places: frozenset[Touched]) -> bool:
    try:
        guard_days(places)
    except PeriodClosed:
        return True
    return False


def guard_days(places: frozenset[Touched]) -> None:
    """Ask the closed periods about these branches and days. Raises PeriodClosed."""
    day = datetime.timedelta(days=1)
    guard_spans(Span(place.org_path, place.held_on, place.held_on + day) for place in places)


def _finish(row: Activity, touched: frozenset[Touched], reason: str, *, actor: Any, today: datetime.date) -> None:
    """The trail of a saved record, and what follows from it."""
    action, verb = ACTIONS[State(row.state)]
    summary = f"{verb}「{row.org}」{row.held_on:%Y-%m-%d} 的{row.kind}「{row.title}」"
    data = {"expected": row.expected, "present": row.present, **({"reason": reason} if reason else {})}
    record(actor, action, row, summary=summary, data=data)
    tell_followers(Change([row], touched, today, actor))
