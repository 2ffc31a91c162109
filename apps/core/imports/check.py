"""The check: every problem of a table at once, and what a commit would do. Reads the database, writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..codes import mask_numbers
from ..excel.problems import Problem
from ..excel.reader import Cell, Table
from ..text import row_id
from .mapping import VERSION, missing
from .spec import Change, Existing, ImportColumn, Importer, Key, Mode, Named, Reference, Remark, Row
from .values import CellError

RESULT_LABEL = "检查结果"
"""The column that the marked copy adds. People send the copy back: the import leaves the column out."""


@dataclass
class Report:
    """What a check found. `created`, `updated` and `unchanged` are what the faultless rows would do."""

    rows: int = 0
    valid: int = 0
    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    created: int = 0
    updated: int = 0
    unchanged: int = 0

    def as_json(self) -> dict[str, Any]:
        return {
            "rows": self.rows,
            "valid": self.valid,
            "errors": [problem._asdict() for problem in self.errors],
            "warnings": [problem._asdict() for problem in self.warnings],
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
        }


@dataclass
class Plan:
    """The report, and the rows behind its numbers."""

    report: Report
    creates: list[Row] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)


class _Source(NamedTuple):
    """Where a column comes from: its position in the row and the header that the reader of the file sees."""

    at: int
    column: ImportColumn
    header: str


class _Doubtful(NamedTuple):
    """A reference that names nothing here, but perhaps what the existing row refers to already."""

    row: Row
    source: _Source
    candidates: set[Any]
    problem: tuple[str, str]


class Checker:
    """One check of one table. `run` returns the plan; the order of the steps is the order of the methods."""

    def __init__(self, importer: Importer, table: Table, mapping: Mapping[str, str], mode: str) -> None:
        self.importer = importer
        self.table = table
        self.mapping = mapping
        self.mode = mode
        self.report = Report(rows=len(table.rows), warnings=list(table.warnings))
        self.sources = [
            _Source(table.headers.index(mapping[column.name]), column, mapping[column.name])
            for column in importer.columns
            if column.name in mapping
        ]
        self.headers = {column.name: mapping.get(column.name, column.label) for column in importer.columns}
        self.faulty: set[int] = set()
        self.doubtful: list[_Doubtful] = []

    def run(self) -> Plan:
        self.report.errors += missing(type(self.importer), self.mapping, self.mode)
        if not self.table.rows:
            self.report.errors.append(Problem(0, "", "no_rows", "表头下面没有数据。请从表头的下一行开始填写。"))
        if self.report.errors:
            return Plan(self.report)
        self._note_unused_headers()
        rows = [self._read_row(number, cells) for number, cells in self.table.rows]
        self._resolve_references(rows)
        self._refuse_repeated_keys(rows)
        existing = self._look_up(rows)
        self._keep_references(existing)
        self._apply_rules(rows, existing)
        plan = self._plan(rows, existing)
        order = {header: position for position, header in enumerate(self.table.headers)}
        for problems in (self.report.errors, self.report.warnings):
            problems.sort(key=lambda problem: (problem.row, order.get(problem.column, len(order))))
        return plan

    def _note_unused_headers(self) -> None:
        used = set(self.mapping.values())
        unused = [header for header in self.table.headers if header not in (*used, RESULT_LABEL, "")]
        if unused:
            text = f"这些列不导入：{'、'.join(unused)}。"
            self.report.warnings.append(Problem(0, "", "unused_columns", text))

    def _read_row(self, number: int, cells: list[Cell]) -> Row:
        values: dict[str, Any] = dict.fromkeys(self.headers)
        today = self.importer.today
        for index, column, header in self.sources:
            cell = cells[index]
            value = None
            if cell is not None and not (type(cell) is str and column.blank and _says_nothing(cell, column.blank)):
                try:
                    value = column.kind.read(cell, today)
                except CellError as error:
                    self._error(number, header, error.code, error.message)
                    del values[column.name]
                    continue
                if value == "":
                    value = None
                elif column.kind.has_notes:
                    for code, message in column.kind.notes(value):
                        self.report.warnings.append(Problem(number, header, code, message))
            values[column.name] = value
        stamp = self.mapping.get(VERSION)
        if stamp is not None:
            values[VERSION] = _digits(cells[self.table.headers.index(stamp)])
        return Row(number, values)

    def _resolve_references(self, rows: list[Row]) -> None:
        for source in self.sources:
            name, kind = source.column.name, source.column.kind
            if not isinstance(kind, Reference):
                continue
            cells = [(row, named) for row in rows if isinstance(named := row.values.get(name), Named)]
            found = kind.find(self.importer, {named.text for _, named in cells})
            doubts = []
            for row, named in cells:
                value, problem = kind.resolve(named, found)
                if problem is None:
                    row.values[name] = value
                else:
                    del row.values[name]
                    doubts.append((row, named.text, problem))
            if doubts:
                self._doubt(source, kind, doubts)

    def _doubt(self, source: _Source, kind: Reference, doubts: list[tuple[Row, str, tuple[str, str]]]) -> None:
        """Put off what the existing row may say itself; the rest is wrong now."""
        kept: dict[str, set[Any]] = {}
        for text, value in kind.kept(self.importer, {text for _, text, _ in doubts}):
            kept.setdefault(text, set()).add(value)
        for row, text, problem in doubts:
            candidates = kept.get(text, set())
            if source.column.key and len(candidates) == 1:
                row.values[source.column.name] = next(iter(candidates))
            if candidates and (not source.column.key or len(candidates) == 1):
                self.doubtful.append(_Doubtful(row, source, candidates, problem))
            else:
                self._error(row.number, source.header, *problem)

    def _keep_references(self, existing: Mapping[Key, Existing]) -> None:
        """What was put off holds where the row exists and refers to it; anywhere else it is the error it was."""
        for row, source, candidates, problem in self.doubtful:
            name = source.column.name
            found = existing.get(row.key) if row.key is not None else None
            if found is not None and (source.column.key or found.values.get(name) in candidates):
                row.values.setdefault(name, found.values.get(name))
            elif row.number not in self.faulty:
                self._error(row.number, source.header, *problem)

    def _refuse_repeated_keys(self, rows: list[Row]) -> None:
        first: dict[Key, int] = {}
        for row in rows:
            row.key = self.importer.key_of(row.values)
            if row.key is None:
                continue
            earlier = first.setdefault(row.key, row.number)
            if earlier != row.number:
                self._error(row.number, self._key_header(row), "repeated", f"与第 {earlier} 行重复，请删除其中一行。")

    def _look_up(self, rows: list[Row]) -> Mapping[Key, Existing]:
        """The existing rows of all keys; a key that somebody else holds is refused without saying who."""
        keys = list({row.key for row in rows if row.key is not None})
        existing = self.importer.existing(keys) if keys else {}
        unknown = [key for key in keys if key not in existing]
        taken = set(self.importer.elsewhere(unknown)) if unknown else set()
        for row in rows:
            if row.key in taken:
                text = "已由其他组织登记，不能在这里导入。请与上级党组织核对归属。"
                self._error(row.number, self._key_header(row), "elsewhere", text)
            elif row.key in existing and self.mode == Mode.CREATE:
                text = "已存在。要修改请改用“更新”或“只补空白”方式，或删除这一行。"
                self._error(row.number, self._key_header(row), "exists", text)
        return existing

    def _apply_rules(self, rows: list[Row], existing: Mapping[Key, Existing]) -> None:
        for row in rows:
            # A row whose key could not be read may be an old one, which need not be complete.
            if row.key not in existing and (row.key is not None or self.mode == Mode.CREATE or not self._has_key()):
                self._require(row)
        for row in rows:
            if row.number not in self.faulty:
                for remark in self.importer.row_rules(row):
                    self._remark(row, remark)
        sound = [row for row in rows if row.number not in self.faulty]
        for row, remark in self.importer.table_rules(sound, existing):
            self._remark(row, remark)

    def _require(self, row: Row) -> None:
        for column in self.importer.columns:
            # A wrong cell is not in the values and has been told already.
            if column.required and row.values.get(column.name, ...) is None:
                text = f"「{column.label}」不能为空，请填写。"
                if column.name not in self.mapping:
                    text = f"新增这一行需要「{column.label}」，请在文件里补上这一列。"
                self._error(row.number, self.headers[column.name], "required", text)

    def _plan(self, rows: list[Row], existing: Mapping[Key, Existing]) -> Plan:
        plan = Plan(self.report)
        for row in rows:
            found = existing.get(row.key) if row.key is not None else None
            change = None if found is None or row.number in self.faulty else self._difference(row, found)
            if row.number in self.faulty:
                continue
            if found is None:
                plan.creates.append(row)
            elif change is not None:
                plan.changes.append(change)
            else:
                self.report.unchanged += 1
        self.report.created, self.report.updated = len(plan.creates), len(plan.changes)
        self.report.valid = self.report.rows - len(self.faulty)
        return plan

    def _difference(self, row: Row, found: Existing) -> Change | None:
        """What the file would change. A blank cell never erases; filling touches blank values only."""
        before: dict[str, Any] = {}
        after: dict[str, Any] = {}
        for _, column, _ in self.sources:
            value = row.values.get(column.name)
            old = found.values.get(column.name)
            if value is None or column.key or value == old or (self.mode == Mode.FILL and old not in (None, "")):
                continue
            before[column.name], after[column.name] = old, value
        if not after:
            return None
        stamp = row.values.get(VERSION)
        if stamp is not None and found.version is not None and stamp != found.version:
            text = "这一行在您下载模板之后已被他人修改。请重新下载，核对后再导入。"
            self._error(row.number, self.mapping[VERSION], "changed_online", text)
        return Change(row, found.pk, before, after)

    def _has_key(self) -> bool:
        return any(column.key for column in self.importer.columns)

    def _key_header(self, row: Row) -> str:
        return next((self.mapping[name] for name in self.importer.key_columns(row.key) if name in self.mapping), "")

    def _remark(self, row: Row, remark: Remark) -> None:
        header = self.headers.get(remark.column, remark.column)
        if remark.is_warning:
            self.report.warnings.append(Problem(row.number, header, remark.code, mask_numbers(remark.message)))
        else:
            self._error(row.number, header, remark.code, remark.message)

    def _error(self, number: int, header: str, code: str, message: str) -> None:
        self.faulty.add(number)
        # A column taken for another one brings its cells into sentences, numbers of people among them.
        self.report.errors.append(Problem(number, header, code, mask_numbers(message)))


def check_table(importer: Importer, table: Table, mapping: Mapping[str, str], mode: str) -> Plan:
    """Check a table under the active scope. Nothing is written."""
    return Checker(importer, table, mapping, mode).run()


def _says_nothing(cell: str, words: tuple[str, ...]) -> bool:
    return cell in words or (len(cell) < 12 and cell.strip().upper() in words)


def _digits(cell: Cell) -> int | None:
    text = cell if isinstance(cell, str) or cell is None else cell.text
    return row_id(text.strip().removesuffix(".0")) if text else None
