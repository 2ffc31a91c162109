"""What the office requires: dated rows, each with its author and basis; what was asked before stays as it was."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from apps.core.audit import record, write
from apps.core.errors import DomainError
from apps.core.periods import Period
from apps.core.versions import check_version
from apps.members.services.common import locked, store

from ..kinds import DutyCondition, DutySubject, Rhythm, Weight
from ..models import ActivityKind, Requirement


@write
def set_requirement(
    *, kind: ActivityKind, org_kinds: Sequence[str], rhythm: str, times: int, since: datetime.date, source: str,
    actor: Any, subject: str = DutySubject.ORGANISATION.value, condition: str = DutyCondition.ALWAYS.value,
    weight: str = Weight.LOCAL.value, org_path: str = "", org_name: str = "",
) -> Requirement:  # fmt: skip
    """Ask for a kind of activity from `since` on, at a node and below it; 0 times asks for nothing there.

    The row that it follows at the same node, for the same kinds of organisation, ends on that day. It speaks from the
    first period that begins on `since` or later. Where the rhythm changes, `since` has to be the first day of a period
    of both rhythms, so that no day is asked for twice. Raises DomainError.
    """
    if not source.strip():
        raise DomainError("请写明依据。", field="source")
    if not org_kinds:
        raise DomainError("请选择适用的组织类别。", field="org_kinds")
    kinds = sorted(set(org_kinds))
    same = Requirement.objects.select_for_update().filter(kind=kind, org_path=org_path, subject=subject)
    for row in same.filter(until__isnull=True):
        if set(row.org_kinds) & set(kinds):
            _check_change(row, kinds, rhythm, since)
            row.until = since
            row.version += 1
            row.full_clean()
            row.save(update_fields=["until", "version"])
    row = Requirement(
        kind=kind, org_path=org_path, org_name=org_name, org_kinds=kinds, rhythm=rhythm, times=times, subject=subject,
        condition=condition, weight=weight, since=since, source=source.strip(), author_name=actor.display_name,
        confidence="local",
    )  # fmt: skip
    store(row)
    asked = f"{Rhythm(rhythm).label}{times}次" if times else "不作要求"
    record(
        actor, "requirement.set", row, org_path=org_path,
        summary=f"「{kind}」自 {since:%Y-%m-%d} 起在{org_name or '全平台'}{asked}（依据：{row.source}）",
        data={"kind": kind.code, "org_kinds": kinds, "times": times, "rhythm": rhythm},
    )  # fmt: skip
    return row


@write
def end_requirement(
    *, requirement: Requirement, until: datetime.date, actor: Any, version: int | None = None
) -> Requirement:
    """Ask no longer from `until` on: periods that begin before it stay as they were asked.

    Below a node that had a row of its own, what is asked above speaks again. Raises DomainError for one that has ended.
    """
    row = locked(requirement)
    check_version(row, version, {"until": until})
    if row.until is not None:
        raise DomainError("这条要求已经终止。", code="ended")
    if until <= row.since:
        raise DomainError("终止日期须晚于生效日期。", field="until")
    row.until = until
    store(row)
    record(actor, "requirement.ended", row, org_path=row.org_path,
           summary=f"终止「{row.kind}」的频次要求（{row.org_name or '全平台'}），自 {until:%Y-%m-%d} 起")  # fmt: skip
    return row


def _check_change(row: Requirement, kinds: Sequence[str], rhythm: str, since: datetime.date) -> None:
    """Whether a new row may follow this one."""
    if set(row.org_kinds) != set(kinds):
        raise DomainError(
            f"这个范围内已有适用组织类别不同的要求（{row}），请先终止，或选择相同的组织类别。",
            field="org_kinds",
            code="overlap",
        )
    if since <= row.since:
        raise DomainError(f"生效日期须晚于现行要求的生效日期 {row.since:%Y-%m-%d}。", field="since")
    if rhythm != row.rhythm:
        for each in (row.rhythm, rhythm):
            if Period.of(each, since).start != since:  # type: ignore[arg-type]
                label = Rhythm(each).label
                raise DomainError(f"周期改变时，生效日期须为{label}周期的第一天。", field="since", code="mid_period")
