"""The report as a workbook that anybody can recompute: 汇总 in formulas over 明细, and 口径 in words."""

from __future__ import annotations

import datetime
import tempfile
from collections.abc import Iterator
from typing import IO, Any

from django.utils import timezone

from apps.core.errors import DomainError
from apps.core.excel.formulas import DASH, Formula, Sheet, new_book, store_values
from apps.core.excel.text import watermark
from apps.core.parameters import value

from ..parameters import ENTRY_DAYS
from ..rules.duties import WHOLE_PERIODS
from .cells import Board, Cell, Column, Line, Owing
from .report import Report

MAX_ROWS = 50_000
"""Rows of 明细 that a workbook with formulas carries with ease."""

HEADERS = ("所属（本表行号）", "党组织", "组织代码", "要求", "要求编号", "应完成", "已完成", "其中按时", "其中逾期提交",
           "未完成（1为是）", "未完成的期间")  # fmt: skip
FIRST_ROW = 4
FIGURES = (("应完成", "expected"), ("已完成", "actual"), ("其中按时", "on_time"), ("其中逾期提交", "late"),
           ("未完成的党组织", "missing"))  # fmt: skip
_COLUMNS = {"expected": "F", "actual": "G", "on_time": "H", "late": "I", "missing": "J"}


def file_name(report: Report) -> str:
    return f"组织生活落实情况_{report.board.org.code}_{report.board.period}.xlsx"


def write_workbook(target: IO[bytes], report: Report, *, user_name: str, now: datetime.datetime) -> None:
    """Write the report into an open binary file. Raises DomainError when it is too large for a workbook."""
    rows = sum(len(each) for each in report.owing.values())
    if rows > MAX_ROWS:
        raise DomainError(
            f"本表共 {rows:,} 行，超过一个工作簿的上限 {MAX_ROWS:,} 行，请按下级党组织分别下载。", code="too_many_rows"
        )
    book, mark = new_book(), watermark(user_name, timezone.localtime(now))
    summary = Sheet(book, "汇总", [6, 30, 34, 10, 10, 10, 12, 14, 10], mark)
    _summary(summary, report, FIRST_ROW + rows - 1)
    detail = Sheet(book, "明细", [10, 32, 14, 34, 26, 9, 9, 9, 12, 12, 40], mark)
    _detail(detail, report)
    basis = Sheet(book, "口径", [34, 100], mark, landscape=False)
    _basis(basis, report)
    with tempfile.TemporaryFile() as plain:
        book.save(plain)
        plain.seek(0)
        store_values(plain, target, [summary, detail, basis])


def _summary(sheet: Sheet, report: Report, last: int) -> None:
    found = report.board
    sheet.add([f"{found.org.name}组织生活落实情况（{report.label}）"], "pp title")
    sheet.add([sheet.watermark], "pp note")
    sheet.add([_source(found)], "pp note")
    sheet.skip()
    sheet.add(["序号", "党组织", "要求", *(label for label, _ in FIGURES), "完成率"], "pp head")
    for number, line in enumerate((*found.lines, found.total), start=1):
        is_total = line is found.total
        for column in found.columns:
            if cell := line.cells.get(column.key):
                _figures(sheet, 0 if is_total else number, "合计" if is_total else _line_name(line), column, cell, last)


def _figures(sheet: Sheet, number: int, name: str, column: Column, cell: Cell, last: int) -> None:
    row = sheet.rows + 1

    def over(letter: str) -> str:
        place = f",明细!$A${FIRST_ROW}:$A${last},$A{row}" if number else ""
        return (
            f'SUMIFS(明细!${letter}${FIRST_ROW}:${letter}${last},明细!$E${FIRST_ROW}:$E${last},"{column.key}"{place})'
        )

    counts = [Formula(over(_COLUMNS[field]), getattr(cell, field)) for _, field in FIGURES]
    rate = round(cell.actual / cell.expected, 4) if cell.expected else DASH
    share = Formula(f'IF(D{row}=0,"{DASH}",ROUND(E{row}/D{row},4))', rate)
    sheet.add([number or "", name, column.label, *counts, share],
              ["pp number", "pp text", "pp text", *["pp number"] * len(counts), "pp percent"])  # fmt: skip


def _detail(sheet: Sheet, report: Report) -> None:
    sheet.freeze_below(FIRST_ROW, 3)
    sheet.add(["明细（每个党组织、每项要求一行）"], "pp title")
    sheet.add([sheet.watermark], "pp note")
    sheet.add(HEADERS, "pp head")
    for values in _detail_rows(report):
        sheet.plain(values)
    sheet.sheet.auto_filter.ref = f"A{FIRST_ROW - 1}:K{max(sheet.rows, FIRST_ROW)}"


def _detail_rows(report: Report) -> Iterator[list[Any]]:
    lines = list(enumerate(report.board.lines, start=1))
    for column in report.board.columns:
        for each in report.owing[column.key]:
            number = next((n for n, line in lines if not line.is_own and each.path.startswith(line.path)), None)
            own = next((n for n, line in lines if line.is_own), 0)
            yield [
                own if number is None else number, each.name, report.codes.get(each.org_id, ""), column.label, column.key,
                each.expected, each.actual, each.on_time, each.late, int(not each.is_met), _periods(each),
            ]  # fmt: skip


def _basis(sheet: Sheet, report: Report) -> None:
    found = report.board
    sheet.add(["口径"], "pp title")
    days = value(ENTRY_DAYS, on=found.as_of, org_path=found.org.path)
    said = [
        ("数据来源", _source(found)),
        ("已完成", "已提交、已确认的记录；主办和联合举办的党组织各计一次；一条记录可兼作两类；按活动开始的日期归期。"),
        ("上限", "每个周期最多计到要求的次数：一个月多办的，不抵另一个月没有办的。"),
        ("按时", f"活动后 {days} 日内提交的为按时；以后提交的计入活动当期，列为逾期提交。"),
        ("起算", str(WHOLE_PERIODS)),
        ("适用条件", "按周期第一天的情况判断：名册上有无党员，班子是否3人以上或正式党员是否7人以上。"),
        ("每名党员", "以季度最后一天的名册为准，单位为人；统计到本季度末。"),
        ("年度要求", "列出截至本季度末的完成情况，年底前均可补足。"),
        ("更正", f"封存以后批准的更正 {found.corrections} 条，不计入已封存的数据。" if found.is_frozen else "本期尚未封存。"),
    ]  # fmt: skip
    sheet.add(["事项", "说明"], "pp head")
    for row in said:
        sheet.add(row, ["pp text", "pp wrapped"])
    sheet.skip()
    sheet.add(["要求", "依据"], "pp head")
    for column in found.columns:
        requirement = found.total.cells[column.key].requirement
        text = f"{requirement.get_weight_display()}{requirement}。{requirement.source}" if requirement else DASH
        sheet.add([column.label, text], ["pp text", "pp wrapped"])


def _source(found: Board) -> str:
    day = f"{found.as_of:%Y-%m-%d}"
    if found.is_frozen:
        return f"{found.period.label}已封存，数据截至 {day}，此后的变动不影响本表。"
    below = f"其中{'、'.join(found.frozen_below)}已封存。" if found.frozen_below else ""
    return f"{found.period.label}尚未封存，按 {day} 的记录实时统计。{below}"


def _line_name(line: Line) -> str:
    return f"{line.name}（本级）" if line.is_own else line.name


def _periods(each: Owing) -> str:
    return "、".join(period.label for period in each.periods)
