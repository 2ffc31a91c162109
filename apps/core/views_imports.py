"""Pages of the import: the list of batches, upload, mapping of columns, check, and the buttons of a batch.

Each page asks for the right to import this ledger as it is now; a batch outside its scope is 404.
"""

from __future__ import annotations

import datetime
import io
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils.functional import cached_property
from django.views import View

from . import audit
from .codes import mask_numbers
from .errors import Conflict, DomainError
from .excel.problems import WorkbookRefused
from .excel.writer import XLSX_TYPE
from .guard import scope_or_denied
from .imports.annotate import annotated_copy
from .imports.background import CHECK, COMMIT, is_long, later, upload_long_file
from .imports.batches import check_batch, discard_batch, is_read, report_of, set_mapping, table_of, upload_file
from .imports.commit import ChecksFailed, commit_batch
from .imports.forms import MappingForm, UploadForm
from .imports.ledger import STATE_TONES, BatchLedger, allowed_importers
from .imports.spec import Importer, registry
from .imports.template import template
from .imports.undo import undo_batch
from .models import ImportBatch
from .nodes import own_nodes
from .rights import IMPORT
from .scoping import required_scope
from .views import ActionView, FormPage, LedgerView, Page, PageView

PROBLEMS_A_PAGE = 100
SAMPLE_ROWS = 3
STEPS = ("上传文件", "对应列", "检查", "导入")
State = ImportBatch.State


class BatchListView(LedgerView):
    """导入记录, and what may be imported."""

    ledger = BatchLedger
    template_name = "imports/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(importers=allowed_importers(self.request.user), **kwargs)


class ImporterMixin:
    """The importer named in the URL; its permission is the view's."""

    kwargs: dict[str, Any]

    @cached_property
    def importer(self) -> type[Importer]:
        found = registry.get(self.kwargs["code"])
        if found is None:
            raise Http404
        return found

    def needed(self, method: str) -> str:
        return self.importer.permission


class UploadView(ImporterMixin, FormPage):  # type: ignore[misc]
    """Upload a file. What can be mapped by itself goes straight to the check."""

    permission = IMPORT
    form_class = UploadForm
    template_name = "imports/upload.html"
    submit_label = "上传并检查"
    success_message = ""

    def get_title(self) -> str:
        return f"导入{self.importer.title}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [{"label": "导入记录", "url": "/imports/"}]

    def get_form_kwargs(self) -> dict[str, Any]:
        nodes = own_nodes(required_scope())
        return {**super().get_form_kwargs(), "importer": self.importer, "nodes": nodes}

    def get_cancel_url(self) -> str:
        return "/imports/"

    def perform(self, form: UploadForm) -> Any:
        file = form.cleaned_data["file"]
        org = apps.get_model(settings.ORG_MODEL).objects.filter(path=form.cleaned_data["org"]).first()
        if org is None:
            raise Http404
        facts = {
            "importer": self.importer, "org": org, "file_name": file.name, "data": file.read(),
            "mode": form.cleaned_data["mode"], "actor": self.request.user,
        }  # fmt: skip
        try:
            batch = upload_file(**facts)
        except WorkbookRefused as refused:
            if refused.code != "too_many_rows":
                raise
            return upload_long_file(**facts).get_absolute_url()
        if batch.state == State.UPLOADED:
            return f"/imports/{batch.pk}/map/"
        check_batch(batch=batch, actor=self.request.user, today=self.today)
        return batch

    def _refused(self, form: Any, error: DomainError) -> HttpResponse:
        if isinstance(error, WorkbookRefused):
            for problem in error.problems[1:]:
                form.add_error("file", problem.message)
        return super()._refused(form, error)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        steps = _steps(0)
        return super().get_context_data(importer=self.importer, steps=steps, **kwargs)


