"""Questions about enterprises, each with its date."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from apps.branches.querysets import matching_name
from apps.core.dated import DatedQuerySet, in_force
from apps.core.scoping import ScopedQuerySet

CONDITION_FIELDS = (
    "status", "staff", "formal_members", "probationary_members", "members_elsewhere", "applicants",
    "has_premises", "has_operations", "unbuilt_reason", "checked_on",
)  # fmt: skip


class EnterpriseQuerySet(ScopedQuerySet):
    def with_condition(self, on: datetime.date) -> Any:
        """Each enterprise with what could be counted about it on `on`, as attributes of the same names.

        The join is to the enterprise's own rows, so it cannot leave the scope. Without a condition on that
        day (before it arrived) the attributes are None.
        """
        relation = FilteredRelation("conditions", condition=in_force(on, "conditions__"))
        return self.annotate(_condition=relation).annotate(
            **{name: F(f"_condition__{name}") for name in CONDITION_FIELDS}
        )

    def with_main_form(self, on: datetime.date) -> Any:
        """Adds `form` and `covering_org`: the establishment in force on `on`, a single one before the others."""
        from .models import Establishment

        first = Establishment.objects.as_of(on).filter(enterprise=OuterRef("pk")).strongest_first()
        return self.annotate(
            form=Coalesce(Subquery(first.values("form")[:1]), Value("")), covering_org=Subquery(first.values("org__name")[:1])
        )

    def with_instructor(self, on: datetime.date) -> Any:
        """Adds `instructor_name`: the instructor assigned on `on`, the latest first."""
        from .models import InstructorAssignment

        rows = InstructorAssignment.objects.as_of(on).filter(enterprise=OuterRef("pk")).order_by("-since", "-pk")
        return self.annotate(instructor_name=Subquery(rows.values("instructor__name")[:1]))

    def covered(self, on: datetime.date) -> Any:
        from .models import Establishment

        return self.filter(Exists(Establishment.objects.as_of(on).filter(enterprise=OuterRef("pk"))))

    def in_park_on(self, on: datetime.date) -> Any:
        """Enterprises that are there on the day: not moved out, cancelled or revoked, and known by then."""
        from .kinds import Status
        from .models import Condition

        gone = (Status.MOVED_OUT, Status.CANCELLED, Status.REVOKED)
        here = Condition.objects.as_of(on).filter(enterprise=OuterRef("pk")).exclude(status__in=gone)
        return self.filter(Exists(here))

    def matching(self, text: str) -> Any:
        """By name, pinyin initials, or (from four characters on) the beginning of the credit code."""
        found = matching_name(text)
        if len(text) >= 4:
            found |= Q(credit_code__startswith=text.upper())
        return self.filter(found)


class EstablishmentQuerySet(DatedQuerySet):
    def strongest_first(self) -> Any:
        """单独 first, then 联合, then the others; the newest first among equals."""
        from django.db.models import Case, When

        rank = Case(When(form="single", then=Value(0)), When(form="joint", then=Value(1)), default=Value(2))
        return self.order_by(rank, "-since", "-pk")
