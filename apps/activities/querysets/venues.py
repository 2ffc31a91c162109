"""Venues and their bookings."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Exists, OuterRef

from apps.core.dated import DatedQuerySet
from apps.core.scoping import ScopedQuerySet

from ..kinds import BookingState, VenueKind

HOLDING = (BookingState.REQUESTED, BookingState.ACCEPTED)
"""States in which a booking keeps its hours."""


class VenueQuerySet(DatedQuerySet):
    """Venues, each from a date until a date."""

    def centres(self) -> Any:
        """Those that owe an event each month."""
        return self.filter(kind=VenueKind.CENTRE)

    def bookable(self, on: datetime.date) -> Any:
        """Those of the day that are booked themselves: of a venue with rooms, the rooms are."""
        rooms = self.model._default_manager.as_of(on).filter(part_of=OuterRef("pk"))
        return self.as_of(on).exclude(Exists(rooms))


class BookingQuerySet(ScopedQuerySet):
    """Bookings of venues."""

    def holding(self) -> Any:
        """Those that keep their hours: asked for, or granted."""
        return self.filter(state__in=HOLDING)

    def within(self, since: datetime.datetime, until: datetime.datetime) -> Any:
        """Those that share a moment with [since, until)."""
        return self.filter(starts_at__lt=until, ends_at__gt=since)

    def waiting(self) -> Any:
        return self.filter(state=BookingState.REQUESTED)
