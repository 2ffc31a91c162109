"""学时 of members and training of secretaries, as expressions beside rows that the scope shows."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import BooleanField, Count, DecimalField, Exists, IntegerField, OuterRef, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from apps.branches.rules import BRANCH_KINDS
from apps.core.scoping import unscoped
from apps.members.models import Post

from .kinds import Presence
from .models import Attendance

TRAINING = "training"
"""The code of the kind 培训班."""

HOURS: Any = DecimalField(max_digits=8, decimal_places=1)


def hours_in(year: int, member: str = "member_id") -> Any:
    """The 学时 of whoever the column `member` names in counted records of the calendar year, wherever they were held."""
    with unscoped("the hours of a member of the scope come from every branch where he or she was; one number"):
        rows = Attendance.objects.counted().in_year(year).filter(member=OuterRef(member)).order_by()
        return Coalesce(
            Subquery(rows.values("member").annotate(n=Sum("hours")).values("n")), Value(0), output_field=HOURS
        )


def _classes(member: str) -> Any:
    """Classes that somebody attended. The caller has lifted the scope."""
    rows = Attendance.objects.counted().filter(member=OuterRef(member), presence=Presence.PRESENT)
    return rows.filter(activity__kind__code=TRAINING).order_by()


def _how_many(rows: Any) -> Any:
    counted = rows.values("member").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def trainings_in(year: int, member: str = "member_id") -> Any:
    """How many classes of the calendar year somebody attended, whoever held them."""
    with unscoped("the classes of a member of the scope were held by offices above; one number"):
        return _how_many(_classes(member).in_year(year))


def rounds_in(year: int, member: str = "member_id") -> Any:
    """Of them, those of an organisation above the branches: 轮训 is by 县级 and above, as far as the portal knows."""
    with unscoped("the classes of a secretary of the scope were held by offices above; one number"):
        return _how_many(_classes(member).in_year(year).exclude(activity__org__kind__in=BRANCH_KINDS))


def rounds_since(day: str, member: str = "member_id") -> Any:
    """Those since the day in the column `day`."""
    with unscoped("the classes of a secretary of the scope were held by offices above; one number"):
        rows = _classes(member).filter(held_on__gte=OuterRef(day)).exclude(activity__org__kind__in=BRANCH_KINDS)
        return _how_many(rows)


def is_leader(on: datetime.date, member: str = "member_id") -> Any:
    """Whether somebody sits in a committee on the day, of whatever organisation."""
    with unscoped("a member of the scope may sit in a committee above it; yes or no"):
        rows = Post.objects.as_of(on).committee().filter(member=OuterRef(member))
        return Exists(rows, output_field=BooleanField())