class TemplateView(ImporterMixin, Page, View):  # type: ignore[misc]
    """The workbook to fill in; with `filled` it holds today's rows of the scope."""

    permission = IMPORT

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        filled = request.GET.get("filled") == "1"
        path = own_nodes(required_scope())[0][0]
        org = apps.get_model(settings.ORG_MODEL).objects.get(path=path)
        data = template(self.importer(org=org, actor=request.user, today=self.today), filled=filled)
        if filled:
            audit.record(request.user, "import.template", summary=f"下载已填好的「{self.importer.title}」模板")
        return _download(data, f"{self.importer.title}{'（已填）' if filled else '模板'}.xlsx")


class BatchMixin:
    """The batch of the URL, if the user may import its ledger for its organisation; else 404."""

    kwargs: dict[str, Any]
    request: HttpRequest

    @cached_property
    def batch(self) -> ImportBatch:
        found = ImportBatch.objects.select_related("uploaded_by").filter(pk=self.kwargs["pk"]).first()
        if found is None or found.importer not in registry:
            raise Http404
        if not scope_or_denied(self.request.user, self.importer_of(found).permission).covers(found.org_path):
            raise Http404
        return found

    @cached_property
    def has_content(self) -> bool:
        """Whether the file was read and is still kept."""
        return is_read(self.batch)

    def checked(self, batch: ImportBatch, today: datetime.date) -> str:
        """Check the batch, a long one in the background; the URL to go to."""
        if is_long(batch):
            return later(CHECK, batch, self.request.user).get_absolute_url()
        check_batch(batch=batch, actor=self.request.user, today=today)
        return batch.get_absolute_url()

    @staticmethod
    def importer_of(batch: ImportBatch) -> type[Importer]:
        return registry[batch.importer]

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [{"label": "导入记录", "url": "/imports/"}]


class MapView(BatchMixin, FormPage):
    """Which header feeds which column, beside the first rows of the file."""

    permission = IMPORT
    form_class = MappingForm
    template_name = "imports/map.html"
    submit_label = "确认并检查"
    success_message = ""

    def get_title(self) -> str:
        return f"对应列：{self.batch.file_name}"

    @cached_property
    def table(self) -> Any:
        if self.batch.state in (State.COMMITTED, State.DISCARDED) or not self.has_content:
            raise Http404
        return table_of(self.batch)

    def get_form_kwargs(self) -> dict[str, Any]:
        importer = self.importer_of(self.batch)
        facts = {"importer": importer, "batch": self.batch, "headers": self.table.headers}
        return {**super().get_form_kwargs(), **facts}

    def get_cancel_url(self) -> str:
        return "/imports/"

    def perform(self, form: MappingForm) -> Any:
        actor = self.request.user
        batch = set_mapping(batch=self.batch, mapping=form.mapping(), mode=form.cleaned_data["mode"], actor=actor)
        return self.checked(batch, self.today)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = [position for position, header in enumerate(self.table.headers) if header]
        sample = {
            "caption": "文件开头的几行",
            "headers": ["行号", *(self.table.headers[position] for position in shown)],
            "rows": [
                [number, *(_plain(cells[position]) for position in shown)]
                for number, cells in self.table.rows[:SAMPLE_ROWS]
            ],
            "empty": "表头下面没有数据。",
        }
        return super().get_context_data(sample=sample, steps=_steps(1), **kwargs)


