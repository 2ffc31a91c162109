"""What stands in a record book, before anybody thinks of paper: plain values, the same for page, docx and PDF."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from ..kinds import Book

FORM_TITLES = {
    Book.MEETINGS: "三会一课记录",
    Book.THEME_DAYS: "主题党日活动记录",
    Book.STUDY: "学习记录",
    Book.ACTIVITIES: "党员活动记录",
}
"""The heading of the form of one record, by the book that it stands in."""


@dataclass(frozen=True)
class Line:
    """One paragraph. `level` 0 is running text, 1 to 3 a heading; `mark` stands before an item of a list."""

    text: str
    level: int = 0
    mark: str = ""


@dataclass(frozen=True)
class Field:
    """One labelled field of the form: a short value, or paragraphs over the whole width."""

    label: str
    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        """The value in one piece."""
        return "\n".join(f"{line.mark}{line.text}" for line in self.lines)


@dataclass(frozen=True)
class Entry:
    """One record as it stands in the book, under its running number."""

    number: int
    kinds: str
    title: str
    held_on: datetime.date
    org: str
    state: str
    is_confirmed: bool
    pairs: tuple[tuple[Field, Field], ...]
    """Lines of the form with two short fields each."""
    wide: tuple[Field, ...]
    """Lines of the form with one field over the whole width."""
    remark: str = ""
    """What the reader has to know about the record itself: 迟报, 更正 and its number, not yet confirmed."""


@dataclass(frozen=True)
class BookContent:
    """A whole book: the cover, and its entries in the order of their days."""

    book: Book
    org: str
    year: int
    entries: tuple[Entry, ...]
    made_on: datetime.date
    made_by: str
    watermark: str
    counts: tuple[tuple[str, int], ...] = ()
    """How often each kind stands in the book: 支部党员大会 4 次 …"""
    part: str = ""
    """The quarter, where the book is not of the whole year."""
    bound: int = 0
    """Fingerprint of the records, kept with the making of the book."""

    @property
    def span(self) -> str:
        """What the cover says of the time."""
        return self.part or f"{self.year}年度"

    @property
    def characters(self) -> int:
        """How much there is to set."""
        return sum(len(line.text) for entry in self.entries for one in entry.wide for line in one.lines)

    @property
    def title(self) -> str:
        return str(self.book.label)

    @property
    def form_title(self) -> str:
        return FORM_TITLES[self.book]

    @property
    def confirmed(self) -> int:
        return sum(entry.is_confirmed for entry in self.entries)

    @property
    def cover(self) -> tuple[tuple[str, str], ...]:
        """What the cover says below the title, as (label, value)."""
        counts = "、".join(f"{name} {number} 次" for name, number in self.counts)
        return (
            ("党组织", self.org),
            ("记录", f"{len(self.entries)} 篇，已确认 {self.confirmed} 篇"),
            *((("其中", counts),) if counts else ()),
            ("整理日期", f"{self.made_on.year}年{self.made_on.month}月{self.made_on.day}日"),
            ("整理人", self.made_by),
        )
