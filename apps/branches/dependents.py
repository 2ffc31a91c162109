"""What still hangs under an organisation and must be settled before it is dissolved.

Upper apps register what they hold (from their `panels.py`); the refusal and the guided page show the list.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass

from .models import PartyOrg

EXAMPLES = 10
"""How many names a list shows before it only counts (appearance only)."""


@dataclass(frozen=True)
class Dependents:
    """One sort of things under an organisation: `advice` says what to do with them, `url` where."""

    label: str
    count: int
    examples: list[tuple[str, str]]
    advice: str
    url: str = ""

    def __str__(self) -> str:
        return f"{self.label} {self.count} 个"


Finder = Callable[[PartyOrg, datetime.date], Dependents | None]

_finders: dict[str, Finder] = {}


def register_dependents(code: str, find: Finder) -> None:
    """Name a finder `find(org, today)` that returns what is left under the organisation, or None for nothing.

    It runs under the scope of the person who dissolves.
    """
    if code in _finders:
        raise ValueError(f"dependents {code} are registered twice")
    _finders[code] = find


def dependents_of(org: PartyOrg, today: datetime.date) -> list[Dependents]:
    """Everything that keeps the organisation from being dissolved, living children first."""
    found = [_living_children(org, today), *(find(org, today) for find in _finders.values())]
    return [each for each in found if each is not None and each.count]


def _living_children(org: PartyOrg, today: datetime.date) -> Dependents:
    children = PartyOrg.objects.filter(parent=org, ended_on=None)
    names = [(child.name, child.get_absolute_url()) for child in children[:EXAMPLES]]
    return Dependents("下级党组织", children.count(), names, "请先把它们划转到别的上级，或先行撤销。")
