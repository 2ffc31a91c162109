"""Reporting periods: a quarter, a year or a month that always carries its year.

A period is the half-open range [start, end) of days in Asia/Shanghai, so that periods of one kind follow each
other without gap or overlap. `str(period)` (`2026Q4`, `2026`, `2026-11`) is its stable spelling.
"""

from __future__ import annotations

import calendar
import datetime
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import total_ordering
from typing import Final, Literal

PeriodKind = Literal["quarter", "year", "month"]

KIND_LABELS: Final[dict[PeriodKind, str]] = {"quarter": "季度", "year": "年度", "month": "月度"}

_MONTHS: Final[dict[PeriodKind, int]] = {"month": 1, "quarter": 3, "year": 12}
_FIRST_YEAR: Final = 1900
_LAST_YEAR: Final = 2999
_SPELLING: Final = re.compile(r"(?P<year>[0-9]{4})(?:Q(?P<quarter>[1-4])|-(?P<month>0[1-9]|1[0-2]))?")


def add_months(day: datetime.date, months: int) -> datetime.date:
    """Return the same day `months` later; where that month is shorter, its last day (31 August + 6)."""
    year, index = divmod(day.year * 12 + day.month - 1 + months, 12)
    return datetime.date(year, index + 1, min(day.day, calendar.monthrange(year, index + 1)[1]))


@total_ordering
@dataclass(frozen=True, eq=True)
class Period:
    """The `number`-th month, quarter or year (always 1) of `year`."""

    kind: PeriodKind
    year: int
    number: int = 1

    def __post_init__(self) -> None:
        if not _FIRST_YEAR <= self.year <= _LAST_YEAR:
            raise ValueError(f"年份应在{_FIRST_YEAR}至{_LAST_YEAR}之间：{self.year}")
        if not 1 <= self.number <= 12 // _MONTHS[self.kind]:
            raise ValueError(f"{self.year}年没有第{self.number}个{KIND_LABELS[self.kind]}")

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read `2026Q4`, `2026` or `2026-11`; anything else is a ValueError with a sentence for the user."""
        spelling = unicodedata.normalize("NFKC", text).strip().upper()
        match = _SPELLING.fullmatch(spelling)
        if match is None:
            raise ValueError(f"无法识别的期间“{text}”，应写作2026Q4（季度）、2026（年度）或2026-11（月度）。")
        year = int(match["year"])
        if match["quarter"]:
            return cls("quarter", year, int(match["quarter"]))
        if match["month"]:
            return cls("month", year, int(match["month"]))
        return cls("year", year)

    @classmethod
    def of(cls, kind: PeriodKind, day: datetime.date) -> Period:
        """Return the period of this kind that contains the day."""
        return cls(kind, day.year, (day.month - 1) // _MONTHS[kind] + 1)

    @classmethod
    def quarter_of(cls, day: datetime.date) -> Period:
        return cls.of("quarter", day)

    @classmethod
    def month_of(cls, day: datetime.date) -> Period:
        return cls.of("month", day)

    @classmethod
    def year_of(cls, day: datetime.date) -> Period:
        return cls.of("year", day)

    @classmethod
    def range(cls, since: Period, until: Period) -> Iterator[Period]:
        """Yield the periods from `since` up to, and without, `until`; both of one kind."""
        if since.kind != until.kind:
            raise ValueError(f"{since.label}与{until.label}不是同一种期间")
        while since < until:
            yield since
            since = since.next()

    @property
    def start(self) -> datetime.date:
        return datetime.date(self.year, (self.number - 1) * _MONTHS[self.kind] + 1, 1)

    @property
    def end(self) -> datetime.date:
        """Return the first day after the period."""
        year, month = divmod(self.year * 12 + self.number * _MONTHS[self.kind], 12)
        return datetime.date(year, month + 1, 1)

    @property
    def last_day(self) -> datetime.date:
        return self.end - datetime.timedelta(days=1)

    @property
    def label(self) -> str:
        if self.kind == "quarter":
            return f"{self.year}年第{'一二三四'[self.number - 1]}季度"
        return f"{self.year}年{self.number}月" if self.kind == "month" else f"{self.year}年"

    def contains(self, day: datetime.date) -> bool:
        return self.start <= day < self.end

    def shift(self, count: int) -> Period:
        """Return the period of the same kind that lies `count` later (earlier when negative)."""
        per_year = 12 // _MONTHS[self.kind]
        year, index = divmod(self.year * per_year + self.number - 1 + count, per_year)
        return Period(self.kind, year, index + 1)

    def previous(self) -> Period:
        return self.shift(-1)

    def next(self) -> Period:
        return self.shift(1)

    def same_period_last_year(self) -> Period:
        """Return what 同比 compares with."""
        return Period(self.kind, self.year - 1, self.number)

    def __str__(self) -> str:
        if self.kind == "quarter":
            return f"{self.year}Q{self.number}"
        return f"{self.year}-{self.number:02d}" if self.kind == "month" else str(self.year)

    def __lt__(self, other: object) -> bool:
        """Order by first day, a longer period before the shorter ones that it contains."""
        if not isinstance(other, Period):
            return NotImplemented
        return (self.start, -self.end.toordinal()) < (other.start, -other.end.toordinal())
