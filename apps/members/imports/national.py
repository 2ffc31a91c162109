"""A workbook that the national system exported, read leniently: what one cell hides does not hide the row.

Its columns map as those of an import do, and what was mapped once is remembered; but it imports nothing.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.core.codes import IdNumber, mask_numbers
from apps.core.excel.dates import PartialDate
from apps.core.excel.problems import Problem
from apps.core.excel.reader import Table
from apps.core.imports import ImportColumn, Importer, Text
from apps.core.imports.values import CellError

from ..permissions import RECONCILE
from .roster import RosterImport

_OURS = {column.name: column for column in RosterImport.columns}
_BRANCH = ImportColumn("org", "所在党支部", Text(200), aliases=(*_OURS["org"].aliases, "党组织名称"))
_COMPARED = (
    "name", "id_number", "sex", "nation", "born_on", "education", "joined_on", "formal_on", "stage", "position", "phone",
)  # fmt: skip


class NationalExport(Importer):
    """Only the columns: never registered, so that nothing of it can be committed."""

    code, title, permission = "members.reconciliation", "全国系统导出表", RECONCILE
    columns = (*(_OURS[name] for name in _COMPARED), _BRANCH)


@dataclass
class NationalRow:
    """One person of the export: the values that could be read, by column name."""

    number: int
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def id_number(self) -> IdNumber | None:
        return self.values.get("id_number")

    @property
    def born_on(self) -> datetime.date | None:
        """The birth date, when it is known to the day."""
        born = self.values.get("born_on")
        if isinstance(born, PartialDate) and born.precision == "day":
            return born.day
        return self.id_number.birth if self.id_number else None


def lacking(mapping: Mapping[str, str]) -> str:
    """What is missing to tell one person from another; "" for nothing."""
    if "name" not in mapping:
        return "请指明哪一列是姓名。"
    if not {"id_number", "born_on"} & mapping.keys():
        return "请指明哪一列是身份证号；没有时指明出生日期。"
    return ""


def read_rows(
    table: Table, mapping: Mapping[str, str], today: datetime.date
) -> tuple[list[NationalRow], list[Problem]]:
    """The rows of the table and the cells that could not be read. A number in a sentence is masked."""
    sources = [
        (table.headers.index(mapping[column.name]), column)
        for column in NationalExport.columns
        if column.name in mapping
    ]
    rows, problems = [], []
    for number, cells in table.rows:
        row = NationalRow(number)
        for at, column in sources:
            try:
                value = _value(column, cells[at], today)
            except CellError as error:
                problems.append(Problem(number, column.label, error.code, mask_numbers(error.message)))
                continue
            if value not in (None, ""):
                row.values[column.name] = value
        if row.values.get("name"):
            rows.append(row)
        else:
            problems.append(Problem(number, "姓名", "required", "没有姓名，这一行没有核对。"))
    return rows, [*problems, *_repeated(rows)]


def _value(column: ImportColumn, cell: Any, today: datetime.date) -> Any:
    if cell is None or (isinstance(cell, str) and cell.strip() in column.blank):
        return None
    return column.kind.read(cell, today)


def _repeated(rows: Iterable[NationalRow]) -> list[Problem]:
    first: dict[str, int] = {}
    found = []
    for row in rows:
        if row.id_number:
            earlier = first.setdefault(row.id_number.number, row.number)
            if earlier != row.number:
                message = f"与第 {earlier} 行的身份证号相同，只核对第一行。"
                found.append(Problem(row.number, "身份证号", "repeated", message))
    return found
