"""Venues and their bookings."""

from __future__ import annotations

from apps.core.dated import DatedQuerySet
from apps.core.scoping import ScopedQuerySet


class VenueQuerySet(DatedQuerySet):
    """Venues, each from a date until a date."""


class BookingQuerySet(ScopedQuerySet):
    """Bookings of venues."""
