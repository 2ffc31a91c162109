"""The working-day calendar of the portal: seeded, adjusted, flagged where it is not published."""

import datetime

import pytest

from apps.core.calendar import clear_calendar_day, seed_calendar, set_calendar_day, work_calendar
from apps.core.errors import DomainError
from apps.core.models import AuditEntry, WorkCalendarDay

NATIONAL_DAY = datetime.date(2026, 10, 1)
MONDAY = datetime.date(2026, 11, 23)
UNPUBLISHED = datetime.date(2031, 5, 5)  # a Monday

pytestmark = pytest.mark.usefixtures("noon")


def test_migrate_has_seeded_the_published_years(db):
    known = work_calendar(2025, 2026)
    assert known.published_years == {2025, 2026}
    assert not known.is_working(NATIONAL_DAY)
    assert known.is_working(MONDAY)
    assert not known.is_provisional(MONDAY)


def test_seeding_again_adds_nothing_and_keeps_adjustments(cast):
    set_calendar_day(day=NATIONAL_DAY, is_working=True, reason="演练", actor=cast.users.authority_officer)
    assert seed_calendar() == 0
    assert work_calendar(2026, 2026).is_working(NATIONAL_DAY)


def test_a_year_that_was_removed_is_seeded_again(db):
    WorkCalendarDay.objects.filter(day__year=2026).delete()
    assert work_calendar(2026, 2026).is_provisional(MONDAY)
    assert seed_calendar() > 20
    assert not work_calendar(2026, 2026).is_provisional(MONDAY)


def test_a_year_not_yet_published_counts_monday_to_friday_and_says_so(db):
    known = work_calendar(2031, 2031)
    assert known.is_working(UNPUBLISHED)
    assert known.is_provisional(UNPUBLISHED)


def test_an_adjustment_holds_at_once_and_does_not_make_its_year_published(cast):
    set_calendar_day(day=UNPUBLISHED, is_working=False, reason="本市安排", actor=cast.users.authority_officer)
    known = work_calendar(2031, 2031)
    assert not known.is_working(UNPUBLISHED)
    assert known.is_provisional(UNPUBLISHED + datetime.timedelta(days=1))
    assert AuditEntry.objects.get(action="calendar.day_set").summary == "2031-05-05 调整为休息日：本市安排"


@pytest.mark.parametrize("day", [NATIONAL_DAY, MONDAY])
def test_an_adjustment_taken_back_leaves_what_was_published(cast, day):
    before = list(WorkCalendarDay.objects.filter(day__year=2026).values_list("day", "is_working", "name"))
    actor = cast.users.authority_officer
    set_calendar_day(day=day, is_working=day == NATIONAL_DAY, reason="演练", actor=actor)
    clear_calendar_day(day=day, actor=actor)
    after = list(WorkCalendarDay.objects.filter(day__year=2026).values_list("day", "is_working", "name"))
    assert after == before
    with pytest.raises(DomainError, match="没有人工调整"):
        clear_calendar_day(day=day, actor=actor)


def test_the_page_shows_a_year_and_says_when_it_is_provisional(client, cast):
    client.force_login(cast.users.secretary_a)
    page = client.get("/settings/calendar/?year=2026").content.decode()
    assert "国庆节" in page
    assert "暂算" not in page
    assert "/settings/calendar/2026-11-23/" not in page
    assert "暂算" in client.get("/settings/calendar/?year=2029").content.decode()


@pytest.mark.parametrize("year", ["2017", "2030", "x", "99999", "-1"])
def test_a_year_out_of_reach_is_404(client, cast, year):
    client.force_login(cast.users.secretary_a)
    assert client.get(f"/settings/calendar/?year={year}").status_code == 404


def test_only_whoever_speaks_for_the_whole_portal_adjusts_a_day(client, cast):
    url = "/settings/calendar/2026-11-23/"
    adjusted = {"is_working": "0", "reason": "本市安排"}
    client.force_login(cast.users.secretary_a)
    assert client.post(url, adjusted).status_code == 403
    client.force_login(cast.users.park_officer)
    assert client.post(url, adjusted).status_code == 422
    assert client.post(f"{url}clear/").status_code == 404
    assert not WorkCalendarDay.objects.filter(day=MONDAY).exists()
    client.force_login(cast.users.authority_officer)
    assert client.post(url, adjusted).url == "/settings/calendar/?year=2026"
    page = client.get("/settings/calendar/?year=2026").content.decode()
    assert "本市安排" in page
    assert client.post(f"{url}clear/").status_code == 302
    assert not WorkCalendarDay.objects.filter(day=MONDAY).exists()


def test_a_day_that_does_not_exist_is_404(client, cast):
    client.force_login(cast.users.authority_officer)
    assert client.get("/settings/calendar/2026-02-30/").status_code == 404
