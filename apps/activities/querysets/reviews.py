"""The yearly reviews."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Q

from apps.core.scoping import ScopedQuerySet

from ..kinds import ReviewState


class ReviewQuerySet(ScopedQuerySet):
    """Rounds, one for each branch, year and kind."""

    def open(self) -> Any:
        return self.filter(state=ReviewState.OPEN)


class ReviewResultQuerySet(ScopedQuerySet):
    """What a round found about a member."""

    def talk_outstanding(self) -> Any:
        """警示谈话 that is due and not recorded."""
        return self.filter(talk_needed=True, talked_on__isnull=True)

    def help_outstanding(self, on: datetime.date) -> Any:
        """帮教 whose day has passed while nothing was noted about its end."""
        return self.filter(~Q(follow_up=""), follow_up_done_on__isnull=True, follow_up_due__lt=on)
