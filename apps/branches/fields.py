"""The form field that picks an organisation, for every app: limited to the scope at any size of tree.

A small tree is an ordinary select. A big one renders only the current choice; typing asks the options page
(`/orgs/options/`), and without JavaScript a text input takes the code or the full name.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.core.text import row_id

from .models import PartyOrg
from .rules import OrgKind

OPTIONS_URL: Final = "/orgs/options/"
ALL_SHOWN_UP_TO: Final = 60
"""Above this number of organisations the select asks the server instead of listing them (appearance only)."""

_TYPED: Final = "="  # marks a value that was typed as text instead of chosen


class OrgSelect(forms.Select):
    """The select of an `OrgChoiceField`, with a text input for browsers without JavaScript."""

    source: OrgChoiceField

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        typed = (data.get(f"{name}_text") or "").strip()
        return _TYPED + typed if typed else data.get(name)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data and f"{name}_text" not in data

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        typed = str(value)[1:] if str(value or "").startswith(_TYPED) else ""
        found = list(self.source.options()[: ALL_SHOWN_UP_TO + 1])
        small = len(found) <= ALL_SHOWN_UP_TO
        if not small:
            pk = row_id(str(value or ""))
            found = list(self.source.options().filter(pk=pk)) if pk else []
        self.choices = [("", self.source.empty_label), *self._labels(found)]
        attrs = {**(attrs or {}), "data-choose": ""}
        if small:
            return super().render(name, value, attrs, renderer)
        attrs["data-choose-url"] = self.source.full_options_url()
        attrs["placeholder"] = "输入名称、拼音首字母或代码查找"
        return format_html(
            '{}<noscript><input class="form-control mt-2" name="{}_text" value="{}" maxlength="100"'
            ' aria-label="组织代码或全称" placeholder="填写组织代码或全称"></noscript>',
            super().render(name, "" if typed else value, attrs, renderer), name, typed,
        )  # fmt: skip

    @staticmethod
    def _labels(orgs: list[PartyOrg]) -> list[tuple[int, str]]:
        top = min((org.depth for org in orgs), default=0)
        return [(org.pk, "　" * (org.depth - top) + org.name) for org in orgs]


class OrgChoiceField(forms.Field):
    """A `PartyOrg` of the active scope. `kinds` limits the kinds, `living_on` to those that exist on the day.

    Without `living_on` organisations that have ended are left out. `options_url` names another options page
    where the form is not guarded by `branches.view`. Forms may set `living_on` per instance.
    """

    widget = OrgSelect
    default_error_messages = {
        "unknown": "没有找到这个党组织，请从列表中选择。",
        "ambiguous": "有多个党组织叫这个名称，请填写组织代码。",
    }

    def __init__(
        self, *, kinds: Iterable[OrgKind] | None = None, living_on: datetime.date | None = None,
        options_url: str = OPTIONS_URL, empty_label: str = "请选择", **kwargs: Any,
    ) -> None:  # fmt: skip
        self.kinds = frozenset(kinds) if kinds is not None else None
        self.living_on = living_on
        self.options_url = options_url
        self.empty_label = empty_label
        kwargs.setdefault("label", "党组织")
        super().__init__(**kwargs)
        self.widget.source = self

    def __deepcopy__(self, memo: Any) -> OrgChoiceField:
        copied: OrgChoiceField = super().__deepcopy__(memo)
        copied.widget.source = copied
        return copied

    def options(self) -> Any:
        rows = PartyOrg.objects.living(self.living_on) if self.living_on else PartyOrg.objects.filter(ended_on=None)
        return rows if self.kinds is None else rows.filter(kind__in=self.kinds)

    def full_options_url(self) -> str:
        query = {"kinds": ",".join(sorted(self.kinds))} if self.kinds is not None else {}
        if self.living_on:
            query["on"] = self.living_on.isoformat()
        return f"{self.options_url}?{urlencode(query)}" if query else self.options_url

    def prepare_value(self, value: Any) -> Any:
        return value.pk if isinstance(value, PartyOrg) else value

    def to_python(self, value: Any) -> PartyOrg | None:
        if value in self.empty_values:
            return None
        if isinstance(value, PartyOrg):
            value = str(value.pk)
        if value.startswith(_TYPED):
            found = self.options().called(value[1:])
        else:
            found = list(self.options().filter(pk=row_id(value)))
        if len(found) != 1:
            raise ValidationError(self.error_messages["ambiguous" if found else "unknown"])
        return found[0]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return str(self.prepare_value(initial) or "") != str(data or "")
