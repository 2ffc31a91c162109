"""离职属地管理: who left the post in the park, and where the relation goes. Open until it has arrived there."""

from __future__ import annotations

import datetime
from typing import Any

from apps.core.audit import record, write
from apps.core.errors import Conflict, DomainError
from apps.core.versions import check_version

from ..kinds import DepartureReason, Entry, LeavingReason, Relation
from ..models import Departure, Member, Membership, Transfer
from ..rules import transfers as rules
from .common import (
    assign,
    begin_membership,
    check_not_future,
    current_membership,
    end_membership,
    locked,
    store,
)
from .late import correct_closed, open_day
from .posts import end_all_posts
from .ties import settle_ties

TEXTS = ("destination", "note")
NOTE_WIDTH = 200


@write
def record_departure(
    *, member: Member, left_post_on: datetime.date, reason: DepartureReason, today: datetime.date, actor: Any,
    destination: str = "", note: str = "",
) -> Departure:  # fmt: skip
    """登记离职: from `left_post_on` on the member no longer belongs to the branch through the enterprise.

    The relation stays where it is until it is placed. A day in a closed quarter: the roster changes on the first
    open day, and a correction of the quarter is proposed. Raises Conflict when a departure is open already.
    """
    check_not_future(left_post_on, today, field="left_post_on")
    member = locked(member)
    if member.relation == Relation.LEFT:
        raise DomainError(f"「{member}」已转出，不需要登记离职。", code="left")
    if Departure.objects.open().filter(member=member).exists():
        raise Conflict(f"「{member}」已登记离职，去向尚未落实。")
    row = Departure(
        member=member, org=member.org, enterprise=member.employer, left_post_on=left_post_on, reason=reason.value
    )
    assign(row, {"destination": destination, "note": note}, TEXTS)
    assign(row, {"note": _joined(_leave_enterprise(member, left_post_on, today, actor), row.note)}, TEXTS)
    store(row)
    where = f"，去向「{row.destination}」" if row.destination else ""
    record(actor, "departure.recorded", row,
           summary=f"登记「{member}」自 {left_post_on:%Y-%m-%d} 起{reason.label}{where}")  # fmt: skip
    return row


@write
def change_departure(
    *,
    departure: Departure,
    reason: DepartureReason,
    destination: str,
    note: str,
    actor: Any,
    version: int | None = None,
) -> Departure:
    """Correct reason, destination or note of a departure."""
    row = locked(departure)
    facts = {"reason": reason.value, "destination": destination, "note": note}
    check_version(row, version, facts)
    if assign(row, facts, (*TEXTS, "reason")):
        store(row)
        record(actor, "departure.changed", row, summary=f"修改「{row.member}」的离职记录")
    return row


@write
def place_departure(
    *, departure: Departure, on: datetime.date, destination: str, note: str, today: datetime.date, actor: Any,
    version: int | None = None,
) -> Departure:  # fmt: skip
    """落实去向 by a document (a receipt of the national system): the relation is with `destination` from `on` on.

    The membership ends. Raises DomainError while a transfer of the member is under way: that one places the member.
    """
    member, row = _open(departure, version)
    check_not_future(on, today)
    if on < row.left_post_on:
        raise DomainError(f"不能早于离职日期 {row.left_post_on:%Y-%m-%d}。", code="out_of_order", field="on")
    if not destination.strip():
        raise DomainError("请填写接收组织关系的党组织。", field="destination")
    if not note.strip():
        raise DomainError("请写明依据（回执、全国系统记录或接收证明）。", basis=rules.LETTER_TEXT, field="note")
    if Transfer.objects.open().filter(member=member).exists():
        raise DomainError(
            "这名党员的组织关系正在转接，接收后自动落实。", basis=rules.RESPONSIBILITY, code="in_transfer"
        )
    assign(row, {"destination": destination}, TEXTS)
    said = _leave_portal(member, row.destination, on, today, actor)
    assign(row, {"note": _joined(f"落实依据：{note.strip()}", said, row.note)}, TEXTS)
    row.placed_on = on
    store(row)
    record(
        actor, "departure.placed", row, summary=f"「{member}」的组织关系已由「{row.destination}」接收，{on:%Y-%m-%d}"
    )
    return row


