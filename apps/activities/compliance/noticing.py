"""The dirty flag: whatever changes the figures of an organisation notes it, in the transaction that changes it.

Statement triggers, so that no writer can forget: records and attendances, rosters and posts, the tree, requirements
and the number of days for entering. They are installed after every migrate, like those that follow paths.
"""

# ruff: noqa: S608 - the pieces of SQL are written in this house, values are parameters
from __future__ import annotations

from typing import Any, Final

from django.db import connection

_NOTE: Final = "INSERT INTO activities_compliancechange (org_id)"

_OF_ORG: Final = """SELECT DISTINCT c.org_id FROM ({changed}) c WHERE c.org_id IS NOT NULL"""

_ALL: Final = "SELECT NULL"
"""A change that may touch every organisation."""


def _rows(columns: str, table: str) -> str:
    return f"SELECT {columns} FROM {table}"


def _changed(org: str, facts: str) -> dict[str, str]:
    """The statements that note the organisations of added, changed and deleted rows by what of them counts."""
    new, old = _rows(f"{org} AS org_id, {facts}", "new_rows"), _rows(f"{org} AS org_id, {facts}", "old_rows")
    both = f"({new} EXCEPT ALL {old}) UNION ALL ({old} EXCEPT ALL {new})"
    return {
        "INSERT": _OF_ORG.format(changed=_rows(f"{org} AS org_id", "new_rows")),
        "DELETE": _OF_ORG.format(changed=_rows(f"{org} AS org_id", "old_rows")),
        "UPDATE": _OF_ORG.format(changed=both),
    }


_TREE_FACTS: Final = "path, kind, founded_on, ended_on, parent_id"

TABLES: Final[dict[str, dict[str, str]]] = {
    "activities_participation": _changed("org_id", "id, kind_id, second_kind_id, held_on, state, reported_on, is_host"),
    "activities_attendance": {
        event: statement.replace(
            ") c WHERE", ") c WHERE EXISTS (SELECT 1 FROM activities_requirement r WHERE r.subject = 'member') AND"
        )
        for event, statement in _changed("org_id", "id, member_id, held_on, presence, counted").items()
    },
    "members_membership": _changed("unnest(ARRAY[org_id, group_id])", "id, member_id, since, until"),
    "members_member": {
        "UPDATE": _OF_ORG.format(
            changed="SELECT s.org_id FROM members_membership s WHERE s.member_id IN (SELECT id FROM"
            " (SELECT id, formal_on FROM new_rows EXCEPT SELECT id, formal_on FROM old_rows) n)"
        )
    },
    "members_post": _changed("org_id", "id, role, since, until"),
    "branches_partyorg": {
        "INSERT": _OF_ORG.format(changed="SELECT id AS org_id FROM new_rows"),
        "DELETE": _OF_ORG.format(changed="SELECT parent_id AS org_id FROM old_rows"),
        "UPDATE": _OF_ORG.format(
            changed=f"SELECT unnest(ARRAY[id, parent_id]) AS org_id FROM (({_rows(f'id, {_TREE_FACTS}', 'new_rows')} EXCEPT"
            f" {_rows(f'id, {_TREE_FACTS}', 'old_rows')}) UNION ({_rows(f'id, {_TREE_FACTS}', 'old_rows')} EXCEPT"
            f" {_rows(f'id, {_TREE_FACTS}', 'new_rows')})) moved"
        ),
    },
    "activities_requirement": dict.fromkeys(("INSERT", "UPDATE", "DELETE"), _ALL),
    "core_parameter": {
        event: f"{_ALL} WHERE EXISTS (SELECT 1 FROM {rows} WHERE code = 'activities.entry_days')"
        for event, rows in {"INSERT": "new_rows", "UPDATE": "new_rows", "DELETE": "old_rows"}.items()
    },
}
"""For each table of facts and each event the statement that gives the organisations to be counted again."""

_REFERENCING: Final = {
    "INSERT": "NEW TABLE AS new_rows",
    "DELETE": "OLD TABLE AS old_rows",
    "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
}

_FUNCTION: Final = """
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {note} {statement};
    RETURN NULL;
END $$
"""


def install(**_: Any) -> None:
    """Give every table of facts its triggers. Safe to run again."""
    with connection.cursor() as cursor:
        present = set(connection.introspection.table_names(cursor))
        if not {"activities_compliancechange", *TABLES} <= present:
            return
        for table, events in TABLES.items():
            for event, statement in events.items():
                name = f"note_{table}_{event.lower()}"
                cursor.execute(_FUNCTION.format(name=name, note=_NOTE, statement=statement))
                cursor.execute(
                    f"CREATE OR REPLACE TRIGGER note_compliance_{event.lower()} AFTER {event} ON {table}"
                    f" REFERENCING {_REFERENCING[event]} FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
                )
