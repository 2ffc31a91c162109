"""The patrol: one statement for each rule, which keeps what is found and resolves what no longer is.

Report module: its SQL sees every row, since what is found does not depend on who looks. Each rule has a transaction of
its own, so a rule that fails stops no other and leaves its earlier findings as they were. Running twice changes nothing.
"""

from __future__ import annotations

import datetime
import logging
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection, transaction
from django.utils import timezone

from . import registry
from .models import PatrolRun
from .registry import PatrolRule

logger = logging.getLogger(__name__)

PATROL_LOCK: Final = 0x7061746C
"""Advisory lock, with the hash of the rule beside it: two patrols at once look at a rule one after the other."""

# A row that is written without a row before it has no xmax: that tells a new finding from one that stood already.
_PATROL: Final = """
WITH found AS MATERIALIZED (
    SELECT subject_type::text, subject_id::bigint, org_path::text COLLATE "C" AS org_path, left(title, 200) AS title,
           left(value, 200) AS value, left("limit", 200) AS "limit", left(url, 200) AS url
    FROM ({sql}) rule_rows
),
changed AS MATERIALIZED (
    SELECT found.* FROM found
    LEFT JOIN patrol_patrolhit hit ON hit.rule = %(rule)s AND hit.resolved_on IS NULL
         AND hit.subject_type = found.subject_type AND hit.subject_id = found.subject_id
    WHERE hit.id IS NULL OR (hit.org_path, hit.title, hit.value, hit."limit", hit.url)
          IS DISTINCT FROM (found.org_path, found.title, found.value, found."limit", found.url)
),
nearest AS (
    SELECT DISTINCT ON (node.org_path) node.org_path, o.id AS org_id, o.path
    FROM (SELECT DISTINCT org_path FROM changed) node
    CROSS JOIN LATERAL generate_series(4, length(node.org_path), 4) AS cut
    JOIN branches_partyorg o ON o.path = left(node.org_path, cut)
    ORDER BY node.org_path, cut DESC
),
written AS (
    INSERT INTO patrol_patrolhit AS hit
        (rule, subject_type, subject_id, org_id, org_path, title, value, "limit", url, first_found_on, version)
    SELECT %(rule)s, subject_type, subject_id, org_id, nearest.path, title, value, "limit", url, %(today)s, 1
    FROM changed JOIN nearest USING (org_path)
    ON CONFLICT (rule, subject_type, subject_id) WHERE resolved_on IS NULL DO UPDATE SET
        org_id = excluded.org_id, org_path = excluded.org_path, title = excluded.title, value = excluded.value,
        "limit" = excluded."limit", url = excluded.url
    RETURNING (hit.xmax = 0) AS is_new
),
resolved AS (
    UPDATE patrol_patrolhit hit SET resolved_on = greatest(hit.first_found_on, %(today)s)
    WHERE hit.rule = %(rule)s AND hit.resolved_on IS NULL AND NOT EXISTS (
        SELECT FROM found WHERE found.subject_type = hit.subject_type AND found.subject_id = hit.subject_id
    )
    RETURNING 1
)
SELECT (SELECT count(*) FROM found), (SELECT count(*) FROM written WHERE is_new), (SELECT count(*) FROM resolved)
"""

_RETIRE: Final = """
UPDATE patrol_patrolhit SET resolved_on = greatest(first_found_on, %(today)s)
WHERE resolved_on IS NULL AND rule <> ALL(%(rules)s)
"""


@dataclass(frozen=True)
class RuleRun:
    """What one rule found: how many stand against it, how many of them are new, how many stand no longer.

    `problem` is empty, or what the database said when the rule failed: for the operator, not for a page.
    """

    rule: PatrolRule
    found: int = 0
    new: int = 0
    resolved: int = 0
    problem: str = ""


def run_patrol(today: datetime.date) -> list[RuleRun]:
    """Look at every row against every rule. A finding of a rule that no longer exists is resolved."""
    runs = [_attempt(rule, today) for rule in registry.in_order()]
    with connection.cursor() as cursor:
        cursor.execute(_RETIRE, {"today": today, "rules": list(registry.registry)})
    return runs


def _attempt(rule: PatrolRule, today: datetime.date) -> RuleRun:
    try:
        with transaction.atomic():
            run = _patrol(rule, today)
            _note(rule, "done_at")
    except Exception as error:
        logger.exception("patrol rule %s failed", rule.code)
        _note(rule, "failed_at")
        return RuleRun(rule, problem=f"{type(error).__name__}: {error}".splitlines()[0])
    return run


def _patrol(rule: PatrolRule, today: datetime.date) -> RuleRun:
    params: dict[str, Any] = {"today": today, "rule": rule.code}
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [PATROL_LOCK, rule.code])
        cursor.execute(_PATROL.format(sql=rule.sql), params)
        found, new, resolved = cursor.fetchone()
    return RuleRun(rule, found=found, new=new, resolved=resolved)


def _note(rule: PatrolRule, column: str) -> None:
    PatrolRun.objects.update_or_create(rule=rule.code, defaults={column: timezone.now()})
