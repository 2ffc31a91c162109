"""Themes and lecturers."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Subquery
from django.db.models.functions import Coalesce

from apps.core.dated import DatedQuerySet
from apps.core.scoping import ScopedQuerySet

from ..kinds import BookingState


class ThemeQuerySet(ScopedQuerySet):
    def of_month(self, day: datetime.date) -> Any:
        """The themes of the month of the day."""
        return self.filter(month=day.replace(day=1))


class LecturerQuerySet(DatedQuerySet):
    """Lecturers, each from a date until a date."""

    def with_sessions(self, year: int) -> Any:
        """Adds `sessions` and `people`: counted records of the scope in the year that name the lecturer, and 人次."""
        from ..models import Activity

        since, until = datetime.date(year, 1, 1), datetime.date(year + 1, 1, 1)
        rows = Activity.objects.counted().filter(lecturer=OuterRef("pk"), held_on__gte=since, held_on__lt=until)
        counted = rows.order_by().values("lecturer").annotate(n=Count("pk")).values("n")
        return self.annotate(sessions=Coalesce(Subquery(counted), 0))


class LecturerBookingQuerySet(ScopedQuerySet):
    """Invitations to lecturers."""

    def waiting(self) -> Any:
        return self.filter(state=BookingState.REQUESTED)

    def with_done(self) -> Any:
        """Adds `is_done`: whoever asked held an activity on that day whose counted record names the lecturer."""
        from ..models import Participation

        rows = Participation.objects.counted().filter(
            org=OuterRef("other_org"), held_on=OuterRef("on"), activity__lecturer=OuterRef("lecturer")
        )
        return self.annotate(is_done=Exists(rows))
