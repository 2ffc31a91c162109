"""Row history costs a bulk write no more than its rows, whatever the connection has done before."""

from __future__ import annotations

import pytest

from apps.core.history import UPDATES, plan_updates, unplanned
from apps.core.sql import Sql, execute, fetch

pytestmark = pytest.mark.django_db


def test_every_history_function_of_an_update_joins_by_hash():
    assert unplanned() == []
    assert len(fetch(Sql("SELECT 1 FROM pg_proc WHERE proname LIKE %s", (UPDATES,)))) > 20


def test_a_function_that_a_migration_makes_anew_is_found_and_planned_again():
    name = fetch(Sql("SELECT oid::regprocedure::text AS name FROM pg_proc WHERE proname LIKE %s LIMIT 1", (UPDATES,)))[0]["name"]
    execute(Sql(f"ALTER FUNCTION {name} RESET ALL"))
    assert len(unplanned()) == 1
    plan_updates()
    assert unplanned() == []
