"""Themes and lecturers."""

from __future__ import annotations

import datetime
from typing import Any

from apps.core.dated import DatedQuerySet
from apps.core.scoping import ScopedQuerySet


class ThemeQuerySet(ScopedQuerySet):
    def of_month(self, day: datetime.date) -> Any:
        """The themes of the month of the day."""
        return self.filter(month=day.replace(day=1))


class LecturerQuerySet(DatedQuerySet):
    """Lecturers, each from a date until a date."""


class LecturerBookingQuerySet(ScopedQuerySet):
    """Invitations to lecturers."""
