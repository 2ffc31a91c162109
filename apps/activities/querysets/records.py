"""Records and who was there."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Q

from apps.core.periods import Period
from apps.core.scoping import ScopedQuerySet

from ..kinds import COUNTED, State


class _Records(ScopedQuerySet):
    def counted(self) -> Any:
        """Those that count: submitted or confirmed."""
        return self.filter(state__in=COUNTED)

    def held_in(self, period: Period) -> Any:
        """Those of the period, by the day on which they began."""
        return self.filter(held_on__gte=period.start, held_on__lt=period.end)

    def of_kind(self, kind: object) -> Any:
        """Those that serve a kind, as their first or their second one."""
        return self.filter(Q(kind=kind) | Q(second_kind=kind))


class ActivityQuerySet(_Records):
    def waiting_for_review(self) -> Any:
        return self.filter(state=State.SUBMITTED)

    def planned(self, since: datetime.date) -> Any:
        """Plans for the day or later."""
        return self.filter(state=State.PLANNED, held_on__gte=since)


    def awaiting_record(self, today: datetime.date) -> Any:
        """Plans whose day has come: they ask to become the record, or to be cancelled."""
        return self.filter(state=State.PLANNED, held_on__lte=today)


class ParticipationQuerySet(_Records):
    """A branch's own view of records, joint ones among them."""


class AttendanceQuerySet(ScopedQuerySet):
    def counted(self) -> Any:
        """Attendances of records that count."""
        return self.filter(counted=True)

    def in_year(self, year: int) -> Any:
        return self.filter(held_on__gte=datetime.date(year, 1, 1), held_on__lt=datetime.date(year + 1, 1, 1))
