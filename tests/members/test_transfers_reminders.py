"""What transfers and departures remind of and what the patrol finds: each at whoever must act, on its day."""

from __future__ import annotations

import datetime

import pytest

from apps.core.scoping import unscoped
from apps.members import tasks
from apps.members.models import Departure, Transfer
from apps.patrol.models import PatrolHit
from apps.patrol.patrolling import run_patrol
from apps.reminders.models import Reminder
from apps.reminders.planning import plan_rule
from apps.reminders.registry import registry
from tests.members import transfers as walk
from tests.members.conftest import TODAY

DAY = datetime.timedelta(days=1)


def heard(code, today):
    """Who is reminded under the rule on a day that nobody planned before."""
    Reminder.objects.all().delete()
    plan_rule(registry[code], today)
    rows = Reminder.objects.filter(rule=code, channel="in_app").select_related("recipient")
    return {row.recipient.username: row.title for row in rows}


@pytest.mark.parametrize(("days", "reminded"), [(2, False), (3, True), (4, True)])
def test_the_officer_hears_of_what_waits_for_three_days(cast, roster, days, reminded):
    walk.checked(cast, walk.requested(cast, roster.worker_a1, receiver=cast.branch_b))
    found = heard("members.transfer_approval", walk.CHECKED + days * DAY)
    assert found == ({"park_officer": f"批准组织关系转接「{roster.worker_a1.name}」"} if reminded else {})


def test_a_letter_that_is_to_be_issued_waits_for_the_officer_as_well(cast, roster):
    walk.empower(cast.park_org)
    row = walk.checked(cast, walk.requested(cast, roster.worker_a1, outside="某党委"))
    walk.approved(cast, row)
    found = heard("members.transfer_approval", walk.APPROVED + 3 * DAY)
    assert found == {"park_officer": f"开具组织关系介绍信「{roster.worker_a1.name}」"}


def test_the_receiver_hears_of_what_it_must_accept_and_the_sender_does_not(cast, roster):
    walk.within(cast, roster.worker_a1)
    assert set(heard("members.transfer_acceptance", walk.APPROVED)) == {"secretary_b"}


def test_the_sender_records_the_receipt_from_outside(cast, roster):
    walk.outward(cast, roster.worker_a1)
    assert set(heard("members.transfer_acceptance", walk.ISSUED)) == {"secretary_a", "clerk_a1"}


@pytest.mark.parametrize(("left", "reminded"), [(8, False), (7, True), (6, True)])
def test_the_sender_hears_seven_days_before_the_letter_runs_out(cast, roster, left, reminded):
    row = walk.between(cast, roster.worker_a1)
    found = heard("members.letter_expiring", row.valid_until - left * DAY)
    assert set(found) == ({"secretary_a", "clerk_a1"} if reminded else set())


def test_an_expired_letter_reminds_the_sender_until_something_follows(cast, roster):
    row = walk.between(cast, roster.worker_a1)
    with unscoped("test"):
        Transfer.objects.filter(pk=row.pk).update(state="expired", ended_on=TODAY)
    assert set(heard("members.letter_expired", TODAY)) == {"secretary_a", "clerk_a1"}
    walk.requested(cast, roster.worker_a1, receiver=cast.sibling_branch, note="支部证明")
    assert heard("members.letter_expired", TODAY) == {}


def test_nothing_reminds_of_a_transfer_that_is_over(cast, roster):
    walk.accepted(cast, walk.within(cast, roster.worker_a1), by=cast.branch_b)
    assert all(heard(code, TODAY + 60 * DAY) == {} for code in registry if "transfer" in code or "letter" in code)


@pytest.fixture
def departure(cast, roster):
    with unscoped("test"):
        return Departure.objects.create(
            member=roster.worker_a1, org=cast.branch_a, left_post_on=datetime.date(2026, 5, 22), reason="resigned"
        )


def test_a_departure_reminds_its_branch(departure):
    assert set(heard("members.departure_unplaced", TODAY)) == {"secretary_a", "clerk_a1"}


def hits(rule):
    with unscoped("test"):
        return list(PatrolHit.objects.filter(rule=rule, resolved_on=None))


@pytest.mark.parametrize(("offset", "found"), [(-1, 0), (0, 1), (1, 1)])
def test_the_patrol_finds_a_departure_after_six_months(cast, departure, offset, found):
    run_patrol(TODAY + offset * DAY)
    rows = hits("members.departure_unplaced")
    assert len(rows) == found
    if rows:
        assert (rows[0].org, rows[0].subject_id, rows[0].limit) == (
            cast.branch_a,
            departure.pk,
            "6个月内应当转移组织关系",
        )


@pytest.mark.parametrize(("left", "found"), [(8, 0), (7, 1), (0, 1), (-3, 1)])
def test_the_patrol_finds_letters_near_their_last_day_and_past_it(cast, roster, left, found):
    row = walk.between(cast, roster.worker_a1)
    today = row.valid_until - left * DAY
    if left < 0:
        with unscoped("test"):
            Transfer.objects.filter(pk=row.pk).update(state="expired", ended_on=row.valid_until + DAY)
    run_patrol(today)
    rows = hits("members.letter_expiring")
    assert len(rows) == found
    if rows:
        assert (rows[0].org, rows[0].url) == (cast.branch_a, f"/transfers/{row.pk}/")
        assert ("已过期3天" if left < 0 else f"还有{left}天") in rows[0].value


def test_the_nightly_task_lets_letters_expire(cast, roster):
    row = walk.between(cast, roster.worker_a1)
    with unscoped("test"):
        Transfer.objects.filter(pk=row.pk).update(valid_until=TODAY - DAY)
    tasks.expire_letters()
    assert walk.again(row).state == "expired"
