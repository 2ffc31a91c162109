"""Rows into files: xlsx and csv, streamed, so that memory does not grow with the rows.

No cell is ever a formula: texts that a spreadsheet would run are neutralised (`text.neutralise`), and the
import strips exactly that. Numbers that are text (codes, ID numbers, phones) stay text.
"""

from __future__ import annotations

import csv
import datetime
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain, islice
from typing import IO, Any, Protocol

from isal import isal_zlib

from ..clock import local, minute
from ..ledger import Kind
from .child.collector import address
from .limits import EXCEL_ROWS
from .text import neutralise, xml_text
from .xlsx_parts import (
    HEADER_STYLE,
    STYLES,
    WATERMARK_STYLE,
    content_types,
    root_rels,
    style_of,
    workbook,
    workbook_rels,
)

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SAMPLE = 200
_BATCH = 500
_EPOCH = datetime.date(1899, 12, 30)
_NOT_IN_TITLES = re.compile(r"[\[\]:*?/\\'\x00-\x1f]")
_NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


class SheetColumn(Protocol):
    """What the writer asks of a column; a ledger's column is one."""

    @property
    def label(self) -> str: ...

    @property
    def kind(self) -> Kind: ...


@dataclass(frozen=True)
class SheetSpec:
    """One table: its title, columns and rows (any iterable, read once), and the line below the last row."""

    title: str
    columns: Sequence[SheetColumn]
    rows: Iterable[Sequence[Any]]
    watermark: str = ""


def write_xlsx(target: IO[bytes], sheets: Iterable[SheetSpec]) -> int:
    """Write a workbook; returns the number of data rows. A table longer than a sheet goes on in the next one."""
    titles: list[str] = []
    written = 0
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        _write_part(package, "[Content_Types].xml", content_types())
        _write_part(package, "_rels/.rels", root_rels())
        _write_part(package, "xl/styles.xml", STYLES)
        for spec in sheets:
            rows = iter(spec.rows)
            while True:
                titles.append(_title(spec.title, titles))
                with _part(package, f"xl/worksheets/sheet{len(titles)}.xml") as part:
                    count = _SheetWriter(spec, part).write(islice(rows, EXCEL_ROWS - 2))
                written += count
                following = next(rows, None) if count == EXCEL_ROWS - 2 else None
                if following is None:
                    break
                rows = chain([following], rows)
        _write_part(package, "xl/workbook.xml", workbook(titles))
        _write_part(package, "xl/_rels/workbook.xml.rels", workbook_rels(len(titles)))
    return written


class _SheetWriter:
    """Writes one worksheet part. Column widths come from the first rows, so those are held back."""

    def __init__(self, spec: SheetSpec, part: IO[bytes]) -> None:
        self.spec = spec
        self.part = part
        self.letters = [address(column, 1)[:-1] for column in range(len(spec.columns))]
        self.cells = [(letter, style_of(c.kind), c.kind) for letter, c in zip(self.letters, spec.columns, strict=True)]

    def write(self, rows: Iterator[Sequence[Any]]) -> int:
        sample = list(islice(rows, _SAMPLE))
        labels = [column.label for column in self.spec.columns]
        self._put(self._head(_widths(labels, sample)))
        self._put(self._text_row(1, labels, HEADER_STYLE))
        last, batch = 1, []
        for last, record in enumerate(chain(sample, rows), start=2):
            batch.append(self._row(last, record))
            if len(batch) == _BATCH:
                self._put("".join(batch))
                batch.clear()
        if self.spec.watermark:
            batch.append(self._text_row(last + 1, [self.spec.watermark], WATERMARK_STYLE))
        self._put("".join(batch) + self._tail(last))
        return last - 1

    def _put(self, text: str) -> None:
        self.part.write(text.encode())

    def _head(self, widths: list[int]) -> str:
        columns = "".join(
            f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>' for n, width in enumerate(widths, start=1)
        )
        return (
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
            f'<worksheet xmlns="{_NAMESPACE}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
            '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft"'
            ' state="frozen"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/>'
            f"<cols>{columns}</cols><sheetData>"
        )

    def _tail(self, last: int) -> str:
        return (
            f'</sheetData><autoFilter ref="A1:{self.letters[-1]}{last}"/>'
            '<pageMargins left="0.4" right="0.4" top="0.6" bottom="0.6" header="0.3" footer="0.3"/>'
            '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/></worksheet>'
        )

    def _text_row(self, number: int, texts: Sequence[str], style: int) -> str:
        pairs = zip(self.letters, texts, strict=False)
        cells = [_text_cell(f"{letter}{number}", style, text) for letter, text in pairs]
        return f'<row r="{number}">{"".join(cells)}</row>'

    def _row(self, number: int, record: Sequence[Any]) -> str:
        parts = [f'<row r="{number}">']
        for (letter, style, kind), value in zip(self.cells, record, strict=True):
            if value is not None and value != "":
                parts.append(_cell(f"{letter}{number}", style, kind, value))
        parts.append("</row>")
        return "".join(parts)


