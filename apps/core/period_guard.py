"""Closed periods: who may still write facts of a past quarter is asked here, before every dated write.

Facts belong to lower apps, the closing of periods to an upper one. So the upper app registers a guard and
the services below pass every span of days whose answer they are about to change. A guard refuses with
`Conflict` and locks what it read (`FOR SHARE`), so that a closing (`FOR UPDATE`) waits for the writers.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple


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
