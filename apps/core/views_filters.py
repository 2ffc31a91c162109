"""我的常用筛选: the named filters of all ledgers in one list."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django.urls import URLPattern, get_resolver

from .ledger import registry
from .models import SavedFilter
from .rights import OWN_WORK
from .views import LedgerView, PageView


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
