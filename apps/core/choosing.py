"""The form field that picks one row of a book of any size.

A short book is an ordinary select. A long one renders only the current choice; typing asks the field's options
page, and without JavaScript a text input takes what names the row. Rows outside the active scope are not there.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.html import format_html
from django.utils.safestring import SafeString

from .text import row_id

_TYPED: Final = "="  # marks a value that was typed as text instead of chosen


class RowSelect(forms.Select):
    """The select of a `RowChoiceField`, with a text input for browsers without JavaScript."""

    source: RowChoiceField

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        typed = (data.get(f"{name}_text") or "").strip()
        return _TYPED + typed if typed else data.get(name)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data and f"{name}_text" not in data

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        field = self.source
        found = list(field.options()[: field.listed_up_to + 1])
        short = len(found) <= field.listed_up_to
        if not short:
            found = list(field.options().filter(pk=row_id(str(value or ""))))
        self.choices = [("", field.empty_label), *field.labels(found)]
        attrs = {**(attrs or {}), "data-choose": ""}
        if short:
            return super().render(name, value, attrs, renderer)
        attrs |= {"data-choose-url": field.address(), "placeholder": f"输入{field.searched_by}查找"}
        typed = str(value)[1:] if str(value or "").startswith(_TYPED) else ""
        return format_html(
            '{}<noscript><input class="form-control mt-2" name="{}_text" value="{}" maxlength="120"'
            ' aria-label="{}" placeholder="填写{}"></noscript>',
            super().render(name, "" if typed else value, attrs, renderer), name, typed, field.named_by, field.named_by,
        )  # fmt: skip


class RowChoiceField(forms.Field):
    """One row of `model` in the active scope. Subclasses say which rows, how they are called and where to ask.

    `searched_by` is what the options page looks for, `named_by` what a typed text must be to name one row.
    """

    widget = RowSelect
    model: ClassVar[type[models.Model]]
    listed_up_to: ClassVar[int]
    options_url: str
    searched_by: ClassVar[str]
    named_by: ClassVar[str]
    empty_label = "请选择"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.widget.source = self

    def __deepcopy__(self, memo: Any) -> Any:
        copied = super().__deepcopy__(memo)  # type: ignore[misc]
        copied.widget.source = copied
        return copied

    def options(self) -> Any:
        """The rows that may be chosen, in the order of the list."""
        raise NotImplementedError

    def called(self, text: str) -> list[Any]:
        """The rows among the options that a typed text names."""
        raise NotImplementedError

    def labels(self, rows: list[Any]) -> list[tuple[int, str]]:
        return [(row.pk, str(row)) for row in rows]

    def address(self) -> str:
        """Where typing asks for options."""
        return self.options_url

    def prepare_value(self, value: Any) -> Any:
        return value.pk if isinstance(value, self.model) else value

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values:
            return None
        text = str(self.prepare_value(value))
        if text.startswith(_TYPED):
            found = self.called(text.removeprefix(_TYPED))
        else:
            found = list(self.options().filter(pk=row_id(text)))
        if len(found) != 1:
            raise ValidationError(self.error_messages["ambiguous" if found else "unknown"])
        return found[0]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return str(self.prepare_value(initial) or "") != str(data or "")
