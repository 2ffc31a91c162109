"""The form field that picks an organisation, for every app: limited to the scope at any size of tree."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import urlencode

from apps.core.choosing import RowChoiceField

from .models import PartyOrg
from .rules import OrgKind

OPTIONS_URL: Final = "/orgs/options/"
ALL_SHOWN_UP_TO: Final = 60
"""Above this number of organisations the select asks the server instead of listing them (appearance only)."""


class OrgChoiceField(RowChoiceField):
    """A `PartyOrg` of the active scope. `kinds` limits the kinds, `living_on` to those that exist on the day.

    Without `living_on` organisations that have ended are left out. `options_url` names another options page
    where the form is not guarded by `branches.view`. Forms may set `living_on` per instance.
    """

    model = PartyOrg
    listed_up_to = ALL_SHOWN_UP_TO
    searched_by = "名称、拼音首字母或代码"
    named_by = "组织代码或全称"
    default_error_messages = {
        "unknown": "没有找到这个党组织，请从列表中选择。",
        "ambiguous": "有多个党组织叫这个名称，请填写组织代码。",
    }

    def __init__(
        self, *, kinds: Iterable[OrgKind] | None = None, living_on: datetime.date | None = None,
        options_url: str = OPTIONS_URL, empty_label: str = RowChoiceField.empty_label, **kwargs: Any,
    ) -> None:  # fmt: skip
        self.kinds = frozenset(kinds) if kinds is not None else None
        self.living_on = living_on
        self.options_url = options_url
        self.empty_label = empty_label
        super().__init__(**{"label": "党组织", **kwargs})

    def options(self) -> Any:
        rows = PartyOrg.objects.living(self.living_on) if self.living_on else PartyOrg.objects.filter(ended_on=None)
        return rows if self.kinds is None else rows.filter(kind__in=self.kinds)

    def called(self, text: str) -> list[PartyOrg]:
        return self.options().called(text)  # type: ignore[no-any-return]

    def labels(self, rows: list[PartyOrg]) -> list[tuple[int, str]]:
        """Names, indented as deep as they lie in the tree."""
        top = min((org.depth for org in rows), default=0)
        return [(org.pk, "　" * (org.depth - top) + org.name) for org in rows]

    def address(self) -> str:
        query = {"kinds": ",".join(sorted(self.kinds))} if self.kinds is not None else {}
        if self.living_on:
            query["on"] = self.living_on.isoformat()
        return f"{self.options_url}?{urlencode(query)}" if query else self.options_url
