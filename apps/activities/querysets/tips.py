"""Tip sheets and points."""

from __future__ import annotations

import datetime
from typing import Any

from apps.core.scoping import ScopedQuerySet

from ..kinds import PointState


class TipSheetQuerySet(ScopedQuerySet):
    """Tip sheets as issued."""


class ReceiptQuerySet(ScopedQuerySet):
    def unsigned(self) -> Any:
        return self.filter(signed_at__isnull=True)


class PointQuerySet(ScopedQuerySet):
    def confirmed(self) -> Any:
        return self.filter(state=PointState.CONFIRMED)

    def in_year(self, year: int) -> Any:
        return self.filter(on__gte=datetime.date(year, 1, 1), on__lt=datetime.date(year + 1, 1, 1))
