"""Several people, or one impatient one, at the same moment."""

from __future__ import annotations

import datetime
import uuid

import pytest

from apps.activities.models import Activity, Attendance
from apps.activities.services.records import amend_activity, log_activity, roll_of
from apps.activities.services.records_joint import mark_attendance
from apps.activities.services.records_review import approve_correction
from apps.core.errors import Conflict, DomainError
from apps.core.scoping import unscoped
from tests.racing import at_once

from .conftest import TODAY

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture(autouse=True)
def on_the_day() -> None:
    """These tests run in real time: threads wait for each other."""


def test_a_double_tap_makes_one_record(logbook, cast):
    key, facts, roll = uuid.uuid4(), logbook.facts(), logbook.roll()
    given = {"org": cast.branch_a, "facts": facts, "roll": roll, "submit": True, "key": key, "today": TODAY}
    results = at_once(*[lambda: log_activity(**given, actor=cast.users.secretary_a)] * 4)
    assert len({activity.pk for activity in results}) == 1
    with unscoped("test"):
        assert (Activity.objects.count(), Attendance.objects.count()) == (1, 6)


def test_of_two_who_enter_the_same_meeting_one_is_asked(logbook, cast):
    given = {"org": cast.branch_a, "facts": logbook.facts(), "roll": logbook.roll(), "submit": True, "today": TODAY}
    results = at_once(
        lambda: log_activity(**given, actor=cast.users.secretary_a),
        lambda: log_activity(**given, actor=cast.users.clerk_a1),
    )
    assert sorted(type(result).__name__ for result in results) == ["Activity", "DomainError"]


def test_of_two_changes_one_wins_and_the_other_is_told(logbook, cast):
    activity = logbook.log()
    with unscoped("test"):
        roll = roll_of(activity)

    def change(title):
        return lambda: amend_activity(
            activity=activity, facts=logbook.facts(title=title), roll=roll, submit=True, seen=1,
            actor=cast.users.secretary_a, today=TODAY,
        )  # fmt: skip

    results = at_once(change("一"), change("二"))
    assert sorted(type(result).__name__ for result in results) == ["Activity", "Conflict"]


def test_a_host_and_a_co_host_do_not_wait_for_each_other_in_a_circle(logbook, cast, roster):
    activity = logbook.log(co_hosts=[cast.branch_b])
    with unscoped("test"):
        roll, side = roll_of(activity), activity.participations.get(org=cast.branch_b)

    for attempt in range(3):
        results = at_once(
            lambda attempt=attempt: amend_activity(
                activity=activity, facts=logbook.facts(title=f"第{attempt}次"), roll=roll, submit=True,
                actor=cast.users.secretary_a, today=TODAY,
            ),
            lambda: mark_attendance(
                participation=side, absent=logbook.roll([roster.worker_b1]).absent, actor=cast.users.secretary_b,
                today=TODAY,
            ),
        )  # fmt: skip
        assert not [result for result in results if isinstance(result, DomainError | Conflict)]


def test_two_approvals_at_once_take_two_numbers(logbook, cast, closed_until):
    closed_until(datetime.date(2026, 10, 1))
    first, second = (
        logbook.log(kind, day=datetime.date(2026, 9, 15), reported=TODAY, reason="补记")
        for kind in ("theme_day", "lecture")
    )
    results = at_once(*[
        lambda row=row: approve_correction(activity=row, actor=cast.users.park_officer, today=TODAY)
        for row in (first, second)
    ])  # fmt: skip
    assert sorted(row.correction_number for row in results) == [1, 2]
