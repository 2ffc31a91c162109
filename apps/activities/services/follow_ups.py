"""落实事项: what a resolution asks for, by whom until when, and what came of it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Final

from apps.core.audit import record, write
from apps.core.errors import DomainError
from apps.core.versions import check_version
from apps.enterprises.services.common import assign, check_not_future, labels, locked, store

from ..kinds import State
from ..models import Activity, FollowUp

FACTS: Final = ("content", "owner_name", "due_on")


@write
def add_follow_up(*, activity: Activity, facts: Mapping[str, Any], actor: Any) -> FollowUp:
    """Add what is to be done after a meeting that was held. Raises DomainError for a deadline before the meeting."""
    row = locked(activity)
    if row.state in (State.PLANNED, State.CANCELLED):
        raise DomainError(f"这次活动{row.get_state_display()}，没有可以落实的事项。", code="not_held")
    item = FollowUp(activity=row, org=row.org)
    assign(item, facts, FACTS)
    _check_due(item)
    store(item)
    record(actor, "follow_up.added", item, data={"activity": row.pk},
           summary=f"「{row}」落实事项：{item.content[:60]}（{item.owner_name}，{item.due_on:%Y-%m-%d} 前）")  # fmt: skip
    return item


@write
def change_follow_up(
    *, follow_up: FollowUp, facts: Mapping[str, Any], actor: Any, version: int | None = None
) -> FollowUp:
    """Change one that is still open."""
    row = _open(follow_up)
    check_version(row, version, dict(facts))
    if changed := assign(row, facts, FACTS):
        _check_due(row)
        store(row)
        record(actor, "follow_up.changed", row, summary=f"修改落实事项的{labels(row, changed)}")
    return row


@write
def finish_follow_up(
    *, follow_up: FollowUp, on: datetime.date, result: str, today: datetime.date, actor: Any, version: int | None = None
) -> FollowUp:
    """办结: when it was done and what came of it."""
    row = _open(follow_up)
    check_version(row, version)
    check_not_future(on, today)
    if on < row.activity.held_on:
        raise DomainError(f"不能早于会议日期 {row.activity.held_on:%Y-%m-%d}。", field="on")
    assign(row, {"done_on": on, "result": result}, ("done_on", "result"))
    if not row.result:
        raise DomainError("请写明落实情况。", field="result")
    store(row)
    record(actor, "follow_up.done", row, summary=f"落实事项「{row.content[:60]}」于 {on:%Y-%m-%d} 办结")
    return row


@write
def drop_follow_up(*, follow_up: FollowUp, reason: str, actor: Any) -> None:
    """Take off one that was entered by mistake; the trail keeps why."""
    row = _open(follow_up)
    record(
        actor,
        "follow_up.dropped",
        row,
        data={"reason": reason},
        summary=f"删除落实事项「{row.content[:60]}」：{reason}",
    )
    row.delete()


def _open(follow_up: FollowUp) -> FollowUp:
    row = locked(follow_up)
    if row.done_on is not None:
        raise DomainError(f"这件事已于 {row.done_on:%Y-%m-%d} 办结。", code="done")
    return row


def _check_due(item: FollowUp) -> None:
    if item.due_on < item.activity.held_on:
        raise DomainError(f"完成期限不能早于会议日期 {item.activity.held_on:%Y-%m-%d}。", field="due_on")
