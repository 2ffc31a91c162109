"""The row of a round is the lock of its period: writers take it FOR SHARE, the closing FOR UPDATE.

Rounds above a writer's scope bind the writer as well, so they are read here without the scope. Whoever also
locks returns locks the round first: the closing does the same, and nobody waits in a circle.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection

from apps.branches.querysets import ancestor_paths
from apps.core.period_guard import PeriodClosed, Span
from apps.core.scoping import unscoped

from .models import CensusRound, RoundKind

_ONE_DAY = datetime.timedelta(days=1)

_reopened: ContextVar[int | None] = ContextVar("round_reopened_for_this_write", default=None)


def share(round_ids: Collection[int]) -> dict[int, CensusRound]:
    """The rounds as they are now; none of them can be closed before this transaction ends."""
    return _held("id = ANY(%s)", [list(round_ids)])


def guard_closed_periods(spans: Collection[Span]) -> None:
    """Refuse to change what a closed quarter or year says about a subtree; keep the open ones open meanwhile.

    The days after an early closing are not part of what was closed: they may still be recorded.
    """
    paths = {path for span in spans for path in (*ancestor_paths(span.org_path), span.org_path)}
    first = min(span.since for span in spans)
    ends = [span.until for span in spans]
    last = None if None in ends else max(end for end in ends if end is not None)
    rounds = _held(
        "kind <> %s AND org_path = ANY(%s) AND ends_on > %s AND (%s::date IS NULL OR starts_on < %s)",
        [RoundKind.CAMPAIGN.value, list(paths), first, last, last],
    )
    for found in rounds.values():
        if found.pk != _reopened.get() and any(_touches(found, span) for span in spans):
            raise closed_conflict(found)


@contextmanager
def reopened(census_round: CensusRound) -> Iterator[None]:
    """Let the answer of a reopened return into the register although its round is closed. The snapshot stays."""
    token = _reopened.set(census_round.pk)
    try:
        yield
    finally:
        _reopened.reset(token)


def closed_conflict(census_round: CensusRound) -> PeriodClosed:
    """The refusal of a write into a closed period: who closed it, when, and what to do."""
    message = f"{census_round.closing_sentence()}，如需更正请发起更正说明。"
    return PeriodClosed(message, open_from=_open_from(census_round))


def _touches(found: CensusRound, span: Span) -> bool:
    if found.closed_on is None or not span.org_path.startswith(found.org_path):
        return False
    return span.since < _open_from(found) and (span.until is None or span.until > found.starts_on)


def _open_from(closed: CensusRound) -> datetime.date:
    """The first day that was not closed with the round."""
    assert closed.closed_on is not None
    return closed.as_of(closed.closed_on) + _ONE_DAY


def _held(condition: str, params: list[object]) -> dict[int, CensusRound]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM census_censusround WHERE {condition} ORDER BY id FOR SHARE", params  # noqa: S608
        )
        ids = [row[0] for row in cursor.fetchall()]
    if not ids:
        return {}
    with unscoped("a round binds everybody below its organisation, whoever writes"):
        return {row.pk: row for row in CensusRound.objects.filter(pk__in=ids).select_related("org")}