@write
def withdraw_departure(
    *, departure: Departure, on: datetime.date, note: str, today: datetime.date, actor: Any, version: int | None = None
) -> Departure:
    """重新上岗: the member works in the park again and the relation stays; the departure is over."""
    member, row = _open(departure, version)
    check_not_future(on, today)
    if on < row.left_post_on:
        raise DomainError(f"不能早于离职日期 {row.left_post_on:%Y-%m-%d}。", code="out_of_order", field="on")
    if not note.strip():
        raise DomainError("请说明在哪里重新上岗。", field="note")
    row.placed_on = on
    assign(row, {"note": _joined(f"重新上岗：{note.strip()}", row.note)}, TEXTS)
    store(row)
    record(actor, "departure.withdrawn", row, summary=f"「{member}」自 {on:%Y-%m-%d} 起重新上岗，组织关系留在本支部")
    return row


def settle_departures(member: Member, *, on: datetime.date) -> None:
    """Close the open departure of a (locked) member whose relation was accepted on the day."""
    for row in Departure.objects.open().filter(member=member).select_for_update(of=("self",), no_key=True):
        row.placed_on = max(on, row.left_post_on)
        store(row)


def _joined(*texts: str) -> str:
    """The newest first; what no longer fits is in the row history."""
    return "；".join(filter(None, texts))[:NOTE_WIDTH]


def _open(departure: Departure, version: int | None) -> tuple[Member, Departure]:
    """Member and departure, locked in this order, while it is open."""
    member = locked(departure.member)
    row = locked(departure)
    if row.placed_on is not None:
        raise Conflict(f"「{member}」的去向已于 {row.placed_on:%Y-%m-%d} 落实。")
    check_version(row, version)
    return member, row


def _leave_enterprise(member: Member, on: datetime.date, today: datetime.date, actor: Any) -> str:
    """The member no longer counts at the enterprise. Returns what to say of a closed quarter, "" otherwise."""
    if member.employer_id is None:
        return ""
    if member.relation != Relation.HERE:
        member.employer = None
        store(member)
        return ""
    current = current_membership(member)
    if on <= current.since:
        message = f"离职日期须晚于在本支部（本企业）登记的起始日期 {current.since:%Y-%m-%d}。"
        raise DomainError(message, code="before_membership", field="left_post_on")
    effective = open_day([current.org_path], on, today=today)
    left = end_membership(member, on=effective, exit=LeavingReason.REGROUPED, note="离职")
    joined = begin_membership(
        member, org=current.org, on=effective, entry=Entry.REGROUPED, group=current.group, note="离职，待转属地"
    )
    return _corrected(member, left, joined, on, effective, "离职", actor)


def _leave_portal(member: Member, destination: str, on: datetime.date, today: datetime.date, actor: Any) -> str:
    """The relation is with `destination`. Returns what to say of a closed quarter, "" otherwise."""
    effective, said = on, ""
    if member.relation == Relation.HERE:
        if on <= current_membership(member).since:
            raise DomainError("落实日期须晚于在本支部登记的起始日期。", code="before_membership", field="on")
        effective = open_day([member.org_path], on, today=today)
        left = end_membership(member, on=effective, exit=LeavingReason.TRANSFERRED, note=f"离职，转往「{destination}」")
        said = _corrected(member, left, None, on, effective, "离职转往属地", actor)
    member.relation, member.left_on, member.leaving_reason = (
        Relation.LEFT.value, effective, LeavingReason.TRANSFERRED.value
    )  # fmt: skip
    member.destination, member.group = destination, None
    member.placement_since = member.lost_since = None
    store(member)
    end_all_posts(member, effective, late=True)
    settle_ties(member, on=effective)
    return said


def _corrected(
    member: Member, left: Membership, joined: Membership | None, on: datetime.date, effective: datetime.date, what: str,
    actor: Any,
) -> str:  # fmt: skip
    if effective == on:
        return ""
    reason = f"「{member}」{on:%Y-%m-%d} {what}，封存后登记"
    return correct_closed(member, left=left, joined=joined, since=on, until=effective, reason=reason, actor=actor)
