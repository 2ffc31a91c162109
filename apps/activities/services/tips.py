"""提示单: drafted and issued by the office, signed for and answered by branches, closed by the office."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.db.models import Exists, Min, OuterRef, Subquery

from apps.branches.models import PartyOrg
from apps.branches.rules import BRANCH_KINDS
from apps.core.audit import record, write
from apps.core.bulk import insert_rows
from apps.core.errors import DomainError
from apps.core.periods import Period
from apps.core.scoping import required_scope, unscoped
from apps.core.versions import check_version
from apps.enterprises.services.common import assign, labels, locked, store, weigh

from ..kinds import COUNTED, State, TipSheetState
from ..models import Activity, Participation, TipSheet, TipSheetLink, TipSheetReceipt
from ..rules.tips import TIP_SHEETS, answers, due_finding
from .following import Change

FACTS: Final = ("number", "title", "quarter", "content", "due_on")
NOT_HELD: Final = (State.PLANNED, State.CANCELLED)
"""Records that answer nothing yet: a plan has not been held, a cancelled one never was."""


@write
def draft_sheet(*, org: PartyOrg, facts: Mapping[str, Any], actor: Any) -> TipSheet:
    """起草提示单 of an office. Raises DomainError for a number that was used before or a quarter that is none."""
    sheet = TipSheet(org=org)
    assign(sheet, facts, FACTS)
    _check_quarter(sheet)
    store(sheet)
    record(actor, "tip_sheet.drafted", sheet, summary=f"起草提示单「{sheet}」（{sheet.number}）")
    return sheet


@write
def change_sheet(*, sheet: TipSheet, facts: Mapping[str, Any], actor: Any, version: int | None = None) -> TipSheet:
    """Change a draft. What has been issued is read by branches and stays."""
    row = _draft(sheet)
    check_version(row, version, dict(facts))
    if changed := assign(row, facts, FACTS):
        _check_quarter(row)
        store(row)
        record(actor, "tip_sheet.changed", row, data={"fields": sorted(changed)},
               summary=f"修改提示单「{row}」的{labels(row, changed)}")  # fmt: skip
    return row


@write
def discard_sheet(*, sheet: TipSheet, actor: Any) -> None:
    """Throw a draft away."""
    row = _draft(sheet)
    record(actor, "tip_sheet.discarded", row, summary=f"删除提示单草稿「{row}」（{row.number}）")
    row.delete()


@write
def issue_sheet(*, sheet: TipSheet, today: datetime.date, actor: Any, version: int | None = None) -> TipSheet:
    """下发: every branch below the issuer that exists today gets its receipt; a fixed number of statements.

    Raises DomainError for a deadline outside the quarter or in the past, and when there is no branch below.
    """
    row = _draft(sheet)
    check_version(row, version)
    finding = due_finding(row.due_on, Period.parse(row.quarter), today=today)
    weigh([finding] if finding else [], "")
    row.state, row.issued_on = TipSheetState.ISSUED.value, today
    store(row)
    count = _deliver(row, today)
    if not count:
        raise DomainError(f"「{row.org}」之下没有党支部，没有可以下发的对象。", code="nobody")
    record(actor, "tip_sheet.issued", row, data={"receipts": count},
           summary=f"下发提示单「{row}」，发至 {count} 个党支部")  # fmt: skip
    return row


@write
def deliver_to_new_branches(*, today: datetime.date, actor: Any = None) -> int:
    """Every night: a branch founded while a sheet is out gets it as well, until its deadline. Returns how many did."""
    delivered = 0
    with unscoped("the nightly task hands sheets to branches founded since, wherever they are; a count"):
        for sheet in TipSheet.objects.issued().filter(due_on__gte=today).select_related("org"):
            if count := _deliver(sheet, today):
                delivered += count
                record(actor, "tip_sheet.delivered", sheet, data={"receipts": count},
                       summary=f"提示单「{sheet}」补发至新成立的 {count} 个党支部")  # fmt: skip
    return delivered


@write
def close_sheet(*, sheet: TipSheet, today: datetime.date, actor: Any) -> TipSheet:
    """办结: nothing more is signed or linked; who has not done it stays so."""
    row = locked(sheet)
    if row.state != TipSheetState.ISSUED:
        raise DomainError("只有已下发的提示单可以办结。", code="not_issued")
    row.state, row.closed_on = TipSheetState.CLOSED.value, today
    store(row)
    receipts = TipSheetReceipt.objects.asked().filter(sheet=row)
    undone = receipts.filter(done_on__isnull=True).count()
    record(actor, "tip_sheet.closed", row, data={"undone": undone},
           summary=f"办结提示单「{row}」，未完成 {undone} 个党支部")  # fmt: skip
    return row


@write
def sign_receipt(*, receipt: TipSheetReceipt, now: datetime.datetime, actor: Any) -> TipSheetReceipt:
    """签收 by the branch. A second signature changes nothing."""
    row = _open(receipt)
    if row.signed_at is None:
        _sign(row, now, actor)
        store(row)
        record(actor, "tip_sheet.signed", row, summary=f"「{row.org}」签收提示单「{row.sheet}」")
    return row


@write
def sign_receipts(*, receipts: Sequence[TipSheetReceipt], now: datetime.datetime, actor: Any) -> None:
    """签收 several at once: all of them or none."""
    for receipt in receipts:
        sign_receipt(receipt=receipt, now=now, actor=actor)


@write
def link_records(
    *, receipt: TipSheetReceipt, activities: Sequence[Activity], now: datetime.datetime, actor: Any
) -> TipSheetReceipt:
    """关联活动记录: these records of the branch answer the sheet too. Who links has read it: the receipt is signed.

    Raises DomainError for a record that the branch did not hold, one from before the quarter, a plan, or a closed sheet.
    """
    activities = _held(activities)  # before the receipt, like whoever changes a record: nobody waits in a circle
    row = _open(receipt)
    _check_answers(row, activities)
    known = set(row.links.values_list("activity_id", flat=True))
    fresh = [each for each in activities if each.pk not in known]
    if not fresh:
        return row
    TipSheetLink.objects.bulk_create([TipSheetLink(receipt=row, activity=each, org=row.org) for each in fresh])
    if row.signed_at is None:
        _sign(row, now, actor)
        store(row)
    settle([row.pk])
    names = "、".join(f"「{each}」" for each in fresh[:3]) + (f"等 {len(fresh)} 条" if len(fresh) > 3 else "")
    record(actor, "tip_sheet.linked", row, data={"activities": [each.pk for each in fresh]},
           summary=f"提示单「{row.sheet}」关联活动记录{names}")  # fmt: skip
    row.refresh_from_db()
    return row


@write
def unlink_record(*, link: TipSheetLink, actor: Any) -> TipSheetReceipt:
    """Take a record off again; the sheet is open again when it was the only one that counts."""
    row = _open(link.receipt)
    record(actor, "tip_sheet.unlinked", row, data={"activity": link.activity_id},
           summary=f"提示单「{row.sheet}」取消关联活动记录「{link.activity}」")  # fmt: skip
    link.delete()
    settle([row.pk])
    row.refresh_from_db()
    return row


def answer_sheets(
    *, activity: Activity, receipts: Iterable[TipSheetReceipt], now: datetime.datetime, actor: Any
) -> None:
    """Let a record answer these sheets and, of the branch's other open ones, no more: what its form ticked."""
    wanted = {receipt.pk: receipt for receipt in receipts}
    links = TipSheetLink.objects.filter(activity=activity).select_related("receipt__sheet", "receipt__org", "activity")
    for link in links:
        if link.receipt_id in wanted:
            del wanted[link.receipt_id]
        elif link.receipt.sheet.state == TipSheetState.ISSUED and required_scope().covers(link.org_path):
            unlink_record(link=link, actor=actor)
    for receipt in wanted.values():
        link_records(receipt=receipt, activities=[activity], now=now, actor=actor)


