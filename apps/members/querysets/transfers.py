"""Transfers and departures, by what is still open and who has to act."""

from __future__ import annotations

import datetime
from functools import reduce
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, Q, Value, When

from apps.core.periods import add_months
from apps.core.scoping import ScopedQuerySet, required_scope

from ..kinds import OPEN_TRANSFERS, Relation, TransferKind, TransferState
from ..rules.transfers import Side, Step, next_step, side_of


def waiting(*, side: Side | None = None, step: Step | None = None) -> list[tuple[TransferKind, TransferState]]:
    """The kinds and states in which a transfer waits for this side, or for this step."""
    found = []
    for kind in TransferKind:
        for state in OPEN_TRANSFERS:
            following = next_step(kind, state)
            if following and step in (None, following) and side in (None, side_of(following, kind, state)):
                found.append((kind, state))
    return found


def _one_of(pairs: list[tuple[TransferKind, TransferState]]) -> Q:
    return reduce(Q.__or__, (Q(kind=kind, state=state) for kind, state in pairs), Q(pk__in=[]))


class TransferQuerySet(ScopedQuerySet):
    def open(self) -> Any:
        """Those that are under way: the sending branch is still responsible."""
        return self.filter(state__in=OPEN_TRANSFERS)

    def told(self) -> Any:
        """Those that the active scope keeps, and those of others that were sent to it: approved, or accepted since."""
        sent = Q(approved_on__isnull=False) | Q(state=TransferState.ACCEPTED)
        return self.filter(required_scope().as_q("org_path") | sent)

    def waiting_for(self, side: Side) -> Any:
        """Those whose next step is this side's."""
        return self.filter(_one_of(waiting(side=side)))

    def expiring(self, on: datetime.date, days: int) -> Any:
        """Under way, with a letter whose last day is within so many days from `on`, or over."""
        return self.open().filter(valid_until__lte=on + datetime.timedelta(days=days))

    def to_repeat(self) -> Any:
        """Letters that expired while the member is still with the branch that sent, and nothing followed."""
        later = self.model._default_manager.filter(member=OuterRef("member"), pk__gt=OuterRef("pk"))
        here = {"member__relation": Relation.HERE, "member__org": F("org")}
        return self.filter(~Exists(later), state=TransferState.EXPIRED, **here).exclude(kind=TransferKind.IN)


class DepartureQuerySet(ScopedQuerySet):
    def open(self) -> Any:
        """Those whose relation has not arrived where the person went."""
        return self.filter(placed_on__isnull=True)

    def with_lateness(self, on: datetime.date, months: int) -> Any:
        """Adds `is_late`: open although the post was left so many months before `on`, or earlier."""
        late = Q(placed_on__isnull=True, left_post_on__lte=add_months(on, -months))
        return self.annotate(is_late=Case(When(late, then=Value(True)), default=Value(False)))
