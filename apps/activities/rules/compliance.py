"""Figures of compliance: how they are counted for one duty, added up, and narrowed to what has begun.

A duty is one requirement in one of its periods, asked of one organisation or of each of its members. What is done
beyond what was asked does not make up for another period or another branch: `done` is at most what was expected.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from apps.core.periods import Period

from ..kinds import Rhythm


class Slot(IntEnum):
    """A part of a quarter's board: one of its months, its first months together, the quarter, the year so far.

    A yearly duty appears in every quarter of the year with what had been done by the quarter's end.
    """

    MONTH_1 = 1
    MONTH_2 = 2
    MONTH_3 = 3
    QUARTER = 4
    YEAR = 5
    TWO_MONTHS = 12
    THREE_MONTHS = 13


class Unit(IntEnum):
    """What the figures count, added to their slot: times of organisations, or members."""

    TIMES = 0
    MEMBERS = 100


MONTHS: Final = (Slot.MONTH_1, Slot.MONTH_2, Slot.MONTH_3)
TOGETHER: Final = (None, Slot.MONTH_1, Slot.TWO_MONTHS, Slot.THREE_MONTHS)
"""Where the months of a quarter that have begun, so many, stand together."""


@dataclass(frozen=True)
class Tally:
    """Figures of one kind in one slot. `bound` and `met` are organisations; the others are times, or members.

    A monthly duty in a quarter is met by an organisation that met it in every month counted.
    """

    bound: int = 0
    met: int = 0
    expected: int = 0
    actual: int = 0
    on_time: int = 0
    late: int = 0

    @property
    def missing(self) -> int:
        """Organisations that have not met it: exactly as many as the list of names has."""
        return self.bound - self.met

    @property
    def lacking(self) -> int:
        """Times, or members, that are still missing."""
        return self.expected - self.actual

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(a + b for a, b in zip(self.numbers, other.numbers, strict=True)))

    def __sub__(self, other: Tally) -> Tally:
        return Tally(*(a - b for a, b in zip(self.numbers, other.numbers, strict=True)))

    def __bool__(self) -> bool:
        return any(self.numbers)

    @property
    def numbers(self) -> tuple[int, ...]:
        return (self.bound, self.met, self.expected, self.actual, self.on_time, self.late)


Figures = dict[tuple[int, int], Tally]
"""Tallies by (kind id, slot)."""


def unpacked(rows: Sequence[Sequence[int]] | None) -> Figures:
    """The figures of a stored array: rows of kind, slot and the six numbers of a tally."""
    return {(row[0], row[1]): Tally(*row[2:]) for row in rows or ()}


def packed(figures: Figures) -> list[list[int]]:
    return [[*key, *tally.numbers] for key, tally in sorted(figures.items()) if tally]


def added(many: Iterable[Figures]) -> Figures:
    """The sum of figures of disjoint organisations."""
    total: Figures = {}
    for figures in many:
        for key, tally in figures.items():
            total[key] = total[key] + tally if key in total else tally
    return total


def without(whole: Figures, part: Figures) -> Figures:
    """What remains of the whole beside a part of it."""
    left = {key: tally - part.get(key, Tally()) for key, tally in whole.items()}
    return {key: tally for key, tally in left.items() if tally}


def tally_of(times: int, held: int, timely: int) -> Tally:
    """One organisation that was asked `times` times and did it `held` times, `timely` of them reported on time."""
    done = min(held, times)
    prompt = min(timely, done)
    return Tally(1, int(done >= times), times, done, prompt, done - prompt)


def is_on_time(held_on: datetime.date, reported_on: datetime.date | None, days: int) -> bool:
    """Whether a record came within `days` days of the day on which the activity was held."""
    return reported_on is not None and (reported_on - held_on).days <= days


def months_begun(quarter: Period, today: datetime.date) -> int:
    """How many months of the quarter have begun: what lies ahead is not yet asked for."""
    return sum(Period("month", quarter.year, 3 * quarter.number - 3 + n).start <= today for n in (1, 2, 3))


def slot_of(rhythm: Rhythm, period: Period, today: datetime.date) -> Slot | None:
    """Where the figures of a rhythm stand for a period (a quarter, or a month of it); None where there are none.

    A month shows what is asked monthly. Before its first day a period has no figures.
    """
    if period.start > today:
        return None
    if period.kind == "month":
        return MONTHS[(period.number - 1) % 3] if rhythm == Rhythm.MONTH else None
    if rhythm == Rhythm.MONTH:
        return TOGETHER[months_begun(period, today)]
    return Slot.QUARTER if rhythm == Rhythm.QUARTER else Slot.YEAR


def period_of(slot: int, quarter: Period) -> Period:
    """The period in which what stands in the slot has to be met; several months together: their quarter."""
    slot %= Unit.MEMBERS
    if slot in MONTHS:
        return Period("month", quarter.year, 3 * quarter.number - 3 + slot)
    return Period.year_of(quarter.start) if slot == Slot.YEAR else quarter
