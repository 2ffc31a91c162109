"""失联: the register of who is lost, cases that fall due by the calendar, and what people decide in them.

The nightly task only opens cases and raises their stage. 停止党籍, 恢复 and 自行脱党除名 are decided by people, each
with its document (党员教育管理工作条例 第二十四条).
"""

from __future__ import annotations

import datetime
from typing import Any

from apps.core.audit import record, write
from apps.core.errors import Conflict, DomainError
from apps.core.period_guard import guard_day
from apps.core.scoping import unscoped
from apps.core.versions import check_version

from ..kinds import LeavingReason, LostOutcome, LostStage, Standing
from ..models import LostContact, Member
from ..rules.mobile import LONG_LOST, LOST, RESTORED, lost_stage, removal_due_on, suspension_due_on
from .common import assign, check_not_future, locked, store
from .leaving import leave

ALLOWED = {
    LostStage.SEARCHING: (LostOutcome.FOUND,),
    LostStage.SUSPENSION_DUE: (LostOutcome.FOUND, LostOutcome.SUSPENDED),
    LostStage.REMOVAL_DUE: (LostOutcome.FOUND, LostOutcome.REMOVED),
}
"""What may be decided at which stage: nothing before its time."""


@write
def decide_case(
    *, case: LostContact, outcome: LostOutcome, on: datetime.date, today: datetime.date, actor: Any, document: str = "",
    note: str = "", version: int | None = None,
) -> LostContact:  # fmt: skip
    """处理: found again, 停止党籍, or 自行脱党除名. All but a return before the suspension name their document.

    Raises DomainError with the rule for a decision before its time, Conflict for a case that is decided.
    """
    row = locked(case)
    check_version(row, version)
    if row.decided_on is not None:
        raise Conflict(f"已于 {row.decided_on:%Y-%m-%d} 处理：{LostOutcome(row.outcome).label}。")
    check_not_future(on, today)
    if on < row.since:
        raise DomainError(f"不能早于失去联系日期 {row.since:%Y-%m-%d}。", code="out_of_order", field="on")
    member = locked(row.member)
    _check_time(row, member, outcome, on)
    suspended = member.standing == Standing.SUSPENDED
    if not document.strip() and (suspended or outcome is not LostOutcome.FOUND):
        what = "恢复党籍" if outcome is LostOutcome.FOUND else outcome.label
        raise DomainError(f"{what}须填写批准文号。", basis=RESTORED, code="document_needed", field="document")
    guard_day(row.org_path, on)
    assign(row, {"outcome": outcome.value, "decided_on": on, "document": document, "note": note},
           ("outcome", "decided_on", "document", "note"))  # fmt: skip
    store(row)
    if outcome is LostOutcome.REMOVED:
        leave(
            member=member, reason=LeavingReason.REMOVED, on=on, today=today, actor=actor, document=document, note=note
        )
    else:
        _set_standing(member, outcome)
    said = f"，{row.document}" if row.document else ""
    record(actor, "lost_contact.decided", row, data={"outcome": outcome.value},
           summary=f"「{member.name}」失联事项：{outcome.label}{said}，{on:%Y-%m-%d}")  # fmt: skip
    return row


@write
def tend_lost(*, today: datetime.date, actor: Any = None) -> int:
    """The nightly look at everybody who is lost: open a case, raise its stage. Returns how many were touched.

    A case of somebody whose branch has written 恢复联系 ends as found while it is only a search; one in which
    something has to be studied stays with whoever decides it.
    """
    touched = 0
    with unscoped("the nightly task looks at everybody who is lost; a count"):
        suspended_on = _suspensions()
        cases = {
            case.member_id: case
            for case in LostContact.objects.open().select_for_update(of=("self",), no_key=True).select_related("member")
        }
        for case in cases.values():
            touched += _tend(case, suspended_on.get(case.member_id), today, actor)
        lost = Member.objects.filter(lost_since__isnull=False).exclude(pk__in=list(cases)).select_related("org")
        for member in lost.order_by("pk"):
            _open(member, suspended_on.get(member.pk), today, actor)
            touched += 1
    return touched


def _suspensions() -> dict[int, datetime.date]:
    """The day of the latest 停止党籍 of each member who was ever suspended for being lost."""
    rows = LostContact.objects.filter(outcome=LostOutcome.SUSPENDED.value).order_by("decided_on")
    return {member: day for member, day in rows.values_list("member_id", "decided_on") if day}


def _suspended_on(member: Member) -> datetime.date | None:
    """The day of the latest 停止党籍 of one member, whichever branch decided it."""
    with unscoped("a former branch may have decided the suspension; one day"):
        rows = LostContact.objects.filter(member=member, outcome=LostOutcome.SUSPENDED.value)
        day: datetime.date | None = rows.order_by("-decided_on").values_list("decided_on", flat=True).first()
    return day


def _stage(member: Member, suspended_on: datetime.date | None, today: datetime.date) -> LostStage:
    return lost_stage(
        lost_since=member.lost_since or today, standing=Standing(member.standing), suspended_on=suspended_on, on=today
    )


def _open(member: Member, suspended_on: datetime.date | None, today: datetime.date, actor: Any) -> None:
    case = LostContact(member=member, org=member.org, since=member.lost_since or today, opened_on=today)
    case.stage = _stage(member, suspended_on, today).value
    store(case)
    record(actor, "lost_contact.opened", case,
           summary=f"「{member.name}」自 {case.since:%Y-%m-%d} 起失去联系：{LostStage(case.stage).label}")  # fmt: skip


def _tend(case: LostContact, suspended_on: datetime.date | None, today: datetime.date, actor: Any) -> bool:
    member = case.member
    if member.lost_since is None:
        if case.stage != LostStage.SEARCHING:
            return False
        case.outcome, case.decided_on = LostOutcome.FOUND.value, today
        store(case)
        record(actor, "lost_contact.closed", case, summary=f"「{member.name}」已恢复联系，失联登记结束")
        return True
    stage = _stage(member, suspended_on, today)
    if stage.value == case.stage:
        return False
    case.stage = stage.value
    store(case)
    record(actor, "lost_contact.raised", case, summary=f"「{member.name}」失联：{stage.label}")
    return True


def _check_time(case: LostContact, member: Member, outcome: LostOutcome, on: datetime.date) -> None:
    """A decision is taken at its stage, and not dated before the months or years are over."""
    stage = LostStage(case.stage)
    if outcome not in ALLOWED[stage]:
        message = f"现为“{stage.label}”，还不能作出“{outcome.label}”的处理。"
        raise DomainError(message, basis=LONG_LOST if outcome is LostOutcome.REMOVED else LOST, code="too_early")
    if outcome is LostOutcome.FOUND:
        return
    if outcome is LostOutcome.SUSPENDED:
        due, basis = suspension_due_on(case.since), LOST
    else:
        due, basis = removal_due_on(_suspended_on(member) or case.opened_on), LONG_LOST
    if on < due:
        raise DomainError(f"不能早于 {due:%Y-%m-%d}。", basis=basis, code="too_early", field="on")


def _set_standing(member: Member, outcome: LostOutcome) -> None:
    if outcome is LostOutcome.SUSPENDED:
        member.standing = Standing.SUSPENDED.value
    else:
        member.standing, member.lost_since = Standing.NORMAL.value, None
    store(member)
