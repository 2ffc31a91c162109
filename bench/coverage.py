"""Coverage of a large tree: the figures of every node against one sequential scan of the tables they come from.

The scan reads every column of every enterprise and establishment; the figures may take at most three times that.
"""

from __future__ import annotations

import datetime

from django.db import connection, transaction

from .result import Result, best_of, ratio

LIMIT = 3.0
DAY = datetime.date(2026, 11, 1)


def measure() -> Result:
    """Measure on the database as it is; it should hold a generated park."""
    from apps.core.sql import fetch
    from apps.coverage.count_sql import classified, counts, rolled_up
    from apps.coverage.definitions import choose, offered
    from apps.coverage.facts_sql import LivePart, facts

    definition = choose("", offered(DAY))
    figures = rolled_up(counts(classified(facts([LivePart(("",), DAY)]), definition), ["org_path"]), "")

    def scan() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
            cursor.execute("SELECT count(*), sum(hashtext(t::text)) FROM enterprises_enterprise t")
            cursor.execute("SELECT count(*), sum(hashtext(t::text)) FROM enterprises_establishment t")

    with transaction.atomic():
        scan()
        yardstick = best_of(3, scan)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
        work = best_of(3, lambda: fetch(figures))
    return ratio("coverage of every node / one sequential scan", work, yardstick, LIMIT)
