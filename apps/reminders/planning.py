"""Planning: one INSERT ... SELECT for each rule. Running it twice, or dying midway, changes nothing.

Report module: its SQL sees every row, since what is due does not depend on who looks.
"""

from __future__ import annotations

import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from . import registry
from .models import Channel
from .parameters import cadence
from .registry import ReminderRule
from .rules import SHANGHAI, current_step, time_left

# The nearest organisation at or above the subject where somebody holds the post: never away, always up.
_PLAN = """
WITH due AS MATERIALIZED ({sql}),
steps (opens_on, due_on, step, when_text) AS (
    SELECT * FROM unnest(%(opens)s::date[], %(dues)s::date[], %(steps)s::text[], %(texts)s::text[])
),
holders AS (
    SELECT DISTINCT o.path, a.user_id
    FROM accounts_roleassignment a
    JOIN branches_partyorg o ON o.id = a.org_id
    JOIN accounts_user u ON u.id = a.user_id AND u.is_active
    WHERE a.role = ANY(%(roles)s) AND a.since <= %(today)s AND (a.until IS NULL OR a.until > %(today)s)
      AND (o.ended_on IS NULL OR o.ended_on > %(today)s)
),
nodes AS (SELECT DISTINCT org_path FROM due WHERE recipient_id IS NULL),
nearest AS (
    SELECT n.org_path, max(length(h.path)) AS depth
    FROM nodes n
    CROSS JOIN LATERAL generate_series(4, length(n.org_path), 4) AS cut
    JOIN (SELECT DISTINCT path FROM holders) h ON h.path = left(n.org_path, cut)
    GROUP BY n.org_path
),
told AS (
    SELECT due.*, due.recipient_id AS user_id FROM due WHERE recipient_id IS NOT NULL
    UNION ALL
    SELECT due.*, h.user_id
    FROM due
    JOIN nearest USING (org_path)
    JOIN holders h ON h.path = left(due.org_path, nearest.depth)
    WHERE due.recipient_id IS NULL
),
addressed AS (
    SELECT told.*, user_id AS recipient, NULL::bigint AS robot, %(in_app)s AS channel FROM told
    UNION ALL
    SELECT told.*, user_id, NULL, %(email)s
    FROM told JOIN accounts_user u ON u.id = told.user_id AND u.email <> '' AND %(mail_on)s
    UNION ALL
    SELECT due.*, NULL, NULL, r.id, %(robot)s
    FROM due JOIN reminders_robot r ON r.is_active AND left(due.org_path, length(r.org_path)) = r.org_path
)
INSERT INTO reminders_reminder
    (rule, subject_id, period, step, recipient_id, robot_id, channel, org_path, title, when_text, url, due_on)
SELECT %(rule)s, subject_id, period, step, recipient, robot, channel, org_path, left(title, 200), when_text, url,
       addressed.due_on
FROM addressed
JOIN steps ON steps.opens_on = addressed.opens_on AND steps.due_on = addressed.due_on
ON CONFLICT DO NOTHING
"""


def plan(at: datetime.datetime) -> dict[str, int]:
    """Plan what is due at `at`. Returns the number of new reminders by rule code."""
    today = at.astimezone(SHANGHAI).date()
    return {code: plan_rule(rule, today) for code, rule in sorted(registry.registry.items())}


def plan_rule(rule: ReminderRule, today: datetime.date) -> int:
    """One rule, one statement. Only the latest step that has come is planned, so downtime floods nobody."""
    sql = rule.sql_on(today)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT opens_on, due_on FROM ({sql}) due", {"today": today})  # noqa: S608
        steps = _steps(rule, cursor.fetchall(), today)
        if not steps:
            return 0
        opens, dues, keys, texts = (list(column) for column in zip(*steps, strict=True))
        cursor.execute(_PLAN.format(sql=sql), {
            "today": today, "rule": rule.code, "roles": list(rule.roles), "opens": opens, "dues": dues,
            "steps": keys, "texts": texts, "in_app": Channel.IN_APP.value, "email": Channel.EMAIL.value,
            "robot": Channel.ROBOT.value, "mail_on": bool(settings.EMAIL_HOST),
        })  # fmt: skip
        return int(cursor.rowcount)


def _steps(rule: ReminderRule, dates: list[Any], today: datetime.date) -> list[tuple[Any, Any, str, str]]:
    rhythm = rule.cadence or cadence(on=today)
    found = []
    for opens, due in dates:
        step = current_step(opens=opens, due=due, today=today, cadence=rhythm)
        if step is not None:
            found.append((opens, due, step.key, time_left(due, today=today)))
    return found


def still_due(rule_code: str, subject_ids: list[int], today: datetime.date) -> set[int]:
    """Which of the subjects the rule would still name today: asked again right before sending."""
    rule = registry.registry.get(rule_code)
    if rule is None:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT subject_id FROM ({rule.sql_on(today)}) due WHERE subject_id = ANY(%(subjects)s)",  # noqa: S608
            {"today": today, "subjects": subject_ids},
        )
        return {row[0] for row in cursor.fetchall()}
