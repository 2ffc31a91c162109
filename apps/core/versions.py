"""Concurrent edits: the later writer sees both values instead of overwriting."""

from __future__ import annotations

from typing import Any

from django.db import models

from .errors import Conflict


class Versioned(models.Model):
    """Mixin of a row that people edit in forms. Services raise the version with every change."""

    version = models.PositiveIntegerField("版本", default=1, editable=False)

    class Meta:
        abstract = True


def check_version(row: Any, seen: int | None, changes: dict[str, Any] | None = None) -> None:
    """Raise Conflict when `row` (locked by the caller) is no longer the version that the form showed.

    `seen` None means that the caller did not show a version (imports check theirs in bulk).
    """
    if seen is None or seen == row.version:
        return
    rows = []
    for name, yours in (changes or {}).items():
        try:
            field = row._meta.get_field(name)
        except Exception:
            continue
        current = getattr(row, name)
        if current != yours:
            rows.append((str(field.verbose_name), _shown(current), _shown(yours)))
    raise Conflict(rows=rows)


def _shown(value: Any) -> str:
    return "—" if value in (None, "") else str(value)
