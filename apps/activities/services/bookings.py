"""预约阵地: a branch asks for a venue for some hours. Hours never overlap; `answers` says what becomes of a request."""

from __future__ import annotations

import datetime
from typing import Any, Final

from django.utils import timezone

from apps.branches.models import PartyOrg
from apps.core.audit import record, write
from apps.core.clock import local
from apps.core.errors import DomainError
from apps.members.services.common import assign, store

from ..directory import is_booked_itself, locked_venue, taken_hours
from ..kinds import BookingState
from ..models import Venue, VenueBooking
from ..parameters import booking_ahead
from ..rules.venues import BOOKING

FACTS: Final = ("starts_at", "ends_at", "purpose", "people", "contact_name")


@write
def book_venue(
    *, venue: Venue, org: PartyOrg, starts_at: datetime.datetime, ends_at: datetime.datetime, purpose: str,
    now: datetime.datetime, actor: Any, people: int | None = None, contact_name: str = "", granted: bool = False,
) -> VenueBooking:  # fmt: skip
    """Ask for a venue of the scope, or for an open one of another organisation, on behalf of `org`.

    `granted`: who asks runs the venue. Raises DomainError that names the taken hours, never whose they are.
    """
    place = locked_venue(venue.pk)
    booking = VenueBooking(venue=place, org=place.org, other_org=org)
    given = {
        "starts_at": starts_at,
        "ends_at": ends_at,
        "purpose": purpose,
        "people": people,
        "contact_name": contact_name,
    }
    assign(booking, given, FACTS)
    if granted:
        booking.state = BookingState.ACCEPTED.value
    _check_hours(booking, now)
    _check_free(booking)
    store(booking)
    verb = "预订" if granted else "申请预约"
    record(actor, "booking.made", booking, summary=f"「{org}」{verb}「{place}」{said(starts_at, ends_at)}")
    return booking


def said(starts_at: datetime.datetime, ends_at: datetime.datetime) -> str:
    """2026年11月23日 14:00至16:00, by the clock on the wall."""
    begin, end = local(starts_at), local(ends_at)
    if begin.date() == end.date():
        return f"{begin.year}年{begin.month}月{begin.day}日 {begin:%H:%M}至{end:%H:%M}"
    return f"{begin.year}年{begin.month}月{begin.day}日 {begin:%H:%M}至{end.month}月{end.day}日 {end:%H:%M}"


def _check_hours(booking: VenueBooking, now: datetime.datetime) -> None:
    place, begin, end = booking.venue, booking.starts_at, booking.ends_at
    day = local(begin).date()
    if end <= begin:
        raise DomainError("结束时间须晚于开始时间。", code="out_of_order", field="ends")
    if begin < now:
        raise DomainError("开始时间已经过去，请另选时间。", code="past", field="starts")
    if not place.holds_on(day):
        raise DomainError(f"「{place}」在这一天不开放（{_span(place)}）。", code="not_in_use", field="on")
    if not is_booked_itself(place, day):
        raise DomainError(f"「{place}」按房间预约，请选择其中一间。", code="has_rooms")
    today = timezone.localdate(now)
    ahead = booking_ahead(today, place.org_path)
    if (day - today).days > ahead:
        raise DomainError(f"最多提前 {ahead} 天预约。", basis=BOOKING, code="too_early", field="on")
    if booking.people and place.seats and booking.people > place.seats:
        message = f"「{place}」有 {place.seats} 个座位，坐不下 {booking.people} 人。"
        raise DomainError(message, code="too_many", field="people")


def _span(place: Venue) -> str:
    return f"{place.since:%Y-%m-%d} 起" + (f"，{place.until:%Y-%m-%d} 停用" if place.until else "")


def _check_free(booking: VenueBooking) -> None:
    """The hours are nobody's yet. The venue is locked, so the answer holds until the booking is written."""
    taken = taken_hours(booking.venue, booking.starts_at, booking.ends_at, besides=booking.pk)
    if taken:
        hours = "、".join(said(*pair) for pair in taken)
        raise DomainError(f"「{booking.venue}」{hours} 已有预约，请换一个时间。", code="taken", field="starts")
