"""A member leaves the roster for another reason than a transfer, and the way back where there is one."""

from __future__ import annotations

import datetime
from typing import Any

from apps.core.audit import record, write
from apps.core.errors import Conflict, DomainError
from apps.core.period_guard import guard_period
from apps.core.text import clean_name
from apps.core.versions import check_version

from ..kinds import Entry, LeavingReason, Relation
from ..models import Departure, DualAgreement, Member, Membership, MobileRecord, Transfer
from ..rules.membership import FOR_GOOD, restoring_finding
from .common import (
    begin_membership,
    check_employer,
    check_not_future,
    current_membership,
    end_membership,
    locked,
    store,
)
from .posts import end_all_posts

LEAVING = (
    LeavingReason.DECEASED, LeavingReason.RESIGNED, LeavingReason.REMOVED, LeavingReason.EXPELLED,
    LeavingReason.CANCELLED, LeavingReason.MISTAKEN,
)  # fmt: skip
"""Why a roster is left by a decision or an event; transfers and restructurings have services of their own."""


@write
def leave(
    *, member: Member, reason: LeavingReason, on: datetime.date, today: datetime.date, actor: Any, document: str = "",
    destination: str = "", note: str = "", version: int | None = None,
) -> Member:  # fmt: skip
    """离开名册: `on` is the first day on which the member no longer counts here.

    What somebody decided names its document. A registration by mistake that ends on the day it began is taken back
    as if it had never been. Posts, mobile records and agreements end on the same day. Somebody whose relation is
    elsewhere only stops being looked after here. Raises DomainError, Conflict for a closed period.
    """
    member = locked(member)
    check_version(member, version)
    check_not_future(on, today)
    _check_reason(member, reason, document, on)
    if Transfer.objects.open().filter(member=member).exists():
        raise DomainError("这名党员的组织关系正在转接，请先办结或撤销转接。", code="transfer_open")
    text = "，".join(filter(None, (clean_name(document), clean_name(note))))
    if member.relation == Relation.HERE:
        _leave_roster(member, reason, on, text)
    _end_what_hangs(member, reason, on)
    member.relation, member.left_on, member.leaving_reason = Relation.LEFT.value, on, reason.value
    member.destination, member.group = clean_name(destination), None
    member.placement_since = member.lost_since = None
    store(member)
    record(actor, "member.left", member, data={"reason": reason.value, "on": on.isoformat(), "document": text},
           summary=f"「{member.name}」自 {on:%Y-%m-%d} 起离开「{member.org}」名册：{reason.label}")  # fmt: skip
    return member


@write
def restore(
    *, member: Member, on: datetime.date, reason: str, today: datetime.date, actor: Any, version: int | None = None
) -> Member:
    """恢复: back onto the roster of the last branch from `on` on, where the leaving was recorded wrongly.

    Raises DomainError for somebody who is no member any more (DJ-05) or has not left, Conflict for a closed period.
    """
    member = locked(member)
    check_version(member, version)
    check_not_future(on, today)
    if member.relation != Relation.LEFT or member.left_on is None:
        raise DomainError(f"「{member}」没有离开名册，不需要恢复。", code="not_left")
    if finding := restoring_finding(LeavingReason(member.leaving_reason)):
        raise DomainError(finding.message, basis=finding.basis, code=finding.code)
    if not reason.strip():
        raise DomainError("请说明恢复的原因。", code="reason_needed", field="reason")
    if on < member.left_on:
        raise DomainError(f"不能早于离开日期 {member.left_on:%Y-%m-%d}。", code="out_of_order", field="on")
    check_employer(member.employer, on)
    begin_membership(
        member, org=member.org, on=on, entry=Entry.RESTORED, enterprise=member.employer, note=clean_name(reason)
    )
    record(actor, "member.restored", member, data={"on": on.isoformat(), "reason": clean_name(reason)},
           summary=f"「{member.name}」自 {on:%Y-%m-%d} 起恢复在「{member.org}」的组织关系")  # fmt: skip
    return member


def _check_reason(member: Member, reason: LeavingReason, document: str, on: datetime.date) -> None:
    if member.relation == Relation.LEFT:
        raise DomainError(f"「{member}」已离开名册。", code="left_already")
    allowed = LEAVING if member.relation == Relation.HERE else (*LEAVING, LeavingReason.TRANSFERRED)
    if reason not in allowed:
        raise DomainError("转往别的党组织，请办理组织关系转接。", code="needs_transfer", field="reason")
    if reason in FOR_GOOD and not document.strip():
        raise DomainError(f"{reason.label}须填写批准文号。", code="document_needed", field="document")
    if reason is LeavingReason.CANCELLED and member.formal_on is not None and member.formal_on <= on:
        raise DomainError("正式党员没有预备党员资格可以取消。", code="formal_already", field="reason")


def _leave_roster(member: Member, reason: LeavingReason, on: datetime.date, note: str) -> None:
    current = current_membership(member)
    if reason is LeavingReason.MISTAKEN and on == current.since:
        guard_period(current.org_path, on)
        Membership.objects.filter(member=member, until=on, exit=LeavingReason.REGROUPED).update(exit=reason.value)
        current.delete()
        return
    end_membership(member, on=on, exit=reason, note=note)


def _end_what_hangs(member: Member, reason: LeavingReason, on: datetime.date) -> None:
    """Posts, mobile records and agreements end with the member; an open departure needs no place any more."""
    end_all_posts(member, on)
    for record_ in MobileRecord.objects.open().filter(member=member):
        _end(record_, on)
    for agreement in DualAgreement.objects.filter(member=member, until__gt=on):
        agreement.ended_reason = reason.label
        _end(agreement, on)
    for departure in Departure.objects.open().filter(member=member):
        departure.placed_on, departure.note = on, departure.note or reason.label
        store(departure)


def _end(row: Any, on: datetime.date) -> None:
    if row.since >= on:
        noun = row._meta.verbose_name
        raise Conflict(f"{noun}「{row}」自 {row.since:%Y-%m-%d} 起，不早于离开日期，请先核对。")
    row.until = on
    store(row)