def follow_records(change: Change) -> None:
    """Records changed: the sheets that they answer, of whatever branch, are done or open again."""
    with unscoped("a joint record answers the sheets of each of its branches; dates only"):
        links = TipSheetLink.objects.filter(activity__in=change.ids).order_by()
        settle(sorted(set(links.values_list("receipt_id", flat=True))))


def settle(receipts: Sequence[int]) -> None:
    """Note since when each is done: the day of the earliest linked record that counts, nothing without one."""
    if not receipts:
        return
    counted = TipSheetLink.objects.filter(receipt=OuterRef("pk"), activity__state__in=COUNTED).order_by()
    first = counted.values("receipt").annotate(day=Min("activity__held_on")).values("day")
    with unscoped("what is done follows from the records linked to the receipts at hand; dates only"):
        TipSheetReceipt.objects.filter(pk__in=list(receipts)).update(done_on=Subquery(first))


def branches_asked(sheet: TipSheet, today: datetime.date) -> Any:
    """The branches of every kind below the issuer that exist on the day."""
    return PartyOrg.objects.below(sheet.org).living(today).filter(kind__in=BRANCH_KINDS).exclude(pk=sheet.org_id)


def _deliver(sheet: TipSheet, today: datetime.date) -> int:
    """Give a receipt to every branch below the issuer that exists and has none."""
    have = TipSheetReceipt.objects.filter(sheet=sheet, org=OuterRef("pk"))
    rows = branches_asked(sheet, today).filter(~Exists(have)).order_by("path").values_list("pk", "path")
    home = {"sheet_id": sheet.pk, "other_org_id": sheet.org_id, "other_path": sheet.org_path}
    return len(insert_rows(TipSheetReceipt, [{"org_id": pk, "org_path": path} for pk, path in rows], home))


