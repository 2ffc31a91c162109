"""The table that a sheet or a csv text holds: one header row, then data without a gap, within the limits."""

from __future__ import annotations

from typing import Any

from .cells import RawCell
from .refusal import refuse

_SHOWN = 10
_EXCEL_ROWS = 1_048_576


class Collector:
    """Takes rows in order. Problems of the file are gathered, so that all of them are told at once.

    The first row with anything in it is the header. Rows are kept as long as the header; a cell under an
    empty header, behind a gap or beyond the limits is a problem, never dropped in silence.
    """

    def __init__(self, *, max_rows: int, max_columns: int, max_characters: int) -> None:
        self.max_rows = max_rows
        self.max_columns = max_columns
        self.characters_left = max_characters
        self.problems: dict[str, list[str]] = {}
        self.headers: list[str] = []
        self.header_row = 0
        self.last_row = 0
        self.rows: list[list[Any]] = []
        self.hidden_rows: list[int] = []
        self.hidden_columns: set[int] = set()

    def add(self, number: int, cells: dict[int, RawCell], *, hidden: bool = False) -> None:
        if max(cells) >= self.max_columns or number > _EXCEL_ROWS:
            self._problem("out_of_range", address(max(cells), number))
            return
        if not self.headers:
            self._take_header(number, cells)
            return
        if number > self.last_row + 1 and number > self.header_row + self.max_rows:
            self._problem("out_of_range", address(min(cells), number))
            return
        if number > self.last_row + 1:
            self._problem("data_after_gap", str(number))
        if len(self.rows) >= self.max_rows:
            refuse("too_many_rows")
        self._take(number, cells)
        self.last_row = number
        if hidden:
            self.hidden_rows.append(number)

    def _take_header(self, number: int, cells: dict[int, RawCell]) -> None:
        self.header_row = self.last_row = number
        self.headers = [""] * (max(cells) + 1)
        for column, cell in cells.items():
            if isinstance(cell, list) and cell[0] in "fe":
                self._problem("header_missing", address(column, number))
            else:
                self.headers[column] = cell[1] if isinstance(cell, list) else " ".join((cell or "").split())
        seen: set[str] = set()
        for header in filter(None, self.headers):
            if header in seen:
                self._problem("header_duplicate", header)
            seen.add(header)

    def _take(self, number: int, cells: dict[int, RawCell]) -> None:
        row: list[RawCell] = [None] * len(self.headers)
        for column, cell in cells.items():
            self.characters_left -= 8 + (len(cell) if isinstance(cell, str) else 20)
            if column >= len(row) or not self.headers[column]:
                self._problem("header_missing", address(column, number))
            else:
                row[column] = cell
        if self.characters_left < 0:
            # Shared strings let a small file name one long text a million times.
            refuse("expands_too_far")
        self.rows.append([number, row])

    def merged(self, ref: str) -> None:
        self._problem("merged_cells", ref)

    def hide_columns(self, first: int, last: int) -> None:
        self.hidden_columns.update(range(first - 1, min(last, self.max_columns)))

    def _problem(self, code: str, where: str) -> None:
        self.problems.setdefault(code, []).append(where) if len(self.problems.get(code, ())) <= _SHOWN else None

    def result(self, title: str, warnings: list[list[str]]) -> dict[str, Any]:
        """The JSON document of a sheet that was read, or of its problems."""
        if not self.headers:
            self._problem("header_missing", "")
        if self.problems:
            return {"refused": [[code, "、".join(places[:_SHOWN])] for code, places in self.problems.items()]}
        hidden = [name for column, name in enumerate(self.headers) if name and column in self.hidden_columns]
        if self.hidden_rows:
            shown = "、".join(str(number) for number in self.hidden_rows[:_SHOWN])
            warnings.append(["hidden_rows", shown + ("…" if len(self.hidden_rows) > _SHOWN else "")])
        if hidden:
            warnings.append(["hidden_columns", "、".join(hidden)])
        return {
            "sheet": title,
            "header_row": self.header_row,
            "headers": self.headers,
            "rows": self.rows,
            "warnings": warnings,
        }


def address(column: int, row: int) -> str:
    """(0, 1) → A1."""
    letters, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row}"
