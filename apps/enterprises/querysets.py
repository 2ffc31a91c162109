"""Questions about enterprises, each with its date."""

from __future__ import annotations

import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    FilteredRelation,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from apps.branches.querysets import matching_name
from apps.core.dated import DatedQuerySet, in_force
from apps.core.periods import Period
from apps.core.scoping import ScopedQuerySet

from .kinds import Form, NeedState
from .rules import LEAVING

CONDITION_FIELDS = (
    "status", "staff", "staff_under_35", "staff_college", "formal_members", "probationary_members",
    "members_elsewhere", "applicants", "has_premises", "has_operations", "unbuilt_reason", "unbuilt_note", "checked_on",
)  # fmt: skip


def counted(rows: QuerySet[Any], by: str) -> Coalesce:
    """The number of `rows` for each outer row, 0 for none. `by` names the column that is the outer row's id."""
    per_owner = rows.order_by().values(by).annotate(_count=Count("pk")).values("_count")
    return Coalesce(Subquery(per_owner, output_field=IntegerField()), 0)


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
        """Adds `form`, `covering_org` (name) and `covering_org_id`: the strongest establishment in force on `on`."""
        from .models import Establishment

        first = Establishment.objects.as_of(on).filter(enterprise=OuterRef("pk")).strongest_first()
        return self.annotate(
            form=Coalesce(Subquery(first.values("form")[:1]), Value("")),
            covering_org=Subquery(first.values("org__name")[:1]),
            covering_org_id=Subquery(first.values("org_id")[:1]),
        )

    def with_instructor(self, on: datetime.date) -> Any:
        """Adds `instructor_name`: the instructor assigned on `on`, the latest first."""
        from .models import InstructorAssignment

        rows = InstructorAssignment.objects.as_of(on).filter(enterprise=OuterRef("pk")).order_by("-since", "-pk")
        return self.annotate(instructor_name=Subquery(rows.values("instructor__name")[:1]))

    def with_mass_kinds(self, on: datetime.date) -> Any:
        """Adds `mass_kinds`: the codes of the 群团 that it has on `on`."""
        from .models import MassOrganization

        rows = MassOrganization.objects.as_of(on).filter(enterprise=OuterRef("pk")).order_by("kind")
        return self.annotate(mass_kinds=ArraySubquery(rows.values("kind")))

    def with_last_visit(self, on: datetime.date) -> Any:
        """Adds `last_visit_on`: the day of the latest visit up to `on`."""
        from .models import Visit

        rows = Visit.objects.filter(enterprise=OuterRef("pk"), on__lte=on).order_by()
        latest = rows.values("enterprise").annotate(_latest=Max("on")).values("_latest")
        return self.annotate(last_visit_on=Subquery(latest))

    def covered(self, on: datetime.date) -> Any:
        """Those that an organisation covers on `on`, in whatever form."""
        from .models import Establishment

        return self.filter(Exists(Establishment.objects.as_of(on).filter(enterprise=OuterRef("pk"))))

    def covered_as(self, form: str, on: datetime.date) -> Any:
        """Those that are covered in this form on `on`."""
        from .models import Establishment

        return self.filter(Exists(Establishment.objects.as_of(on).filter(enterprise=OuterRef("pk"), form=form)))

    def uncovered(self, on: datetime.date) -> Any:
        """Those that no organisation covers on `on`."""
        from .models import Establishment

        return self.filter(~Exists(Establishment.objects.as_of(on).filter(enterprise=OuterRef("pk"))))

    def with_worker(self, on: datetime.date, *, present: bool = True) -> Any:
        """Those that have (or lack) an instructor or 群团 on `on`."""
        from .models import InstructorAssignment, MassOrganization

        sent, mass = (
            Exists(model.objects.as_of(on).filter(enterprise=OuterRef("pk")))
            for model in (InstructorAssignment, MassOrganization)
        )
        return self.filter(sent | mass) if present else self.filter(~sent, ~mass)

    def contacted_by(self, instructor: Any, on: datetime.date) -> Any:
        """Those that the instructor is sent to on `on`."""
        from .models import InstructorAssignment

        mine = InstructorAssignment.objects.as_of(on).filter(enterprise=OuterRef("pk"), instructor=instructor)
        return self.filter(Exists(mine))

    def in_park_on(self, on: datetime.date) -> Any:
        """Enterprises that are there on the day: not moved out, cancelled or revoked, and known by then."""
        from .models import Condition

        here = Condition.objects.as_of(on).filter(enterprise=OuterRef("pk")).exclude(status__in=LEAVING)
        return self.filter(Exists(here))

    def visited_in(self, period: Period, *, visited: bool = True) -> Any:
        """Those with (or without) a visit in the period."""
        from .models import Visit

        found = Exists(Visit.objects.filter(enterprise=OuterRef("pk"), on__gte=period.start, on__lt=period.end))
        return self.filter(found if visited else ~found)

    def awaiting_arrival_visit(self, on: datetime.date, *, since: datetime.date) -> Any:
        """Arrivals from `since` on that are in the park on `on` and were not visited since."""
        from .models import Visit

        seen = Visit.objects.filter(enterprise=OuterRef("pk"), on__gte=OuterRef("arrived_on"))
        return self.in_park_on(on).filter(~Exists(seen), arrived_on__gte=since, arrived_on__lte=on)

    def matching(self, text: str) -> Any:
        """By name, pinyin initials, or (from four characters on) the beginning of the credit code."""
        found = matching_name(text)
        if len(text) >= 4:
            found |= Q(credit_code__startswith=text.upper())
        return self.filter(found)