def _sign(row: TipSheetReceipt, now: datetime.datetime, actor: Any) -> None:
    row.signed_at, row.signed_by_name = now, actor.display_name


def _draft(sheet: TipSheet) -> TipSheet:
    row = locked(sheet)
    if row.state != TipSheetState.DRAFT:
        raise DomainError(f"这份提示单{row.get_state_display()}，不能再修改。", code="issued")
    return row


def _open(receipt: TipSheetReceipt) -> TipSheetReceipt:
    """The receipt, locked, while its sheet is out."""
    row = locked(receipt)
    if not required_scope().covers(row.org_path):
        raise DomainError("提示单由收到的党支部签收、办理。", code="not_yours")
    if row.sheet.state != TipSheetState.ISSUED:
        closed = f"{row.sheet.closed_on:%Y-%m-%d} " if row.sheet.closed_on else ""
        raise DomainError(f"这份提示单已于 {closed}办结，不能再办理。", basis=TIP_SHEETS, code="closed")
    return row


def _held(activities: Sequence[Activity]) -> list[Activity]:
    """The records as they are now; their state stays until the transaction ends. They may be another branch's."""
    ids = [each.pk for each in activities]
    with unscoped("a joint record belongs to its host; the records that were named, and only while they are linked"):
        rows = Activity.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=ids)
        return list(rows.order_by("pk"))


def _check_answers(row: TipSheetReceipt, activities: Sequence[Activity]) -> None:
    quarter = Period.parse(row.sheet.quarter)
    held = Participation.objects.filter(org=row.org, activity__in=activities)
    own = set(held.values_list("activity_id", flat=True))
    for each in activities:
        if each.pk not in own:
            raise DomainError(f"「{each}」不是「{row.org}」的活动记录。", code="stranger")
        if each.state in NOT_HELD:
            raise DomainError(f"「{each}」{each.get_state_display()}，不能作为完成依据。", code="not_held")
        if not answers(each.held_on, quarter):
            message = f"「{each}」在 {each.held_on:%Y-%m-%d}，早于{quarter.label}，不能作为完成依据。"
            raise DomainError(message, basis=TIP_SHEETS, code="too_early")


def _check_quarter(sheet: TipSheet) -> None:
    try:
        period = Period.parse(sheet.quarter)
    except ValueError as error:
        raise DomainError(str(error), field="quarter") from None
    if period.kind != "quarter":
        raise DomainError("请填写季度，如 2026Q3。", field="quarter")
