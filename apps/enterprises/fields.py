"""The form field that picks an enterprise, at any size of the register."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.core.text import row_id

from .models import Enterprise

OPTIONS_URL: Final = "/enterprises/options/"
ALL_SHOWN_UP_TO: Final = 40
"""Above this number of enterprises the select asks the server instead of listing them (appearance only)."""

_TYPED: Final = "="  # marks a value that was typed as text instead of chosen


class EnterpriseSelect(forms.Select):
    """A select that asks `/enterprises/options/`; without JavaScript a text takes the credit code or the full name."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        typed = (data.get(f"{name}_text") or "").strip()
        return _TYPED + typed if typed else data.get(name)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data and f"{name}_text" not in data

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        rows = Enterprise.objects.order_by("org_path", "pk")
        found = list(rows[: ALL_SHOWN_UP_TO + 1])
        small = len(found) <= ALL_SHOWN_UP_TO
        if not small:
            found = list(rows.filter(pk=row_id(str(value or ""))))
        self.choices = [("", "请选择"), *((row.pk, row.name) for row in found)]
        attrs = {**(attrs or {}), "data-choose": ""}
        if small:
            return super().render(name, value, attrs, renderer)
        typed = str(value)[1:] if str(value or "").startswith(_TYPED) else ""
        attrs |= {"data-choose-url": OPTIONS_URL, "placeholder": "输入名称、拼音首字母或信用代码查找"}
        return format_html(
            '{}<noscript><input class="form-control mt-2" name="{}_text" value="{}" maxlength="120"'
            ' aria-label="信用代码或企业全称" placeholder="填写信用代码或企业全称"></noscript>',
            super().render(name, "" if typed else value, attrs, renderer), name, typed,
        )  # fmt: skip


class EnterpriseChoiceField(forms.Field):
    """An `Enterprise` of the active scope."""

    widget = EnterpriseSelect
    default_error_messages = {"unknown": "没有找到这家企业，请从列表中选择。"}

    def prepare_value(self, value: Any) -> Any:
        return value.pk if isinstance(value, Enterprise) else value

    def to_python(self, value: Any) -> Enterprise | None:
        if value in self.empty_values:
            return None
        if isinstance(value, Enterprise):
            return value
        if value.startswith(_TYPED):
            typed = value[1:]
            found = list(Enterprise.objects.filter(credit_code=typed.upper()) or Enterprise.objects.filter(name=typed)[:2])
        else:
            found = list(Enterprise.objects.filter(pk=row_id(value)))
        if len(found) != 1:
            raise ValidationError(self.error_messages["unknown"])
        return found[0]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return str(self.prepare_value(initial) or "") != str(data or "")


def optional(choices: list[tuple[str, str]], label: str = "未填写") -> list[tuple[str, str]]:
    """Choices of which none may be taken."""
    return [("", label), *choices]
