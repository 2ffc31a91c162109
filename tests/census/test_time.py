"""Shanghai decides the day, wherever the machine thinks it is."""

from __future__ import annotations

import datetime
import time

import pytest
import time_machine
from django.utils import timezone

from apps.census import services
from apps.census.forms import periods_offered
from apps.census.models import CensusReturn
from apps.core.periods import Period
from apps.core.scoping import unscoped


@pytest.fixture(params=["UTC", "America/Los_Angeles", "Asia/Shanghai"])
def machine(request, monkeypatch):
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def clock():
    """Each test travels by itself."""


def utc(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC)


@pytest.mark.parametrize(("moment", "day", "quarter"), [
    ("2026-12-31T15:59:59", "2026-12-31", "2026Q4"), ("2026-12-31T16:00:00", "2027-01-01", "2027Q1"),
    ("2026-12-31T16:00:01", "2027-01-01", "2027Q1"),
])  # fmt: skip
def test_the_quarter_turns_at_midnight_in_shanghai(machine, moment, day, quarter):
    with time_machine.travel(utc(moment), tick=False):
        today = timezone.localdate()
        assert (today.isoformat(), str(Period.quarter_of(today))) == (day, quarter)
        assert periods_offered(today)[0][0] == quarter


@pytest.mark.parametrize(("moment", "on_time"), [
    ("2026-11-24T15:59:59", True), ("2026-11-24T16:00:00", False), ("2026-11-24T16:00:01", False),
])  # fmt: skip
def test_the_due_day_ends_at_midnight_in_shanghai(cast, client, census_round, machine, moment, on_time):
    with time_machine.travel(utc(moment), tick=False):
        client.force_login(cast.users.secretary_a)
        with unscoped("test"):
            row = CensusReturn.objects.get(enterprise=cast.enterprise_a)
        answer = client.post(f"/census/returns/{row.pk}/unchanged/", {"method": "visit", "checked_on": "2026-11-24"})
        assert answer.status_code == 302
    with unscoped("test"):
        row.refresh_from_db()
    assert row.is_on_time is on_time


@pytest.mark.parametrize(("moment", "closed_on"), [
    ("2026-12-20T15:59:59", "2026-12-20"), ("2026-12-20T16:00:00", "2026-12-21"),
    ("2026-12-20T16:00:01", "2026-12-21"),
])  # fmt: skip
def test_the_closing_has_the_day_of_shanghai(cast, census_round, machine, moment, closed_on):
    with time_machine.travel(utc(moment), tick=False), cast.within(cast.park_org):
        today = timezone.localdate()
        row = services.close_round(census_round=census_round, today=today, actor=cast.users.park_officer, confirmed=True)
        assert row.closed_on.isoformat() == closed_on == row.as_of(today).isoformat()
        assert f"{row.closed_on.day}日由李明关闭" in row.closing_sentence()
