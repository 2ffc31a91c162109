"""The invariant "a row repeats the path of its organisation", kept by the database itself.

A move rewrites the rows that it sees; one that somebody inserts at the same moment carries the path from
before. So each table of an `OrgOwned` model has a trigger that takes the path from the organisation, waiting
for a move that is under way. It is installed after every migrate: a new model needs nothing.
"""

from __future__ import annotations

from typing import Any, Final

from django.apps import apps
from django.db import connection, models

from .models import OrgOwned, Shared

FOLLOW: Final[dict[str, type[models.Model]]] = {"org": OrgOwned, "other": Shared}
"""Which columns follow which: `org_path` the organisation `org_id`, `other_path` the organisation `other_org_id`."""

_KEYS: Final = {"org": "org_id", "other": "other_org_id"}
_FUNCTION: Final = """
CREATE OR REPLACE FUNCTION {trigger}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    current_path text;
BEGIN
    SELECT path INTO current_path FROM branches_partyorg WHERE id = NEW.{key} FOR KEY SHARE;
    IF FOUND THEN
        NEW.{path} := current_path;
    END IF;
    RETURN NEW;
END $$
"""


def owned_tables(base: type[models.Model] = OrgOwned) -> list[str]:
    found = [model for model in apps.get_models() if issubclass(model, base) and model._meta.managed]
    return sorted(model._meta.db_table for model in found)


def install(**_: Any) -> None:
    """Give every table its triggers. Safe to run again."""
    with connection.cursor() as cursor:
        for side, base in FOLLOW.items():
            _install(cursor, side, owned_tables(base))


def _install(cursor: Any, side: str, tables: list[str]) -> None:
    trigger, key, path = f"follow_{side}", _KEYS[side], f"{side}_path"
    cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = %s", [trigger])
    done = {name for (name,) in cursor.fetchall()}
    missing = [table for table in tables if table not in done]
    if not missing:
        return
    present = set(connection.introspection.table_names(cursor))
    cursor.execute(_FUNCTION.format(trigger=trigger, key=key, path=path))
    for table in missing:
        if table in present:
            cursor.execute(
                f"CREATE TRIGGER {trigger} BEFORE INSERT OR UPDATE OF {key}, {path}"
                f" ON {connection.ops.quote_name(table)} FOR EACH ROW EXECUTE FUNCTION {trigger}()"
            )
