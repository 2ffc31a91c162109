"""Closed periods: who may still write facts of a past quarter is asked here, before every dated write.

Facts belong to lower apps, the closing of periods to an upper one. So the upper app registers a guard and
the services below pass every span of days whose answer they are about to change. A guard refuses with
`Conflict` and locks what it read (`FOR SHARE`), so that a closing (`FOR UPDATE`) waits for the writers.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

from .errors import Conflict


class PeriodClosed(Conflict):
    """A write into a closed period. `open_from` is the first day after what was closed: it may be written again."""

    def __init__(self, message: str, *, open_from: datetime.date) -> None:
        super().__init__(message)
        self.open_from = open_from


class Span(NamedTuple):
    """The days [since, until) on which something about the node `org_path` will read differently.

    `until` None: from `since` on without an end. A fact of one day has `until` on the day after.
    """

    org_path: str
    since: datetime.date
    until: datetime.date | None = None


Guard = Callable[[Collection[Span]], None]

_guards: list[Guard] = []


def register_period_guard(guard: Guard) -> Guard:
    """Let `guard(spans)` refuse writes: it raises Conflict when one of the spans touches a closed period.

    It is called once for each write, inside its transaction, with all spans of the write: an import of
    thousands of rows costs a guard one call.
    """
    if guard not in _guards:
        _guards.append(guard)
    return guard


def guard_spans(spans: Iterable[Span]) -> None:
    """Ask every guard. Raises Conflict when a closed period would read differently."""
    distinct = frozenset(spans)
    if distinct:
        for guard in _guards:
            guard(distinct)


def guard_period(org_path: str, since: datetime.date, until: datetime.date | None = None) -> None:
    """Ask about one fact that holds on [since, until)."""
    guard_spans([Span(org_path, since, until)])


def guard_day(org_path: str, day: datetime.date) -> None:
    """Ask about something that happened on one day."""
    guard_spans([Span(org_path, day, day + datetime.timedelta(days=1))])


def first_open_day(org_paths: Iterable[str], day: datetime.date, *, today: datetime.date) -> datetime.date:
    """The first day, from `day` on, from which facts about these nodes may be written; `day` itself if it is open.

    What is found open stays so until the transaction ends. Raises PeriodClosed when that day is still to come.
    """
    paths = list(org_paths)
    while True:
        try:
            guard_spans(Span(path, day) for path in paths)
        except PeriodClosed as closed:
            if closed.open_from <= day or closed.open_from > today:
                raise
            day = closed.open_from
        else:
            return day
