"""Who is reminded of tip sheets and follow-ups, and from which day on."""

from __future__ import annotations

import datetime

import pytest

from apps.activities.services import follow_ups, tips
from apps.activities.services.records_review import return_activity
from apps.core.parameters import set_parameter
from apps.reminders.models import Reminder
from apps.reminders.planning import plan_rule
from apps.reminders.registry import registry
from tests.activities.conftest import MORNING, TODAY
from tests.activities.test_tips import DUE, ISSUED, issued, link, receipt

DAY = datetime.timedelta(days=1)


def heard(code, day):
    Reminder.objects.all().delete()
    plan_rule(registry[code], day)
    rows = Reminder.objects.filter(rule=code, channel="in_app").select_related("recipient")
    return {row.recipient.username for row in rows}


EVERYBODY = {"secretary_a", "clerk_a1", "secretary_b"}


@pytest.mark.parametrize(("days", "reminded"), [(6, set()), (7, EVERYBODY), (8, EVERYBODY)])
def test_branches_hear_of_a_sheet_that_they_have_not_signed_for_seven_days(cast, roster, days, reminded):
    issued(cast)
    assert heard("activities.tip_unsigned", ISSUED + days * DAY) == reminded


@pytest.mark.parametrize(("days", "reminded"), [(2, False), (3, True), (4, True)])
def test_the_park_may_wait_for_another_number_of_days(cast, roster, days, reminded):
    issued(cast)
    set_parameter(code="activities.tip_sign_days", value=3, since=datetime.date(2026, 1, 1), source="园区规定",
                  org_path=cast.park_org.path, actor=cast.users.park_officer)  # fmt: skip
    assert bool(heard("activities.tip_unsigned", ISSUED + days * DAY)) is reminded


def test_who_has_signed_hears_no_more_of_signing(cast, roster):
    sheet = issued(cast)
    with cast.within(cast.branch_a):
        tips.sign_receipt(receipt=receipt(sheet, cast.branch_a), now=MORNING, actor=cast.users.secretary_a)
    assert heard("activities.tip_unsigned", ISSUED + 10 * DAY) == {"secretary_b"}


@pytest.mark.parametrize(("before", "reminded"), [(16, set()), (15, EVERYBODY), (14, EVERYBODY), (-1, EVERYBODY)])
def test_branches_hear_before_the_deadline_of_what_they_have_not_done(cast, roster, before, reminded):
    issued(cast)
    assert heard("activities.tip_undone", DUE - before * DAY) == reminded


def test_a_record_that_counts_ends_the_reminder_and_its_return_begins_it_again(cast, roster, logbook):
    sheet = issued(cast)
    record = logbook.log("theme_day", day=datetime.date(2026, 11, 15))
    link(cast, receipt(sheet, cast.branch_a), record)
    assert heard("activities.tip_undone", DUE) == {"secretary_b"}
    with cast.within(cast.park_org):
        return_activity(activity=record, reason="缺少内容", actor=cast.users.park_officer, today=TODAY)
    assert heard("activities.tip_undone", DUE) == EVERYBODY


def test_a_closed_sheet_reminds_nobody(cast, roster):
    sheet = issued(cast)
    with cast.within(cast.park_org):
        tips.close_sheet(sheet=sheet, today=TODAY, actor=cast.users.park_officer)
    assert heard("activities.tip_undone", DUE) == set()
    assert heard("activities.tip_unsigned", DUE) == set()


@pytest.mark.parametrize(("before", "reminded"), [(8, False), (7, True), (6, True), (-5, True)])
def test_the_branch_hears_of_what_its_meeting_decided_a_week_before_it_is_due(cast, roster, logbook, before, reminded):
    record = logbook.log("joint_conference", day=datetime.date(2026, 11, 10), chosen=[roster.worker_a1])
    with cast.within(cast.branch_a):
        item = follow_ups.add_follow_up(
            activity=record,
            facts={"content": "开放活动室", "owner_name": "王书记", "due_on": DUE},
            actor=cast.users.secretary_a,
        )
        assert heard("activities.follow_up", DUE - before * DAY) == ({"secretary_a", "clerk_a1"} if reminded else set())
        follow_ups.finish_follow_up(
            follow_up=item, on=TODAY, result="已开放", today=TODAY, actor=cast.users.secretary_a
        )
    assert heard("activities.follow_up", DUE) == set()
