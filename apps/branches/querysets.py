"""Questions about the organisation tree."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Count, F, Func, IntegerField, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, Concat

from apps.core.scoping import ScopedQuerySet
from apps.core.text import is_initials

from .rules import BRANCH_KINDS
from .rules.restructuring import PlanState

LEVEL = 4  # characters of a path for each level
BEHIND_ALL_BELOW = "~"  # sorts behind every base-36 character


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


def ancestor_paths(path: str) -> list[str]:
    """The paths above a path, from the root down, without the path itself."""
    return [path[:end] for end in range(LEVEL, len(path), LEVEL)]


class PartyOrgQuerySet(ScopedQuerySet):
    def living(self, on: datetime.date) -> Any:
        """Organisations that exist on the day: founded (or of unknown date) and not ended."""
        return self.filter(Q(founded_on__isnull=True) | Q(founded_on__lte=on)).filter(
            Q(ended_on__isnull=True) | Q(ended_on__gt=on)
        )

    def below(self, org: Any) -> Any:
        """The organisation itself and everything under it."""
        return self.filter(path__startswith=org.path)

    def above(self, org: Any) -> Any:
        """Its ancestors inside the scope, from the top down."""
        return self.filter(path__in=ancestor_paths(org.path)).order_by("path")

    def named_like(self, text: str) -> Any:
        return self.filter(matching_name(text) | Q(code=text.strip().upper()))

    def called(self, text: str) -> list[Any]:
        """Those that a person means by a typed code, else by a full or short name; several when it is unclear."""
        wanted = text.strip()
        by_code = list(self.filter(code__iexact=wanted))
        return by_code or list(self.filter(Q(name=wanted) | Q(short_name=wanted))[:2])

    def with_counts(self) -> Any:
        """Adds `child_count`, `below_count` (all levels) and `branch_count` of organisations that have not ended."""
        orgs = self.model._default_manager.filter(ended_on=None).order_by()
        children = orgs.filter(parent=OuterRef("pk")).values("parent").annotate(n=Count("pk")).values("n")
        below = orgs.filter(
            path__gt=OuterRef("path"), path__lt=Concat(OuterRef("path"), Value(BEHIND_ALL_BELOW))
        )  # fmt: skip
        return self.annotate(
            child_count=Coalesce(Subquery(children), 0),
            below_count=_count_of(below),
            branch_count=_count_of(below.filter(kind__in=BRANCH_KINDS)),
        )


def _count_of(rows: Any) -> Subquery:
    counted = rows.annotate(n=Func(F("pk"), function="COUNT", output_field=IntegerField())).values("n")
    return Subquery(counted)


class RestructuringQuerySet(ScopedQuerySet):
    def due(self, on: datetime.date) -> Any:
        """Plans that wait for a day that has come and have not failed on it."""
        return self.filter(state=PlanState.SCHEDULED.value, on__lte=on, failure="")

    def failed(self) -> Any:
        """Plans that did not come into effect on their day."""
        return self.filter(state=PlanState.SCHEDULED.value).exclude(failure="")

    def with_step_count(self) -> Any:
        """Adds `step_count`."""
        steps = self.model.steps.rel.related_model._default_manager.filter(restructuring=OuterRef("pk"))
        return self.annotate(step_count=Coalesce(_count_of(steps.order_by()), 0))
