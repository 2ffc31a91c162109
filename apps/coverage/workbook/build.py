"""Builds the workbook of one report: gathers the figures and names once, then writes sheet after sheet."""

from __future__ import annotations

import datetime
import tempfile
from typing import IO, Any

from django.utils import timezone
from openpyxl.utils import get_column_letter

from apps.census import parameters as census_parameters
from apps.census.rules import State
from apps.core import parameters
from apps.core.errors import DomainError
from apps.core.excel.formulas import Sheet, new_book, store_values
from apps.core.excel.text import watermark
from apps.core.periods import Period

from .. import figures
from ..basis import Basis, of_period
from ..changes import Change, changes
from ..models import Correction
from ..parameters import CHANGE_POINTS
from ..reading import Reading
from ..rules import Totals
from .detail import FIRST_ROW, Layout, Numbered, numbered, values
from .explain import changes_sheet, comparison_sheet, definitions_sheet, excluded_sheet
from .summary import Block, compare

MAX_ENTERPRISES = 20_000
"""Rows of 明细 that a workbook with formulas carries with ease; a longer list is exported as a ledger."""


def file_name(reading: Reading) -> str:
    basis = reading.basis
    when = str(basis.period) if basis.period else basis.as_of.isoformat()
    return f"两个覆盖_{basis.org.code}_{when}.xlsx"


def write_workbook(target: IO[bytes], reading: Reading, *, user_name: str, now: datetime.datetime) -> None:
    """Write the report into an open binary file. Raises DomainError when it is too large for a workbook."""
    basis = reading.basis
    definitions = tuple(d for d in (reading.definition, reading.other) if d is not None)
    levels = [figures.level(basis, definition) for definition in definitions]
    rows = [_rows(basis, definition, levels[0].total) for definition in definitions]
    pairs = [(row, rows[1].get(pk) if len(rows) > 1 else None) for pk, row in rows[0].items()]
    layout = Layout(definitions, len(pairs))
    book, mark = new_book(), watermark(user_name, timezone.localtime(now))
    sheets = []

    def sheet(title: str, widths: list[float], **options: Any) -> Sheet:
        sheets.append(Sheet(book, title, widths, mark, **options))
        return sheets[-1]

    summary = sheet("汇总", [6, 30, *[10.0] * 18])
    summary.add([f"{basis.org.name}两个覆盖汇总表（{basis.label}）"], "pp title")
    summary.add([mark], "pp note")
    summary.add([basis.describe()], "pp note")
    summary.skip()
    blocks = [Block(summary, layout, place) for place in range(len(definitions))]
    for block, level in zip(blocks, levels, strict=True):
        block.write(level)
    if len(blocks) == 2:
        compare(summary, blocks, levels)
    _detail(sheet("明细", layout.widths), layout, pairs, numbered(levels[0].rows), basis)
    definitions_sheet(sheet("口径说明", [26, 100], landscape=False), basis, definitions, _corrections(basis))
    excluded_sheet(sheet("剔除名单", [6, 32, 21, 14, 26, 9, 8, 26, 26]), pairs)
    before, found = _against_last(reading, rows[0])
    changes_sheet(sheet("变更说明", [6, 16, 32, 21, 14, 26, 22, 22, 60]), found, before.label)
    comparison_sheet(
        sheet("环比", [26, 12, 16, 14, 16, 14, 44]), reading.definition, levels[0].total, _earlier(reading, before),
        census_parameters.thresholds(on=basis.as_of), int(parameters.value(CHANGE_POINTS.code, on=basis.as_of)),
    )  # fmt: skip
    with tempfile.TemporaryFile() as plain:
        book.save(plain)
        plain.seek(0)
        store_values(plain, target, sheets)


def _rows(basis: Basis, definition: Any, total: Totals) -> dict[int, Any]:
    count = total.enterprises + sum(total.excluded.values())
    if count > MAX_ENTERPRISES:
        raise DomainError(
            f"本表共{count:,}家企业，超过一个工作簿的上限{MAX_ENTERPRISES:,}家。请按园区或下级党组织分别下载；"
            "全部名单可在“覆盖名单”中导出。", code="too_many_rows",
        )  # fmt: skip
    found = figures.names(basis, definition).order_by("org_path", "enterprise_id")
    return {row.enterprise_id: row for row in found.iterator(chunk_size=2000)}


def _detail(
    sheet: Sheet, layout: Layout, pairs: list[tuple[Any, Any]], nodes: dict[str, Numbered], basis: Basis
) -> None:
    sheet.freeze_below(4, 5)
    sheet.add(["明细（每家企业一行；1为是，0为否）"], "pp title")
    sheet.add([sheet.watermark], "pp note")
    sheet.add(layout.headers, "pp head")
    depth = len(basis.org.path) + 4
    states = dict(State.choices())
    for number, (row, other) in enumerate(pairs, start=1):
        node = nodes.get(row.org_path[:depth]) or Numbered(0, "")
        sheet.plain(values(row, other, number, node, states.get(row.return_state, row.return_state)))
    sheet.sheet.auto_filter.ref = f"A{FIRST_ROW - 1}:{get_column_letter(len(layout.columns))}{layout.last_row}"


def _corrections(basis: Basis) -> list[Correction]:
    return list(Correction.objects.filter(snapshot__in=[s.pk for s in basis.snapshots]))


def _against_last(reading: Reading, rows: dict[int, Any]) -> tuple[Period, list[Change] | None]:
    """The last period and the changes since then; None where it was never closed."""
    basis = reading.basis
    before = (basis.period or Period.quarter_of(basis.as_of)).previous()
    earlier = of_period(basis.org, before, today=before.last_day)
    if not earlier.snapshots:
        return before, None
    return before, changes(_rows(earlier, reading.definition, figures.total(earlier, reading.definition)), rows)


def _earlier(reading: Reading, before: Period) -> dict[str, Totals | None]:
    """Figures of the last period and of the same one a year ago, None where they were not closed."""
    result: dict[str, Totals | None] = {}
    for name, period in (("上期", before), ("上年同期", before.next().same_period_last_year())):
        earlier = of_period(reading.basis.org, period, today=period.last_day)
        result[f"{name}（{period.label}）"] = figures.total(earlier, reading.definition) if earlier.snapshots else None
    return result
