"""Questions about terms of office and elections."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Case, CharField, DateField, F, Func, Value, When

from apps.core.dated import DatedQuerySet
from apps.core.scoping import ScopedQuerySet

from .rules.elections import FINISHED, ElectionState, waits_for_officer
from .rules.terms import TERM_MAX_DELAY_MONTHS, TERM_NOTICE_MONTHS, TermState

WAITING_FOR_OFFICER = tuple(state for state in ElectionState if waits_for_officer(state))
RUNNING = tuple(state for state in ElectionState if state not in FINISHED)


class Months(Func):
    """A date so many months later, the last day where that month is shorter: what `periods.add_months` says."""

    template = "(%(expressions)s + interval '%(months)s months')::date"
    output_field = DateField()

    def __init__(self, expression: Any, months: int) -> None:
        super().__init__(expression, months=int(months))


class TermQuerySet(DatedQuerySet):
    def standing(self, on: datetime.date) -> Any:
        """Adds `standing`, the `TermState` on the day: what `rules.term_state` says, or that the term has ended."""
        day = Value(on, DateField())
        return self.annotate(
            noticed_on=Months(F("expires_on"), -TERM_NOTICE_MONTHS),
            tolerated_to=Months(F("expires_on"), TERM_MAX_DELAY_MONTHS),
        ).annotate(
            standing=Case(
                When(until__lte=day, then=Value(TermState.ENDED.value)),
                When(tolerated_to__lt=day, then=Value(TermState.OVERDUE.value)),
                When(expires_on__lte=day, then=Value(TermState.EXPIRED.value)),
                When(noticed_on__lte=day, then=Value(TermState.DUE.value)),
                default=Value(TermState.RUNNING.value),
                output_field=CharField(),
            )
        )

    def due(self, on: datetime.date) -> Any:
        """Terms that hold on the day and are over, or will be within the months of the notice."""
        return self.as_of(on).standing(on).filter(
            standing__in=(TermState.DUE, TermState.EXPIRED, TermState.OVERDUE)
        )  # fmt: skip


class ElectionQuerySet(ScopedQuerySet):
    def running(self) -> Any:
        return self.exclude(state__in=FINISHED)

    def waiting_for_officer(self) -> Any:
        """Those in which the level above has to consent or to approve."""
        return self.filter(state__in=WAITING_FOR_OFFICER)

    def waiting_for_branch(self) -> Any:
        """Those whose next step the organisation itself takes."""
        return self.running().exclude(state__in=WAITING_FOR_OFFICER)