class CheckView(BatchMixin, PageView):
    """What the check found, and the one button that comes next. POST checks again."""

    permission = IMPORT
    template_name = "imports/check.html"

    def get_title(self) -> str:
        return self.batch.file_name

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return HttpResponseRedirect(self.checked(self.batch, self.today))
        except DomainError as error:
            messages.error(request, error.message)
        return HttpResponseRedirect(self.batch.get_absolute_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        batch = self.batch
        report = report_of(batch) if self.has_content else None
        shown = self.request.GET.get("show", "errors" if report and report.errors else "warnings")
        problems = [] if report is None else report.warnings if shown == "warnings" else report.errors
        page = Paginator(problems, PROBLEMS_A_PAGE).get_page(self.request.GET.get("page"))
        now = {State.COMMITTED: 4, State.DISCARDED: 2, State.UPLOADED: 1}.get(State(batch.state), 2)
        return super().get_context_data(
            batch=batch, importer=self.importer_of(batch), report=report, problems=page, shown=shown,
            pager=_pager(page, shown), steps=_steps(now), tone=STATE_TONES.get(batch.state, "neutral"),
            ready=report is not None and not report.errors and batch.state in (State.CHECKED, State.UNDONE),
            open=report is not None and batch.state != State.COMMITTED,
            undoable=batch.state == State.COMMITTED and self._is_last(), **kwargs,
        )  # fmt: skip

    def _is_last(self) -> bool:
        return not ImportBatch.objects.filter(
            importer=self.batch.importer, org_id=self.batch.org_id, state=State.COMMITTED,
            committed_at__gt=self.batch.committed_at,
        ).exists()  # fmt: skip


class CommitView(BatchMixin, ActionView):
    """Import the batch. A closed period or somebody else's write is 409, on the page of the batch."""

    permission = IMPORT

    def get_back_url(self) -> str:
        return self.batch.get_absolute_url()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if is_long(self.batch) and self.has_content:
            return HttpResponseRedirect(later(COMMIT, self.batch, request.user).get_absolute_url())
        try:
            batch = commit_batch(batch=self.batch, actor=request.user, today=self.today)
        except (ChecksFailed, Conflict) as error:
            messages.error(request, error.message)
            if isinstance(error, ChecksFailed):
                return HttpResponseRedirect(self.get_back_url())
            response = CheckView.as_view()(_as_get(request), **kwargs)
            response.status_code = 409
            return response
        except DomainError as error:
            messages.error(request, error.message)
            return HttpResponseRedirect(self.get_back_url())
        counts = f"新增 {batch.created}、更新 {batch.updated}、无变化 {batch.unchanged}"
        messages.success(request, f"已导入：{counts}。")
        return HttpResponseRedirect(self.get_back_url())


class UndoView(BatchMixin, ActionView):
    """Take the batch back."""

    permission = IMPORT
    success_message = "已撤销，导入前的数据已恢复。"

    def get_back_url(self) -> str:
        return self.batch.get_absolute_url()

    def perform(self) -> Any:
        return undo_batch(batch=self.batch, actor=self.request.user)


class DiscardView(BatchMixin, ActionView):
    """Give the batch up; its file is deleted."""

    permission = IMPORT
    success_message = "已放弃，上传的文件已删除。"

    def get_back_url(self) -> str:
        return self.batch.get_absolute_url()

    def perform(self) -> str:
        discard_batch(batch=self.batch, actor=self.request.user)
        return "/imports/"


class AnnotatedView(BatchMixin, Page, View):
    """The uploaded workbook with its faulty cells marked."""

    permission = IMPORT

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.batch.state in (State.UPLOADED, State.MAPPED) or not self.has_content:
            raise Http404
        name, data = annotated_copy(self.batch)
        audit.record(request.user, "import.annotated", self.batch, summary=f"下载导入批次 {self.batch.pk} 的检查结果")
        return _download(data, name)


def _download(data: bytes, name: str) -> HttpResponseBase:
    response = FileResponse(io.BytesIO(data), as_attachment=True, filename=name, content_type=XLSX_TYPE)
    response["Cache-Control"] = "no-store, private"
    return response


def _steps(now: int) -> list[dict[str, str]]:
    """The four steps; `now` counts from 0, beyond the last everything is done."""
    return [
        {"label": label, "state": "done" if place < now else "now" if place == now else ""}
        for place, label in enumerate(STEPS)
    ]


def _pager(page: Any, shown: str) -> dict[str, str]:
    def url(number: int) -> str:
        return f"?show={shown}&page={number}"

    return {
        "count_label": f"共 {page.paginator.count:,} 条",
        "previous_url": url(page.previous_page_number()) if page.has_previous() else "",
        "next_url": url(page.next_page_number()) if page.has_next() else "",
    }


def _plain(cell: Any) -> str:
    return "" if cell is None else mask_numbers(cell if isinstance(cell, str) else cell.text)


def _as_get(request: HttpRequest) -> HttpRequest:
    request.method = "GET"
    return request
