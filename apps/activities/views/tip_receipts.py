"""提示单 at the branch: read on a phone, signed for with one tap, answered with records of the quarter."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.functional import cached_property

from apps.core.clock import minute
from apps.core.errors import DomainError
from apps.core.periods import Period
from apps.core.text import row_id
from apps.core.views import ActionView, DetailPage, ObjectMixin, PageView
from apps.enterprises.views.common import can

from .. import permissions
from ..kinds import TipSheetState
from ..ledgers.tip_sheets import RECEIPT_TONES, state_of
from ..models import Activity, Participation, TipSheetLink, TipSheetReceipt
from ..rules.tips import TIP_SHEETS
from ..services import tips as services
from .tips import RECEIPTS, receipts

OFFERED = 30
"""How many records of the quarter are offered to be linked (appearance only)."""


def links_of(receipt: TipSheetReceipt) -> list[TipSheetLink]:
    rows = TipSheetLink.objects.filter(receipt=receipt).select_related("activity__kind")
    return list(rows.order_by("activity__held_on", "pk"))


class ReceiptPage(DetailPage):
    """One sheet at one branch: what it asks, one button to sign, the records that answer it and those that could."""

    permission = permissions.VIEW
    template_name = "activities/tip_receipt.html"
    object: TipSheetReceipt

    def get_queryset(self) -> Any:
        return receipts()

    def get_title(self) -> str:
        return self.object.sheet.title

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [RECEIPTS]

    def get_badges(self) -> list[dict[str, str]]:
        state = state_of(self.object, self.today)
        return [{"text": state.label, "tone": RECEIPT_TONES[state]}]

    def get_actions(self) -> list[dict[str, Any]]:
        return [{"label": "打印", "url": f"{self.object.get_absolute_url()}print/"}]

    def get_facts(self) -> list[dict[str, Any]]:
        row = self.object
        return [
            {"label": "完成期限", "value": row.sheet.due_on},
            {"label": "签收", "value": f"{minute(row.signed_at)} {row.signed_by_name}".strip()},
            {"label": "完成日期", "value": row.done_on},
            {"label": "党支部", "value": str(row.org)},
            {"label": "下发单位", "value": str(row.other_org)},
            {"label": "季度", "value": Period.parse(row.sheet.quarter).label},
            {"label": "编号", "value": row.sheet.number},
            {"label": "下发日期", "value": row.sheet.issued_on},
        ]

    @cached_property
    def may_work(self) -> bool:
        """Whether the reader may sign and link here, now."""
        return self.object.sheet.state == TipSheetState.ISSUED and can(self.request.user, permissions.KEEP, self.object)

    @cached_property
    def links(self) -> list[TipSheetLink]:
        return links_of(self.object)

    def offered(self) -> list[Participation]:
        """Records of the branch since the quarter began that are not linked, the newest first."""
        quarter = Period.parse(self.object.sheet.quarter)
        rows = Participation.objects.filter(org=self.object.org_id, held_on__gte=quarter.start, held_on__lte=self.today)
        rows = rows.exclude(state__in=services.NOT_HELD).exclude(activity__in=[link.activity_id for link in self.links])
        return list(rows.select_related("activity", "kind").order_by("-held_on", "-pk")[:OFFERED])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            may_work=self.may_work, links=self.links, offered=self.offered() if self.may_work else [],
            basis=[TIP_SHEETS], **kwargs,
        )  # fmt: skip


class PrintReceipt(ObjectMixin, PageView):
    """The sheet on paper at the branch, with who signed and which records answer it."""

    permission = permissions.VIEW
    template_name = "activities/tip_sheet_print.html"
    title = "打印提示单"
    object: TipSheetReceipt

    def get_queryset(self) -> Any:
        return receipts()

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [RECEIPTS, {"label": str(self.object.sheet), "url": self.object.get_absolute_url()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            sheet=self.object.sheet, receipt=self.object, links=links_of(self.object),
            quarter=Period.parse(self.object.sheet.quarter), back=self.object.get_absolute_url(), **kwargs,
        )  # fmt: skip


class OnReceipt(ObjectMixin, ActionView):
    """One button about one sheet at the branch."""

    permission = permissions.KEEP
    object: TipSheetReceipt

    def get_queryset(self) -> Any:
        return receipts()

    def get_back_url(self) -> str:
        return str(self.object.get_absolute_url())


class SignReceipt(OnReceipt):
    success_message = "已签收。"

    def perform(self) -> TipSheetReceipt:
        return services.sign_receipt(receipt=self.object, now=timezone.now(), actor=self.request.user)


class SignMany(ActionView):
    """Several at once, all or nothing."""

    permission = permissions.KEEP
    success_message = "已签收。"

    def get_back_url(self) -> str:
        return self.came_from()

    def perform(self) -> str:
        services.sign_receipts(receipts=self.ticked(receipts()), now=timezone.now(), actor=self.request.user)
        return RECEIPTS["url"]


class LinkRecords(OnReceipt):
    success_message = "已关联。"

    def perform(self) -> TipSheetReceipt:
        wanted = {row_id(value) for value in self.request.POST.getlist("activity")}
        held = Participation.objects.filter(org=self.object.org_id, activity__in=[pk for pk in wanted if pk])
        found: list[Activity] = [row.activity for row in held.select_related("activity")]
        if not found or len(found) != len(wanted):
            raise DomainError("请勾选本支部的活动记录。")
        return services.link_records(receipt=self.object, activities=found, now=timezone.now(), actor=self.request.user)


class UnlinkRecord(ObjectMixin, ActionView):
    permission = permissions.KEEP
    success_message = "已取消关联。"
    object: TipSheetLink

    def get_queryset(self) -> Any:
        return TipSheetLink.objects.select_related("receipt__sheet", "receipt__org", "activity")

    def get_back_url(self) -> str:
        return str(self.object.receipt.get_absolute_url())

    def perform(self) -> TipSheetReceipt:
        return services.unlink_record(link=self.object, actor=self.request.user)
