"""How many members an organisation has, from whoever keeps a roster: the upper app registers one finder.

An organisation whose roster nobody keeps is missing from the answer: that is not the same as having no member.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from .models import PartyOrg


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
