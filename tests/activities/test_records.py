"""Logging an activity: one record, drawn from the roster of its day, from which everything else reads."""

from __future__ import annotations

import datetime
import uuid

import pytest

from apps.activities.kinds import State
from apps.activities.models import Activity, Attendance, Participation
from apps.activities.services.records import amend_activity, facts_of, log_activity, roll_of, submit_activity
from apps.core.errors import Conflict, DomainError

from .conftest import TODAY

pytestmark = pytest.mark.django_db


def test_everybody_on_the_roster_is_ticked_but_the_absent(logbook, roster, secretary):
    activity = logbook.log("theme_day", absent=[roster.worker_a2])

    assert (activity.state, activity.expected, activity.present) == (State.SUBMITTED, 6, 5)
    assert (activity.held_on, activity.reported_on, activity.author) == (TODAY, TODAY, secretary)
    assert logbook.sides(activity) == {"子公司党支部": (6, 5)}
    rows = Attendance.objects.filter(activity=activity)
    assert {row.member.name: (row.presence, row.reason, row.hours) for row in rows if row.presence == "absent"} == {
        "孙·阿依古丽": ("absent", "shift", 0)
    }
    assert {row.hours for row in rows if row.presence == "present"} == {2}
    assert all(row.counted and row.held_on == TODAY for row in rows)
