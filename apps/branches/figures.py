"""What is counted about organisations before and after a restructuring, side by side.

Upper apps register what they count (from their `panels`): members, enterprises, rates. The planner measures
every figure twice in one transaction that is taken back.
"""

from __future__ import annotations

import datetime
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from apps.core.ledger import Kind

from .models import PartyOrg
from .querysets import BEHIND_ALL_BELOW
from .rules import BRANCH_KINDS

Number = int | float | None
Measure = Callable[[Sequence[PartyOrg], datetime.date], Mapping[int, Number]]

UNITS: Final = "enterprises.units"
FORMAL_BY_CENSUS: Final = "enterprises.formal_members"
ALL_BY_CENSUS: Final = "enterprises.members"
"""Codes of an upper app that the rules on size read: the enterprises that an organisation itself covers, and their
正式党员 and 正式 with 预备党员 as the census knows them, for organisations without a roster (`branches.headcount`)."""


@dataclass(frozen=True)
class Figure:
    """One column of the comparison. `measure(orgs, on)` counts each organisation with everything below it.

    It runs under the active scope, costs a fixed number of queries, and may leave an organisation out
    (nothing known). A PERCENT is a share between 0 and 1. `shown` False: for the rules only, which judge the
    organisation itself.
    """

    code: str
    label: str
    measure: Measure
    kind: Kind = Kind.INTEGER
    order: int = 50
    shown: bool = True


_figures: dict[str, Figure] = {}


def register_figure(
    code: str, label: str, measure: Measure, kind: Kind = Kind.INTEGER, *, order: int = 50, shown: bool = True
) -> None:
    if code in _figures:
        raise ValueError(f"figure {code} is registered twice")
    _figures[code] = Figure(code, label, measure, kind, order, shown)


def figures() -> list[Figure]:
    return sorted(_figures.values(), key=lambda figure: (figure.order, figure.code))


def measured(orgs: Sequence[PartyOrg], on: datetime.date) -> dict[int, dict[str, Number]]:
    """Every figure of every organisation on a day: {organisation id: {figure code: number}}."""
    found: dict[int, dict[str, Number]] = {org.pk: {} for org in orgs}
    for figure in figures() if orgs else ():
        for pk, number in figure.measure(orgs, on).items():
            if pk in found and number is not None:
                found[pk][figure.code] = number
    return found


def sums_below(orgs: Sequence[PartyOrg], by_path: Mapping[str, int]) -> dict[int, int]:
    """For each organisation the sum of what was counted at it and everywhere below, from counts by path."""
    paths = sorted(by_path)
    sums = [0, *accumulate(by_path[path] for path in paths)]
    return {
        org.pk: sums[bisect_left(paths, org.path + BEHIND_ALL_BELOW)] - sums[bisect_left(paths, org.path)]
        for org in orgs
    }


def branches_of(orgs: Sequence[PartyOrg], on: datetime.date) -> dict[int, int]:
    """Living branches of every sort, the organisation itself included."""
    rows = PartyOrg.objects.living(on).filter(kind__in=BRANCH_KINDS).order_by()
    return sums_below(orgs, dict.fromkeys(rows.values_list("path", flat=True), 1))


register_figure("branches.branches", "党支部", branches_of, order=10)
