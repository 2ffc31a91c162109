"""Mobile members, agreements, contacts and lost contact."""

from __future__ import annotations

from typing import Any

from apps.core.dated import DatedQuerySet
from apps.core.periods import Period
from apps.core.scoping import ScopedQuerySet


class MobileQuerySet(DatedQuerySet):
    pass


class AgreementQuerySet(DatedQuerySet):
    pass


class ContactQuerySet(ScopedQuerySet):
    def within(self, period: Period) -> Any:
        """Contacts made in the period."""
        return self.filter(on__gte=period.start, on__lt=period.end)


class LostContactQuerySet(ScopedQuerySet):
    def open(self) -> Any:
        """Cases that nobody has decided."""
        return self.filter(decided_on__isnull=True)
