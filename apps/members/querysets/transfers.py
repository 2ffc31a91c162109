"""Transfers and departures, by what is still open."""

from __future__ import annotations

from typing import Any

from apps.core.scoping import ScopedQuerySet

from ..kinds import OPEN_TRANSFERS


class TransferQuerySet(ScopedQuerySet):
    def open(self) -> Any:
        """Those that are under way: the sending branch is still responsible."""
        return self.filter(state__in=OPEN_TRANSFERS)


class DepartureQuerySet(ScopedQuerySet):
    def open(self) -> Any:
        """Those whose relation has not arrived where the person went."""
        return self.filter(placed_on__isnull=True)
