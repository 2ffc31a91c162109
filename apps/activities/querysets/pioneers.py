"""Pioneer posts, pledges, suggestions."""

from __future__ import annotations

from apps.core.dated import DatedQuerySet
from apps.core.scoping import ScopedQuerySet


class PioneerPostQuerySet(DatedQuerySet):
    """Posts, each from a date until a date."""


class PledgeQuerySet(ScopedQuerySet):
    """Public promises."""


class SuggestionQuerySet(ScopedQuerySet):
    """Suggestions to enterprises."""
