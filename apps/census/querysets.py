"""Questions about census returns."""

from __future__ import annotations

from typing import Any

from apps.core.scoping import ScopedQuerySet

from .rules import REPORTED, State


class CensusReturnQuerySet(ScopedQuerySet):
    def reported(self) -> Any:
        """已报: submitted or approved, or locked with a submission date."""
        return self.filter(submitted_on__isnull=False).filter(state__in=[*REPORTED, State.LOCKED])

    def outstanding(self) -> Any:
        """Still to be answered by somebody: not started, draft, or sent back."""
        return self.filter(state__in=[State.NOT_STARTED, State.DRAFT, State.RETURNED])

    def waiting_for_review(self) -> Any:
        return self.filter(state=State.SUBMITTED)
