"""Cells, styles and formulas of the workbook, and the values that formulas are stored with.

openpyxl writes a formula without its value, and whoever looks at the file without a spreadsheet (a phone's
preview, a checking program) sees an empty cell. The program knows every value, so `store_values` puts them in.
"""

from __future__ import annotations

import math
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import IO, Any
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.page import PageMargins

from .text import neutralise

BRAND = "C7000B"
PERCENT = "0.0%"
POINTS = "+0.0;-0.0;0.0"
LINE = 14.0
DASH = "—"

_thin = Side(style="thin", color="D9D9D9")
_right = Alignment(horizontal="right", vertical="center")
_box = Border(left=_thin, right=_thin, top=_thin, bottom=_thin)


def styles() -> list[NamedStyle]:
    """The named styles of the workbook."""
    return [
        NamedStyle("pp title", font=Font(name="宋体", size=16, bold=True, color=BRAND)),
        NamedStyle("pp note", font=Font(name="宋体", size=10, color="595959")),
        NamedStyle("pp section", font=Font(name="宋体", size=12, bold=True)),
        NamedStyle(
            "pp head", font=Font(name="宋体", size=10, bold=True), border=_box,
            fill=PatternFill("solid", fgColor="FDECEC"),
            alignment=Alignment(horizontal="center", vertical="center", wrap_text=True),
        ),
        NamedStyle("pp text", font=Font(name="宋体", size=10), border=_box, alignment=Alignment(vertical="center")),
        NamedStyle(
            "pp wrapped", font=Font(name="宋体", size=10), border=_box,
            alignment=Alignment(vertical="center", wrap_text=True),
        ),
        NamedStyle("pp number", font=Font(name="宋体", size=10), border=_box, number_format="#,##0", alignment=_right),
        NamedStyle("pp percent", font=Font(name="宋体", size=10), border=_box, number_format=PERCENT, alignment=_right),
        NamedStyle("pp points", font=Font(name="宋体", size=10), border=_box, number_format=POINTS, alignment=_right),
        NamedStyle("pp warning", font=Font(name="宋体", size=10, color=BRAND, bold=True), border=_box,
                   fill=PatternFill("solid", fgColor="FFF4E5"), alignment=Alignment(vertical="center", wrap_text=True)),
    ]  # fmt: skip


@dataclass(frozen=True)
class Formula:
    """A formula with the value that it has on the rows of this file."""

    text: str
    value: Any


@dataclass
class Sheet:
    """One sheet under construction; remembers the values of its formulas by address."""

    book: Workbook
    title: str
    widths: Sequence[float]
    watermark: str
    landscape: bool = True
    values: dict[str, Any] = field(default_factory=dict)
    rows: int = 0

    def __post_init__(self) -> None:
        self.sheet = self.book.create_sheet(self.title)
        for number, width in enumerate(self.widths, start=1):
            self.sheet.column_dimensions[get_column_letter(number)].width = width
        self.sheet.page_setup.orientation = "landscape" if self.landscape else "portrait"
        self.sheet.page_setup.paperSize = 9  # A4
        self.sheet.page_setup.fitToWidth = 1
        self.sheet.page_setup.fitToHeight = 0
        self.sheet.sheet_properties.pageSetUpPr.fitToPage = True
        self.sheet.page_margins = PageMargins(left=0.4, right=0.4, top=0.5, bottom=0.8, footer=0.3)
        self.sheet.oddFooter.left.text = self.watermark
        self.sheet.oddFooter.right.text = "第 &P 页，共 &N 页"

    def freeze_below(self, row: int, column: int = 1) -> None:
        """Keep the rows above and the columns left of this cell in sight; repeat the header row in print."""
        self.sheet.freeze_panes = f"{get_column_letter(column)}{row}"
        self.sheet.print_title_rows = f"{row - 1}:{row - 1}"

    def add(self, values: Iterable[Any], style: str | Sequence[str] = "pp text") -> int:
        """Append a row; returns its number. A `Formula` is written live, every text neutralised."""
        self.rows += 1
        values = list(values)
        self._make_room(values, style)
        cells = []
        for number, value in enumerate(values):
            name = style if isinstance(style, str) else style[number]
            cells.append(self._cell(value, name, f"{get_column_letter(number + 1)}{self.rows}"))
        self.sheet.append(cells)
        return self.rows

    def _make_room(self, values: Sequence[Any], style: str | Sequence[str]) -> None:
        """Wrapped text needs as many lines as it takes in its column: a spreadsheet does not find that out by itself."""
        lines = 1
        for number, (value, width) in enumerate(zip(values, self.widths, strict=False)):
            name = style if isinstance(style, str) else style[number]
            if name in WRAPPED and isinstance(value, str):
                lines = max(lines, math.ceil(sum(1 + (char > "\u2000") for char in value) / max(width - 2, 1)))
        if lines > 1:
            self.sheet.row_dimensions[self.rows].height = LINE * lines + 2

    def plain(self, values: Iterable[Any]) -> None:
        """Append a row of data without styles: thousands of them."""
        self.rows += 1
        self.sheet.append([clean(value) for value in values])

    def skip(self) -> None:
        self.rows += 1
        self.sheet.append([])

    def _cell(self, value: Any, style: str, address: str) -> WriteOnlyCell:
        if isinstance(value, Formula):
            self.values[address] = value.value
            cell = WriteOnlyCell(self.sheet, value="=" + value.text)
        else:
            cell = WriteOnlyCell(self.sheet, value=clean(value))
        cell.style = style
        return cell


def clean(value: Any) -> Any:
    """A value as it may stand in a cell: no formula out of data, no character that XML forbids."""
    if isinstance(value, str):
        return neutralise(ILLEGAL_CHARACTERS_RE.sub("", value))
    return float(value) if isinstance(value, Decimal) else value


def new_book() -> Workbook:
    book = Workbook(write_only=True)
    for style in styles():
        book.add_named_style(style)
    book.calculation.fullCalcOnLoad = True
    book.properties.creator = "园区党建管理平台"
    return book


WRAPPED = ("pp head", "pp wrapped", "pp warning")

_FORMULA = re.compile(r'<c r="([A-Z]+[0-9]+)"((?: s="[0-9]+")?)(?: t="[a-z]+")?><f>(.*?)</f><v ?/?>(?:</v>)?</c>')


def store_values(source: IO[bytes], target: IO[bytes], sheets: Sequence[Sheet]) -> None:
    """Copy the saved workbook with the value of each formula beside it."""
    parts = {f"xl/worksheets/sheet{number}.xml": sheet for number, sheet in enumerate(sheets, start=1)}
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            sheet = parts.get(item.filename)
            if sheet is None or not sheet.values:
                with old.open(item) as reading, new.open(item.filename, "w", force_zip64=True) as writing:
                    while block := reading.read(1 << 20):
                        writing.write(block)
                continue
            text = _FORMULA.sub(partial(_with_value, sheet.values), old.read(item).decode())
            new.writestr(item.filename, text)


def _with_value(known: dict[str, Any], match: re.Match[str]) -> str:
    address, style, formula = match.groups()
    value = known[address]
    if isinstance(value, str):
        return f'<c r="{address}"{style} t="str"><f>{formula}</f><v>{escape(value)}</v></c>'
    return f'<c r="{address}"{style}><f>{formula}</f><v>{value}</v></c>'
