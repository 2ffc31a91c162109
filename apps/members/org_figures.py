"""What the roster answers to the tree of organisations: how many members, and who is still there."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Count, Q, QuerySet

from apps.branches.dependents import EXAMPLES, Dependents
from apps.branches.figures import sums_below
from apps.branches.headcount import Headcount
from apps.branches.models import PartyOrg

from .kinds import Relation
from .models import DualAgreement, Member, Membership, MobileRecord, Transfer

Counter = Callable[[Sequence[PartyOrg], datetime.date], dict[int, int]]


def headcounts(orgs: Sequence[PartyOrg], on: datetime.date) -> dict[int, Headcount]:
    """正式 and 预备党员 of each organisation itself; one that never had a membership keeps no roster. Two queries."""
    kept = Membership.objects.filter(org__in=orgs, since__lte=on).order_by().values_list("org", flat=True).distinct()
    full = Count("pk", filter=Q(member__formal_on__lte=on))
    rows = Membership.objects.as_of(on).filter(org__in=orgs).order_by().values("org")
    counted = rows.annotate(total=Count("pk"), full=full).values_list("org", "total", "full")
    found = {org: Headcount(formal=full, probationary=total - full) for org, total, full in counted}
    return {org: found.get(org, Headcount(0, 0)) for org in kept}


def formal_below(orgs: Sequence[PartyOrg], on: datetime.date) -> dict[int, int]:
    """正式党员 on the rosters of the organisation and those below it."""
    return _known(orgs, on, Membership.objects.as_of(on).formal(on))


def members_below(orgs: Sequence[PartyOrg], on: datetime.date) -> dict[int, int]:
    """正式 and 预备党员 on the rosters of the organisation and those below it."""
    return _known(orgs, on, Membership.objects.as_of(on))


def _known(orgs: Sequence[PartyOrg], on: datetime.date, rows: QuerySet[Membership]) -> dict[int, int]:
    """Counts by organisation; left out where no roster is kept at it or below."""
    kept = Membership.objects.filter(since__lte=on).order_by().values_list("org_path", flat=True).distinct()
    rosters = sums_below(orgs, dict.fromkeys(kept, 1))
    counts = sums_below(orgs, dict(rows.order_by().values_list("org_path").annotate(Count("pk"))))
    return {pk: counts[pk] for pk, number in rosters.items() if number}


def members_left(org: PartyOrg, today: datetime.date) -> Dependents | None:
    """Members who would stay without a branch."""
    rows = Member.objects.filter(org=org).exclude(relation=Relation.LEFT)
    return _left("党员", rows, "请先把他们转到别的党支部。", f"/members/?org={org.code}")


def transfers_left(org: PartyOrg, today: datetime.date) -> Dependents | None:
    """Transfers under way from or to the organisation."""
    rows = Transfer.objects.open().filter(Q(org=org) | Q(other_org=org)).select_related("member")
    return _left("未办结的组织关系转接", rows, "请先办结或撤销。", f"/transfers/?org={org.code}")


def records_left(org: PartyOrg, today: datetime.date) -> Dependents | None:
    """流动党员 who are registered here and have not come back."""
    rows = MobileRecord.objects.open().filter(org=org).select_related("member")
    return _left("流动党员登记", rows, "请先登记返回，或由别的党支部接续。", f"/mobile/?org={org.code}")


def agreements_left(org: PartyOrg, today: datetime.date) -> Dependents | None:
    """双重管理协议 that are in force."""
    rows = DualAgreement.objects.as_of(today).filter(org=org).select_related("member")
    return _left("双重管理协议", rows, "请先终止，或由别的党支部接续。", f"/agreements/?org={org.code}")


def _left(label: str, rows: Any, advice: str, url: str) -> Dependents | None:
    found = list(rows[: EXAMPLES + 1])
    if not found:
        return None
    names = [(str(row), row.get_absolute_url()) for row in found[:EXAMPLES]]
    return Dependents(label, rows.count(), names, advice, url)
