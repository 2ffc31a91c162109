"""Tip sheets and points."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import F, Q

from apps.core.scoping import ScopedQuerySet

from ..kinds import PointState, TipSheetState
from ..rules.tips import ReceiptState


class TipSheetQuerySet(ScopedQuerySet):
    """Tip sheets as their issuer sees them; who receives one reads it through its receipt."""

    def issued(self) -> Any:
        """Those that are out and not closed."""
        return self.filter(state=TipSheetState.ISSUED)


class ReceiptQuerySet(ScopedQuerySet):
    def asked(self) -> Any:
        """Those that count: of organisations that exist, and what an ended one had done."""
        return self.exclude(org__ended_on__isnull=False, done_on__isnull=True)

    def open(self) -> Any:
        """Those of sheets that are out, of organisations that exist: what a record may still answer."""
        return self.filter(sheet__state=TipSheetState.ISSUED, org__ended_on__isnull=True)

    def undone(self) -> Any:
        return self.open().filter(done_on__isnull=True)

    def in_state(self, state: str, today: datetime.date) -> Any:
        """Those in the state on the day, as `rules.tips.receipt_state` has it."""
        out = Q(done_on__isnull=True, sheet__state=TipSheetState.ISSUED)
        running = out & Q(sheet__due_on__gte=today)
        conditions = {
            ReceiptState.DONE: Q(done_on__lte=F("sheet__due_on")),
            ReceiptState.DONE_LATE: Q(done_on__gt=F("sheet__due_on")),
            ReceiptState.CLOSED: Q(done_on__isnull=True, sheet__state=TipSheetState.CLOSED),
            ReceiptState.OVERDUE: out & Q(sheet__due_on__lt=today),
            ReceiptState.SIGNED: running & Q(signed_at__isnull=False),
            ReceiptState.UNSIGNED: running & Q(signed_at__isnull=True),
        }
        return self.filter(conditions[ReceiptState(state)])


class PointQuerySet(ScopedQuerySet):
    def waiting(self) -> Any:
        """Entered by the branch and not decided."""
        return self.filter(state=PointState.ENTERED)

    def standing(self) -> Any:
        """Confirmed or still to be decided: what uses up the yearly limit of a rule."""
        return self.exclude(state=PointState.REFUSED)

    def in_year(self, year: int) -> Any:
        return self.filter(on__gte=datetime.date(year, 1, 1), on__lt=datetime.date(year + 1, 1, 1))
