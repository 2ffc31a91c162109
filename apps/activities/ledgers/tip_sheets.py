"""提示单台账 (at each branch: signed for, answered, done) and 下发情况 (at the issuer, summed up)."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from apps.branches.ledgers.common import organization_filter
from apps.core.ledger import Column, Filter, Kind, Ledger, Ordering, register
from apps.enterprises.ledgers.common import link_to, recent_quarters

from .. import permissions
from ..kinds import TipSheetState
from ..models import TipSheet, TipSheetLink, TipSheetReceipt
from ..rules.tips import ReceiptState, receipt_state

RECEIPT_TONES = {
    ReceiptState.UNSIGNED: "warning", ReceiptState.SIGNED: "info", ReceiptState.OVERDUE: "danger",
    ReceiptState.DONE: "success", ReceiptState.DONE_LATE: "warning", ReceiptState.CLOSED: "danger",
}  # fmt: skip
SHEET_TONES = {TipSheetState.DRAFT: "neutral", TipSheetState.ISSUED: "info", TipSheetState.CLOSED: "success"}


def state_of(row: TipSheetReceipt, today: datetime.date) -> ReceiptState:
    """Where the sheet stands at the branch on the day."""
    return receipt_state(
        is_signed=row.signed_at is not None, done_on=row.done_on, due_on=row.sheet.due_on,
        is_closed=row.sheet.state == TipSheetState.CLOSED, today=today,
    )  # fmt: skip


def _state(row: Any) -> ReceiptState:
    return state_of(row, row.asked_on)


def done_part(value: str) -> Callable[[Any, bool, Any], Any]:
    """The filter that a row has a value in the column, or none."""

    def apply(rows: Any, wanted: bool, ledger: Ledger) -> Any:
        return rows.filter(**{f"{value}__isnull": not wanted})

    return apply


def linked_records() -> Any:
    """How many records answer the receipt, for annotate()."""
    links = TipSheetLink.objects.filter(receipt=OuterRef("pk")).order_by().values("receipt")
    return Coalesce(Subquery(links.annotate(n=Count("pk")).values("n")), 0)


@register
class TipSheetLedger(Ledger):
    """提示单台账: each sheet at each branch."""

    code, title, permission = "activities.tip_sheets", "提示单台账", permissions.VIEW
    lead = "每季度下发的学习教育提示单：签收后按要求开展活动，关联活动记录即为完成。"
    columns = (
        Column("title", "题目", "sheet.title", link=lambda row: row.get_absolute_url()),
        Column("number", "编号", "sheet.number"),
        Column("quarter", "季度", "sheet.quarter"),
        Column("org", "党组织", lambda row: str(row.org), link=link_to("org")),
        Column("org_code", "党组织代码", "org.code", default=False),
        Column("issuer", "下发单位", lambda row: str(row.other_org)),
        Column("issued_on", "下发日期", "sheet.issued_on", kind=Kind.DATE, default=False),
        Column("due_on", "完成期限", "sheet.due_on", kind=Kind.DATE),
        Column("state", "状态", _state, choices=dict(ReceiptState.choices()), tone=lambda row: RECEIPT_TONES[_state(row)]),
        Column("signed_at", "签收时间", kind=Kind.DATETIME),
        Column("signed_by", "签收人", "signed_by_name"),
        Column("done_on", "完成日期", kind=Kind.DATE),
        Column("records", "活动记录", kind=Kind.INTEGER),
    )  # fmt: skip
    filters = (
        Filter("quarter", "季度", lookup="sheet__quarter", choices=recent_quarters),
        Filter("state", "状态", choices=ReceiptState.choices(),
               apply=lambda rows, value, ledger: rows.in_state(value, ledger.today)),
        Filter("sheet", "提示单编号", kind="text", lookup="sheet__number"),
        organization_filter(),
        Filter("signed", "已签收", kind="bool", apply=done_part("signed_at")),
        Filter("done", "已完成", kind="bool", apply=done_part("done_on")),
    )  # fmt: skip
    orderings = {
        "": Ordering("最近下发在前", ("-pk",)),
        "org": Ordering("按党组织", ("org_path", "pk")),
    }
    search_hint = "题目或编号"
    empty_text = "还没有收到提示单。"

    def rows(self) -> Any:
        rows = TipSheetReceipt.objects.asked().select_related("sheet", "org", "other_org")
        return rows.annotate(asked_on=Value(self.today), records=linked_records())

    def search(self, rows: Any, text: str) -> Any:
        return rows.filter(Q(sheet__title__icontains=text) | Q(sheet__number__icontains=text))


def _receipts(**which: Any) -> Any:
    rows = TipSheetReceipt.objects.asked().filter(sheet=OuterRef("pk"), **which).order_by().values("sheet")
    return Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n")), 0)


def listed(sheet: TipSheet, **more: Any) -> str:
    """The address of the receipts of a sheet, or of some of them."""
    return f"/tip-sheets/?{urlencode({'sheet': sheet.number, **more})}"


@register
class IssuedLedger(Ledger):
    """提示单下发情况: each sheet with how many branches received it, signed for it and did it."""

    code, title, permission = "activities.tip_sheets_issued", "提示单下发情况", permissions.ISSUE
    columns = (
        Column("title", "题目", link=lambda row: row.get_absolute_url()),
        Column("number", "编号"),
        Column("quarter", "季度"),
        Column("org", "下发单位", lambda row: str(row.org), link=link_to("org")),
        Column("state", "状态", choices=dict(TipSheetState.choices()), tone=lambda row: SHEET_TONES[row.state]),
        Column("issued_on", "下发日期", kind=Kind.DATE),
        Column("due_on", "完成期限", kind=Kind.DATE),
        Column("received", "下发", kind=Kind.INTEGER, link=listed),
        Column("signed", "已签收", kind=Kind.INTEGER, link=lambda row: listed(row, signed=1)),
        Column("done", "已完成", kind=Kind.INTEGER, link=lambda row: listed(row, done=1)),
        Column("undone", "未完成", lambda row: row.received - row.done, kind=Kind.INTEGER,
               link=lambda row: listed(row, done=0)),
    )  # fmt: skip
    filters = (
        Filter("quarter", "季度", choices=recent_quarters),
        Filter("state", "状态", choices=TipSheetState.choices()),
        organization_filter(),
    )
    orderings = {"": Ordering("最近的在前", ("-pk",))}
    search_hint = "题目或编号"
    empty_text = "还没有提示单。点「起草提示单」，下发后各支部会收到待签收提醒。"

    def rows(self) -> Any:
        return TipSheet.objects.select_related("org").annotate(
            received=_receipts(), signed=_receipts(signed_at__isnull=False), done=_receipts(done_on__isnull=False)
        )

    def search(self, rows: Any, text: str) -> Any:
        return rows.filter(Q(title__icontains=text) | Q(number__icontains=text))
