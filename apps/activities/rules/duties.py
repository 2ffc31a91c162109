"""Who owes what in which period: requirement rows become duties.

The row in force on the first day of a period speaks for the whole period; of several rows the nearest node above the
organisation wins, there the latest. A row that asks for 0 times ends the asking below its node.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from apps.branches.rules.organisations import COMMITTEE_MIN_FORMAL_MEMBERS, COMMITTEE_MIN_SEATS
from apps.core.periods import Period
from apps.core.regulations import Citation

from ..kinds import DutyCondition, DutySubject, Rhythm
from .compliance import MONTHS, Slot, Unit

WHOLE_PERIODS = Citation("成立和撤销当期不作要求，从完整的周期起算", "", "", "P")
"""The regulations do not say what a branch founded in the middle of a month owes: we ask for whole periods only."""


@dataclass(frozen=True)
class Ask:
    """A requirement row as the rules see it; without `until` it is still in force."""

    id: int
    kind: int
    org_path: str
    org_kinds: tuple[str, ...]
    rhythm: str
    times: int
    subject: str
    condition: str
    since: datetime.date
    until: datetime.date | None = None

    def holds_on(self, day: datetime.date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)


@dataclass(frozen=True)
class Asked:
    """What a requirement asks of the organisations of one kind below `path`, outside of `without`, in one slot.

    The period is [start, end); what was done is counted until `cut`, the end of the quarter for a yearly duty.
    """

    requirement: int
    kind: int
    slot: int
    org_kind: str
    path: str
    without: tuple[str, ...]
    times: int
    condition: str
    subject: str
    start: datetime.date
    end: datetime.date
    cut: datetime.date


def periods_of(quarter: Period) -> list[tuple[Slot, Rhythm, Period]]:
    """The periods in which something may be due in a quarter."""
    months = [Period("month", quarter.year, 3 * quarter.number - 3 + n) for n in (1, 2, 3)]
    monthly = [(slot, Rhythm.MONTH, month) for slot, month in zip(MONTHS, months, strict=True)]
    return [*monthly, (Slot.QUARTER, Rhythm.QUARTER, quarter), (Slot.YEAR, Rhythm.YEAR, Period.year_of(quarter.start))]


def asked_in(quarter: Period, rows: Sequence[Ask]) -> list[Asked]:
    """What is asked in the quarter, of which organisations: one entry for each slot, kind of organisation and node."""
    found = []
    for slot, rhythm, period in periods_of(quarter):
        for winners in _winners(rows, period.start):
            for org_kind, row in winners:
                if row.rhythm != rhythm or not row.times:
                    continue
                deeper = sorted({
                    other.org_path for _, other in winners
                    if other is not row and other.org_path.startswith(row.org_path)
                })  # fmt: skip
                found.append(Asked(
                    row.id, row.kind, slot + (Unit.MEMBERS if row.subject == DutySubject.MEMBER else Unit.TIMES), org_kind, row.org_path,
                    tuple(deeper), row.times, row.condition, row.subject, period.start, period.end,
                    min(period.end, quarter.end),
                ))  # fmt: skip
    return found


def _winners(rows: Sequence[Ask], day: datetime.date) -> Iterator[list[tuple[str, Ask]]]:
    """For each kind, subject and kind of organisation the rows that speak on the day, one for each node."""
    groups: dict[tuple[int, str, str], dict[str, Ask]] = {}
    for row in sorted((row for row in rows if row.holds_on(day)), key=lambda row: (row.since, row.id)):
        for org_kind in row.org_kinds:
            groups.setdefault((row.kind, row.subject, org_kind), {})[row.org_path] = row
    for (_, _, org_kind), nodes in groups.items():
        yield [(org_kind, row) for row in nodes.values()]


def speaking(
    rows: Iterable[Ask], *, kind: int, subject: str, org_kind: str, path: str, day: datetime.date
) -> Ask | None:
    """The row that speaks on the day for one organisation; None where none does."""
    found = [
        row for row in rows
        if row.kind == kind and row.subject == subject and org_kind in row.org_kinds and path.startswith(row.org_path)
        and row.holds_on(day)
    ]  # fmt: skip
    return max(found, key=lambda row: (len(row.org_path), row.since, row.id), default=None)


def existed_throughout(
    start: datetime.date, end: datetime.date, founded_on: datetime.date | None, ended_on: datetime.date | None
) -> bool:
    """Whether an organisation was there from the first to the last day of [start, end): only then it owes (P).

    A branch of unknown founding day has always been there; `ended_on` is the first day without it.
    """
    return (founded_on is None or founded_on <= start) and (ended_on is None or ended_on >= end)


def is_asked(condition: str, *, members: int, formal: int, seats: int, roster_elsewhere: bool) -> bool:
    """Whether the condition of a requirement holds for an organisation with these numbers on the first day.

    Temporary and mobile branches keep no roster of their own (`roster_elsewhere`): they are there for members.
    """
    if condition == DutyCondition.HAS_MEMBERS:
        return members > 0 or roster_elsewhere
    if condition == DutyCondition.HAS_COMMITTEE:
        return seats >= COMMITTEE_MIN_SEATS or formal >= COMMITTEE_MIN_FORMAL_MEMBERS
    return True
