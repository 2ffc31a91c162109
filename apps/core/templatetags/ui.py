"""What templates need beyond Django: components, Chinese formats, the query string of the page.

A component is a template in `templates/components/` that receives one `item`; its tag takes that item as a mapping
or object, or its fields as keywords: `{% figure card %}` and `{% figure label="组织覆盖率" value=rate %}` are the same.
Formats that need no markup are filters. Widgets of forms are dressed in `core.widgets`.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django import template
from django.forms import BoundField
from django.template import Context
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from apps.core.widgets import dress

register = template.Library()

DASH = "—"

TONES = {
    "block": "danger",
    "danger": "danger",
    "error": "danger",
    "failed": "danger",
    "bad": "danger",
    "overdue": "danger",
    "ask": "warning",
    "warn": "warning",
    "warning": "warning",
    "returned": "warning",
    "submitted": "warning",
    "info": "info",
    "running": "info",
    "draft": "info",
    "debug": "info",
    "good": "success",
    "success": "success",
    "done": "success",
    "approved": "success",
    "ok": "success",
    "brand": "brand",
}
"""Words of the domain to the five tones of the style sheet; what is not listed is neutral."""

SOON_DAYS = 7
"""Days before a due date from which a badge turns amber (appearance only, not a rule)."""


# ---- formats


@register.filter
def percent(value: Any, digits: int = 1) -> str:
    """0.8112 as 81.1%. Exactly 1 is 100%, so that a rounded 100.0% never poses as complete; None is a dash."""
    if value is None or value == "":
        return DASH
    share = Decimal(str(value)) * 100
    if share in (0, 100):
        return f"{int(share)}%"
    return f"{share.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)}%"


@register.filter
def number(value: Any) -> str:
    """3143 as 3,143; None is a dash. A text is returned as it is."""
    if value is None or value == "":
        return DASH
    return f"{value:,}" if isinstance(value, (int, float, Decimal)) else str(value)


@register.filter
def cn_date(value: Any, part: str = "") -> str:
    """2026年11月22日; with the argument "time" also 09:00. A date known only to the month or year stays so."""
    if not value:
        return DASH
    if isinstance(value, str):
        marks = zip(value.split("-"), "年月日", strict=False)
        return "".join(f"{int(figure)}{mark}" for figure, mark in marks)
    if isinstance(value, datetime.datetime) and timezone.is_aware(value):
        value = timezone.localtime(value)
    text = f"{value.year}年{value.month}月{value.day}日"
    return f"{text} {value:%H:%M}" if part == "time" and isinstance(value, datetime.datetime) else text


@register.filter
def dash(value: Any) -> Any:
    """What is empty as a dash; 0 is not empty."""
    return DASH if value is None or value == "" or value == [] else value


@register.filter
def tone(value: Any) -> str:
    """The tone of a finding's level, a state, or of the days left until something is due."""
    if isinstance(value, int) and not isinstance(value, bool):
        return "danger" if value < 0 else "warning" if value <= SOON_DAYS else "success"
    return TONES.get(str(value), "neutral")


@register.filter
def basis(value: Any) -> str:
    """One citation, or several, as the sentence that is shown: 依据《…》第4条."""
    if not value:
        return ""
    many = [value] if isinstance(value, str) or not isinstance(value, Iterable) else value
    return "依据" + "、".join(str(citation) for citation in many)


@register.filter
def beside(left: Iterable[Any], right: Iterable[Any]) -> list[tuple[Any, Any]]:
    """Pairs, as the cells of a row beside their columns."""
    return list(zip(left, right, strict=False))


@register.filter
def as_cell(value: Any) -> Mapping[str, Any]:
    """A cell of `components/table.html` as `{text, url, numeric, badge}`, also when only its text was given."""
    if isinstance(value, Mapping):
        return value
    return {"text": value, "numeric": isinstance(value, (int, float, Decimal))}


@register.filter
def head_index(cells: list[Mapping[str, Any]]) -> int:
    """Which cell names the row on a phone's card: the first that links somewhere, else the first of all."""
    return next((position for position, cell in enumerate(cells) if cell.get("url")), 0)


# ---- the page's address


def _parameters(context: Context) -> Any:
    request = context.get("request")
    if request is None:
        raise template.TemplateSyntaxError("this tag needs the request in the context")
    return request.GET.copy()


