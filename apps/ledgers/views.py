"""All ledgers in one place, and their export."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property

from apps.core.errors import DomainError
from apps.core.guard import may
from apps.core.jobs import start_job
from apps.core.ledger import Ledger, registry
from apps.core.rights import OWN_WORK
from apps.core.views import ActionView, LedgerView, PageView

from .exporting import FORMATS
from .jobs import EXPORT


class LedgerIndexView(PageView):
    """台账: every book that the user may open, grouped by what it is about."""

    permission = OWN_WORK
    template_name = "ledgers/index.html"
    title = "台账"
    lead = "同一本台账，页面、Excel、CSV 和接口的数据完全一致。"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        books = [cls for cls in registry.values() if may(self.request.user, cls.permission)]
        return super().get_context_data(books=sorted(books, key=lambda cls: cls.code), **kwargs)


class AnyLedgerMixin:
    """The ledger named in the URL; its permission is the view's."""

    kwargs: dict[str, Any]

    @cached_property
    def ledger(self) -> type[Ledger]:
        found = registry.get(self.kwargs["code"])
        if found is None:
            raise Http404
        return found

    def needed(self, method: str) -> str:
        return self.ledger.permission


class AnyLedgerView(AnyLedgerMixin, LedgerView):  # type: ignore[misc]
    """The page of any ledger, also of one that no app has given a page of its own."""

    permission = OWN_WORK


class ExportView(AnyLedgerMixin, ActionView):
    """Start the export of what the list page shows, filters and all."""

    permission = OWN_WORK

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        chosen = request.POST.get("format", "")
        if chosen not in FORMATS:
            raise Http404
        names = {"q", "order", *(f.name for f in self.ledger.filters)}
        filters = {k: v for k, v in request.POST.items() if k in names and v}
        book = self.ledger(filters, today=self.today, user=request.user)
        try:
            book.queryset()
        except DomainError as error:
            raise Http404 from error
        return redirect(start_job(
            kind=EXPORT, title=f"导出{self.ledger.title}", permission=self.ledger.permission, actor=request.user,
            params={"ledger": self.ledger.code, "format": chosen, "filters": book.params},
        ))  # fmt: skip
