"""Answers that come in as a workbook: filled in offline, imported together."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from django.db import models

from apps.core.audit import write
from apps.core.errors import DomainError

from .. import comparison
from ..models import CensusReturn
from ..rules import CLEAR_FLAGS, Action, State, next_move
from .answers import FACTS, complete
from .moves import about, locked, note

WRITTEN: Final = (
    *FACTS, "no_change", "state", "submitted_on", "is_on_time", "answered_by_id", "answered_by_name", "version",
)  # fmt: skip


class TypedAnswer(NamedTuple):
    """What one row of a workbook changes about a return."""

    census_return: CensusReturn
    facts: Mapping[str, Any]


@write
def import_answers(*, answers: Sequence[TypedAnswer], today: datetime.date, actor: Any) -> tuple[int, int]:
    """Write many answers in a fixed number of statements; all or none. Returns (submitted, drafts).

    A row that says how and when it was found out is sent in, another one stays a draft. The caller has asked
    the rules; columns are checked here once more.
    """
    facts = {answer.census_return.pk: answer.facts for answer in answers}
    rows = locked([answer.census_return for answer in answers], Action.SAVE, who="filler", today=today)
    for row in rows:
        untouched = State(row.state) is State.NOT_STARTED and not set(facts[row.pk]) & set(comparison.FACTS)
        fill(row, facts[row.pk])
        row.no_change = untouched and is_complete(row)
        action = Action.SUBMIT if is_complete(row) else Action.SAVE
        row.state = next_move(State(row.state), action).to.value
        row.answered_by_id, row.answered_by_name = actor.pk, actor.display_name
        row.version += 1
        if action is Action.SUBMIT:
            row.submitted_on = today
            row.is_on_time = bool(row.is_on_time) or row.round.takes_in_time(today)
        _completed(row)
    CensusReturn.objects.bulk_update(rows, WRITTEN, batch_size=500)
    sent = [row for row in rows if row.state == State.SUBMITTED]
    note(sent, Action.SUBMIT, actor, comment="导入")
    note([row for row in rows if row.state != State.SUBMITTED], Action.SAVE, actor, comment="导入")
    return len(sent), len(rows) - len(sent)


def fill(row: CensusReturn, facts: Mapping[str, Any]) -> None:
    """Set what a workbook says. A complete row answers the sections that it leaves blank as 清."""
    for name, value in facts.items():
        is_text = isinstance(CensusReturn._meta.get_field(name), models.CharField)
        setattr(row, name, "" if value is None and is_text else value)
    if is_complete(row):
        for name in CLEAR_FLAGS.values():
            if getattr(row, name) is None:
                setattr(row, name, True)


def is_complete(row: CensusReturn) -> bool:
    return bool(row.method and row.checked_on)


def _completed(row: CensusReturn) -> None:
    try:
        complete(row)
    except DomainError as error:
        raise about(row, error) from error



