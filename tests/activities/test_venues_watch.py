"""The month of a centre: shown, due, reminded; and requests that wait for an answer."""

from __future__ import annotations

import datetime

import pytest
from django.test import Client

from apps.activities.compliance.due_lines import due_lines
from apps.activities.models import VenueBooking
from apps.activities.services.bookings import book_venue
from apps.activities.services.venues import register_venue
from apps.core.panels import HOME_TODO, PanelContext, rendered
from apps.reminders.models import Reminder
from apps.reminders.planning import plan_rule
from apps.reminders.registry import registry
from tests.activities.conftest import MORNING, TODAY
from tests.activities.places import at, facts

D = datetime.date.fromisoformat
OPENS = D("2026-11-23")
"""Seven days before the last day of the month."""


@pytest.fixture
def centre(cast, officer):
    given = facts(name="党群服务中心", kind="centre", open_to_others=True)
    return register_venue(org=cast.park_org, facts=given, today=TODAY, actor=officer)


def reminded(code, day, username="park_officer"):
    Reminder.objects.all().delete()
    plan_rule(registry[f"activities.{code}"], day)
    rows = Reminder.objects.filter(recipient__username=username, channel="in_app")
    return list(rows.values_list("title", flat=True))


def todo(user, day):
    return [item.title for result in rendered(HOME_TODO, PanelContext(user, day))
            for item in (result if isinstance(result, list) else [result])]  # fmt: skip


@pytest.mark.parametrize(("days", "told"), [(-1, False), (0, True), (1, True), (7, True)])
def test_a_centre_without_an_event_is_reminded_from_the_notice_of_the_place_on(cast, centre, days, told):
    day = OPENS + datetime.timedelta(days=days)
    assert bool(reminded("centre_event", day)) == told
    titles = todo(cast.users.park_officer, day)
    assert ("1 个中心2026年11月还没有活动记录" in titles) == told


def test_a_record_there_or_in_a_room_of_it_settles_the_month(cast, logbook, centre, officer):
    hall = register_venue(org=cast.park_org, facts=facts(name="多功能厅", part_of=centre), today=TODAY, actor=officer)
    assert reminded("centre_event", OPENS)
    logbook.log("theme_day", venue=hall, submit=False)
    logbook.log("theme_day", venue=centre, day=D("2026-10-31"))
    assert reminded("centre_event", OPENS)
    logbook.log("study", venue=hall)
    assert not reminded("centre_event", OPENS)
    client = Client()
    client.force_login(cast.users.park_officer)
    cells = client.get("/venues/events/").context["table"]["rows"][0]
    assert [cell["text"] for cell in cells][9:13] == ["缺", "1", "1", ""]
    names = client.get(cells[11]["url"]).context["rows"]
    assert len(names) == 1


def test_a_branch_with_a_centre_of_its_own_is_told_what_it_owes(cast, officer):
    centre = register_venue(org=cast.branch_a, facts=facts(kind="centre"), today=TODAY, actor=officer)
    lines = due_lines(cast.branch_a, user=cast.users.secretary_a, today=TODAY)
    assert [line.url for line in lines if line.title == "中心月度活动：党员之家"] == [
        f"/activities/new/?venue={centre.pk}"
    ]


def test_a_room_that_is_no_centre_owes_nothing(cast, officer):
    register_venue(org=cast.branch_a, facts=facts(), today=TODAY, actor=officer)
    assert not reminded("centre_event", OPENS)


def test_a_request_waits_for_whoever_runs_the_venue(cast, centre, officer):
    row = book_venue(
        venue=centre, org=cast.branch_a, starts_at=at("14:00"), ends_at=at("16:00"), purpose="主题党日", now=MORNING,
        actor=officer,
    )  # fmt: skip
    VenueBooking.objects.filter(pk=row.pk).update(requested_at=MORNING)
    assert reminded("booking_waits", TODAY) == ["有预约等待答复「党群服务中心」"]
    assert not reminded("booking_waits", D("2026-11-26"))
    assert "1 个阵地预约等待答复" in todo(cast.users.park_officer, TODAY)
    assert "1 个阵地预约等待答复" not in todo(cast.users.secretary_a, TODAY)
