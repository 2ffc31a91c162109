"""组织关系转接 as a state machine, up to the letter and back. How one is accepted is `acceptance`.

Every step locks the transfer, asks whether it may be taken from the state in which it is now, and who takes it:
of two people at once the second one meets a Conflict. A transfer whose member is at stake locks the transfer
first and the member after it.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from apps.branches.models import PartyOrg
from apps.core.audit import record, write
from apps.core.errors import Conflict, DomainError
from apps.core.scoping import Scope, required_scope, unscoped
from apps.core.versions import check_version

from ..directory import Committee, committee_above, committees_above
from ..kinds import Relation, TransferKind, TransferState
from ..models import Departure, Member, Transfer
from ..parameters import transfer_terms
from ..rules import transfers as rules
from ..rules.transfers import Side, Step
from .common import (
    assign,
    check_holds_members,
    check_not_future,
    check_on_roster,
    current_membership,
    locked,
    locked_all,
    store,
    tidied,
    weigh,
)
from .facts import NEEDS_TRANSFER, known_person, may_come_back, read_id_number

TEXTS = ("outside", "reason", "note", "letter_number", "return_reason")
NOTE_WIDTH = 200
NOT_FOUND = "没有找到姓名与身份证号都相符的党员，请先在「党员」中登记（组织关系在外）。"


@write
def request_transfer(
    *, member: Member, requested_on: datetime.date, today: datetime.date, actor: Any, receiver: PartyOrg | None = None,
    outside: str = "", reason: str = "", note: str = "",
) -> Transfer:  # fmt: skip
    """申请转出: ask to transfer a member of the roster to `receiver`, or to the organisation `outside` the portal.

    Within one 基层党委 no letter is needed (`kind`). An open departure of the member is closed by the acceptance.
    Raises Conflict when a transfer of the member is under way, DomainError for the own branch, and after an expired
    letter without a note: the branch proves what happened (ZZ-08).
    """
    check_not_future(requested_on, today, field="requested_on")
    member = locked(member)
    check_on_roster(member)
    if requested_on < current_membership(member).since:
        raise DomainError("申请日期不能早于在本支部登记的起始日期。", code="out_of_order", field="requested_on")
    if (receiver is None) == (not outside.strip()):
        raise DomainError("请选择接收党支部；转往平台外的，填写党组织全称。两项只填一项。", field="receiver")
    if receiver is not None:
        if receiver.pk == member.org_id:
            raise DomainError(f"「{member}」的组织关系已在「{receiver}」。", code="same_branch", field="receiver")
        check_holds_members(receiver, requested_on, field="receiver")
    kind = kind_between(member.org, receiver)
    row = Transfer(member=member, org=member.org, other_org=receiver, kind=kind.value, requested_on=requested_on)
    _begin(row, outside=outside, reason=reason, note=note)
    summary = f"申请将「{member}」的组织关系由「{row.org}」转往「{receiver or row.outside}」"
    record(actor, "transfer.requested", row, summary=summary, data={"kind": kind.value})
    return row


@write
def request_arrival(
    *, member: Member, org: PartyOrg, outside: str, requested_on: datetime.date, today: datetime.date, actor: Any,
    letter_number: str = "", letter_on: datetime.date | None = None, valid_until: datetime.date | None = None,
    reason: str = "", note: str = "",
) -> Transfer:  # fmt: skip
    """申请转入 from outside the portal: the person is registered, with the relation elsewhere, or has left before.

    `member` may lie outside the scope (`person_named`). Raises DomainError for somebody on a roster of the portal,
    a letter that has expired or is too long.
    """
    check_not_future(requested_on, today, field="requested_on")
    with unscoped("somebody who comes in may have been kept by another branch before"):
        member = locked(member)
        _refuse_second(member)
    if member.relation == Relation.HERE:
        raise DomainError(NEEDS_TRANSFER, code="needs_transfer", field="member")
    if not outside.strip():
        raise DomainError("请填写转出党组织全称。", field="outside")
    check_holds_members(org, requested_on)
    if letter_on is not None:
        check_not_future(letter_on, today, field="letter_on")
        days = transfer_terms(letter_on, org.path).letter_days
        valid_until = valid_until or rules.letter_until(letter_on, days)
        _speak(rules.letter_finding(letter_on, valid_until), "valid_until")
    _speak(rules.expiry_finding(requested_on, valid_until), "valid_until")
    row = Transfer(
        member=member, org=org, kind=TransferKind.IN.value, requested_on=requested_on, letter_on=letter_on,
        valid_until=valid_until,
    )  # fmt: skip
    _begin(row, outside=outside, reason=reason, note=note, letter_number=letter_number)
    record(actor, "transfer.requested", row, data={"kind": row.kind},
           summary=f"申请将「{member}」的组织关系由「{row.outside}」转入「{org}」")  # fmt: skip
    return row


def person_named(name: str, id_number: str, *, today: datetime.date) -> Member:
    """Who comes in, found by name and ID number anywhere in the portal. DomainError for who is on a roster of it.

    The refusal never names the branch.
    """
    known = known_person(read_id_number(id_number, today=today, confirmed=True))
    if known is not None and known.relation is Relation.HERE:
        raise DomainError(NEEDS_TRANSFER, code="needs_transfer", field="id_number")
    gone = known is not None and known.relation is Relation.LEFT
    if known is None or known.name != tidied("name", name):
        raise DomainError(NOT_FOUND, code="unknown_person", field="id_number")
    if gone and not may_come_back(known, admitted=False, joined_on=None):
        raise DomainError("这名党员已不再是党员，不能转入组织关系。", code="no_member", field="id_number")
    with unscoped("who comes in was found by name and ID number; one row"):
        return Member.objects.get(pk=known.pk)  # type: ignore[no-any-return]


@write
def check_transfer(
    *, transfer: Transfer, on: datetime.date, dues_paid_until: datetime.date, today: datetime.date, actor: Any,
    papers: bool = False, reason: str = "", version: int | None = None,
) -> Transfer:  # fmt: skip
    """支部核实: the dues are paid (any day of the last paid month), the papers of a 预备党员 are handed over (ZZ-11)."""
    row = taken(transfer, Step.CHECK, version)
    check_day(row, on, today)
    stage = row.member.stage_on(on)
    findings = [rules.dues_finding(dues_paid_until, on=on), rules.papers_finding(stage, handed_over=papers)]
    weigh(filter(None, findings), reason)
    row.checked_on, row.dues_paid_until = on, rules.end_of_month(dues_paid_until)
    said = f"核实说明：{reason.strip()}" if reason.strip() else ""
    _reach(row, Step.CHECK, note="；".join(filter(None, (said, row.note)))[:NOTE_WIDTH])
    record(
        actor,
        "transfer.checked",
        row,
        summary=f"核实「{row.member}」的组织关系转接，党费交至{row.dues_paid_until:%Y-%m}",
    )
    return row


@write
def approve_transfer(
    *, transfer: Transfer, on: datetime.date, today: datetime.date, actor: Any, version: int | None = None
) -> Transfer:
    """党委批准, by whoever answers for an organisation above the branch."""
    row = taken(transfer, Step.APPROVE, version)
    check_day(row, on, today)
    row.approved_on = on
    _reach(row, Step.APPROVE)
    record(actor, "transfer.approved", row, summary=f"批准「{row.member}」的组织关系转接")
    return row


@write
def approve_transfers(
    *, transfers: Sequence[Transfer], on: datetime.date, today: datetime.date, actor: Any
) -> list[Transfer]:
    """批量批准: all of them or none."""
    return [approve_transfer(transfer=row, on=on, today=today, actor=actor) for row in locked_all(transfers)]


@write
def issue_letter(
    *, transfer: Transfer, number: str, on: datetime.date, today: datetime.date, actor: Any,
    valid_until: datetime.date | None = None, version: int | None = None,
) -> Transfer:  # fmt: skip
    """开具介绍信: valid for the usual days of the place, at most 90 (应当).

    Only a 基层党委 that may approve 预备党员 sends nationwide (第二十五条): DomainError where none stands above.
    """
    row = taken(transfer, Step.LETTER, version)
    check_day(row, on, today)
    check_issuer(committee_above(row.org_path))
    if not number.strip():
        raise DomainError("请填写介绍信编号；网上转接的，填写全国系统中的编号。", field="number")
    valid_until = valid_until or rules.letter_until(on, transfer_terms(on, row.org_path).letter_days)
    _speak(rules.letter_finding(on, valid_until), "valid_until")
    row.letter_on, row.valid_until = on, valid_until
    _reach(row, Step.LETTER, letter_number=number)
    record(actor, "transfer.letter_issued", row, data={"valid_until": valid_until.isoformat()},
           summary=f"为「{row.member}」开具组织关系介绍信，有效期至 {valid_until:%Y-%m-%d}")  # fmt: skip
    return row


@write
def return_transfer(
    *, transfer: Transfer, reason: str, on: datetime.date, today: datetime.date, actor: Any, version: int | None = None
) -> Transfer:
    """退回, with the reason (ZZ-05): by whoever would take the next step. The member stays where the relation is."""
    row = taken(transfer, Step.RETURN, version)
    check_day(row, on, today)
    if not reason.strip():
        raise DomainError("退回须说明理由。", basis=rules.NO_REFUSAL, code="reason_needed", field="reason")
    row.ended_on = on
    _reach(row, Step.RETURN, return_reason=reason)
    record(actor, "transfer.returned", row, summary=f"退回「{row.member}」的组织关系转接：{row.return_reason}")
    return row


@write
def cancel_transfer(
    *, transfer: Transfer, reason: str, today: datetime.date, actor: Any, version: int | None = None
) -> Transfer:
    """撤销 by the branch that keeps the transfer, as long as nobody has accepted."""
    row = taken(transfer, Step.CANCEL, version)
    if not reason.strip():
        raise DomainError("请说明撤销的原因。", code="reason_needed", field="reason")
    row.ended_on = today
    _reach(row, Step.CANCEL, return_reason=reason)
    record(actor, "transfer.cancelled", row, summary=f"撤销「{row.member}」的组织关系转接：{row.return_reason}")
    return row


@write
def expire_letters(*, today: datetime.date, actor: Any = None) -> int:
    """Every letter past its last day: the member stays with the sending branch (ZZ-04, ZZ-08). Returns how many."""
    with unscoped("the nightly task looks at the letters of everybody"):
        late = Transfer.objects.open().filter(valid_until__lt=today).order_by("pk")
        rows = list(late.select_for_update(of=("self",), no_key=True, skip_locked=True).select_related("member", "org"))
        for row in rows:
            row.state, row.ended_on = TransferState.EXPIRED.value, row.valid_until + datetime.timedelta(days=1)
            store(row)
            record(actor, "transfer.expired", row, data={"valid_until": row.valid_until.isoformat()},
                   summary=f"「{row.member}」的组织关系介绍信已过期")  # fmt: skip
    return len(rows)


def kind_between(sender: PartyOrg, receiver: PartyOrg | None) -> TransferKind:
    """Within one 基层党委 (ZZ-09), between two of the portal, or out of it."""
    if receiver is None:
        return TransferKind.OUT
    above = committees_above([sender.path, receiver.path])
    same = above[sender.path] is not None and above[sender.path] == above[receiver.path]
    return TransferKind.WITHIN if same else TransferKind.BETWEEN


def taken(transfer: Transfer, step: Step, version: int | None) -> Transfer:
    """The transfer, locked, for a step that may be taken now by whoever acts. Raises Conflict, DomainError."""
    row = locked(transfer)
    kind, state = TransferKind(row.kind), TransferState(row.state)
    if not rules.allows(step, kind, state):
        raise Conflict(f"这项转接现为“{state.label}”，不能再{step.label}，请刷新后核对。")
    check_version(row, version)
    if not may_take(row, step, required_scope()):
        side = rules.side_of(step, kind, state)
        raise DomainError(f"这一步由{side.label}办理。", basis=rules.RESPONSIBILITY, code="not_yours")
    return row


def may_take(row: Transfer, step: Step, scope: Scope) -> bool:
    """Whether the scope answers for the side that takes the step; a 基层党委 stands above the branch."""
    side = rules.side_of(step, TransferKind(row.kind), TransferState(row.state))
    if side is Side.COMMITTEE:
        return any(row.org_path.startswith(root) and root != row.org_path for root in scope.paths)
    return scope.covers(row.org_path) if side is Side.KEEPER else bool(row.other_path) and scope.covers(row.other_path)


def check_day(row: Transfer, on: datetime.date, today: datetime.date) -> None:
    """A step is taken on or before today, and not before the one in front of it."""
    check_not_future(on, today)
    done = (row.requested_on, row.checked_on, row.approved_on, row.letter_on)
    last = max(day for day in done if day is not None)
    if on < last:
        raise DomainError(f"不能早于上一步的日期 {last:%Y-%m-%d}。", code="out_of_order", field="on")


def check_issuer(committee: Committee | None) -> None:
    """Who may send nationwide, and that whoever acts speaks for it. Raises DomainError."""
    if committee is None or not committee.nationwide:
        message = "上级党组织没有审批预备党员的权限，不能直接转接组织关系，请由有权限的基层党委开具介绍信。"
        raise DomainError(message, basis=rules.AUTHORITY, code="no_authority")
    if not required_scope().covers(committee.path):
        raise DomainError(f"介绍信由「{committee}」开具。", basis=rules.AUTHORITY, code="not_yours")


def _begin(row: Transfer, **texts: str) -> None:
    """Store a new draft, if no other transfer of the (locked) member is under way."""
    _refuse_second(row.member)
    last = Transfer.objects.filter(member=row.member).order_by("-requested_on", "-pk").first()
    if last is not None and last.state == TransferState.EXPIRED and not texts["note"].strip():
        message = "上一次介绍信已过期，重新办理须由支部出具证明，请在备注中写明。"
        raise DomainError(message, basis=rules.EXPIRED, code="proof_needed", field="note")
    row.departure = Departure.objects.open().filter(member=row.member).first()
    assign(row, texts, TEXTS)
    store(row)


def _refuse_second(member: Member) -> None:
    if Transfer.objects.open().filter(member=member).exists():
        raise Conflict(f"「{member}」的组织关系正在转接，不能再次发起。")


def _reach(row: Transfer, step: Step, **texts: str) -> None:
    row.state = rules.REACHED[step].value
    assign(row, texts, TEXTS)
    store(row)


def _speak(finding: Any, field: str) -> None:
    if finding is not None:
        raise DomainError(finding.message, basis=finding.basis, code=finding.code, field=field)
