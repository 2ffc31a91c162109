"""From what a person asks for (node, period or day, definition) to what a report stands on.

Pages, ledgers, jobs and the command read the same names: `org` (code), `period` (2026Q3), `day` (ISO),
`definition` and `compare` (codes). Whatever is missing has a default; what makes no sense is a DomainError.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from apps.branches.models import PartyOrg
from apps.core.clock import day_named
from apps.core.errors import DomainError
from apps.core.periods import Period
from apps.core.scoping import required_scope

from .basis import Basis, of_period, on_day
from .definitions import beside, choose, offered
from .models import DefinitionVersion
from .rules import Definition


@dataclass(frozen=True)
class Reading:
    """One report: what it stands on, its definition, and the definition shown beside it.

    `when` is how the day was asked for: a period, a day, or nothing for today.
    """

    basis: Basis
    definition: Definition
    other: Definition | None
    offered: tuple[DefinitionVersion, ...]
    when: Mapping[str, str]

    @property
    def params(self) -> dict[str, str]:
        """The parameters that name this report again, in links and jobs."""
        return {"org": self.basis.org.code, **self.when, "definition": self.definition.code}


def read(params: Mapping[str, str], *, today: datetime.date) -> Reading:
    """The report that `params` names, inside the active scope."""
    bases = [_basis(org, params, today) for org in _nodes(params.get("org", ""))]
    basis = bases[0] if len(bases) == 1 else _together(bases)
    offer = offered(basis.as_of)
    definition = choose(params.get("definition", ""), offer, thresholds=basis.thresholds)
    if params.get("compare"):
        other: Definition | None = choose(params["compare"], offer, thresholds=basis.thresholds)
    else:
        other = beside(definition, offer, thresholds=basis.thresholds)
    when = {name: params[name] for name in ("period", "day") if params.get(name)}
    return Reading(basis, definition, other, offer.rows, when)


def period_of(text: str) -> Period:
    try:
        return Period.parse(text)
    except ValueError as error:
        raise DomainError(str(error), code="bad_filter", field="period") from None


def periods_offered(today: datetime.date, *, quarters: int = 8) -> list[tuple[str, str]]:
    """The quarters that a page offers, the running one first."""
    running = Period.quarter_of(today)
    return [(str(p), p.label) for p in (running.shift(-n) for n in range(quarters))]


def roots() -> list[PartyOrg]:
    """The topmost organisations of the active scope."""
    scope = required_scope()
    if "" in scope.paths:
        return list(PartyOrg.objects.filter(parent__isnull=True))
    return list(PartyOrg.objects.filter(path__in=scope.roots()))


def _nodes(code: str) -> Sequence[PartyOrg]:
    found = list(PartyOrg.objects.filter(code=code)) if code else roots()
    if not found:
        raise DomainError(
            f"没有代码为「{code}」的党组织。" if code else "还没有党组织。", code="bad_filter", field="org"
        )
    return found


def _basis(org: PartyOrg, params: Mapping[str, str], today: datetime.date) -> Basis:
    if params.get("period"):
        return of_period(org, period_of(params["period"]), today=today)
    if params.get("day"):
        return on_day(org, _day(params["day"]))
    return on_day(org, today)


def _day(text: str) -> datetime.date:
    day = day_named(text)
    if day is None:
        raise DomainError(f"日期“{text}”不正确，应写作2026-09-30。", code="bad_filter", field="day")
    return day


def _together(bases: Sequence[Basis]) -> Basis:
    """Several separate nodes as one report: a person may hold roles in several places."""
    snapshots = {snapshot.pk: snapshot for basis in bases for snapshot in basis.snapshots}
    return replace(
        bases[0],
        parts=tuple(part for basis in bases for part in basis.parts),
        snapshots=tuple(snapshots.values()),
        unclosed=tuple(name for basis in bases for name in basis.unclosed),
    )
