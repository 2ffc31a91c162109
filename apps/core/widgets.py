"""How Django's form widgets look: classes, input types and what a screen reader is told.

Forms declare what they ask; this module alone knows the style sheet. A form may still choose by widget attributes:
`class="choice-tiles"` on a RadioSelect gives big buttons, `data-choose` on a select gives a search box inside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django import forms
from django.forms import BoundField, Widget
from django.utils.safestring import SafeString

SEARCHABLE_FROM: Final = 12
"""A select with more choices than this gets a search box (appearance only, not a rule)."""

TEXTAREA_ROWS: Final = 3


@dataclass(frozen=True)
class Dressed:
    """A field ready to be written: `kind` decides the layout of `components/field.html`."""

    kind: str
    html: SafeString
    wide: bool
    layout: str = ""


def kind_of(widget: Widget) -> str:
    """`hidden`, `check` (one box beside its label), `choices` (a group), `select`, or `input`."""
    if widget.is_hidden:
        return "hidden"
    if isinstance(widget, forms.CheckboxInput):
        return "check"
    if isinstance(widget, (forms.RadioSelect, forms.CheckboxSelectMultiple)):
        return "choices"
    return "select" if isinstance(widget, forms.Select) else "input"


def dress(bound: BoundField) -> Dressed:
    """Render the field's widget with the classes and ARIA attributes of the house."""
    widget = bound.field.widget
    kind = kind_of(widget)
    if kind == "hidden":
        return Dressed(kind, bound.as_widget(), wide=False)
    attrs: dict[str, str | bool] = {}
    described = [f"{bound.auto_id}_help"] if bound.help_text else []
    if bound.errors:
        described.append(f"{bound.auto_id}_error")
        attrs["aria-invalid"] = "true"
    if described:
        attrs["aria-describedby"] = " ".join(described)
    if kind == "choices":
        return _group(bound)
    if kind == "select" and not isinstance(widget, forms.SelectMultiple) and _many_choices(widget):
        attrs["data-choose"] = ""
    attrs["class"] = f"{_css_class(kind)} {widget.attrs.get('class', '')}".strip()
    wide = isinstance(widget, forms.Textarea)
    if wide:
        attrs["rows"] = str(widget.attrs.get("rows") if widget.attrs.get("rows") != "10" else TEXTAREA_ROWS)
        attrs["cols"] = "40"
    return Dressed(kind, bound.as_widget(attrs=attrs), wide=wide)


def _css_class(kind: str) -> str:
    return {"check": "form-check-input", "select": "form-select"}.get(kind, "form-control")


def _many_choices(widget: Widget) -> bool:
    return any(position >= SEARCHABLE_FROM for position, _ in enumerate(getattr(widget, "choices", ())))


def _group(bound: BoundField) -> Dressed:
    """Radio buttons or boxes: the template walks the options; the form's own class moves to the list around them."""
    widget = bound.field.widget
    layout = widget.attrs.pop("class", "")
    tiles = layout == "choice-tiles"
    if not tiles:
        widget.attrs["class"] = "form-check-input"
    return Dressed("choices", SafeString(""), wide=tiles, layout=layout or "choices")
