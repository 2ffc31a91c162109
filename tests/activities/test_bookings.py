"""预约阵地: who may book what, who answers, and that no hour is given twice."""

from __future__ import annotations

import datetime

import pytest
from django.test import Client

from apps.accounts.models import RoleAssignment, User
from apps.activities.models import Venue, VenueBooking
from apps.activities.services.answers import answer_booking, cancel_booking
from apps.activities.services.bookings import book_venue
from apps.activities.services.venues import close_venue, register_venue
from apps.branches.models import PartyOrg
from apps.core.errors import DomainError
from apps.core.scoping import unscoped
from tests.activities.conftest import MORNING, TODAY
from tests.activities.places import at, facts
from tests.racing import at_once


@pytest.fixture
def hall(cast, officer):
    """A room of 甲园区 that is open to every branch of the portal."""
    given = facts(name="多功能厅", open_to_others=True)
    return register_venue(org=cast.park_org, facts=given, today=TODAY, actor=officer)


@pytest.fixture
def office(cast, officer):
    """The room of branch_a, which it keeps for itself."""
    return register_venue(org=cast.branch_a, facts=facts(), today=TODAY, actor=officer)


def book(venue, org, actor, begin="14:00", end="16:00", **changes):
    given = {"starts_at": at(begin), "ends_at": at(end), "purpose": "主题党日", "now": MORNING, **changes}
    return book_venue(venue=venue, org=org, actor=actor, **given)


def web(cast, username):
    client = Client()
    client.force_login(getattr(cast.users, username))
    return client


def form(cast, org, **changes):
    return {"org": org.pk, "on": "2026-11-25", "starts": "14:00", "ends": "16:00", "purpose": "主题党日", **changes}


def test_a_request_keeps_the_hours_until_it_is_declined(cast, officer, hall):
    first = book(hall, cast.branch_a, officer)
    assert (first.org, first.other_org, first.state) == (cast.park_org, cast.branch_a, "requested")
    with pytest.raises(DomainError) as caught:
        book(hall, cast.branch_b, officer, "15:00", "17:00")
    assert caught.value.message == "「多功能厅」2026年11月25日 14:00至16:00 已有预约，请换一个时间。"
    answer_booking(booking=first, accept=False, answer="当天布展", actor=officer)
    assert book(hall, cast.branch_b, officer, "15:00", "17:00").state == "requested"


@pytest.mark.parametrize(
    ("begin", "end", "free"),
    [("12:00", "14:00", True), ("16:00", "18:00", True), ("13:00", "14:01", False), ("15:59", "17:00", False),
     ("14:30", "15:00", False), ("13:00", "17:00", False)],
)  # fmt: skip
def test_hours_may_touch_and_never_overlap(cast, officer, hall, begin, end, free):
    book(hall, cast.branch_a, officer)
    if free:
        assert book(hall, cast.branch_b, officer, begin, end).pk
    else:
        with pytest.raises(DomainError):
            book(hall, cast.branch_b, officer, begin, end)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_book_at_once_one_is_told_the_taken_hours(cast, officer, hall):
    def ask(org):
        return lambda: book(
            Venue.objects.get(pk=hall.pk), PartyOrg.objects.get(pk=org.pk), User.objects.get(pk=officer.pk)
        )

    answers = at_once(ask(cast.branch_a), ask(cast.branch_b))
    refusals = [each for each in answers if isinstance(each, DomainError)]
    assert len(refusals) == 1
    assert "14:00至16:00 已有预约" in refusals[0].message
    assert "支部" not in refusals[0].message
    assert VenueBooking.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"begin": "16:00", "end": "14:00"}, "out_of_order"),
        ({"starts_at": at("08:59", TODAY), "ends_at": at("10:00", TODAY)}, "past"),
        (
            {"starts_at": at("09:00", datetime.date(2020, 1, 1)), "ends_at": at("10:00", datetime.date(2020, 1, 1))},
            "past",
        ),
        ({"people": 31}, "too_many"),
    ],
)
def test_what_cannot_be_booked_is_said(cast, officer, hall, changes, code):
    with pytest.raises(DomainError) as caught:
        book(hall, cast.branch_a, officer, **changes)
    assert caught.value.code == code


@pytest.mark.parametrize(("days", "refused"), [(89, False), (90, False), (91, True)])
def test_nobody_books_further_ahead_than_the_place_allows(cast, officer, hall, days, refused):
    day = TODAY + datetime.timedelta(days=days)
    given = {"starts_at": at("14:00", day), "ends_at": at("15:00", day)}
    if refused:
        with pytest.raises(DomainError) as caught:
            book(hall, cast.branch_a, officer, **given)
        assert caught.value.code == "too_early"
    else:
        assert book(hall, cast.branch_a, officer, **given).pk


def test_a_venue_with_rooms_is_booked_room_by_room(cast, officer, hall):
    centre = register_venue(org=cast.park_org, facts=facts(name="中心", kind="centre"), today=TODAY, actor=officer)
    with unscoped("test"):
        Venue.objects.filter(pk=hall.pk).update(part_of=centre)
    with pytest.raises(DomainError) as caught:
        book(centre, cast.branch_a, officer)
    assert caught.value.code == "has_rooms"
    assert book(hall, cast.branch_a, officer).pk


