"""记一次活动 begins with the kind: one press."""

from __future__ import annotations

from typing import Any

from apps.core.views import PageView

from .. import permissions
from ..kinds import Book
from . import records_setting as known
from .records_common import RECORDS

PASSED_ON = ("on", "org", "venue", "lecturer", "theme")
"""What the address fills in besides the kind."""


class ChooseKind(PageView):
    """Which kind of activity: one press. Groups' meetings only where there are groups."""

    permission = permissions.KEEP
    template_name = "activities/record_kinds.html"
    title = "记一次活动"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [RECORDS]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        orgs = known.own_organisations(self.today)
        kinds = [kind for kind in known.active_kinds() if known.hosts(orgs, kind)]
        books = [{"label": book.label.removesuffix("记录本"), "kinds": [kind for kind in kinds if kind.book == book]}
                 for book in Book]  # fmt: skip
        asked = {name: self.request.GET[name] for name in PASSED_ON if self.request.GET.get(name)}
        query = "".join(f"&{name}={value}" for name, value in asked.items())
        return super().get_context_data(books=[book for book in books if book["kinds"]], query=query, **kwargs)
