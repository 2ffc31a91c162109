"""年度积分: totals of members in a year, and the list that is published. In the order of the roster, never a ranking."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum

from apps.branches.models import PartyOrg
from apps.core.audit import record, write
from apps.core.errors import DomainError
from apps.core.scoping import unscoped
from apps.members.models import Member, Membership

from ..kinds import PointState
from ..models import PointEntry, PointPublication
from ..rules.points import POINTS


@dataclass(frozen=True)
class Total:
    """One member in one year: confirmed points and entries that wait. `is_here`: on the roster at its end."""

    member: Member
    confirmed: Decimal
    waiting: int
    is_here: bool = True


@dataclass(frozen=True)
class BranchYear:
    """One branch in one year, in numbers of entries: points of branches are not compared."""

    org: PartyOrg
    confirmed: int
    waiting: int
    published: PointPublication | None


def last_day(year: int, today: datetime.date) -> datetime.date:
    """The day whose roster stands for the year: its last one, or today while it runs."""
    return min(datetime.date(year, 12, 31), today)


def totals(org: PartyOrg, year: int, today: datetime.date) -> list[Total]:
    """Everybody on the roster of a branch at the end of the year, then who left it with entries; by name."""
    there = Membership.objects.as_of(last_day(year, today)).filter(org=org).values("member")
    here = list(Member.objects.filter(pk__in=there).order_by("initials", "pk"))
    entered = PointEntry.objects.in_year(year).filter(org=org).order_by()
    away = Member.objects.filter(pk__in=entered.values("member")).exclude(pk__in=[member.pk for member in here])
    left = list(away.order_by("initials", "pk"))
    sums = _sums([member.pk for member in (*here, *left)], year)
    none = (Decimal(0), 0)
    return [
        *(Total(member, *sums.get(member.pk, none)) for member in here),
        *(Total(member, *sums.get(member.pk, none), is_here=False) for member in left),
    ]


def branches_in(year: int) -> list[BranchYear]:
    """The branches of the scope that have entries in the year or have published it, in tree order."""
    counts = PointEntry.objects.in_year(year).order_by().values_list("org").annotate(
        confirmed=Count("pk", filter=Q(state=PointState.CONFIRMED)), waiting=Count("pk", filter=Q(state=PointState.ENTERED))
    )  # fmt: skip
    found = {org: (confirmed, waiting) for org, confirmed, waiting in counts}
    lists = {row.org_id: row for row in PointPublication.objects.filter(year=year).defer("lines")}
    orgs = PartyOrg.objects.filter(pk__in={*found, *lists}).order_by("path")
    return [BranchYear(org, *found.get(org.pk, (0, 0)), lists.get(org.pk)) for org in orgs]


@write
def publish_points(*, org: PartyOrg, year: int, today: datetime.date, actor: Any) -> list[PointPublication]:
    """公布 the totals of a year that is over: a list for each branch at or below `org` that has none yet.

    The list holds everybody on the roster at the end of the year, in its order. Raises DomainError while the year
    runs, while entries wait for a decision, and when there is nothing to publish.
    """
    if year >= today.year:
        raise DomainError(f"{year}年还没有结束，年度结束后再公布积分。", basis=POINTS, code="year_runs", field="year")
    below = PointEntry.objects.in_year(year).filter(org_path__startswith=org.path)
    list(below.select_for_update(of=("self",)).values_list("pk", flat=True))  # waits for whoever decides at this moment
    if waiting := below.waiting().count():
        raise DomainError(f"{year}年还有 {waiting} 条积分待确认，请先办理。", code="waiting")
    have = PointPublication.objects.filter(year=year).values("org")
    ends = Membership.objects.as_of(datetime.date(year, 12, 31)).filter(org_path__startswith=org.path)
    rows = list(
        ends.exclude(org__in=have).select_related("member", "org").order_by("org_path", "member__initials", "member_id")
    )
    entered = set(below.order_by().values_list("org_id", flat=True))
    if not any(row.org_id in entered for row in rows):
        raise DomainError(f"「{org}」{year}年没有可以公布的积分，或已经公布。", code="nothing")
    lists = _lists(rows, year, today, actor)
    PointPublication.objects.bulk_create(lists)
    record(actor, "points.published", org, org_path=org.path, data={"year": year, "branches": len(lists)},
           summary=f"公布「{org}」{year}年积分，{len(lists)} 个党支部 {len(rows)} 名党员")  # fmt: skip
    return lists


def _lists(rows: Sequence[Membership], year: int, today: datetime.date, actor: Any) -> list[PointPublication]:
    sums = _sums([row.member_id for row in rows], year)
    lines: dict[PartyOrg, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        points = sums.get(row.member_id, (Decimal(0), 0))[0]
        lines[row.org].append({"member_id": row.member_id, "name": row.member.name, "branch": str(row.org),
                               "points": str(points)})  # fmt: skip
    return [
        PointPublication(org=org, year=year, published_on=today, published_by_name=actor.display_name, lines=found)
        for org, found in lines.items()
    ]


def _sums(members: Sequence[int], year: int) -> dict[int, tuple[Decimal, int]]:
    """Confirmed points and waiting entries of members in the year, wherever they were then."""
    with unscoped("points follow the person: what a former branch gave counts in the year; sums only"):
        rows = PointEntry.objects.in_year(year).filter(member__in=list(members)).order_by().values_list("member")
        found = rows.annotate(total=Sum("points", filter=Q(state=PointState.CONFIRMED)),
                              waiting=Count("pk", filter=Q(state=PointState.ENTERED)))  # fmt: skip
        return {member: (points or Decimal(0), waiting) for member, points, waiting in found}
