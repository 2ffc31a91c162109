"""Workbooks for the tests, good and bad, built in memory. Nothing here is a real person or enterprise."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

HEADERS = ("企业名称", "统一社会信用代码", "职工数")
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def book(
    rows: Iterable[Sequence[Any]] = (),
    headers: Sequence[Any] = HEADERS,
    change: Callable[[Worksheet], Any] | None = None,
) -> bytes:
    """A workbook by openpyxl: a header row, rows, and whatever `change` does to the sheet."""
    workbook = Workbook()
    sheet = workbook.active
    assert isinstance(sheet, Worksheet)
    if headers:
        sheet.append(list(headers))
    for row in rows:
        sheet.append(list(row))
    if change is not None:
        change(sheet)
    return saved(workbook)


def saved(workbook: Workbook) -> bytes:
    target = io.BytesIO()
    workbook.save(target)
    return target.getvalue()


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


def packed(parts: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return target.getvalue()


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    """The workbook with one part added or replaced."""
    return packed(parts_of(data) | {name: content})


def raw(sheet_data: str, *, prefix: str = "", workbook: str = "", after: str = "") -> bytes:
    """A workbook whose sheet XML is written by hand: `sheet_data` are the rows."""
    colon = f"{prefix}:" if prefix else ""
    name = f"xmlns:{prefix}" if prefix else "xmlns"
    sheet = (
        f'<{colon}worksheet {name}="{_MAIN}"><{colon}sheetData>{sheet_data}</{colon}sheetData>'
        f"{after}</{colon}worksheet>"
    )
    parts = parts_of(book())
    parts["xl/worksheets/sheet1.xml"] = sheet.encode()
    if workbook:
        parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(b"<workbookPr />", workbook.encode())
    return packed(parts)


def text_cell(address: str, text: str) -> str:
    return f'<c r="{address}" t="inlineStr"><is><t>{text}</t></is></c>'


def text_row(number: int, *texts: str) -> str:
    cells = "".join(text_cell(f"{chr(65 + column)}{number}", text) for column, text in enumerate(texts))
    return f'<row r="{number}">{cells}</row>'
