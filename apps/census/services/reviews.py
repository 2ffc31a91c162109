"""What the officer does: send a return back, or approve it, which writes the register."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

from django.db.models import F
from django.utils import timezone

from apps.core.audit import record, write
from apps.core.errors import DomainError
from apps.core.text import clean_name
from apps.core.versions import check_version
from apps.enterprises.models import Condition
from apps.enterprises.services import change_enterprise, record_condition
from apps.enterprises.services.checks import Look, confirm_conditions, record_looks

from ..comparison import COUNTED, OWNER
from ..models import CensusReturn
from ..period_lock import reopened
from ..rules import Action, State
from .moves import about, is_reopened, locked, note


@write
def send_back(
    *, census_return: CensusReturn, comment: str, today: datetime.date, actor: Any, version: int | None = None
) -> CensusReturn:
    """退回 with the comment that says what to put right. A return that was on time stays on time.

    Raises Conflict when it is no longer the `version` that the officer looked at.
    """
    if not comment.strip():
        raise DomainError("请写明退回意见，让填报人知道改什么。", field="comment")
    row = locked([census_return], Action.SEND_BACK, who="officer", today=today)[0]
    check_version(row, version)
    row.state, row.submitted_on = State.RETURNED, None
    row.comment = clean_name(comment)[:300]
    row.reviewed_by_name, row.reviewed_at = actor.display_name, timezone.now()
    row.version += 1
    row.save()
    note([row], Action.SEND_BACK, actor, comment=row.comment)
    record(actor, "census.sent_back", row,
           summary=f"退回「{row.enterprise.name}」{row.round.title}：{row.comment}")  # fmt: skip
    return row


@write
def approve(
    *, census_return: CensusReturn, today: datetime.date, actor: Any, comment: str = "", version: int | None = None
) -> CensusReturn:
    """审核通过: what the return says becomes the condition of the enterprise as of the day it was found out.

    Raises Conflict when it is no longer the `version` that the officer looked at.
    """
    row = _approved([census_return], comment, today, actor, version)[0]
    record(actor, "census.approved", row, summary=f"审核通过「{row.enterprise.name}」{row.round.title}")
    return row


@write
def approve_all(
    *, returns: Sequence[CensusReturn], today: datetime.date, actor: Any, comment: str = ""
) -> list[CensusReturn]:
    """批量审核通过: all of them or none; one entry in the trail for the act."""
    rows = _approved(returns, comment, today, actor)
    titles = "、".join(dict.fromkeys(row.round.title for row in rows))
    record(actor, "census.approved", rows[0] if len(rows) == 1 else None, data={"returns": [row.pk for row in rows]},
           org_path=_common_path(rows), summary=f"批量审核通过 {len(rows)} 份摸底表：{titles}")  # fmt: skip
    return rows


def _approved(
    returns: Sequence[CensusReturn], comment: str, today: datetime.date, actor: Any, version: int | None = None
) -> list[CensusReturn]:
    rows = locked(returns, Action.APPROVE, who="officer", today=today)
    check_version(rows[0], version)
    _write_register(rows, today, actor)
    text = clean_name(comment)[:300]
    changes = {"comment": text, "reviewed_by_name": actor.display_name, "reviewed_at": timezone.now()}
    for again in (False, True):
        mine = [row for row in rows if (not row.round.is_open) == again]
        # What was reopened is locked again at once: its round is closed.
        end = {"state": State.LOCKED, "locked_from": State.APPROVED, "reopened_until": None} if again else {
            "state": State.APPROVED}  # fmt: skip
        CensusReturn.objects.filter(pk__in=[row.pk for row in mine]).update(
            **changes, **end, version=F("version") + 1
        )
    note(rows, Action.APPROVE, actor, comment=text)
    return [_as_written(row) for row in rows]


def _as_written(row: CensusReturn) -> CensusReturn:
    row.refresh_from_db(fields=["state", "locked_from", "reopened_until", "comment", "reviewed_by_name",
                                "reviewed_at", "version"])  # fmt: skip
    return row


def _write_register(rows: Sequence[CensusReturn], today: datetime.date, actor: Any) -> None:
    """What was found becomes condition, owner and visit; conditions that stand only get a newer day of checking."""
    standing = _conditions(rows)
    confirmed: dict[int, datetime.date] = {}
    for row in rows:
        facts = {name: getattr(row, name) for name in COUNTED}
        condition = standing.get(row.pk)
        if condition is not None and all(getattr(condition, name) == value for name, value in facts.items()):
            confirmed[condition.pk] = _day_of(row)
        else:
            with _open_period(row, today):
                _record(row, facts, today, actor)
        owner = {name: getattr(row, name) for name in OWNER}
        changed = {k: v for k, v in owner.items() if v and v != getattr(row.enterprise, k)}
        if changed:
            change_enterprise(enterprise=row.enterprise, facts=changed, today=today, actor=actor)
    confirm_conditions(confirmed)
    record_looks([
        Look(row.enterprise, _day_of(row), row.method, row.answered_by_name, row.answered_by_id, row.round.title)
        for row in rows if row.round.is_open
    ])  # fmt: skip


def _record(row: CensusReturn, facts: dict[str, Any], today: datetime.date, actor: Any) -> None:
    try:
        record_condition(
            enterprise=row.enterprise, on=_day_of(row), changes={**facts, "checked_on": row.checked_on},
            source=row.round.title[:30], today=today, actor=actor,
        )  # fmt: skip
    except DomainError as error:
        raise about(row, error) from error


def _day_of(row: CensusReturn) -> datetime.date:
    """The day of checking, which every submitted return has."""
    assert row.checked_on is not None
    return row.checked_on


def _open_period(row: CensusReturn, today: datetime.date) -> Any:
    return reopened(row.round) if not row.round.is_open and is_reopened(row, today) else nullcontext()


def _conditions(rows: Sequence[CensusReturn]) -> dict[int, Condition]:
    """The condition in force on the day of each return, by return id. One query."""
    by_enterprise: dict[int, list[Condition]] = defaultdict(list)
    for condition in Condition.objects.filter(enterprise__in=[row.enterprise_id for row in rows]):
        by_enterprise[condition.enterprise_id].append(condition)
    found = {}
    for row in rows:
        for condition in by_enterprise[row.enterprise_id]:
            if row.checked_on is not None and condition.holds_on(row.checked_on):
                found[row.pk] = condition
    return found


def _common_path(rows: Sequence[CensusReturn]) -> str:
    """The node that a bulk act is filed under: where the paths of its enterprises part."""
    paths = [row.enterprise.org_path for row in rows]
    first, last = min(paths), max(paths)
    same = next((n for n in range(0, len(first), 4) if first[n : n + 4] != last[n : n + 4]), len(first))
    return first[:same]
