"""活动形式统计: recomputed from the records, every figure the number of records behind it."""

from __future__ import annotations

import datetime

import pytest
from django.test import Client

from apps.activities.ledgers.held import HeldLedger
from tests.activities.conftest import TODAY

MARCH = datetime.date(2026, 3, 31)
APRIL = datetime.date(2026, 4, 1)


@pytest.fixture
def held(cast, logbook, officer):
    logbook.log("lecture", form="workshop_lecture", day=MARCH, others_present=10)
    logbook.log("lecture", form="workshop_lecture", day=APRIL, org=cast.branch_b)
    logbook.log("lecture", form="scene_lecture", day=APRIL, visitors=[logbook.roster.worker_b1])
    logbook.log("lecture", form="workshop_lecture", submit=False)
    return logbook


def figures(cast, username, url):
    client = Client()
    client.force_login(getattr(cast.users, username))
    answer = client.get(url)
    assert answer.status_code == 200
    rows = {row[0]["text"]: row[2:] for row in answer.context["table"]["rows"]}
    for row in rows.values():
        for cell in row:
            if cell.get("url"):
                found = client.get(cell["url"])
                assert len(found.context["rows"]) == int(cell["text"])
    return {name: [cell["text"] for cell in row] for name, row in rows.items()}, answer.context


def test_counts_by_quarter_open_to_the_records_behind_them(cast, held):
    found, context = figures(cast, "park_officer", "/activities/forms/")
    assert found["车间微党课"] == ["1", "1", "0", "0", "2", "18"]
    assert found["情景互动式党课"] == ["0", "1", "0", "0", "1", "7"]
    assert context["by_org"] is not None


def test_a_branch_counts_its_own(cast, held):
    found, context = figures(cast, "secretary_a", "/activities/forms/")
    assert found["车间微党课"] == ["1", "0", "0", "0", "1", "16"]
    assert context["by_org"] is None


def test_a_node_below_is_counted_with_everything_under_it(cast, held):
    found, _ = figures(cast, "park_officer", "/activities/forms/?org=JYB")
    assert found["车间微党课"][4] == "1"
    found, _ = figures(cast, "park_officer", "/activities/forms/?org=JYZ")
    assert found["车间微党课"][4] == "2"


def test_another_park_and_another_year_are_not_counted(cast, held):
    client = Client()
    client.force_login(cast.users.park_officer)
    assert client.get("/activities/forms/?org=YYZ1").status_code == 404
    found, _ = figures(cast, "park_officer", "/activities/forms/?year=2025")
    assert found["车间微党课"][4] == "0"


@pytest.mark.parametrize(
    ("period", "count"), [("2026Q1", 1), ("2026Q2", 2), ("2026-03", 1), ("2026", 3), ("2025", 0), ("x", 0)]
)
def test_records_are_listed_by_month_quarter_and_year(held, officer, period, count):
    assert HeldLedger({"period": period, "with_form": "1"}, today=TODAY, user=officer).queryset().count() == count
