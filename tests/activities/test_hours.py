"""党员学时: from counted records of the calendar year, at home and elsewhere."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from django.test import Client

from apps.activities.ledgers.hours import HoursLedger
from apps.core.scoping import unscoped
from apps.members.models import Membership
from tests.activities.conftest import TODAY

D = datetime.date.fromisoformat


def hours(officer, **params):
    ledger = HoursLedger(params, today=TODAY, user=officer)
    return {row.member.name: row for row in ledger.queryset()}


def test_everybody_who_was_there_has_the_hours_of_the_activity(logbook, roster, officer):
    logbook.log("theme_day", absent=[roster.worker_a2], study_hours=Decimal("2.5"))
    found = hours(officer)
    assert found["陈一鸣"].hours == Decimal("2.5")
    assert found["孙·阿依古丽"].hours == 0
    assert found["吴刚"].hours == 0


def test_a_visitor_has_them_at_home(logbook, roster, officer, cast):
    logbook.log("lecture", visitors=[roster.worker_b1])
    assert hours(officer)["吴刚"].hours == 2
    with cast.within(cast.branch_b):
        assert hours(officer)["吴刚"].hours == 2


def test_a_draft_a_plan_and_a_returned_record_give_none(logbook, roster, officer):
    logbook.log("theme_day", submit=False)
    logbook.log("theme_day", day=TODAY + datetime.timedelta(days=3), submit=False)
    assert hours(officer)["陈一鸣"].hours == 0


@pytest.mark.parametrize(
    ("day", "year", "found"), [("2025-12-31", "2025", 2), ("2025-12-31", "", 0), ("2026-01-01", "", 2)]
)
def test_the_year_is_the_calendar_year_of_the_start(logbook, roster, officer, day, year, found):
    logbook.log("theme_day", day=D(day))
    assert hours(officer, year=year)["陈一鸣"].hours == found


def test_who_came_from_another_branch_brings_the_hours_along(logbook, roster, officer, cast):
    with unscoped("test"):
        logbook.log("theme_day", org=cast.sibling_branch, day=D("2026-03-10"))
        old = Membership.objects.get(member=roster.sibling_1)
        old.until = D("2026-06-01")
        old.save()
        Membership.objects.create(member=roster.sibling_1, org=cast.branch_a, since=D("2026-06-01"))
    with cast.within(cast.branch_a):
        assert hours(officer)["冯涛"].hours == 2


@pytest.mark.parametrize(("since", "until", "needed"), [
    ("2024-01-01", None, 56), ("2026-06-30", None, 56), ("2026-07-01", None, 32), ("2024-01-01", "2026-06-30", 32),
    ("2024-01-01", "2026-07-01", 56),
])  # fmt: skip
def test_a_leader_in_the_middle_of_the_year_is_asked_more(logbook, roster, officer, cast, since, until, needed):
    post = logbook.seat(cast.branch_a, roster.worker_a1, since=D(since))[0]
    if until:
        post.until = D(until)
        post.save()
    assert hours(officer)["陈一鸣"].needed == needed


@pytest.mark.parametrize(("given", "met"), [(31, False), (32, True), (33, True)])
def test_the_book_tells_who_has_reached_it(logbook, roster, officer, given, met):
    logbook.log("theme_day", study_hours=Decimal(given))
    assert ("陈一鸣" in hours(officer, met="1")) == met
    assert ("陈一鸣" in hours(officer, met="0")) == (not met)


def test_last_year_lists_the_roster_of_its_last_day(logbook, roster, officer):
    assert "周小满" in hours(officer)
    assert "周小满" not in hours(officer, year="2025")


def test_the_page_of_a_member_says_what_is_left(logbook, roster, cast, officer):
    logbook.log("theme_day")
    client = Client()
    client.force_login(cast.users.secretary_a)
    page = client.get(f"/members/{roster.worker_a1.pk}/").content.decode()
    assert "2 / 32 学时，还差 30" in page
    assert "学习新修订的党章" in page
