"""Minutes as paragraphs: plain text by its line breaks, rich text by its blocks. Tags never reach the paper."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Final

from ..rules.minutes import clean_rich
from .content import Line

BULLET: Final = "• "

_HEADINGS: Final = {"h3": 1, "h4": 2}
_BLOCKS: Final = frozenset({"p", "ul", "ol", "li", *_HEADINGS})
_UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_SPACES: Final = re.compile(r"[ \t\r\n]+")


def printable(text: str) -> str:
    """The text without what no document format can hold: control characters and halves of characters."""
    return _UNPRINTABLE.sub("", text)


def lines_of(text: str, *, rich: bool = False) -> tuple[Line, ...]:
    """The paragraphs of a text typed on a phone or, `rich`, on a desktop; empty ones go."""
    if not rich:
        return tuple(Line(line.strip()) for line in printable(text).splitlines() if line.strip())
    reader = _Reader()
    reader.feed(clean_rich(printable(text)))
    reader.close()
    reader.end_line()
    return tuple(reader.lines)


class _Reader(HTMLParser):
    """Collects the blocks of cleaned HTML. Emphasis inside a line is not kept."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[Line] = []
        self.parts: list[str] = []
        self.level, self.mark = 0, ""
        self.lists: list[int | None] = []
        """For each open list the number of its last item; None where items are not numbered."""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "br":
            self.end_line()
        elif tag in _BLOCKS:
            self.end_line()
            self.level = _HEADINGS.get(tag, 0)
        if tag in ("ul", "ol"):
            self.lists.append(0 if tag == "ol" else None)
        elif tag == "li":
            self.mark = self._next_mark()

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.end_line()
        if tag in ("ul", "ol") and self.lists:
            self.lists.pop()

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    def end_line(self) -> None:
        text = _SPACES.sub(" ", "".join(self.parts)).strip(" 　")
        if text:
            self.lines.append(Line(text, self.level, self.mark))
        self.parts, self.level, self.mark = [], 0, ""

    def _next_mark(self) -> str:
        if not self.lists or self.lists[-1] is None:
            return BULLET
        self.lists[-1] += 1
        return f"{self.lists[-1]}. "
