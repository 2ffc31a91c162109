"""年龄段 and 入党时间段 of the national bulletin, as stretches of dates. Pure functions.

A band of ages on a day is a stretch of birth dates, so that a count and the list behind it ask the same question.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from typing import Final

from apps.core.regulations import Citation

BULLETIN = Citation("中国共产党党内统计公报", "（党员队伍情况）")

YOUNG_UNTIL: Final = 30  # 30岁及以下
OLD_FROM: Final = 61  # 61岁及以上
BAND_YEARS: Final = 5  # 其间每5岁一段：31至35岁……56至60岁

_DAY = datetime.timedelta(days=1)


class Milestone(Enum):
    """The days at which the bulletin divides members by their joining: each begins a new stretch."""

    FOUNDING = "1949-10-01", "新中国成立"
    PLENUM = "1978-12-18", "党的十一届三中全会"
    CONGRESS = "2012-11-08", "党的十八大"

    @property
    def on(self) -> datetime.date:
        return datetime.date.fromisoformat(self.value[0])

    @property
    def title(self) -> str:
        return self.value[1]


@dataclass(frozen=True)
class Band:
    """The dates in [since, until) under a stable code; None is an open end."""

    code: str
    label: str
    since: datetime.date | None
    until: datetime.date | None

    def holds(self, day: datetime.date) -> bool:
        return (self.since is None or self.since <= day) and (self.until is None or day < self.until)


def age_on(born_on: datetime.date, day: datetime.date) -> int:
    """Return the full years on `day` (周岁); the birthday itself completes one, 29 February on 1 March."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def born_by(age: int, day: datetime.date) -> datetime.date:
    """Return the latest birth date of whoever is at least `age` full years old on `day`."""
    try:
        return day.replace(year=day.year - age)
    except ValueError:  # 29 February in a year that has none
        return datetime.date(day.year - age, 2, 28)


def age_bands(day: datetime.date) -> tuple[Band, ...]:
    """Return the eight bands of ages on `day` as stretches of birth dates, the youngest first."""
    edges = [*range(YOUNG_UNTIL + 1, OLD_FROM, BAND_YEARS), OLD_FROM]
    bands = [Band(f"u{YOUNG_UNTIL}", f"{YOUNG_UNTIL}岁及以下", born_by(YOUNG_UNTIL + 1, day) + _DAY, None)]
    for low, above in pairwise(edges):
        since, until = born_by(above, day) + _DAY, born_by(low, day) + _DAY
        bands.append(Band(f"{low}-{above - 1}", f"{low}至{above - 1}岁", since, until))
    return (*bands, Band(f"o{OLD_FROM}", f"{OLD_FROM}岁及以上", None, born_by(OLD_FROM, day) + _DAY))


def joining_bands() -> tuple[Band, ...]:
    """Return the four stretches of joining dates, the earliest first."""
    founding, plenum, congress = Milestone
    return (
        Band("before_1949", f"{founding.title}前", None, founding.on),
        Band("1949_1978", f"{founding.title}后至{plenum.title}前", founding.on, plenum.on),
        Band("1978_2012", f"{plenum.title}后至{congress.title}前", plenum.on, congress.on),
        Band("since_2012", f"{congress.title}以来", congress.on, None),
    )
