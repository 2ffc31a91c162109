"""Questions about terms of office and elections."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Case, CharField, Value, When

from apps.core.dated import DatedQuerySet
from apps.core.scoping import ScopedQuerySet

from .rules.elections import FINISHED, ElectionState, waits_for_officer
from .rules.terms import TermState, last_announced, last_beyond_limit

WAITING_FOR_OFFICER = tuple(state for state in ElectionState if waits_for_officer(state))


class TermQuerySet(DatedQuerySet):
    def standing(self, on: datetime.date) -> Any:
        """Adds `standing`, the `TermState` on the day: what `rules.term_state` says, or that the term has ended."""
        return self.annotate(
            standing=Case(
                When(until__lte=on, then=Value(TermState.ENDED.value)),
                When(expires_on__lte=last_beyond_limit(on), then=Value(TermState.OVERDUE.value)),
                When(expires_on__lte=on, then=Value(TermState.EXPIRED.value)),
                When(expires_on__lte=last_announced(on), then=Value(TermState.DUE.value)),
                default=Value(TermState.RUNNING.value),
                output_field=CharField(),
            )
        )

    def due(self, on: datetime.date) -> Any:
        """Terms that hold on the day and are over, or will be within the months of the notice."""
        return self.as_of(on).filter(expires_on__lte=last_announced(on))


class ElectionQuerySet(ScopedQuerySet):
    def running(self) -> Any:
        return self.exclude(state__in=FINISHED)

    def waiting_for_officer(self) -> Any:
        """Those in which the level above has to consent or to approve."""
        return self.filter(state__in=WAITING_FOR_OFFICER)

    def waiting_for_branch(self) -> Any:
        """Those whose next step the organisation itself takes."""
        return self.running().exclude(state__in=WAITING_FOR_OFFICER)
