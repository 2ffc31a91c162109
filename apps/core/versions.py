"""Concurrent edits: the later writer sees both values instead of overwriting."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models

from .errors import Conflict


class Versioned(models.Model):
    """Mixin of a row that people edit in forms. Services raise the version with every change."""

    version = models.PositiveIntegerField("版本", default=1, editable=False)

    class Meta:
        abstract = True


def check_version(row: Any, seen: int | None, changes: dict[str, Any] | None = None, *, beside: Any = None) -> None:
    """Raise Conflict when `row` (locked by the caller) is no longer the version that the form showed.

    `seen` None means that the caller did not show a version (imports check theirs in bulk). `beside` is the
    row whose values the form edits, when the version is kept on another one (a dated slice).
    """
    if seen is None or seen == row.version:
        return
    edited, rows = beside or row, []
    for name, yours in (changes or {}).items():
        try:
            field = edited._meta.get_field(name)
        except FieldDoesNotExist:  # not every form field is a column
            continue
        current = getattr(edited, name)
        if current != yours:
            rows.append((str(field.verbose_name), _shown(field, current), _shown(field, yours)))
    raise Conflict(rows=rows)


def _shown(field: Any, value: Any) -> str:
    """A value as the form shows it: labels instead of codes, 是 and 否, a dash for nothing."""
    if value in (None, ""):
        return "—"
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(dict(getattr(field, "flatchoices", ())).get(value, value))
