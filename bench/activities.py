"""Compliance of a year of organisational life: the board of any node and quarter, a full rebuild, one saved record.

The tree `GN` of the generator with its activities; by default 1,500,000 of them with 20,000,000 attendances.
"""

from __future__ import annotations

import datetime
import itertools
import random
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from .result import Result, best_of, ratio

DAY = datetime.date(2026, 11, 22)
BOARD_MILLISECONDS = 5
REBUILD_SCANS = 3
SAVED_SECONDS = 1
NODES_A_LEVEL = 12
RUNS = 7
"""Of so many the quickest, which finds its pages in memory and no other work on the machine, is taken."""


def measure() -> list[Result]:
    """Measured on the database of the bench; nothing of it stays."""
    from apps.activities.models import Activity
    from apps.core.scoping import unscoped

    with unscoped("the bench measures the whole tree"):
        logged = Activity.objects.count()
        if not logged:
            return []
        return [_boards(logged), *_rebuilds(), _saved()]


@contextmanager
def _sql_seconds() -> Iterator[list[float]]:
    """The seconds that each statement inside took."""
    spent: list[float] = []

    def clock(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        start = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            spent.append(time.perf_counter() - start)

    with connection.execute_wrapper(clock):
        yield spent


def _nodes() -> list[Any]:
    """Nodes of every level: the root, and some of each level below it."""
    from apps.branches.models import PartyOrg

    orgs = list(PartyOrg.objects.filter(code__startswith="GN").order_by("path"))
    chance = random.Random(7)
    levels = [
        list(level)
        for _, level in itertools.groupby(sorted(orgs, key=lambda o: len(o.path)), key=lambda o: len(o.path))
    ]
    return [org for level in levels for org in chance.sample(level, min(NODES_A_LEVEL, len(level)))]


def _boards(logged: int) -> Result:
    """Every statement of a board: what is asked, what was closed, the summary of the node and of its children."""
    from apps.activities.compliance.cells import board
    from apps.activities.compliance.summary import kept_quarters

    spent, slowest = [], (0.0, "")
    for org, quarter in itertools.product(_nodes(), kept_quarters(DAY)[-4:]):
        runs = []
        for _ in range(RUNS):
            with _sql_seconds() as seconds:
                board(org, quarter, today=DAY)
            runs.append(sum(seconds))
        spent.append(min(runs) * 1000)
        slowest = max(slowest, (spent[-1], f"{org} {quarter}"))
    p95 = statistics.quantiles(spent, n=20)[-1]
    detail = f"{len(spent)} boards, median {statistics.median(spent):.1f} ms, worst {slowest[0]:.1f} ms ({slowest[1]})"
    return Result(
        f"SQL of a compliance board over {logged:,} activities, p95", round(p95, 2), BOARD_MILLISECONDS, "ms", detail
    )


def _rebuilds() -> list[Result]:
    """All kept quarters, and the running one alone, against one scan of the activities."""
    from apps.activities.compliance import summary
    from apps.core.periods import Period

    def scan() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*), sum(hashtext(t::text)) FROM activities_activity t")

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
        yardstick = best_of(2, scan)
    with transaction.atomic():
        one = best_of(1, lambda: summary.rebuild(Period.quarter_of(DAY)))
        every = best_of(1, lambda: summary.tend(DAY))
        transaction.set_rollback(True)
    return [
        ratio("rebuild of the running quarter / one scan of the activities", one, yardstick, REBUILD_SCANS),
        ratio(
            f"rebuild of all {summary.KEPT_QUARTERS} quarters / one scan of the activities",
            every,
            yardstick,
            REBUILD_SCANS,
        ),
    ]


def _saved() -> Result:
    """A record is saved: the seconds until every node above its branch shows it."""
    from apps.activities.compliance import summary
    from apps.activities.models import Participation

    seconds = []
    with transaction.atomic():
        summary.freshen()
        for row in Participation.objects.filter(state="draft").order_by("id")[:5]:
            row.state = "submitted"
            row.save()
            seconds.append(best_of(1, summary.freshen))
        transaction.set_rollback(True)
    detail = f"median {statistics.median(seconds):.2f} s of {len(seconds)}"
    return Result("a saved record on every board above it, worst", round(max(seconds), 2), SAVED_SECONDS, "s", detail)
