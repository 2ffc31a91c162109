"""常用筛选: the filters of a ledger kept under a name, and one's own ones of all ledgers in one list."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django.http import Http404
from django.urls import URLPattern, get_resolver

from .errors import DomainError
from .ledger import registry
from .models import SavedFilter
from .rights import OWN_WORK
from .views import ActionView, LedgerView, PageView

SAVED_FILTERS_EACH = 20


def ledger_urls() -> dict[str, str]:
    """Where each ledger's list page is, read from the routes: pages without arguments only."""
    found: dict[str, str] = {}
    for route, pattern in _routes(get_resolver().url_patterns, "/"):
        view = getattr(pattern.callback, "view_class", None)
        if "<" in route or not (isinstance(view, type) and issubclass(view, LedgerView)):
            continue
        ledger = getattr(pattern.callback, "view_initkwargs", {}).get("ledger") or getattr(view, "ledger", None)
        if ledger is not None:
            found.setdefault(ledger.code, route)
    return found


def _routes(patterns: list[Any], base: str) -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        route = base + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route, pattern
        else:
            yield from _routes(pattern.url_patterns, route)


class FilterList(PageView):
    """One's own named filters, by ledger."""

    permission = OWN_WORK
    template_name = "core_admin/filters.html"
    title = "常用筛选"
    lead = "在任一台账页设好筛选条件后「存为常用筛选」，就会出现在这里和那张台账上。"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        urls = ledger_urls()
        mine = SavedFilter.objects.filter(user_id=self.request.user.pk).order_by("ledger", "name")
        groups = [
            {
                "title": registry[code].title if code in registry else code,
                "filters": [
                    {"name": each.name, "url": f"{urls[code]}?{each.query}" if code in urls else "", "pk": each.pk}
                    for each in members
                ],
            }
            for code, members in groupby(mine, key=lambda each: each.ledger)
        ]
        return super().get_context_data(groups=groups, **kwargs)


class SaveFilterView(ActionView):
    """Keep the filters of a ledger page under a name."""

    permission = OWN_WORK
    success_message = "已存为常用筛选。"

    def get_back_url(self) -> str:
        return self.came_from()

    def perform(self) -> str:
        code = self.kwargs["code"]
        if code not in registry:
            raise Http404
        name, query = self.request.POST.get("name", "").strip(), self.request.POST.get("query", "")
        if not name or len(name) > 30:
            raise DomainError("请给常用筛选起一个 30 字以内的名称。")
        if len(query) > 1000:
            raise DomainError("筛选条件太长，无法保存。")
        mine = SavedFilter.objects.filter(user_id=self.request.user.pk, ledger=code)
        if not mine.filter(name=name).exists() and mine.count() >= SAVED_FILTERS_EACH:
            raise DomainError(f"每个台账最多保存 {SAVED_FILTERS_EACH} 个常用筛选，请先删除不用的。")
        mine.update_or_create(name=name, user_id=self.request.user.pk, ledger=code, defaults={"query": query})
        return self.get_back_url()


class DeleteFilterView(SaveFilterView):
    """Forget one of one's own named filters."""

    success_message = "已删除常用筛选。"

    def perform(self) -> str:
        SavedFilter.objects.filter(pk=self.kwargs["pk"], user_id=self.request.user.pk).delete()
        return self.get_back_url()