def _cell(ref: str, style: int, kind: Kind, value: Any) -> str:
    if isinstance(value, str):
        return _text_cell(ref, style_of(Kind.TEXT) if kind is not Kind.TEXT else style, value)
    if isinstance(value, bool):
        return _text_cell(ref, style, "是" if value else "否")
    if isinstance(value, datetime.datetime):
        return f'<c r="{ref}" s="{style_of(Kind.DATETIME)}"><v>{_moment(value)}</v></c>'
    if isinstance(value, datetime.date):
        return f'<c r="{ref}" s="{style_of(Kind.DATE)}"><v>{(value - _EPOCH).days}</v></c>'
    if isinstance(value, (int, float, Decimal)) and kind is not Kind.TEXT:
        return f'<c r="{ref}" s="{style}"><v>{value}</v></c>'
    return _text_cell(ref, style, str(value))


def _text_cell(ref: str, style: int, text: str) -> str:
    text = xml_text(neutralise(text))
    space = ' xml:space="preserve"' if text[:1].isspace() or text[-1:].isspace() or "\n" in text else ""
    return f'<c r="{ref}" s="{style}" t="inlineStr"><is><t{space}>{text}</t></is></c>'


def _moment(value: datetime.datetime) -> str:
    there = local(value)
    day = (there.date() - _EPOCH).days
    return f"{day + (there.hour * 3600 + there.minute * 60 + there.second) / 86400:.10f}"


def _widths(labels: list[str], sample: list[Sequence[Any]]) -> list[int]:
    """Column widths in characters; a Chinese character is as wide as two."""
    widths = [_wide(label) + 4 for label in labels]
    for record in sample:
        for position, value in enumerate(record):
            if value is not None:
                widths[position] = max(widths[position], _wide(_plain(value)) + 2)
    return [min(width, 60) for width in widths]


def _wide(text: str) -> int:
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text[:60])


def _title(wanted: str, taken: list[str]) -> str:
    base = _NOT_IN_TITLES.sub("", wanted).strip()[:31] or "Sheet"
    title, serial = base, 1
    while title.lower() in {each.lower() for each in taken}:
        serial += 1
        title = f"{base[:26]}（{serial}）"
    return title


@contextmanager
def _part(package: zipfile.ZipFile, name: str) -> Iterator[IO[bytes]]:
    """One part, deflated by isal (level 1), which is several times faster than zlib at the same size."""
    info = zipfile.ZipInfo(name)  # dated 1980: a file says no more than its sheets show
    info.compress_type = zipfile.ZIP_DEFLATED
    with package.open(info, "w", force_zip64=name.startswith("xl/worksheets/")) as part:
        part._compressor = isal_zlib.compressobj(1, isal_zlib.DEFLATED, -15)  # type: ignore[attr-defined]
        yield part


def _write_part(package: zipfile.ZipFile, name: str, text: str) -> None:
    with _part(package, name) as part:
        part.write(text.encode())


def write_csv(target: IO[bytes], sheet: SheetSpec) -> int:
    """Write a table as UTF-8 csv with a BOM, which Excel and WPS need to show Chinese; returns the number of rows."""
    text = io.TextIOWrapper(target, encoding="utf-8-sig", errors="replace", newline="", write_through=False)
    out = csv.writer(text)
    out.writerow([column.label for column in sheet.columns])
    count = 0
    for count, record in enumerate(sheet.rows, start=1):  # noqa: B007
        out.writerow([_csv_text(value) for value in record])
    if sheet.watermark:
        out.writerow([sheet.watermark])
    text.flush()
    text.detach()
    return count


def _csv_text(value: Any) -> str:
    return neutralise(value) if isinstance(value, str) else _plain(value)


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime.datetime):
        return minute(value)
    return value.isoformat() if isinstance(value, datetime.date) else str(value)
