"""四种管理模式 in figures: how many people each organisation manages in each mode, and what is still lacking.

One statement for each mode, grouped by organisation; the sums of a scope are sums of its organisations, so a page and
its lines cannot disagree. Somebody on one roster and under an agreement elsewhere is in a mode of either branch.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q

from apps.branches.models import PartyOrg

from .kinds import ManagementMode, Relation
from .models import DualAgreement, Member
from .parameters import agreement_terms
from .querysets.modes import LACKS, lacks, mode_is, present
from .rules.mobile import Lack

BY_MEMBER = (ManagementMode.IN_POST, ManagementMode.MOBILE_NETWORK, ManagementMode.DEPARTED_LOCAL)


@dataclass
class Figures:
    """What one organisation, or a whole scope, manages: people by mode, and by mode and lack."""

    people: dict[ManagementMode, int] = field(default_factory=lambda: defaultdict(int))
    lacking: dict[tuple[ManagementMode, Lack], int] = field(default_factory=lambda: defaultdict(int))

    @property
    def all_lacking(self) -> int:
        return sum(self.lacking.values())

    def add(self, other: Figures) -> None:
        for mode, count in other.people.items():
            self.people[mode] += count
        for key, count in other.lacking.items():
            self.lacking[key] += count


def by_organisation(on: datetime.date, path: str = "") -> dict[int, Figures]:
    """The figures of every organisation of the scope below `path` that manages somebody."""
    found: dict[int, Figures] = defaultdict(Figures)
    for mode in BY_MEMBER:
        rows = Member.objects.filter(mode_is(mode, on), org_path__startswith=path)
        asked = {lack: Q(lacks(lack, on)) for lack in LACKS[mode]}
        _count(found, mode, rows, asked)
    _count_dual(found, on, path)
    return found


def _count(
    found: dict[int, Figures], mode: ManagementMode, rows: Any, asked: dict[Lack, Q], *, person: str = "pk"
) -> None:
    """Add the people of `rows` to the organisations, and how many of them each condition holds of."""
    counts = {lack.value: Count(person, condition, distinct=True) for lack, condition in asked.items()}
    for row in rows.order_by().values("org_id").annotate(_people=Count(person, distinct=True), **counts):
        figures = found[row["org_id"]]
        figures.people[mode] += row["_people"]
        for lack in asked:
            figures.lacking[mode, lack] += row[lack.value]


def _count_dual(found: dict[int, Figures], on: datetime.date, path: str) -> None:
    """流入双重: people under an agreement in force, and beside them those who should have one."""
    mode = ManagementMode.INFLOW_DUAL
    notice = on + datetime.timedelta(days=agreement_terms(on).agreement_notice_days)
    agreements = DualAgreement.objects.to_contact(on).filter(org_path__startswith=path)
    asked = {Lack.EXPIRING: Q(until__lte=notice), Lack.CONTACT: Q(contacted=False)}
    _count(found, mode, agreements, asked, person="member_id")
    unsigned = Member.objects.filter(
        lacks(Lack.AGREEMENT, on), present(on), relation=Relation.ELSEWHERE, org_path__startswith=path
    )
    for row in unsigned.order_by().values("org_id").annotate(_people=Count("pk")):
        found[row["org_id"]].lacking[mode, Lack.AGREEMENT] += row["_people"]


def total(of: Iterable[Figures]) -> Figures:
    result = Figures()
    for figures in of:
        result.add(figures)
    return result


def named(found: dict[int, Figures]) -> list[tuple[PartyOrg, Figures]]:
    """The organisations with their figures, in tree order."""
    orgs = PartyOrg.objects.in_bulk(list(found))
    return sorted(((orgs[pk], each) for pk, each in found.items() if pk in orgs), key=lambda pair: pair[0].path)
