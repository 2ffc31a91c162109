"""A table of a page whose numbers stand under their headings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from apps.enterprises.views import tables


def table(headers: Iterable[str], rows: list[list[dict[str, Any]]], empty: str) -> dict[str, Any]:
    """As `enterprises.views.tables.table`; a column that holds a number has its heading on the right."""
    found = tables.table(headers, rows, empty)
    numeric = {n for row in rows for n, cell in enumerate(row) if cell.get("numeric")}
    heads = [{**head, "numeric": True} if n in numeric else head for n, head in enumerate(found["headers"])]
    return {**found, "headers": heads}