def test_a_venue_with_bookings_to_come_is_not_closed(cast, officer, hall):
    booking = book(hall, cast.branch_a, officer)
    with pytest.raises(DomainError) as caught:
        close_venue(venue=hall, on=TODAY, today=TODAY, actor=officer)
    assert caught.value.code == "still_booked"
    cancel_booking(booking=booking, actor=officer)
    assert close_venue(venue=hall, on=TODAY, today=TODAY, actor=officer).until == TODAY


def test_an_answer_is_given_once_and_declining_says_why(cast, officer, hall):
    booking = book(hall, cast.branch_a, officer)
    with pytest.raises(DomainError) as caught:
        answer_booking(booking=booking, accept=False, actor=officer)
    assert caught.value.field == "answer"
    answer_booking(booking=booking, accept=True, actor=officer)
    with pytest.raises(DomainError) as caught:
        answer_booking(booking=booking, accept=False, answer="不行", actor=officer)
    assert caught.value.code == "not_waiting"
    cancel_booking(booking=booking, reason="改期", actor=officer)
    with pytest.raises(DomainError):
        cancel_booking(booking=booking, actor=officer)


def test_a_branch_of_another_park_finds_and_books_an_open_venue_and_both_sides_see_it(cast, officer, hall, office):
    RoleAssignment.objects.create(
        user=cast.users.visitor, role="branch_secretary", org=cast.sibling_branch, since=TODAY
    )
    client = web(cast, "visitor")
    page = client.get("/venues/offered/").content.decode()
    assert "多功能厅" in page
    assert "党员之家" not in page
    assert client.get(f"/venues/offered/{office.pk}/").status_code == 404
    assert client.get(f"/venues/{hall.pk}/").status_code == 404
    answer = client.post(f"/venues/offered/{hall.pk}/", form(cast, cast.sibling_branch))
    assert answer.status_code == 302, answer.content.decode()
    with unscoped("test"):
        booking = VenueBooking.objects.get()
    assert (booking.other_org, booking.state) == (cast.sibling_branch, "requested")
    here = f"/venues/bookings/{booking.pk}/"
    assert client.get(here).status_code == 200
    assert "由管理这处阵地的党组织答复" in client.get(f"{here}answer/").content.decode()
    assert client.post(f"{here}answer/", {"decision": "accept", "version": 1}).status_code == 422
    keeper = web(cast, "park_officer")
    assert "丁公司党支部" in keeper.get("/venues/bookings/").content.decode()
    assert keeper.post(f"{here}answer/", {"decision": "accept", "version": 1}).status_code == 302
    assert f"/activities/new/?venue={hall.pk}&amp;on=2026-11-25" in client.get(here).content.decode()
    assert web(cast, "secretary_b").get(here).status_code == 404


def test_the_taken_hours_are_shown_without_who_takes_them(cast, officer, hall):
    book(hall, cast.branch_b, officer, purpose="谈心谈话")
    page = web(cast, "secretary_a").get(f"/venues/offered/{hall.pk}/?on=2026-11-25").content.decode()
    assert "14:00–16:00" in page
    assert "丑寅联合" not in page
    assert "谈心谈话" not in page


def test_who_runs_the_venue_needs_no_answer(cast, officer, office):
    answer = web(cast, "secretary_a").post(f"/venues/offered/{office.pk}/", form(cast, cast.branch_a))
    assert answer.status_code == 302, answer.content.decode()
    with unscoped("test"):
        assert VenueBooking.objects.get().state == "accepted"


def test_a_refusal_keeps_what_was_typed(cast, officer, hall):
    book(hall, cast.branch_b, officer)
    answer = web(cast, "secretary_a").post(f"/venues/offered/{hall.pk}/", form(cast, cast.branch_a, purpose="红色观影"))
    assert answer.status_code == 422
    assert "红色观影" in answer.content.decode()


def test_a_clerk_does_not_answer(cast, officer, office):
    booking = book(office, cast.branch_a, officer)
    assert web(cast, "clerk_a1").get(f"/venues/bookings/{booking.pk}/answer/").status_code == 403


def test_a_booking_fills_in_the_plan_of_the_activity(cast, officer, hall):
    client = web(cast, "secretary_a")
    kinds = client.get(f"/activities/new/?venue={hall.pk}&on=2026-11-25").content.decode()
    assert f"kind=theme_day&amp;on=2026-11-25&amp;venue={hall.pk}" in kinds
    initial = client.get(f"/activities/new/?kind=theme_day&venue={hall.pk}&on=2026-11-25").context["form"].initial
    assert (initial["venue"], initial["place"], f"{initial['on']}") == (hall.pk, "多功能厅", "2026-11-25")
    other = client.get("/activities/new/?kind=theme_day&venue=999999&on=2026-11-25").context["form"].initial
    assert not other.get("venue")
