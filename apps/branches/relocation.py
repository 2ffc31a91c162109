"""What moves with an organisation that is merged, split or dissolved.

The tree does not know what hangs under its nodes. Upper apps register how they move what they hold from one
organisation to another, as dated facts: the old rows end on the day, new ones begin on it. What must end with
an organisation and moves nowhere (a role) is registered as an ending.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from apps.core.errors import DomainError

from .models import PartyOrg

Picks = Mapping[str, frozenset[int]]


@dataclass(frozen=True)
class Relocation:
    """Everything (`picks` None), or what a split picked, goes from `source` to `target` on the day `on`.

    `picks` names lasting things by the code of their registration: ids of enterprises or members, not of dated
    rows, so that a plan may pick what an earlier step of it brings. `document` is the approval behind it.
    """

    source: PartyOrg
    target: PartyOrg
    on: datetime.date
    today: datetime.date
    actor: Any
    picks: Picks | None = None
    document: str = ""

    def picked(self, code: str, rows: Any, lookup: str = "pk") -> Any:
        """The rows of a queryset that this relocation takes; `lookup` leads to the id that is picked."""
        return rows if self.picks is None else rows.filter(**{f"{lookup}__in": self.picks.get(code, frozenset())})


Move = Callable[[Relocation], int]
Choices = Callable[[PartyOrg, datetime.date], list[tuple[int, str]]]
Ending = Callable[[PartyOrg, datetime.date, datetime.date, Any], None]


@dataclass(frozen=True)
class Holding:
    """One sort of things that an organisation holds: `label` names it to people (联合组建的企业, 党员)."""

    code: str
    label: str
    move: Move
    choices: Choices
    order: int = 50


_holdings: dict[str, Holding] = {}
_endings: dict[str, Ending] = {}


def register_relocation(code: str, label: str, move: Move, choices: Choices, *, order: int = 50) -> None:
    """Name what an upper app holds. `move(relocation)` moves its rows and returns how many things it moved.

    It asks the closed periods itself and raises DomainError for what the target may not hold.
    `choices(org, today)` lists as (id, text) what a split may pick. Both run under the scope of whoever acts.
    A smaller `order` moves first: what others follow (组建) before what follows it.
    """
    if code in _holdings:
        raise ValueError(f"relocation {code} is registered twice")
    _holdings[code] = Holding(code, label, move, choices, order)


def register_ending(code: str, end: Ending) -> None:
    """Name what ends with an organisation: `end(org, on, today, actor)` is called when it has ended on `on`."""
    if code in _endings:
        raise ValueError(f"ending {code} is registered twice")
    _endings[code] = end


def holdings() -> list[Holding]:
    return sorted(_holdings.values(), key=lambda each: (each.order, each.code))


def choices_of(org: PartyOrg, today: datetime.date) -> list[tuple[Holding, list[tuple[int, str]]]]:
    """What a split of this organisation may pick, sort by sort; sorts of which it holds nothing are left out."""
    found = [(each, each.choices(org, today)) for each in holdings()]
    return [(holding, options) for holding, options in found if options]


def relocate(relocation: Relocation) -> dict[str, int]:
    """Move everything that was picked; returns {label: how many}, without zeros.

    Raises DomainError when something that was picked is not at the source (any more).
    """
    if relocation.picks is not None:
        _check_picks(relocation.source, relocation.picks, relocation.today)
    counts = {each.label: each.move(relocation) for each in holdings()}
    return {label: count for label, count in counts.items() if count}


def end_with(org: PartyOrg, on: datetime.date, today: datetime.date, actor: Any) -> None:
    """Let everything end that ends with the organisation."""
    for end in _endings.values():
        end(org, on, today, actor)


def _check_picks(source: PartyOrg, picks: Picks, today: datetime.date) -> None:
    unknown = {code for code, ids in picks.items() if ids} - set(_holdings)
    if unknown:
        raise DomainError("所选内容中有本系统不认识的类别，请重新选择。", field="picks", code="unknown_pick")
    for holding in holdings():
        wanted = picks.get(holding.code)
        if not wanted:
            continue
        gone = wanted - {pk for pk, _ in holding.choices(source, today)}
        if gone:
            message = f"所选{holding.label}中有 {len(gone)} 项已不在「{source}」，请重新选择。"
            raise DomainError(message, field="picks", code="gone")


Days = tuple[datetime.date, datetime.date | None]
"""[since, until); without an end until is None."""


def not_taken(days: Days, taken: Iterable[Days]) -> list[Days]:
    """What is left of some days beside days that are taken: where a moved row would meet one that the target has."""
    left: list[Days] = []
    since, until = days
    for begins, ends in sorted(taken, key=lambda each: each[0]):
        if ends is not None and ends <= since:
            continue
        if until is not None and begins >= until:
            break
        if begins > since:
            left.append((since, begins))
        if ends is None:
            return left
        since = max(since, ends)
    if until is None or since < until:
        left.append((since, until))
    return left
