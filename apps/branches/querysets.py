"""Questions about the organisation tree."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Q

from apps.core.scoping import ScopedQuerySet
from apps.core.text import is_initials


def matching_name(text: str) -> Q:
    """Rows whose name holds the text, or whose pinyin initials do: by 1- and 2-grams, one GIN index.

    For models with the columns `name`, `initials` and `grams`.
    """
    needle = text.strip().lower()
    if len(needle) <= 2:
        return Q(grams__contains=[needle])
    spelled = Q(name__icontains=needle)
    if is_initials(needle):
        spelled |= Q(initials__contains=needle)
    return Q(grams__contains=[needle[i : i + 2] for i in range(len(needle) - 1)]) & spelled


class PartyOrgQuerySet(ScopedQuerySet):
    def living(self, on: datetime.date) -> Any:
        """Organisations that exist on the day: founded (or of unknown date) and not ended."""
        return self.filter(Q(founded_on__isnull=True) | Q(founded_on__lte=on)).filter(
            Q(ended_on__isnull=True) | Q(ended_on__gt=on)
        )

    def below(self, org: Any) -> Any:
        """The organisation itself and everything under it."""
        return self.filter(path__startswith=org.path)

    def named_like(self, text: str) -> Any:
        return self.filter(matching_name(text) | Q(code__iexact=text.strip()))

    def called(self, text: str) -> list[Any]:
        """Those that a person means by a typed code, else by a full or short name; several when it is unclear."""
        wanted = text.strip()
        by_code = list(self.filter(code__iexact=wanted))
        return by_code or list(self.filter(Q(name=wanted) | Q(short_name=wanted))[:2])
