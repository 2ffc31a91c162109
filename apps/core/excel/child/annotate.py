"""Marks problems in a copy of an uploaded workbook. Runs in a child process too: openpyxl opens what a stranger made.

Standard input: the length of a JSON head, the head, the workbook. Standard output: the marked workbook.
"""

from __future__ import annotations

import io
import json
import sys
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from .main import bound

RED = PatternFill("solid", fgColor="FFFFC7CE")
AMBER = PatternFill("solid", fgColor="FFFFEB9C")
AUTHOR = "导入检查"
LONGEST_NOTE = 500
TEMPORARY_BYTES = 200 * 1024 * 1024  # openpyxl writes sheets to a temporary file first
RESULT_WIDTH = 60


def main() -> None:
    """The head: memory and seconds, sheet title, header row, result column, and marks by row."""
    stream = sys.stdin.buffer
    head = json.loads(stream.read(int(stream.readline())))
    bound(head["memory"], head["seconds"], TEMPORARY_BYTES)
    if head["rows"] is None:
        workbook = load_workbook(io.BytesIO(stream.read()), rich_text=True, keep_links=False)
        mark(workbook[head["sheet"]], head)
    else:
        workbook = Workbook()
        fill(workbook.worksheets[0], head["rows"])
        mark(workbook.worksheets[0], head)
    target = io.BytesIO()
    workbook.save(target)
    sys.stdout.buffer.write(target.getvalue())


def fill(sheet: Worksheet, rows: list[tuple[int, list[str | None]]]) -> None:
    """The rows of a csv file in their places; every cell is text, whatever it begins with."""
    for number, texts in rows:
        for column, text in enumerate(texts, start=1):
            if text:
                cell = sheet.cell(number, column, text)
                cell.data_type, cell.number_format = "s", "@"


def mark(sheet: Worksheet, head: dict[str, Any]) -> None:
    """`marks` are [row, result text, [[column, note, is error], …]]; columns count from 1."""
    _wipe(sheet, head["result_column"])
    title = sheet.cell(head["header_row"], head["result_column"])
    title.value, title.font = head["result_label"], Font(bold=True)
    sheet.column_dimensions[title.column_letter].width = RESULT_WIDTH
    for row, result, notes in head["marks"]:
        for column, note, is_error in notes:
            cell = sheet.cell(row, column)
            cell.fill = RED if is_error else AMBER
            cell.comment = Comment(note[:LONGEST_NOTE], AUTHOR, width=320, height=120)
        summary = sheet.cell(row, head["result_column"])
        summary.value, summary.data_type = result, "s"
        summary.alignment = Alignment(wrap_text=True, vertical="top")


def _wipe(sheet: Worksheet, result_column: int) -> None:
    """Take the marks of an earlier check away: people correct the marked copy and send it again."""
    for cells in sheet.iter_rows():
        for cell in cells:
            if isinstance(cell, Cell) and cell.comment is not None and cell.comment.author == AUTHOR:
                cell.comment, cell.fill = None, PatternFill()  # type: ignore[assignment]
            if cell.column == result_column and isinstance(cell, Cell):
                cell.value = None
