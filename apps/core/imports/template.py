"""The workbook to fill in: headers, drop-downs, text format where numbers would be ruined, and on request
today's rows with their keys locked and a version stamp (so that an edit in between is noticed)."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Font, PatternFill, Protection
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from ..excel.text import neutralise
from .mapping import VERSION, VERSION_LABEL
from .spec import ImportColumn, Importer
from .values import Flag, OneOf

LAST_ROW = 10_001
HELP_SHEET = "填写说明"
HELP_COLUMNS = 4
_GREY = PatternFill("solid", fgColor="FFEDEDED")
_HEAD = PatternFill("solid", fgColor="FFF5F5F5")
_REQUIRED = Font(bold=True, color="FFC7000B")
_OPEN = Protection(locked=False)


def template(importer: Importer, *, filled: bool) -> bytes:
    """The workbook. `filled` asks the importer for today's rows of the active scope."""
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = importer.title[:31]
    columns = importer.columns
    _write_help(workbook.create_sheet(HELP_SHEET), columns)
    for position, column in enumerate(columns, start=1):
        _lay_column(sheet, position, column)
    rows = list(importer.template_rows()) if filled else []
    if rows:
        _fill(sheet, columns, rows)
    sheet.freeze_panes = "A2"
    target = io.BytesIO()
    workbook.save(target)
    return target.getvalue()


def _lay_column(sheet: Worksheet, position: int, column: ImportColumn) -> None:
    letter = get_column_letter(position)
    head = sheet.cell(1, position, column.label)
    head.fill, head.font = _HEAD, _REQUIRED if column.required else Font(bold=True)
    whole = sheet.column_dimensions[letter]
    whole.width = max(12, len(column.label) * 2 + 4)
    whole.number_format = column.kind.excel_kind.value
    whole.protection = _OPEN
    head.number_format, head.protection = "@", Protection(locked=True)
    rule = _drop_down(column, position)
    if rule is not None:
        sheet.add_data_validation(rule)
        rule.add(f"{letter}2:{letter}{LAST_ROW}")


def _drop_down(column: ImportColumn, position: int) -> DataValidation | None:
    """A list of choices; it lies in the help sheet, since Excel takes no more than 255 characters in place."""
    labels = _labels(column)
    if not labels:
        return None
    choices = get_column_letter(HELP_COLUMNS + position)
    where = f"{quote_sheetname(HELP_SHEET)}!${choices}$2:${choices}${len(labels) + 1}"
    rule = DataValidation(type="list", formula1=where, allow_blank=not column.required)
    rule.error, rule.errorTitle = f"请从列表中选择：{'、'.join(labels)}"[:255], column.label[:32]
    return rule


def _labels(column: ImportColumn) -> list[str]:
    if isinstance(column.kind, OneOf):
        return column.kind.labels
    return ["是", "否"] if isinstance(column.kind, Flag) else []


def _write_help(sheet: Worksheet, columns: Iterable[ImportColumn]) -> None:
    """One line for each column; the choices of a drop-down stand in a column of their own to the right."""
    for position, title in enumerate(("列名", "必填", "怎样填写", "说明"), start=1):
        sheet.cell(1, position, title).font = Font(bold=True)
    for row, column in enumerate(columns, start=2):
        sheet.cell(row, 1, column.label)
        sheet.cell(row, 2, "必填" if column.required else "")
        sheet.cell(row, 3, column.kind.hint).alignment = Alignment(wrap_text=True, vertical="top")
        sheet.cell(row, 4, column.note)
        labels = _labels(column)
        choices = HELP_COLUMNS + row - 1
        if labels:
            sheet.cell(1, choices, f"{column.label}（可选值）").font = Font(bold=True)
        for offset, label in enumerate(labels, start=2):
            sheet.cell(offset, choices, label)
    for letter, width in zip("ABCD", (24, 8, 60, 40), strict=True):
        sheet.column_dimensions[letter].width = width


def _fill(sheet: Worksheet, columns: tuple[ImportColumn, ...], rows: list[Mapping[str, Any]]) -> None:
    """Today's rows: keys and the version stamp are grey and locked, everything else is open."""
    stamp = len(columns) + 1
    head = sheet.cell(1, stamp, VERSION_LABEL)
    head.font, head.fill = Font(bold=True), _GREY
    sheet.column_dimensions[get_column_letter(stamp)].width = 18
    for number, values in enumerate(rows, start=2):
        for position, column in enumerate(columns, start=1):
            _put(sheet.cell(number, position), column, values.get(column.name))
        stamped = sheet.cell(number, stamp, values.get(VERSION))
        stamped.fill = _GREY
    protection = sheet.protection
    protection.sheet = True
    # What a protected sheet still allows: everything but touching locked cells.
    protection.insertRows = protection.deleteRows = protection.sort = protection.autoFilter = False
    protection.formatColumns = protection.formatRows = protection.formatCells = False


def _put(cell: Cell, column: ImportColumn, value: Any) -> None:
    shown = column.kind.shown(value)
    if isinstance(shown, bool):
        shown = "是" if shown else "否"
    if isinstance(shown, str):
        cell.value, cell.data_type = neutralise(shown), "s"
    elif shown is not None:
        cell.value = shown
    cell.number_format = column.kind.excel_kind.value
    if column.key:
        cell.fill = _GREY
    else:
        cell.protection = _OPEN
