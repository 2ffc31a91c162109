"""Reminder planning for every enterprise of the generated park: one statement that writes, and nothing the second time."""

from __future__ import annotations

import datetime
import time
from typing import Any

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from .park import officer
from .result import Result

DAY = datetime.date(2026, 11, 1)
RULE = "census.return_due"


def measure() -> list[Result]:
    from apps.branches.models import PartyOrg
    from apps.census.services import open_round
    from apps.core.periods import Period
    from apps.core.scoping import unscoped
    from apps.reminders.planning import plan_rule
    from apps.reminders.registry import registry

    user = officer(roots=("GM",))
    with transaction.atomic():
        with unscoped("a round for the whole generated park"):
            root = PartyOrg.objects.get(code="GM")
            opened = open_round(org=root, period=Period.quarter_of(DAY), today=DAY, actor=user)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE census_censusreturn")
        start = time.perf_counter()
        with CaptureQueriesContext(connection) as captured:
            planned = plan_rule(registry[RULE], DAY)
        seconds = time.perf_counter() - start
        again = plan_rule(registry[RULE], DAY)
        transaction.set_rollback(True)
    if planned < opened.added:
        raise RuntimeError(f"{planned} reminders for {opened.added} returns")
    detail = f"{planned} rows in {seconds:.1f} s"
    return [
        Result(f"writing statements to plan reminders for {opened.added} returns", _writes(captured), 1, "", detail),
        Result("rows that planning again inserts", again, 0, ""),
    ]


def _writes(captured: Any) -> int:
    return sum("INSERT" in query["sql"] or "UPDATE" in query["sql"] for query in captured.captured_queries)
