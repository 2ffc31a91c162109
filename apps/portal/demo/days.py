"""The calendar of the demo: every day of its story is counted from the day on which it is loaded."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from apps.core.periods import Period

SHANGHAI = ZoneInfo("Asia/Shanghai")
QUARTERS = 5
"""How many closed quarters the demo has: the trend of a year, and the same quarter of the last one."""

ROUND_OPEN_DAYS = 13
"""How long the census of this quarter has been open, as far as the quarter goes back so long."""
ROUND_DAYS = 30


@dataclass(frozen=True)
class Days:
    """Days of the story, none of them later than `today`."""

    today: datetime.date

    @property
    def quarter(self) -> Period:
        return Period.quarter_of(self.today)

    def period(self, back: int) -> Period:
        """The quarter so many quarters ago; 0 is the one that is running."""
        return self.quarter.shift(-back)

    def in_quarter(self, back: int, share: float) -> datetime.date:
        """The day at a share (0 to 1) of a quarter; the running one ends today."""
        period = self.period(back)
        return between(period.start, min(period.last_day, self.today), share)

    def this_month(self, share: float) -> datetime.date:
        return between(self.today.replace(day=1), self.today, share)

    def ago(self, days: int) -> datetime.date:
        return self.today - datetime.timedelta(days=days)

    def ahead(self, days: int) -> datetime.date:
        return self.today + datetime.timedelta(days=days)

    def at(self, day: datetime.date, hour: int, minute: int) -> datetime.datetime:
        """An hour of a day; today everything has happened early in the morning, in the same order."""
        if day < self.today:
            return moment(day, hour, minute)
        return moment(day, 8, hour) + datetime.timedelta(seconds=minute)

    def round_opens(self, back: int) -> datetime.date:
        """Past quarters were asked in their last month; the running one has been asked for about a fortnight."""
        if back == 0:
            return max(self.quarter.start, self.ago(ROUND_OPEN_DAYS))
        return self.period(back).last_day - datetime.timedelta(days=34)

    def round_due(self, back: int) -> datetime.date:
        days = ROUND_DAYS if back == 0 else ROUND_DAYS - 2
        return self.round_opens(back) + datetime.timedelta(days=days)

    def round_closes(self, back: int) -> datetime.date:
        """A closed quarter was closed in the first days of the next one."""
        return min(self.period(back).end + datetime.timedelta(days=4), self.today)


def between(first: datetime.date, last: datetime.date, share: float) -> datetime.date:
    return first + datetime.timedelta(days=round(max((last - first).days, 0) * share))


def moment(day: datetime.date, hour: int = 9, minute: int = 0) -> datetime.datetime:
    return datetime.datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI)
