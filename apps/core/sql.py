"""A piece of SQL with the values of its placeholders, in the order in which they stand in the text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection


@dataclass(frozen=True)
class Sql:
    """`text` is written here in the house; whatever comes from outside is in `params`."""

    text: str
    params: tuple[Any, ...] = ()


def fetch(sql: Sql) -> list[dict[str, Any]]:
    """The rows as dictionaries by column name."""
    with connection.cursor() as cursor:
        cursor.execute(sql.text, sql.params)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def execute(sql: Sql) -> int:
    """Run a statement; the number of rows that it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql.text, sql.params)
        return int(cursor.rowcount)


def written_out(sql: Sql) -> str:
    """The text with its values written in, to stand inside a statement that has named placeholders of its own."""
    with connection.cursor() as cursor:
        text: str = cursor.mogrify(sql.text, sql.params).decode()
    return text.replace("%", "%%")
