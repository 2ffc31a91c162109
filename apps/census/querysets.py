"""Questions about census returns."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import DateField, Exists, ExpressionWrapper, F, OuterRef, Q, Value
from django.db.models.functions import Coalesce, Least, NullIf, TruncDate

from apps.core.dated import in_force
from apps.core.scoping import ScopedQuerySet
from apps.enterprises.models import Condition, Establishment, InstructorAssignment
from apps.enterprises.rules import LEAVING

from .rules import REPORTED, State

OUTSTANDING = (State.NOT_STARTED, State.DRAFT, State.RETURNED)
"""Still to be answered by somebody: not started, draft, or sent back."""


class CensusReturnQuerySet(ScopedQuerySet):
    def with_stand(self) -> Any:
        """Adds `stand`: the state, for a locked return the one in which the closing found it."""
        return self.annotate(stand=Coalesce(NullIf(F("locked_from"), Value("")), F("state")))

    def asked(self, on: datetime.date) -> Any:
        """应报: an enterprise that has left by `on` without an answer is no longer asked. Adds `stand`."""
        left = Condition.objects.filter(in_force(on), enterprise=OuterRef("enterprise"), status__in=LEAVING)
        return self.with_stand().exclude(stand=State.LOCKED).exclude(Q(state__in=OUTSTANDING) & Exists(left))

    def reported(self) -> Any:
        """已报: submitted or approved, also where the closing has locked it."""
        return self.with_stand().filter(stand__in=REPORTED)

    def outstanding(self, on: datetime.date) -> Any:
        """What somebody can and must still answer: in an open round, or reopened."""
        writable = Q(round__closed_at__isnull=True) | Q(reopened_until__gte=on)
        return self.asked(on).filter(writable, state__in=OUTSTANDING)

    def with_cover(self, today: datetime.date) -> Any:
        """Adds `covered`: whether a Party organisation covers the enterprise as of the round (`CensusRound.as_of`)."""
        closed = Coalesce(TruncDate("round__closed_at"), Value(today, DateField()))
        last = ExpressionWrapper(F("round__ends_on") - Value(datetime.timedelta(days=1)), output_field=DateField())
        own = Establishment.objects.filter(enterprise=OuterRef("enterprise"), since__lte=OuterRef("day"))
        holds = own.filter(Q(until__isnull=True) | Q(until__gt=OuterRef("day")))
        living = holds.filter(Q(org__ended_on__isnull=True) | Q(org__ended_on__gt=OuterRef("day")))
        return self.annotate(day=Least(closed, last, Value(today, DateField()))).annotate(covered=Exists(living))

    def waiting_for_review(self) -> Any:
        return self.filter(state=State.SUBMITTED)

    def assigned_to(self, user: Any, on: datetime.date) -> Exists:
        """The condition that the user is the instructor of the enterprise on the day."""
        return Exists(InstructorAssignment.objects.as_of(on).filter(
            enterprise=OuterRef("enterprise"), instructor__user=user.pk
        ))  # fmt: skip
