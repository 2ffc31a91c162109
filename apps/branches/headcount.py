"""How many members an organisation has, from whoever keeps a roster: the upper app registers one finder.

An organisation whose roster nobody keeps is missing from the answer: that is not the same as having no member.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from .models import PartyOrg
from .rules import CAPABILITIES, OrgKind


@dataclass(frozen=True)
class Headcount:
    """正式党员 and 预备党员 whose relation is in an organisation on a day."""

    formal: int
    probationary: int


Finder = Callable[[Sequence[PartyOrg], datetime.date], Mapping[int, Headcount]]

_finders: list[Finder] = []


def register_headcount(find: Finder) -> Finder:
    """Name the finder `find(orgs, on)`: {id of the organisation: Headcount}, those without a roster left out.

    It runs under the scope of whoever asks. Raises ValueError for a second one.
    """
    if _finders and _finders[0] is not find:
        raise ValueError("headcounts are registered twice")
    _finders[:] = [find]
    return find


def headcounts(orgs: Sequence[PartyOrg], on: datetime.date) -> Mapping[int, Headcount]:
    """What the rosters say about these organisations on the day; nothing where none is kept."""
    return _finders[0](orgs, on) if _finders and orgs else {}


@dataclass(frozen=True)
class Voters:
    """The 正式党员 of an organisation with everything below it, as the rosters count them; None: nobody keeps one."""

    formal: int | None
    source: str


def voters_of(org: PartyOrg, on: datetime.date) -> Voters:
    """Who may vote there on the day, before anybody is left out, and where the number comes from."""
    below = list(PartyOrg.objects.living(on).below(org))
    found = headcounts(below, on)
    if not found:
        return Voters(None, "还没有党员名册，请按实际人数填写")
    keeping = [each for each in below if CAPABILITIES[OrgKind(each.kind)].holds_members]
    missing = sum(1 for each in keeping if each.pk not in found)
    gap = f"，其中{missing}个党支部没有名册，请核对" if missing else ""
    return Voters(sum(each.formal for each in found.values()), f"党员名册（{on:%Y-%m-%d}在册正式党员）{gap}")
