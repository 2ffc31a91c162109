"""One pass over the XML of a worksheet: every cell with its address and type, whatever it was formatted to.

Only what is not empty costs anything: a column formatted down to row 1,048,576 is a million empty cells
that are stepped over. The table is collected by `Collector`, which knows nothing of XML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .cells import RawCell, from_iso, from_number
from .collector import Collector
from .refusal import refuse
from .workbook import unescaped
from .zip_check import Package, strict_parser

_DIGITS = "0123456789"
_TRUE = ("1", "true")
_EMPTY_ROW = re.compile(rb'<row r="\d+"[^<>]*(?:/>|>(?:<c [^<>]*/>)*</row>)')


class SheetScan:
    """The expat handlers of one worksheet; `read` runs them."""

    def __init__(
        self, collector: Collector, strings: list[str], date_styles: frozenset[str], *, epoch_1904: bool
    ) -> None:
        self.collector = collector
        self.strings = strings
        self.date_styles = date_styles
        self.epoch_1904 = epoch_1904
        self.parser = strict_parser()
        self.parser.StartElementHandler = self._root  # type: ignore[assignment]
        self.columns: dict[str, int] = {}
        self.text: list[str] = []
        self.row_number = 0
        self.row_text = "0"
        self.row: dict[int, RawCell] = {}
        self.hidden = False
        self.column = -1
        self.kind = "n"
        self.style = ""
        self.formula: list[str] | None = None

    def read(self, package: Package, part: str) -> None:
        for chunk in without_empty_rows(package.chunks(part)):
            self.parser.Parse(chunk, False)
        self.parser.Parse(b"", True)

    def _root(self, name: str, _: list[str]) -> None:
        """The root tells the namespace prefix that all elements of the sheet carry."""
        if not name.endswith("worksheet"):
            refuse("unreadable")
        self._install(name.removesuffix("worksheet"))

    def _install(self, prefix: str) -> None:
        cell, formula, row, phonetic = (prefix + tag for tag in ("c", "f", "row", "rPh"))
        texts = (prefix + "v", prefix + "t")
        parser, add, nothing = self.parser, self.text.append, _ignored
        begin_cell, end_cell = self._begin_cell, self._end_cell

        def begin_text(_: list[str]) -> None:
            parser.CharacterDataHandler = add

        def begin_formula(_: list[str]) -> None:
            self.formula = []
            parser.CharacterDataHandler = self.formula.append

        def begin_phonetic(_: list[str]) -> None:
            parser.StartElementHandler = None

        begin = {
            cell: begin_cell,
            row: self._begin_row,
            formula: begin_formula,
            phonetic: begin_phonetic,
            prefix + "mergeCell": self._merged,
            prefix + "col": self._column_widths,
            **dict.fromkeys(texts, begin_text),
        }
        begin_of = begin.get

        def start(name: str, attributes: list[str]) -> None:
            begin_of(name, nothing)(attributes)

        def end(name: str) -> None:
            if name == cell:
                if self.text or self.formula is not None:
                    end_cell()
            elif name in texts or name == formula:
                parser.CharacterDataHandler = None
            elif name == phonetic:
                parser.StartElementHandler = start  # type: ignore[assignment]
            elif name == row and self.row:
                self.collector.add(self.row_number, self.row, hidden=self.hidden)
                self.row = {}

        parser.StartElementHandler = start  # type: ignore[assignment]
        parser.EndElementHandler = end

    def _merged(self, attributes: list[str]) -> None:
        self.collector.merged(_named(attributes, "ref"))

    def _column_widths(self, attributes: list[str]) -> None:
        if _named(attributes, "hidden") in _TRUE:
            self.collector.hide_columns(int(_named(attributes, "min")), int(_named(attributes, "max")))

    def _begin_row(self, attributes: list[str]) -> None:
        number = _named(attributes, "r")
        following = self.row_number + 1
        self.row_number = int(number) if number else following
        if self.row_number < following:
            refuse("unreadable")
        self.row_text = str(self.row_number)
        self.hidden = _named(attributes, "hidden") in _TRUE
        self.column = -1

    def _begin_cell(self, attributes: list[str]) -> None:
        self.kind, self.style, address = "n", "", ""
        for position in range(0, len(attributes), 2):
            name = attributes[position]
            if name == "r":
                address = attributes[position + 1]
            elif name == "t":
                self.kind = attributes[position + 1]
            elif name == "s":
                self.style = attributes[position + 1]
        if not address:
            self.column += 1
            return
        letters = address.rstrip(_DIGITS)
        if address[len(letters) :] != self.row_text:
            refuse("unreadable")
        column = self.columns.get(letters)
        if column is None:
            column = self.columns[letters] = column_index(letters)
        self.column = column

    def _end_cell(self) -> None:
        text = "".join(self.text)
        self.text.clear()
        if self.formula is not None:
            self.row[self.column] = ["f", "".join(self.formula)[:100]]
            self.formula = None
            return
        cell = self._cell(text)
        if cell is not None:
            self.row[self.column] = cell

    def _cell(self, text: str) -> RawCell:
        if self.kind == "s":
            text = self.strings[int(text)]
        elif self.kind in ("inlineStr", "str"):
            text = unescaped(text)
        elif self.kind == "n":
            is_date = self.style in self.date_styles
            return from_number(text, is_date=is_date, epoch_1904=self.epoch_1904) if text.strip() else None
        elif self.kind == "d":
            return from_iso(text)
        elif self.kind in ("b", "e"):
            return [self.kind, text]
        else:
            refuse("unreadable")
        return text if text and not text.isspace() else None


def without_empty_rows(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The XML without rows of empty cells, as far as they lie within one chunk; ten times faster than parsing them.

    In well-formed XML `<row r="` is markup everywhere but in comments and CDATA: from the first of those on,
    nothing is left out any more.
    """
    plain = True
    for chunk in chunks:
        plain = plain and b"<!" not in chunk
        yield _EMPTY_ROW.sub(b"", chunk) if plain else chunk


def column_index(letters: str) -> int:
    """A → 0, AA → 26. Anything but capital letters is no address."""
    index = 0
    for letter in letters:
        if not "A" <= letter <= "Z":
            refuse("unreadable")
        index = index * 26 + ord(letter) - 64
    if not 1 <= index <= 16_384:
        refuse("unreadable")
    return index - 1


def _ignored(_: list[str]) -> None:
    """An element that says nothing about cells."""


def _named(attributes: list[str], name: str) -> str:
    return next((attributes[i + 1] for i in range(0, len(attributes), 2) if attributes[i] == name), "")
