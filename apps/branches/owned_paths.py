"""The invariant "a row repeats the path of its organisation", kept by the database itself.

A move rewrites the rows that it sees; one that somebody inserts at the same moment carries the path from
before. So each table of an `OrgOwned` model has a trigger that takes the path from the organisation, waiting
for a move that is under way. It is installed after every migrate: a new model needs nothing.
"""

from __future__ import annotations

from typing import Any, Final

from django.apps import apps
from django.db import connection

from .models import OrgOwned

TRIGGER: Final = "follow_org"
FUNCTION: Final = """
CREATE OR REPLACE FUNCTION follow_org() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    current_path text;
BEGIN
    SELECT path INTO current_path FROM branches_partyorg WHERE id = NEW.org_id FOR KEY SHARE;
    IF FOUND THEN
        NEW.org_path := current_path;
    END IF;
    RETURN NEW;
END $$
"""


def owned_tables() -> list[str]:
    models = [model for model in apps.get_models() if issubclass(model, OrgOwned) and model._meta.managed]
    return sorted(model._meta.db_table for model in models)


def install(**_: Any) -> None:
    """Give every table its trigger. Safe to run again."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = %s", [TRIGGER])
        done = {name for (name,) in cursor.fetchall()}
        missing = [table for table in owned_tables() if table not in done]
        if not missing:
            return
        present = set(connection.introspection.table_names(cursor))
        cursor.execute(FUNCTION)
        for table in missing:
            if table in present:
                cursor.execute(
                    f"CREATE TRIGGER {TRIGGER} BEFORE INSERT OR UPDATE OF org_id, org_path"
                    f" ON {connection.ops.quote_name(table)} FOR EACH ROW EXECUTE FUNCTION {TRIGGER}()"
                )
