"""Keyset pages: the next page starts behind the last row shown, at the same cost on every page."""

from __future__ import annotations

import base64
import binascii
import datetime
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q


@dataclass(frozen=True)
class Page:
    """One page of rows with the cursors of its neighbours (empty: none)."""

    rows: list[Any]
    next: str
    previous: str


def page_of(rows: Any, fields: Sequence[str], params: Mapping[str, str], size: int) -> Page:
    """The page of an ordered queryset that `params` asks for with `after` or `before`.

    A cursor that cannot be read means the first page: it may come from an old bookmark.
    """
    behind = _beyond_cursor(rows.order_by(*_flipped(fields)), _flipped(fields), params.get("before", ""))
    if behind is not None:
        found = list(behind[: size + 1])
        more, found = len(found) > size, found[:size][::-1]
        return Page(found, _encoded(found[-1:], fields), _encoded(found[:1], fields) if more else "")
    after = _beyond_cursor(rows, fields, params.get("after", ""))
    found = list((rows if after is None else after)[: size + 1])
    more, found = len(found) > size, found[:size]
    return Page(found, _encoded(found[-1:], fields) if more else "", _encoded(found[:1], fields) if after is not None else "")


def _beyond_cursor(rows: Any, fields: Sequence[str], text: str) -> Any:
    """The rows behind a cursor; None without one, and for one whose values do not fit the columns."""
    values = _decoded(text, fields)
    if values is None:
        return None
    try:
        return rows.filter(_beyond(fields, values))
    except (TypeError, ValueError, ValidationError):
        return None


def _flipped(fields: Sequence[str]) -> list[str]:
    return [f[1:] if f.startswith("-") else f"-{f}" for f in fields]


def _beyond(fields: Sequence[str], values: list[Any]) -> Q:
    """Rows strictly behind `values` in the order of `fields`; the first term alone can use the index."""
    result, equal = Q(), Q()
    for position, (field, value) in enumerate(zip(fields, values, strict=True)):
        name, operator = (field[1:], "lt") if field.startswith("-") else (field, "gt")
        result |= equal & Q(**{f"{name}__{operator}": value})
        if position == 0:
            edge = Q(**{f"{name}__{operator}e": value})
        equal &= Q(**{name: value})
    return edge & result


def _encoded(rows: list[Any], fields: Sequence[str]) -> str:
    if not rows:
        return ""
    values = []
    for field in fields:
        value: Any = rows[0]
        for part in field.lstrip("-").split("__"):
            value = getattr(value, part)
        values.append(value)
    text = json.dumps(values, default=_plain, ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _plain(value: Any) -> Any:
    if isinstance(value, (datetime.date, datetime.datetime, Decimal)):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot order a page")


def _decoded(text: str, fields: Sequence[str]) -> list[Any] | None:
    if not text:
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return None
    sound = isinstance(values, list) and len(values) == len(fields) and all(map(_can_be_compared, values))
    return values if sound else None


def _can_be_compared(value: Any) -> bool:
    """Whether the database can take a value that came from outside: no NUL, no half of a character, no infinity."""
    if isinstance(value, str):
        return "\x00" not in value and not any("\ud800" <= character <= "\udfff" for character in value)
    return isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))
