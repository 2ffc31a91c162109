"""Pages of 全国系统核对: upload, map the columns, see the three lists, take them away as a workbook."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.http import content_disposition_header
from django.views import View

from apps.branches.models import PartyOrg
from apps.core import audit
from apps.core.codes import mask_numbers
from apps.core.excel.problems import WorkbookRefused
from apps.core.excel.text import watermark
from apps.core.excel.writer import XLSX_TYPE, SheetSpec, write_xlsx
from apps.core.ledger import Column, Kind
from apps.core.nodes import own_nodes
from apps.core.scoping import required_scope
from apps.core.views import ActionView, DetailPage, FormPage, ObjectMixin, Page, may

from .. import reconciliation as work
from ..comparison import Outcome
from ..forms.reconciliation import ReconcileForm, ReconcileMappingForm
from ..kinds import ReconciliationState
from ..models import Reconciliation
from ..permissions import RECONCILE, VIEW
from ..services.reconciliations import discard_reconciliation
from .common import MEMBERS

HERE = {"label": "全国系统核对", "url": "/members/reconciliation/"}
EARLIER_SHOWN = 20
A_PAGE = 100
SAMPLE_ROWS = 3
TONES = {
    ReconciliationState.DONE: "success",
    ReconciliationState.MAPPING: "warning",
    ReconciliationState.READING: "info",
}
LISTS = {"different": "信息不同", "there": "只在全国系统", "here": "只在本平台", "problems": "读不出的单元格"}


def rows_of_scope() -> Any:
    """Comparisons that are kept, without what is sealed in them."""
    rows = Reconciliation.objects.filter(expires_at__gt=timezone.now()).select_related("org", "uploaded_by")
    return rows.defer("content", "result")


class ReconciliationStart(FormPage):
    """Upload an export; below it what was compared before."""

    permission = RECONCILE
    form_class = ReconcileForm
    template_name = "members/reconciliation_start.html"
    title = "与全国系统核对"
    lead = "上传全国党员管理信息系统导出的名册，看看谁只在一边、谁的信息不同。只核对，不改动本平台的名册，也不回写全国系统。"
    submit_label = "上传并核对"
    success_message = ""

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [MEMBERS]

    def get_initial(self) -> dict[str, Any]:
        roots = own_nodes(required_scope())
        return {"org": PartyOrg.objects.filter(path=roots[0][0]).first()} if roots else {}

    def get_cancel_url(self) -> str:
        return "/members/"

    def perform(self, form: ReconcileForm) -> str:
        file, org = form.cleaned_data["file"], form.cleaned_data["org"]
        found = work.begin(org=org, file_name=file.name, data=file.read(), today=self.today, actor=self.request.user)
        if isinstance(found, Reconciliation) and found.state == ReconciliationState.MAPPING:
            return f"{found.get_absolute_url()}map/"
        return str(found.get_absolute_url())

    def _refused(self, form: Any, error: Any) -> HttpResponse:
        if isinstance(error, WorkbookRefused):
            for problem in error.problems[1:]:
                form.add_error("file", problem.message)
        return super()._refused(form, error)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        earlier = [
            [
                {"text": row.file_name, "url": row.get_absolute_url()}, str(row.org),
                {"text": row.get_state_display(), "badge": TONES[ReconciliationState(row.state)]},
                {"text": row.rows, "numeric": True},
                *({"text": row.counts.get(name, "—"), "numeric": True} for name in ("different", "there", "here")),
                f"{row.uploaded_by.display_name} {timezone.localtime(row.uploaded_at):%m-%d %H:%M}",
                f"{timezone.localtime(row.expires_at):%m-%d %H:%M}",
            ]
            for row in rows_of_scope()[:EARLIER_SHOWN]
        ]  # fmt: skip
        numbers = [{"label": label, "numeric": True} for label in ("文件行数", "不同", "只在全国系统", "只在本平台")]
        headers = ["文件", "党组织", "状态", *numbers, "上传", "保留至"]
        return super().get_context_data(earlier={"headers": headers, "rows": earlier}, **kwargs)


class ReconciliationMixin(ObjectMixin):
    """A comparison of the scope that has not expired, else 404."""

    def get_queryset(self) -> Any:
        return rows_of_scope()

    @cached_property
    def whole(self) -> Reconciliation:
        """The row with what is sealed in it."""
        return Reconciliation.objects.select_related("org").get(pk=self.object.pk)


class ReconciliationMap(ReconciliationMixin, FormPage):
    """Which header means what, beside the first rows of the file."""

    permission = RECONCILE
    form_class = ReconcileMappingForm
    template_name = "members/reconciliation_map.html"
    submit_label = "确认并核对"
    success_message = ""

    @cached_property
    def table(self) -> Any:
        if self.object.state != ReconciliationState.MAPPING:
            raise Http404
        return work.table_of(self.whole)

    def get_title(self) -> str:
        return f"对应列：{self.object.file_name}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [MEMBERS, HERE]

    def get_cancel_url(self) -> str:
        return HERE["url"]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "headers": self.table.headers, "mapping": self.object.mapping}

    def perform(self, form: ReconcileMappingForm) -> Reconciliation:
        return work.map_columns(
            reconciliation=self.whole, mapping=form.mapping(), today=self.today, actor=self.request.user
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = [at for at, header in enumerate(self.table.headers) if header]
        sample = {
            "caption": "文件开头的几行",
            "headers": ["行号", *(self.table.headers[at] for at in shown)],
            "rows": [[number, *(_plain(cells[at]) for at in shown)] for number, cells in self.table.rows[:SAMPLE_ROWS]],
            "empty": "表头下面没有数据。",
        }
        return super().get_context_data(sample=sample, **kwargs)


class ReconciliationPage(ReconciliationMixin, DetailPage):
    """The three lists and the branches; a list at a time, a hundred rows a page."""

    permission = RECONCILE
    template_name = "members/reconciliation.html"

    def get_title(self) -> str:
        return f"与全国系统核对：{self.object.org}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [MEMBERS, HERE]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(tone=TONES[ReconciliationState(self.object.state)], **kwargs)
        if self.object.state != ReconciliationState.DONE:
            return context
        outcome = work.outcome_of(self.whole)
        show = self.request.GET.get("show", "different")
        if show not in LISTS:
            raise Http404
        headers, rows = _listed(outcome, show, linked=may(self.request.user, VIEW))
        page = Paginator(rows, A_PAGE).get_page(self.request.GET.get("page"))
        counts = self.object.counts
        return context | {
            "counts": counts, "show": show, "page": page, "list": {"headers": headers, "rows": page.object_list},
            "tabs": [{"name": name, "label": f"{label} {counts[name]:,}"} for name, label in LISTS.items()],
            "branches": _branches(outcome),
            "pager": {
                "count_label": f"共 {page.paginator.count:,} 条",
                "previous_url": f"?show={show}&page={page.previous_page_number()}" if page.has_previous() else "",
                "next_url": f"?show={show}&page={page.next_page_number()}" if page.has_next() else "",
            },
        }  # fmt: skip


class ReconciliationWorkbook(ReconciliationMixin, Page, View):
    """The lists as a workbook, masked as on screen."""

    permission = RECONCILE

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.object.state != ReconciliationState.DONE:
            raise Http404
        now = timezone.localtime()
        target = io.BytesIO()
        write_xlsx(target, _sheets(work.outcome_of(self.whole), watermark(request.user.display_name, now)))
        audit.record(request.user, "reconciliation.downloaded", self.object, summary="下载全国系统核对结果")
        response = HttpResponse(target.getvalue(), content_type=XLSX_TYPE)
        name = f"全国系统核对_{self.object.org.code}_{now:%Y%m%d_%H%M}.xlsx"
        response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
        response.headers["Cache-Control"] = "no-store, private"
        return response


class ReconciliationDiscard(ReconciliationMixin, ActionView):
    """Delete a comparison before it expires."""

    permission = RECONCILE
    success_message = "已删除。"

    def perform(self) -> str:
        discard_reconciliation(reconciliation=self.object, actor=self.request.user)
        return HERE["url"]

    def get_back_url(self) -> str:
        return HERE["url"]


def _listed(outcome: Outcome, show: str, *, linked: bool) -> tuple[list[Any], list[list[Any]]]:
    """Headers and rows of one list, as the page shows them."""

    def member(name: str, pk: int) -> Any:
        return {"text": name, "url": f"/members/{pk}/"} if linked else name

    if show == "there":
        return ["文件行号", "姓名", "身份证号", "出生日期", "所在党支部（全国系统）"], [
            [each.row, each.name, each.id_number, each.born_on, each.branch] for each in outcome.there
        ]
    if show == "here":
        return ["姓名", "党员编号", "身份证号", "出生日期", "所在党支部"], [
            [member(each.name, each.pk), each.code, each.id_number, each.born_on, each.branch] for each in outcome.here
        ]
    if show == "problems":
        return ["文件行号", "列", "问题"], [[each.row, each.column, each.message] for each in outcome.problems]
    return ["姓名", "所在党支部", "认定依据", "不同的内容", "全国系统", "本平台"], [
        [member(each.name, each.pk), each.branch, each.matched_by, label, theirs, ours]
        for each in outcome.different
        for label, theirs, ours in each.fields
    ]


def _branches(outcome: Outcome) -> dict[str, Any]:
    labels = ("全国系统", "本平台", "一致", "不同", "只在全国系统", "只在本平台")
    rows = [[name, *({"text": number, "numeric": True} for number in numbers)] for name, *numbers in outcome.branches]
    return {"headers": ["党支部", *({"label": label, "numeric": True} for label in labels)], "rows": rows}


def _sheets(outcome: Outcome, line: str) -> Iterator[SheetSpec]:
    labels = ("全国系统", "本平台", "一致", "不同", "只在全国系统", "只在本平台")
    columns = [Column("branch", "党支部"), *(Column(label, label, kind=Kind.INTEGER) for label in labels)]
    yield SheetSpec("各党支部", columns, outcome.branches, line)
    for show, label in LISTS.items():
        headers, rows = _listed(outcome, show, linked=False)
        kinds = {"文件行号": Kind.INTEGER}
        yield SheetSpec(label, [Column(head, head, kind=kinds.get(head, Kind.TEXT)) for head in headers], rows, line)


def _plain(cell: Any) -> str:
    return "" if cell is None else mask_numbers(cell if isinstance(cell, str) else cell.text)
