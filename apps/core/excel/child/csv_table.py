"""A csv text as a table. Every cell is text; rows count as Excel would show them."""

from __future__ import annotations

import csv
import io

from .collector import Collector
from .refusal import refuse


def read_csv(data: bytes, collector: Collector) -> list[list[str]]:
    """Fill the collector; returns the warnings. UTF-8 with or without BOM; GB 18030 when nothing else fits."""
    text, warnings = _decoded(data)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for number, record in enumerate(reader, start=1):
            cells = {column: cell for column, cell in enumerate(record) if cell and not cell.isspace()}
            if cells:
                collector.add(number, dict(cells))
    except csv.Error:
        refuse("unreadable")
    return warnings


def _decoded(data: bytes) -> tuple[str, list[list[str]]]:
    if b"\x00" in data or data.startswith((b"\xff\xfe", b"\xfe\xff")):
        refuse("unreadable", "编码")
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("gb18030"), [["gbk", ""]]
    except UnicodeDecodeError:
        refuse("unreadable", "编码")
