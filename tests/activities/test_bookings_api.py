"""Venues and invitations by program: the rights and refusals of the pages."""

from __future__ import annotations

import datetime

import pytest
from rest_framework.test import APIClient

from apps.activities.models import LecturerBooking, VenueBooking
from apps.activities.services.lecturers import add_lecturer
from apps.activities.services.venues import register_venue
from tests.activities.conftest import TODAY
from tests.activities.places import facts

HOURS = {"starts_at": "2026-11-25T14:00:00+08:00", "ends_at": "2026-11-25T16:00:00+08:00", "purpose": "主题党日"}


@pytest.fixture
def api(cast):
    def signed_in(username="secretary_a"):
        client = APIClient()
        client.force_login(getattr(cast.users, username))
        return client

    return signed_in


@pytest.fixture
def hall(cast, officer):
    given = facts(name="多功能厅", open_to_others=True)
    return register_venue(org=cast.park_org, facts=given, today=TODAY, actor=officer)


def test_a_venue_is_registered_corrected_and_checked(api, cast, officer):
    given = {"org": "JYA", "name": "党员之家", "kind": "activity_room", "since": "2021-07-01", "area": "45.5"}
    answer = api().post("/api/v1/venues/", given, format="json")
    assert answer.status_code == 201, answer.json()
    here = f"/api/v1/venues/{answer.json()['id']}/"
    assert api().patch(here, {"seats": 30, "version": 1}, format="json").json()["seats"] == 30
    assert api().patch(here, {"seats": 40, "version": 1}, format="json").status_code == 409
    answer = api().post(f"{here}check/", {"there": ["flag"], "on": "2026-11-20"}, format="json")
    assert answer.json()["checklist"]["flag"] is True
    assert api("clerk_a1").patch(here, {"seats": 1}, format="json").status_code == 403
    assert api("secretary_b").get(here).status_code == 404


def test_hours_are_asked_for_granted_and_given_free(api, cast, hall):
    book = f"/api/v1/venues/{hall.pk}/bookings/"
    answer = api().post(book, {"org": "JYA", **HOURS}, format="json")
    assert answer.status_code == 201, answer.json()
    taken = api("secretary_b").post(book, {"org": "JYB", **HOURS}, format="json")
    assert (taken.status_code, taken.json()["code"]) == (409, "taken")
    here = f"/api/v1/venue-bookings/{answer.json()['id']}/"
    assert api().post(f"{here}answer/", {"accept": True}, format="json").status_code == 404
    assert api("clerk_a1").post(f"{here}answer/", {"accept": True}, format="json").status_code == 403
    assert api("park_officer").post(f"{here}answer/", {"accept": True}, format="json").json()["state"] == "accepted"
    assert api("secretary_b").post(f"{here}cancel/", {}, format="json").status_code == 404
    assert api().post(f"{here}cancel/", {"reason": "改期"}, format="json").json()["state"] == "cancelled"
    assert VenueBooking.objects.get().answer == "改期"


def test_a_closed_venue_of_another_is_not_there(api, cast, officer):
    own = register_venue(org=cast.branch_b, facts=facts(), today=TODAY, actor=officer)
    answer = api().post(f"/api/v1/venues/{own.pk}/bookings/", {"org": "JYA", **HOURS}, format="json")
    assert answer.status_code == 404


def test_nobody_books_for_another_branch(api, cast, hall):
    answer = api().post(f"/api/v1/venues/{hall.pk}/bookings/", {"org": "JYB", **HOURS}, format="json")
    assert answer.status_code == 400


def test_a_lecturer_is_invited_and_the_office_answers(api, cast, officer):
    since = datetime.date(2024, 1, 1)
    row = add_lecturer(org=cast.park_org, name="何教授", since=since, facts={}, today=TODAY, actor=officer)
    given = {"org": "JYA", "on": "2026-11-25", "topic": "党章"}
    answer = api().post(f"/api/v1/lecturers/{row.pk}/bookings/", given, format="json")
    assert answer.status_code == 201, answer.json()
    here = f"/api/v1/lecturer-bookings/{answer.json()['id']}/"
    assert api().post(f"{here}answer/", {"accept": True}, format="json").status_code == 403
    refused = api("park_officer").post(f"{here}answer/", {"accept": False, "answer": ""}, format="json")
    assert refused.status_code == 409
    api("park_officer").post(f"{here}answer/", {"accept": True}, format="json")
    assert LecturerBooking.objects.get().state == "accepted"
    assert api().post(f"{here}cancel/", {}, format="json").json()["state"] == "cancelled"
