"""Thousands of rows in one statement: COPY, for imports and generated data.

Fifteen times as fast as `bulk_create`, since no SQL text is built from values. Triggers (row history) and
constraints work as for any insert. Callers give plain values by column and have checked them before; the
scope is checked here.
"""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection, models

from .scoping import ScopedModel, ScopeViolation, required_scope
from .sealing import new_ids

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def insert_rows(
    model: type[models.Model], rows: Sequence[Mapping[str, Any]], common: Mapping[str, Any] | None = None
) -> list[int]:
    """Insert rows given by field name and return their ids in order. `common` holds for all of them.

    Every row names the same fields; the others get the default of their field. Foreign keys are given as
    ids under their column name (`park_id`); `id` itself where `new_ids` made it before. Raises ScopeViolation for a
    row outside the active scope.
    """
    if not rows:
        return []
    fixed = {**_defaults(model), **(common or {})}
    names = list(rows[0])
    for name in names:
        fixed.pop(name, None)
    _check_scope(model, rows, fixed)
    ids = [row["id"] for row in rows] if "id" in names else new_ids(model, len(rows))
    names = [name for name in names if name != "id"]
    columns = {field.attname: field.column for field in model._meta.concrete_fields}
    head = ["id", *(columns[name] for name in names), *(columns[name] for name in fixed)]
    tail = "".join(f"\t{_text(value)}" for value in fixed.values()) + "\n"
    lines = (
        "\t".join([str(pk), *(_text(row[name]) for name in names)]) + tail for pk, row in zip(ids, rows, strict=True)
    )
    _copy(model._meta.db_table, head, lines)
    return ids


def update_rows(model: type[models.Model], rows: Mapping[int, Mapping[str, Any]], *, stamp: bool = True) -> int:
    """Set columns of existing rows, {id: {column name: value}}; a column that a row does not name stays.

    None cannot be set this way: a blank cell never erases. `stamp` raises the version of the changed rows.
    Returns how many rows were found. The ids come from queries of the active scope.
    """
    if not rows:
        return 0
    columns = {field.attname: field for field in model._meta.concrete_fields}
    names = sorted({name for values in rows.values() for name in values})
    quote = connection.ops.quote_name
    given = [quote(columns[name].column) for name in names]
    arrays = ", ".join(f"%s::{columns[name].db_type(connection)}[]" for name in names)
    sets = [f"{column} = coalesce(new.{column}, old.{column})" for column in given]
    if stamp and "version" in columns:
        sets.append("version = old.version + 1")
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {quote(model._meta.db_table)} AS old SET {', '.join(sets)}"  # noqa: S608 - our own columns
            f" FROM unnest(%s::bigint[], {arrays}) AS new (id, {', '.join(given)}) WHERE old.id = new.id",
            [list(rows), *([values.get(name) for values in rows.values()] for name in names)],
        )
        return int(cursor.rowcount)


def _defaults(model: type[models.Model]) -> dict[str, Any]:
    """The defaults of every column that the database does not fill itself."""
    return {
        field.attname: field.get_default()
        for field in model._meta.concrete_fields
        if not (field.primary_key or field.generated or field.has_db_default())  # type: ignore[attr-defined]
    }


def _check_scope(model: type[models.Model], rows: Sequence[Mapping[str, Any]], fixed: Mapping[str, Any]) -> None:
    """Rows with a path of their own are asked for it; the others hang on rows that came through a manager."""
    scope = required_scope()
    if not issubclass(model, ScopedModel) or "__" in model.scope_lookup:
        return
    name = model.scope_lookup
    paths = {fixed[name]} if name in fixed else {row[name] for row in rows}
    if not all(scope.covers(path) for path in paths):
        raise ScopeViolation(f"{model.__name__} lies outside the active scope")


def _copy(table: str, columns: Sequence[str], lines: Iterable[str]) -> None:
    quote = connection.ops.quote_name
    head = ", ".join(quote(column) for column in columns)
    with connection.cursor() as cursor:
        # Row history writes its context in front of a statement; COPY has no such place, so this one carries it.
        cursor.execute("VALUES (1)")
        cursor.cursor.copy_expert(f"COPY {quote(table)} ({head}) FROM STDIN", io.StringIO("".join(lines)))


def _text(value: Any) -> str:
    """A value as COPY reads it."""
    if type(value) is str:
        return value if value.isprintable() and "\\" not in value else value.translate(_ESCAPES)
    if value is None:
        return "\\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, str):
        return str(value.value if hasattr(value, "value") else value).translate(_ESCAPES)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, list):  # of texts
        quoted = (str(each).replace("\\", "\\\\").replace('"', '\\"') for each in value)
        return ("{" + ",".join(f'"{each}"' for each in quoted) + "}").translate(_ESCAPES)
    if isinstance(value, bytes):
        return "\\\\x" + value.hex()
    return str(value)
