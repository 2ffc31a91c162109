"""The yearly reviews."""

from __future__ import annotations

from apps.core.scoping import ScopedQuerySet


class ReviewQuerySet(ScopedQuerySet):
    """Rounds, one for each branch, year and kind."""


class ReviewResultQuerySet(ScopedQuerySet):
    """What a round found about a member."""
