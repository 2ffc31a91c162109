"""What follows from a record: points, tip sheets, summaries. Each registers here and is told of every change.

A follower is called inside the transaction of the change, under the scope of whoever acts, once for all records of
the write. What it keeps above or beside the branch it reads and writes under a scope of its own.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..models import Activity


class Touched(NamedTuple):
    """A branch and a day whose counts may read differently now: before the change, or after it."""

    org_id: int
    org_path: str
    held_on: datetime.date


@dataclass(frozen=True)
class Change:
    """Records as they are now, after their state, day, kinds or attendance changed, and where that is felt.

    `touched` names every participating branch with the day before and the day after the change.
    """

    activities: Sequence[Activity]
    touched: frozenset[Touched]
    today: datetime.date
    actor: Any

    @property
    def ids(self) -> list[int]:
        return [activity.pk for activity in self.activities]


Follower = Callable[[Change], None]

_followers: dict[str, Follower] = {}


def register_follower(code: str, follower: Follower) -> None:
    """Let `follower(change)` be told of every change; set-based, whatever the number of records."""
    if code in _followers:
        raise ValueError(f"follower {code} is registered twice")
    _followers[code] = follower


def tell_followers(change: Change) -> None:
    """Let everything follow, in the order of registration."""
    if change.activities:
        for follower in _followers.values():
            follower(change)
