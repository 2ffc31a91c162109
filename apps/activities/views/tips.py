"""提示单 at the office: drafted, issued, watched, closed."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, Value
from django.db.models.functions import Left
from django.utils.functional import cached_property

from apps.branches.models import PartyOrg
from apps.branches.rules import OrgKind
from apps.core.clock import minute
from apps.core.forms import BaseForm
from apps.core.nodes import own_nodes
from apps.core.periods import Period
from apps.core.scoping import required_scope
from apps.core.views import DetailPage, EditPage, FormPage, ObjectMixin, PageView
from apps.enterprises.views.common import buttons
from apps.enterprises.views.lists import RegisterList
from apps.enterprises.views.tables import section, table

from .. import permissions
from ..forms.tips import ISSUERS, NewSheetForm, SheetForm
from ..kinds import TipSheetState
from ..ledgers.tip_sheets import (
    RECEIPT_TONES,
    SHEET_TONES,
    IssuedLedger,
    TipSheetLedger,
    listed,
    state_of,
)
from ..models import TipSheet, TipSheetReceipt
from ..rules.tips import TIP_SHEETS
from ..services import tips as services

RECEIPTS = {"label": "提示单", "url": "/tip-sheets/"}
ISSUED = {"label": "提示单下发情况", "url": "/tip-sheets/issued/"}
NAMED = 60
"""How many branches a page names before it links to the book (appearance only)."""


class ReceiptList(RegisterList):
    """提示单台账; ticked ones are signed for at once."""

    ledger = TipSheetLedger
    offers = ((permissions.ISSUE, "起草提示单", "/tip-sheets/new/"), (permissions.ISSUE, "下发情况", ISSUED["url"]))

    def get_bulk_actions(self) -> list[dict[str, str]]:
        if self.request.GET.get("state") != "unsigned":
            return []
        return [{"label": "签收所选", "url": "/tip-sheets/sign/", "tone": "primary"}]


class IssuedList(RegisterList):
    """下发情况."""

    ledger = IssuedLedger
    offers = ((permissions.ISSUE, "起草提示单", "/tip-sheets/new/"),)

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [RECEIPTS]


def sheets() -> Any:
    return TipSheet.objects.select_related("org")


def receipts() -> Any:
    return TipSheetReceipt.objects.select_related("sheet", "org", "other_org")


class SheetPage(DetailPage):
    """One sheet at its issuer: what it says, and how far the branches are, with the names behind each number."""

    permission = permissions.ISSUE
    template_name = "activities/tip_sheet.html"
    object: TipSheet

    def get_queryset(self) -> Any:
        return sheets()

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [RECEIPTS, ISSUED]

    def get_badges(self) -> list[dict[str, str]]:
        state = TipSheetState(self.object.state)
        return [{"text": state.label, "tone": SHEET_TONES[state]}]

    def get_actions(self) -> list[dict[str, Any]]:
        here, issue = self.object.get_absolute_url(), permissions.ISSUE
        steps = {
            TipSheetState.DRAFT: ((issue, "下发", f"{here}issue/"), (issue, "修改", f"{here}edit/"),
                                  (issue, "删除", f"{here}discard/")),
            TipSheetState.ISSUED: ((issue, "办结", f"{here}close/"),),
            TipSheetState.CLOSED: (),
        }  # fmt: skip
        found = buttons(self.request.user, self.object, *steps[TipSheetState(self.object.state)])
        return [*found, {"label": "打印", "url": f"{here}print/"}]

    def get_facts(self) -> list[dict[str, Any]]:
        row = self.object
        return [
            {"label": "编号", "value": row.number},
            {"label": "下发单位", "value": str(row.org)},
            {"label": "季度", "value": Period.parse(row.quarter).label},
            {"label": "完成期限", "value": row.due_on},
            {"label": "下发日期", "value": row.issued_on},
            {"label": "办结日期", "value": row.closed_on},
        ]

    @cached_property
    def asked(self) -> Any:
        return receipts().asked().filter(sheet=self.object)

    def get_sections(self) -> list[dict[str, Any]]:
        if self.object.state == TipSheetState.DRAFT:
            return []
        found = [section("progress", "办理进度", self._progress(), ("提示单台账", listed(self.object)))]
        for code, title, rows in (
            ("unsigned", "未签收", self.asked.filter(signed_at__isnull=True)),
            ("undone", "已签收、未完成", self.asked.filter(signed_at__isnull=False, done_on__isnull=True)),
        ):
            if names := self._names(rows):
                found.append(section(code, title, names, None))
        return found

    def _progress(self) -> dict[str, Any]:
        """A line for each park below the issuer, else the issuer alone; every number opens to its branches."""
        lines = []
        for org, total, signed, done in self._lines():
            where = {"org": org.code}
            lines.append([
                {"text": str(org), "url": listed(self.object, **where)},
                {"text": total, "numeric": True, "url": listed(self.object, **where)},
                {"text": signed, "numeric": True, "url": listed(self.object, **where, signed=1)},
                {"text": total - signed, "numeric": True, "url": listed(self.object, **where, signed=0)},
                {"text": done, "numeric": True, "url": listed(self.object, **where, done=1)},
                {"text": total - done, "numeric": True, "url": listed(self.object, **where, done=0)},
                {"text": f"{done * 100 // total if total else 0}%", "numeric": True},
            ])  # fmt: skip
        headers = [{"label": "党组织"}, *({"label": label, "numeric": True} for label in (
            "下发", "已签收", "未签收", "已完成", "未完成", "完成率"))]  # fmt: skip
        return {"headers": headers, "rows": lines, "empty": "还没有下发。"}

    def _lines(self) -> list[tuple[PartyOrg, int, int, int]]:
        issuer = self.object.org
        parks = (
            PartyOrg.objects.below(issuer).filter(kind=OrgKind.WORK_COMMITTEE).exclude(pk=issuer.pk).order_by("path")
        )
        found = {park.path: park for park in parks}
        figures = {"total": Count("pk"), "signed": Count("pk", filter=Q(signed_at__isnull=False)),
                   "done": Count("pk", filter=Q(done_on__isnull=False))}  # fmt: skip
        lines, rest = [], self.asked.order_by()
        for width in sorted({len(path) for path in found}, reverse=True):
            near = Left("org_path", Value(width))
            own = [path for path in found if len(path) == width]
            counted = rest.annotate(park=near).filter(park__in=own).values("park").annotate(**figures)
            lines += [(found[each["park"]], each["total"], each["signed"], each["done"]) for each in counted]
            rest = rest.annotate(**{f"park_{width}": near}).exclude(**{f"park_{width}__in": own})
        own_lines = rest.aggregate(**figures)
        lines.sort(key=lambda line: line[0].path)
        if own_lines["total"]:
            lines.append((issuer, own_lines["total"], own_lines["signed"], own_lines["done"]))
        return lines

    def _names(self, rows: Any) -> dict[str, Any] | None:
        named = list(rows.order_by("org_path", "pk")[: NAMED + 1])
        if not named:
            return None
        cells = [
            [{"text": str(row.org), "url": row.get_absolute_url()}, {"text": minute(row.signed_at)},
             {"text": row.signed_by_name}, {"text": state_of(row, self.today).label,
                                            "badge": RECEIPT_TONES[state_of(row, self.today)]}]
            for row in named[:NAMED]
        ]  # fmt: skip
        if len(named) > NAMED:
            cells.append([{"text": f"等，共 {rows.count()} 个", "url": listed(self.object, done=0)}, "", "", ""])  # type: ignore[list-item]
        return table(("党支部", "签收时间", "签收人", "状态"), cells, "")


class PrintSheet(ObjectMixin, PageView):
    """The sheet on paper, with the slip on which a branch signs for it."""

    permission = permissions.ISSUE
    template_name = "activities/tip_sheet_print.html"
    title = "打印提示单"

    def get_queryset(self) -> Any:
        return sheets()

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [ISSUED, {"label": str(self.object), "url": self.object.get_absolute_url()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            sheet=self.object, quarter=Period.parse(self.object.quarter), back=self.object.get_absolute_url(), **kwargs
        )


class NewSheet(FormPage):
    """起草提示单."""

    permission = permissions.ISSUE
    form_class = NewSheetForm
    title = "起草提示单"
    submit_label = "存为草稿"
    success_message = "已存为草稿，核对后下发。"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "today": self.today}

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [RECEIPTS, ISSUED]

    def get_cancel_url(self) -> str:
        return ISSUED["url"]

    def get_basis(self) -> list[Any]:
        return [TIP_SHEETS]

    def get_initial(self) -> dict[str, Any]:
        quarter = Period.quarter_of(self.today)
        roots = own_nodes(required_scope())
        org = PartyOrg.objects.filter(path=roots[0][0], kind__in=ISSUERS).first() if roots else None
        used = TipSheet.objects.filter(org=org, quarter=str(quarter)).count() if org else 0
        return {"org": org, "quarter": str(quarter), "due_on": quarter.last_day, "number": f"{quarter}-{used + 1:02d}"}

    def perform(self, form: Any) -> TipSheet:
        facts = form.facts()
        org = facts.pop("org")
        return services.draft_sheet(org=org, facts=facts, actor=self.request.user)


class EditSheet(EditPage):
    permission = permissions.ISSUE
    form_class = SheetForm
    title = "修改提示单"
    object: TipSheet

    def get_queryset(self) -> Any:
        return sheets()

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "today": self.today, "kept": self.object.quarter}

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [ISSUED, {"label": str(self.object), "url": self.object.get_absolute_url()}]

    def get_locked(self) -> str:
        row = self.object
        return "" if row.state == TipSheetState.DRAFT else f"这份提示单{row.get_state_display()}，不能再修改。"

    def perform(self, form: Any) -> TipSheet:
        return services.change_sheet(
            sheet=self.object, facts=form.facts(), actor=self.request.user, version=form.cleaned_data["version"]
        )


class SheetStep(EditPage):
    """Asks once more before a step that cannot be taken back."""

    permission = permissions.ISSUE
    form_class = BaseForm
    object: TipSheet

    def get_queryset(self) -> Any:
        return sheets()

    def get_title(self) -> str:
        return f"{self.title}：{self.object.title}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [ISSUED, {"label": str(self.object), "url": self.object.get_absolute_url()}]

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.object.version}

    def get_basis(self) -> list[Any]:
        return [TIP_SHEETS]


class IssueSheet(SheetStep):
    title = "下发提示单"
    submit_label = "下发"
    success_message = "已下发，各支部会收到签收提醒。"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        count = services.branches_asked(self.object, self.today).count()
        lead = (
            f"将发至「{self.object.org}」之下的 {count} 个党支部，完成期限 {self.object.due_on:%Y-%m-%d}。下发后内容不能再修改；"
            "期限之前新成立的支部会自动补发。"
        )
        return super().get_context_data(lead=lead, **kwargs)

    def get_locked(self) -> str:
        return "" if self.object.state == TipSheetState.DRAFT else "这份提示单已经下发。"

    def perform(self, form: Any) -> TipSheet:
        return services.issue_sheet(
            sheet=self.object, today=self.today, actor=self.request.user, version=form.cleaned_data["version"]
        )


class CloseSheet(SheetStep):
    title = "办结提示单"
    lead = "办结后不再签收和关联；还没有完成的支部记为未完成，不再提醒。"
    submit_label = "办结"
    success_message = "已办结。"

    def get_locked(self) -> str:
        return "" if self.object.state == TipSheetState.ISSUED else "只有已下发的提示单可以办结。"

    def perform(self, form: Any) -> TipSheet:
        return services.close_sheet(sheet=self.object, today=self.today, actor=self.request.user)


class DiscardSheet(SheetStep):
    title = "删除草稿"
    lead = "删除还没有下发的草稿。"
    submit_label = "删除"
    success_message = "已删除草稿。"
    danger = True

    def get_locked(self) -> str:
        return "" if self.object.state == TipSheetState.DRAFT else "只有草稿可以删除。"

    def perform(self, form: Any) -> str:
        services.discard_sheet(sheet=self.object, actor=self.request.user)
        return ISSUED["url"]
