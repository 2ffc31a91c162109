"""INSERT ... SELECT with the model's own defaults, for rows by the million."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection, models


def insert_select(cursor: Any, model: type[models.Model], columns: Mapping[str, str], source: str) -> None:
    """Rows of `model` from the rows of `source`: an expression for each given column, defaults for the others."""
    values = dict(columns)
    params: list[Any] = []
    for field in model._meta.concrete_fields:
        if field.primary_key or field.generated or field.has_db_default():  # type: ignore[attr-defined]
            continue
        if field.column not in values:
            values[field.column] = "%s"
            params.append(field.get_db_prep_save(field.get_default(), connection))
    given = {name: text if text == "%s" else text.replace("%", "%%") for name, text in values.items()}
    cursor.execute(
        f"INSERT INTO {model._meta.db_table} ({', '.join(given)})"  # noqa: S608 - names and expressions of this package
        f" SELECT {', '.join(given.values())} FROM {source.replace('%', '%%')}",
        params,
    )
