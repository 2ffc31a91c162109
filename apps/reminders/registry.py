"""Reminder rules: an app says in SQL what is due; the engine decides who hears of it, when and how.

An app's `reminding.py` registers its rules. The SQL sees every row (planning is the whole system's work),
takes `%(today)s` and returns one row for each thing that is open on that day:

    subject_id bigint, org_path text, period text, opens_on date, due_on date,
    title text, url text, recipient_id bigint   -- NULL: whoever holds one of `roles` nearest above org_path

A thing that is done or gone is simply no longer returned: that is how a planned reminder is dropped. Where the SQL
itself depends on the day (what is asked in a period is rows), the rule names a function of the day that writes it.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass

from apps.core.regulations import Citation

from .rules import Cadence


@dataclass(frozen=True)
class ReminderRule:
    """One rule. `code` is app.thing, `basis` is shown as 依据. Without `cadence` the rhythm is the parameters'."""

    code: str
    label: str
    sql: str | Callable[[datetime.date], str]
    roles: tuple[str, ...]
    basis: Citation
    cadence: Cadence | None = None

    def sql_on(self, today: datetime.date) -> str:
        return self.sql if isinstance(self.sql, str) else self.sql(today)


registry: dict[str, ReminderRule] = {}


def register(rule: ReminderRule) -> ReminderRule:
    if rule.code in registry:
        raise ValueError(f"reminder rule {rule.code} is registered twice")
    registry[rule.code] = rule
    return rule