@register.simple_tag(takes_context=True)
def query_with(context: Context, **changes: Any) -> str:
    """The page's own query string with these values changed; None or "" removes one."""
    parameters = _parameters(context)
    for name, value in changes.items():
        parameters.pop(name, None)
        if value not in (None, ""):
            parameters[name] = value
    return "?" + parameters.urlencode()


@register.simple_tag(takes_context=True)
def hidden_query(context: Context, only: str = "", without: str = "") -> SafeString:
    """The page's query string as hidden inputs: the space-separated names of `only`, or all but those of `without`."""
    kept, dropped = only.split(), without.split()
    pairs = (
        (name, value)
        for name, values in _parameters(context).lists()
        if (name in kept if kept else name not in dropped)
        for value in values
    )
    return format_html_join("", '<input type="hidden" name="{}" value="{}">', pairs)


# ---- components


def _item(item: Any, fields: dict[str, Any]) -> dict[str, Any]:
    if item is None:
        item = fields
    elif fields and isinstance(item, Mapping):
        item = {**item, **fields}
    return {"item": item}


def _component(name: str) -> None:
    def tag(item: Any = None, **fields: Any) -> dict[str, Any]:
        return _item(item, fields)

    register.inclusion_tag(f"components/{name}.html", name=name)(tag)


for _name in ("figure", "todo_row", "badge", "empty_state", "facts", "story", "steps", "table", "pagination"):
    _component(_name)


@register.inclusion_tag("components/basis.html", name="basis_box")
def basis_box(citations: Any) -> dict[str, Any]:
    """The rules behind a page as a box: one citation or several; nothing for none."""
    many = [citations] if isinstance(citations, str) or not isinstance(citations, Iterable) else list(citations)
    return {"citations": [citation for citation in many if citation]}


@register.inclusion_tag("components/progress.html")
def progress(segments: Iterable[Mapping[str, Any]], legend: bool = False) -> dict[str, Any]:
    """A bar of segments `{label, tone, share}`, shares in percent of the whole bar."""
    bars, start = [], 0.0
    for segment in segments:
        width = min(float(segment["share"] or 0), 100 - start)
        bars.append({**segment, "x": f"{start:.2f}", "width": f"{width:.2f}", "share_text": f"{width:.0f}%"})
        start += width
    return {"bars": bars, "legend": legend}


@register.inclusion_tag("components/chart.html")
def chart(
    id: str, title: str, option: Mapping[str, Any], table: Mapping[str, Any], tall: bool = False
) -> dict[str, Any]:
    """An ECharts `option` and, always, the table `{headers, rows}` of the same data."""
    return {"id": id, "title": title, "option": option, "table": table, "tall": tall, "data_id": f"{id}-data"}


@register.simple_block_tag(takes_context=True)
def card(
    context: Context,
    content: str,
    title: str = "",
    link: str = "",
    link_label: str = "",
    note: str = "",
    css: str = "",
    id: str = "",
) -> SafeString:
    """A white card around what stands between `{% card %}` and `{% endcard %}`."""
    own = {
        "content": content,
        "title": title,
        "link": link,
        "link_label": link_label,
        "note": note,
        "css": css,
        "id": id,
        "title_id": f"{id or 'card-' + uuid.uuid4().hex[:8]}-title",
    }
    return render_to_string("components/card.html", own)


@register.inclusion_tag("components/field.html")
def field(bound: BoundField, wide: bool = False) -> dict[str, Any]:
    """One form field: label, required mark, widget, help and errors, tied together for screen readers."""
    return {"field": bound, "dressed": dress(bound), "wide": wide}


@register.filter
def sections(form: Any) -> list[dict[str, Any]]:
    """The form's `fieldsets` with bound fields; fields that no set names follow in a last one.

    A set with `folds` is closed until somebody opens it, or something in it is filled in or wrong.
    """
    named: set[str] = set()
    result = []
    for fieldset in getattr(form, "fieldsets", None) or []:
        names = [name for name in fieldset["fields"] if name in form.fields]
        named.update(names)
        fields = [form[name] for name in names if not form[name].is_hidden]
        used = any(bound.errors or bound.value() not in (None, "", []) for bound in fields)
        result.append({**fieldset, "fields": fields, "opened": used})
    rest = [bound for bound in form.visible_fields() if bound.name not in named]
    return [*result, {"title": "", "fields": rest}] if rest else result
