"""What the planner of restructurings counts about organisations from the register (see `branches.figures`)."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence

from django.db.models import Count, F, Sum

from apps.branches.figures import sums_below
from apps.branches.models import PartyOrg

from .models import Condition, Enterprise, Establishment

Counter = Callable[[Sequence[PartyOrg], datetime.date], dict[int, int]]


def answered_for(orgs: Sequence[PartyOrg], on: datetime.date) -> dict[int, int]:
    """Enterprises that are there on the day and that the organisation and those below it answer for."""
    rows = Enterprise.objects.in_park_on(on).order_by().values_list("org_path").annotate(Count("pk"))
    return sums_below(orgs, dict(rows))


def units(orgs: Sequence[PartyOrg], on: datetime.date) -> dict[int, int]:
    """Enterprises that the organisation itself covers."""
    rows = Establishment.objects.as_of(on).filter(org__in=orgs).order_by().values_list("org")
    return {org.pk: 0 for org in orgs} | dict(rows.annotate(Count("enterprise", distinct=True)))


def members_of(*names: str) -> Counter:
    """Members that the census knows in the enterprises that the organisation covers; none covered: not known."""

    def count(orgs: Sequence[PartyOrg], on: datetime.date) -> dict[int, int]:
        covers = Establishment.objects.as_of(on).filter(org__in=orgs).order_by()
        pairs = set(covers.values_list("org", "enterprise"))
        total = sum((F(name) for name in names[1:]), F(names[0]))
        rows = Condition.objects.as_of(on).filter(enterprise__in={enterprise for _, enterprise in pairs}).order_by()
        known = dict(rows.values_list("enterprise").annotate(total=Sum(total)))
        found: dict[int, int] = {}
        for org, enterprise in pairs:
            if enterprise in known:
                found[org] = found.get(org, 0) + known[enterprise]
        return found

    return count
