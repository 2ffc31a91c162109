"""How a return moves: locked together with its round, from one state to the next, with a note of who did it."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from apps.core.errors import Conflict, DomainError

from ..models import CensusReturn, ReturnEvent
from ..period_lock import closed_conflict, share
from ..rules import Action, State, Who, next_move


def locked(
    returns: Sequence[CensusReturn], action: Action, *, who: Who, today: datetime.date
) -> list[CensusReturn]:
    """The returns as they are now, locked for an action, all of them or DomainError; their rounds stay as they are.

    Raises DomainError (wrong_state) for a return that does not allow the action, Conflict for a closed round
    (unless the return is reopened, or this is its reopening).
    """
    rounds = share({row.round_id for row in returns})
    rows = list(
        CensusReturn.objects.select_for_update(of=("self",), no_key=True).select_related("enterprise__org")
        .filter(pk__in={row.pk for row in returns}).order_by("pk")
    )  # fmt: skip
    if not rows or len(rows) != len({row.pk for row in returns}):
        raise DomainError("所选摸底表已不在您的范围内，请刷新后再试。", code="gone")
    for row in rows:
        row.round = rounds[row.round_id]
        _check(row, action, who, today)
    return rows


def _check(row: CensusReturn, action: Action, who: Who, today: datetime.date) -> None:
    if not row.round.is_open and action is not Action.REOPEN and not is_reopened(row, today):
        raise closed_conflict(row.round)
    try:
        move = next_move(State(row.state), action)
    except DomainError as error:
        raise about(row, error) from error
    if move.who != who:
        raise DomainError(f"您不能{action.label}这份摸底表。", code="wrong_role")


def about(row: CensusReturn, error: DomainError) -> DomainError:
    """The same refusal, saying which enterprise it is about."""
    message = f"「{row.enterprise.name}」：{error.message}"
    if isinstance(error, Conflict):
        return Conflict(message, rows=error.rows)
    return DomainError(message, basis=error.basis, code=error.code, field=error.field)


def is_reopened(row: CensusReturn, today: datetime.date) -> bool:
    """Whether a closed round lets this one return be answered today."""
    return row.reopened_until is not None and row.reopened_until >= today


def note(rows: Sequence[CensusReturn], action: Action, actor: Any, *, comment: str = "") -> None:
    """Write the step of each return into its story."""
    name = getattr(actor, "display_name", "系统")
    ReturnEvent.objects.bulk_create(
        [ReturnEvent(census_return=row, action=action.value, actor_name=name, comment=comment[:300]) for row in rows]
    )
