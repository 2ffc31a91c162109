"""接收: the member goes over. Who held the relation until now is responsible until this moment (ZZ-04)."""

from __future__ import annotations

import datetime
from typing import Any

from apps.branches.models import PartyOrg
from apps.core.audit import record, write
from apps.core.errors import Conflict, DomainError
from apps.core.scoping import unscoped
from apps.enterprises.models import Enterprise

from ..kinds import Entry, LeavingReason, Relation, TransferKind
from ..models import Member, Transfer
from ..rules import transfers as rules
from ..rules.transfers import Step
from .common import (
    begin_membership,
    check_employer,
    check_group,
    current_membership,
    end_membership,
    locked,
    store,
)
from .departures import settle_departures
from .late import correct_closed, open_day
from .posts import end_all_posts, end_posts_in
from .ties import settle_ties
from .transfers import check_day, taken


@write
def accept_transfer(
    *, transfer: Transfer, on: datetime.date, today: datetime.date, actor: Any, enterprise: Enterprise | None = None,
    group: PartyOrg | None = None, stays: bool = False, version: int | None = None,
) -> Transfer:  # fmt: skip
    """接收 on the day `on`, the fact that stays on the transfer; of one to the outside: its receipt came back.

    The membership at the sender ends and the one at the receiver begins, with `enterprise` and `group` of the
    receiver. `stays`: somebody transferred out goes on working at the enterprise and is looked after here.
    A day in a closed quarter: the rosters change on the first open day, and a correction of the quarter is proposed.
    Raises Conflict when somebody was faster, DomainError for an expired letter or a day that does not fit.
    """
    row = taken(transfer, Step.ACCEPT, version)
    check_day(row, on, today)
    if finding := rules.expiry_finding(on, row.valid_until):
        raise DomainError(finding.message, basis=finding.basis, code=finding.code, field="on")
    receiver = _receiver(row)
    if receiver is not None:
        check_group(group, receiver)
        check_employer(enterprise, on)
    with unscoped("the member goes over to the branch that accepts, as the sender asked"):
        member = locked(row.member)
        _check_still_there(row, member)
        effective = _move(row, member, receiver, enterprise, group, on, stays=stays, today=today, actor=actor)
        _end_posts(row, member, effective)
        settle_departures(member, on=on)
        settle_ties(member, on=effective)
    row.enterprise, row.ended_on = enterprise if receiver else None, on
    row.state = rules.REACHED[Step.ACCEPT].value
    store(row)
    said = f"接收「{member}」的组织关系" if receiver else f"收到「{row.outside}」接收「{member}」组织关系的回执"
    record(actor, "transfer.accepted", row, summary=f"{said}，{on:%Y-%m-%d}",
           data={"on": on.isoformat(), "effective": effective.isoformat(), "member": member.pk})  # fmt: skip
    return row


def _receiver(row: Transfer) -> PartyOrg | None:
    """The branch of the portal that receives; None when the member leaves the portal."""
    if row.kind == TransferKind.OUT:
        return None
    return row.org if row.kind == TransferKind.IN else row.other_org


def _check_still_there(row: Transfer, member: Member) -> None:
    """The member is where the transfer starts from: restructuring or a decision may have come in between."""
    if row.kind == TransferKind.IN:
        there = member.relation != Relation.HERE
    else:
        there = member.relation == Relation.HERE and member.org_id == row.org_id
    if not there:
        raise Conflict(f"「{member}」的组织关系已有变动，不能按这项转接接收，请退回后重新办理。")


def _move(
    row: Transfer, member: Member, receiver: PartyOrg | None, enterprise: Enterprise | None, group: PartyOrg | None,
    on: datetime.date, *, stays: bool, today: datetime.date, actor: Any,
) -> datetime.date:  # fmt: skip
    """End and begin the memberships, and correct what was closed. Returns the day on which the rosters change."""
    effective = open_day({path for path in (row.org_path, row.other_path) if path}, on, today=today)
    left = joined = None
    if row.kind != TransferKind.IN:
        if on <= current_membership(member).since:
            message = "接收日期不晚于转出方名册上的起始日期，请核对介绍信和回执。"
            raise DomainError(message, code="before_membership", field="on")
        to = receiver.name if receiver else row.outside
        left = end_membership(member, on=effective, exit=LeavingReason.TRANSFERRED, note=f"转往「{to}」")
    if receiver is not None:
        member.lost_since = None
        where = row.outside if row.kind == TransferKind.IN else row.org.name
        joined = begin_membership(
            member, org=receiver, on=effective, entry=Entry.TRANSFERRED, group=group, enterprise=enterprise,
            note=f"由「{where}」转入",
        )  # fmt: skip
    else:
        _let_go(member, to=row.outside, on=effective, stays=stays)
    if effective != on:
        reason = f"「{member}」组织关系{row.get_kind_display()}，{on:%Y-%m-%d} 接收，封存后登记"
        said = correct_closed(member, left=left, joined=joined, since=on, until=effective, reason=reason, actor=actor)
        row.correction = said[:100]
    return effective


def _let_go(member: Member, *, to: str, on: datetime.date, stays: bool) -> None:
    """The relation is outside the portal now; who goes on working here is kept as 关系在外."""
    member.group, member.placement_since, member.lost_since = None, None, None
    if stays:
        member.relation, member.home_text = Relation.ELSEWHERE.value, to
    else:
        member.relation, member.destination = Relation.LEFT.value, to
        member.left_on, member.leaving_reason = on, LeavingReason.TRANSFERRED.value
    store(member)


def _end_posts(row: Transfer, member: Member, on: datetime.date) -> None:
    """Posts in the branch that is left end with the membership; who leaves the portal leaves all of them."""
    if row.kind == TransferKind.OUT:
        end_all_posts(member, on, late=True)
    elif row.kind != TransferKind.IN:
        end_posts_in(row.org, member, on)
