"""Row history keeps pace with bulk writes.

The history triggers of pghistory join the old rows of a statement with the new ones. PostgreSQL plans that join once a
connection, for as many rows as the first statement touched: after a change of one row a nested loop, with which a later
change of twenty thousand rows compares four hundred million pairs. So these functions are told to do without.
"""

from __future__ import annotations

from typing import Any

from .sql import Sql, execute, fetch

UPDATES = r"pgtrigger\_update\_%"

_PLAN = r"""
DO $$
DECLARE name regprocedure;
BEGIN
    FOR name IN SELECT oid FROM pg_proc WHERE proname LIKE 'pgtrigger\_update\_%%' LOOP
        EXECUTE format('ALTER FUNCTION %%s SET enable_nestloop TO off', name);
    END LOOP;
END $$
"""


def plan_updates(**_: Any) -> None:
    """Let every history function of an update join by hash. Runs after each migrate, which may have made them anew."""
    execute(Sql(_PLAN))


def unplanned() -> list[str]:
    """The history functions of updates that would still be planned for the first statement: none, after a migrate."""
    rows = fetch(Sql("SELECT proname AS name FROM pg_proc WHERE proname LIKE %s AND proconfig IS NULL", (UPDATES,)))
    return [row["name"] for row in rows]