class EstablishmentQuerySet(DatedQuerySet):
    def strongest_first(self) -> Any:
        """单独 first, then 联合, then the others; the newest first among equals."""
        rank = Case(
            When(form=Form.SINGLE.value, then=Value(0)), When(form=Form.JOINT.value, then=Value(1)), default=Value(2)
        )
        return self.order_by(rank, "-since", "-pk")


class InstructorQuerySet(DatedQuerySet):
    def with_load(self, on: datetime.date) -> Any:
        """Adds `load`: how many enterprises each instructor contacts on `on`."""
        from .models import InstructorAssignment

        mine = InstructorAssignment.objects.as_of(on).filter(instructor=OuterRef("pk"))
        return self.annotate(load=counted(mine, "instructor"))

    def with_enterprise_names(self, on: datetime.date) -> Any:
        """Adds `enterprise_names`: whom each contacts on `on`."""
        from .models import InstructorAssignment

        mine = InstructorAssignment.objects.as_of(on).filter(instructor=OuterRef("pk")).order_by("enterprise__name")
        return self.annotate(enterprise_names=ArraySubquery(mine.values("enterprise__name")))

    def with_visits(self, on: datetime.date) -> Any:
        """Adds `last_visit_on` and `quarter_visits` of the quarter in which `on` lies."""
        from .models import Visit

        mine = Visit.objects.filter(instructor=OuterRef("pk"), on__lte=on)
        latest = mine.order_by().values("instructor").annotate(_latest=Max("on")).values("_latest")
        this_quarter = mine.filter(on__gte=Period.quarter_of(on).start)
        return self.annotate(last_visit_on=Subquery(latest), quarter_visits=counted(this_quarter, "instructor"))

    def matching(self, text: str) -> Any:
        return self.filter(Q(name__icontains=text) | Q(initials__startswith=text.lower()))


class BuildingQuerySet(ScopedQuerySet):
    def with_coverage(self, on: datetime.date) -> Any:
        """Adds `enterprises` that are there on `on` and how many of them are `covered`."""
        from .models import Enterprise

        there = Enterprise.objects.in_park_on(on).filter(building=OuterRef("pk"))
        return self.annotate(
            enterprises=counted(there, "building"), covered=counted(there.covered(on), "building")
        )


class ParkQuerySet(ScopedQuerySet):
    def with_coverage(self, on: datetime.date) -> Any:
        """Adds `enterprises` that are there on `on`, how many are `covered`, and the number of `building_count`."""
        from .models import Building, Enterprise

        there = Enterprise.objects.in_park_on(on).filter(park=OuterRef("pk"))
        buildings = Building.objects.filter(park=OuterRef("pk"))
        return self.annotate(
            enterprises=counted(there, "park"), covered=counted(there.covered(on), "park"),
            building_count=counted(buildings, "park"),
        )  # fmt: skip


class DueQuerySet(ScopedQuerySet):
    """Needs and plans: what has an owner, a due day and an end."""

    def unsettled(self) -> Any:
        return self.exclude(state=NeedState.CLOSED.value)

    def overdue(self, on: datetime.date) -> Any:
        return self.unsettled().filter(due_on__lt=on)
