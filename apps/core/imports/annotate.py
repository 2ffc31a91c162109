"""The same workbook back: faulty cells red with a note, and a last column 「检查结果」 that says what to do."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from ..excel.limits import MEBIBYTE
from ..excel.problems import Problem
from ..excel.reader import Table
from ..excel.text import neutralise
from ..excel.writer import SheetSpec, write_xlsx
from ..ledger import Column, Kind
from ..models import ImportBatch
from .batches import report_of, stored, table_of
from .check import RESULT_LABEL, Report

logger = logging.getLogger(__name__)

SECONDS = 20
MEMORY = 2048 * MEBIBYTE
_ROOT = str(Path(__file__).resolve().parents[3])
_CHILD = "import sys; sys.path.insert(0, sys.argv[1]); from apps.core.excel.child.annotate import main; main()"


def annotated_copy(batch: ImportBatch) -> tuple[str, bytes]:
    """File name and bytes of the marked copy; a list of the problems when the workbook is too heavy to be marked."""
    table, report = table_of(batch), report_of(batch)
    data = stored(batch, "file")
    stem = Path(batch.file_name).stem
    marked = _marked(data, _head(table, report, is_workbook=data.startswith(b"PK")))
    if marked is not None:
        return f"{stem}（{RESULT_LABEL}）.xlsx", marked
    return f"{stem}（问题清单）.xlsx", problem_list(report)


def problem_list(report: Report) -> bytes:
    """The problems as a table of their own."""
    labels = {"行号": Kind.INTEGER, "级别": Kind.TEXT, "列": Kind.TEXT, "问题": Kind.TEXT}
    columns = [Column(label, label, kind=kind) for label, kind in labels.items()]
    rows = [(found.row or None, level, found.column, found.message) for level, found in _levelled(report)]
    target = io.BytesIO()
    write_xlsx(target, [SheetSpec(RESULT_LABEL, columns, rows)])
    return target.getvalue()


def _levelled(report: Report) -> list[tuple[str, Problem]]:
    return [("错误", problem) for problem in report.errors] + [("提醒", problem) for problem in report.warnings]


def _marked(data: bytes, head: dict[str, Any]) -> bytes | None:
    """The marked workbook, or None when the child process could not make it."""
    text = json.dumps(head).encode()
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-c", _CHILD, _ROOT], input=b"%d\n%s%s" % (len(text), text, data),
            capture_output=True, timeout=SECONDS, env={}, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        logger.warning("marking a workbook took longer than %s s", SECONDS)
        return None
    if done.returncode != 0:
        logger.warning("the marking process ended with %s", done.returncode)
        return None
    return done.stdout


def _head(table: Table, report: Report, *, is_workbook: bool) -> dict[str, Any]:
    """What the child needs to know. A csv file has no workbook: its rows are sent instead."""
    places = {header: column for column, header in enumerate(table.headers, start=1) if header}
    result_column = places.get(RESULT_LABEL, len(table.headers) + 1)
    return {
        "memory": MEMORY,
        "seconds": SECONDS,
        "sheet": table.sheet_title,
        "rows": None if is_workbook else [[table.header_row, table.headers], *table.rows],
        "header_row": table.header_row,
        "result_column": result_column,
        "result_label": RESULT_LABEL,
        "marks": _marks(table.header_row, places, result_column, report),
    }


def _marks(header_row: int, places: dict[str, int], result_column: int, report: Report) -> list[list[Any]]:
    """[row, text of the result column, [[column, note, is error], …]]; problems of the file stand by the header."""
    texts: dict[int, list[str]] = defaultdict(list)
    notes: dict[int, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    faulty: set[tuple[int, int]] = set()
    for level, problem in _levelled(report):
        row = problem.row or header_row
        column = places.get(problem.column, 0 if problem.row else result_column)
        said = problem.message if level == "错误" else f"提醒：{problem.message}"
        if problem.row:
            texts[row].append(said)
        if column:
            notes[row][column].append(said)
            if level == "错误":
                faulty.add((row, column))
    return [
        [
            row,
            neutralise("\n".join(texts[row])) if row in texts else RESULT_LABEL,
            [[column, "\n".join(said), (row, column) in faulty] for column, said in sorted(notes[row].items())],
        ]
        for row in sorted({*texts, *notes})
    ]
