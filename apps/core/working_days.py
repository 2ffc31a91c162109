"""工作日: which days are worked, and deadlines counted in them. Pure: the caller brings the calendar rows.

A year counts as published once its rows exist (the State Council announces it in November of the year before);
until then Monday to Friday stand in and every answer that touched such a year says `provisional` (暂算).
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

import chinese_calendar

from apps.core.regulations import Citation

HOLIDAYS = Citation("全国年节及纪念日放假办法", "（国务院办公厅逐年公布的放假安排）", "", "V-sec")

PROVISIONAL_NOTE: Final = "（暂算：该年放假安排尚未公布）"

_ONE_DAY: Final = datetime.timedelta(days=1)
_SATURDAY: Final = 5


class CountedDay(NamedTuple):
    """A day that was found by counting; `provisional` when an unpublished year was on the way."""

    day: datetime.date
    provisional: bool


class Count(NamedTuple):
    """A number of working days; `provisional` when an unpublished year was among the days."""

    days: int
    provisional: bool


class SeedRow(NamedTuple):
    """One calendar row of a published year: a day off on a weekday, a make-up day, or a named day of rest."""

    day: datetime.date
    is_working: bool
    name: str


@dataclass(frozen=True)
class WorkCalendar:
    """The days that differ from Monday to Friday, and the years for which they are known."""

    overrides: Mapping[datetime.date, bool]
    published_years: frozenset[int]

    def is_provisional(self, day: datetime.date) -> bool:
        """Tell whether the answer about this day is 暂算."""
        return day.year not in self.published_years and day not in self.overrides

    def is_working(self, day: datetime.date) -> bool:
        """Tell whether the day is worked: by its row, else Monday to Friday."""
        return self.overrides.get(day, day.weekday() < _SATURDAY)

    def add_working_days(self, start: datetime.date, count: int, *, counts_start: bool = False) -> CountedDay:
        """Return the `count`-th working day from `start`, which itself counts only with `counts_start`.

        So 公示 of 5 working days posted on a Monday is complete on the next Monday (on Friday with the start).
        """
        if count < 1:
            raise ValueError("工作日天数应为正整数")
        day = start - _ONE_DAY if counts_start else start
        provisional = False
        while count:
            day += _ONE_DAY
            provisional |= self.is_provisional(day)
            count -= self.is_working(day)
        return CountedDay(day, provisional)

    def count_working_days(self, since: datetime.date, until: datetime.date) -> Count:
        """Return how many working days lie in [since, until)."""
        days = [since + n * _ONE_DAY for n in range((until - since).days)]
        return Count(sum(map(self.is_working, days)), any(map(self.is_provisional, days)))

    def deadline_note(self, due: datetime.date) -> str:
        """Return what must be said beside a deadline: it stays where it is even on a day off."""
        if self.is_working(due):
            return PROVISIONAL_NOTE if self.is_provisional(due) else ""
        weekday = "一二三四五六日"[due.weekday()]
        note = f"到期日{due:%Y-%m-%d}（星期{weekday}）为休息日，期限不顺延。"
        return note + PROVISIONAL_NOTE if self.is_provisional(due) else note


def seed_rows(year: int) -> list[SeedRow]:
    """Return the published calendar of a year, in order; empty when the library does not know the year yet."""
    rows = []
    day = datetime.date(year, 1, 1)
    try:
        while day.year == year:
            _, name = chinese_calendar.get_holiday_detail(day)
            if name is not None:
                rows.append(SeedRow(day, chinese_calendar.is_workday(day), chinese_calendar.Holiday(name).chinese))
            day += _ONE_DAY
    except NotImplementedError:
        return []
    return rows
