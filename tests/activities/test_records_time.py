"""Shanghai decides the day of an activity, wherever the machine thinks it is."""

from __future__ import annotations

import datetime
import time

import pytest
import time_machine
from django.utils import timezone

from apps.activities.models import Activity, Participation
from apps.core.periods import Period
from apps.core.scoping import EVERYTHING, use_scope

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["UTC", "America/Los_Angeles", "Asia/Shanghai"])
def machine(request, monkeypatch):
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


@pytest.fixture(autouse=True)
def on_the_day() -> None:
    """Each test travels by itself."""


def utc(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC)


@pytest.mark.parametrize(("start", "day", "quarter"), [
    ("2026-12-31T15:59:59", "2026-12-31", "2026Q4"), ("2026-12-31T16:00:00", "2027-01-01", "2027Q1"),
    ("2026-09-30T15:30:00", "2026-09-30", "2026Q3"), ("2026-09-30T16:00:01", "2026-10-01", "2026Q4"),
])  # fmt: skip
def test_it_belongs_to_the_period_of_its_local_start(machine, logbook, start, day, quarter):
    activity = logbook.log(starts_at=utc(start), ends_at=utc(start) + datetime.timedelta(hours=9),
                           reported=datetime.date(2027, 1, 5))  # fmt: skip
    with use_scope(EVERYTHING):
        kept = Activity.objects.get(pk=activity.pk)
        assert kept.held_on.isoformat() == day
        assert list(Participation.objects.held_in(Period.parse(quarter))) == list(kept.participations.all())
        assert not Participation.objects.held_in(Period.parse(quarter).next()).exists()


@pytest.mark.parametrize(("moment", "state"), [
    ("2026-11-22T15:59:59", "planned"), ("2026-11-22T16:00:00", "draft"), ("2026-11-22T16:00:01", "draft"),
])  # fmt: skip
def test_a_plan_is_a_plan_until_its_day_begins_in_shanghai(machine, logbook, moment, state):
    with time_machine.travel(utc(moment), tick=False):
        activity = logbook.log(day=datetime.date(2026, 11, 23), submit=False, reported=timezone.localdate())
    assert activity.state == state


def test_a_night_shift_in_the_summers_of_1986_to_1991_keeps_its_day(machine, logbook, cast):
    """Clocks stood an hour ahead then; an activity of half past midnight still belongs to the day that had begun."""
    with use_scope(EVERYTHING):
        type(cast.branch_a).objects.filter(pk=cast.branch_a.pk).update(founded_on=datetime.date(1980, 1, 1))
        cast.branch_a.refresh_from_db()
    activity = logbook.log(day=datetime.date(1988, 7, 1), hour=0)
    assert activity.held_on == datetime.date(1988, 7, 1)
