"""Putting a finding off for a while, and listing it again. Nobody but the patrol resolves one."""

from __future__ import annotations

import datetime
from typing import Any

from apps.core.audit import record, write
from apps.core.errors import Conflict, DomainError
from apps.core.regulations import Finding
from apps.core.versions import check_version

from . import registry
from .models import PatrolHit
from .parameters import thresholds
from .rules import PatrolLevel, reason_finding, until_finding


@write
def set_aside(
    *, hit: PatrolHit, reason: str, until: datetime.date, today: datetime.date, actor: Any, version: int | None = None
) -> PatrolHit:
    """暂缓处理: keep a finding off the list until `until`, the first day on which it counts again.

    Raises DomainError for a reason without substance where the rule says 应当, and for a day that is past or too far
    off; Conflict when the patrol has resolved it or somebody else was faster.
    """
    row = _standing(hit)
    check_version(row, version, {"dismissed_reason": reason, "dismissed_until": until})
    limits, rule = thresholds(on=today, org_path=row.org_path), registry.registry.get(row.rule)
    _refuse(reason_finding(reason, rule.level if rule else PatrolLevel.USUAL, limits), "reason")
    _refuse(until_finding(until, today=today, thresholds=limits), "until")
    row.dismissed_reason, row.dismissed_until, row.dismissed_by = reason.strip(), until, actor
    _store(row)
    record(actor, "patrol_hit.set_aside", row, data={"rule": row.rule, "until": until.isoformat()},
           summary=f"暂缓处理「{row.title}」的巡查发现“{_label(row)}”至 {until:%Y-%m-%d}：{row.dismissed_reason}")  # fmt: skip
    return row


@write
def list_again(*, hit: PatrolHit, today: datetime.date, actor: Any) -> PatrolHit:
    """恢复处理: take back that a finding was put off. Raises Conflict when it is not put off any more."""
    row = _standing(hit)
    if row.dismissed_until is None or row.dismissed_until <= today:
        raise Conflict("这项发现没有暂缓，或者已经重新列出。")
    row.dismissed_reason, row.dismissed_until, row.dismissed_by = "", None, None
    _store(row)
    record(actor, "patrol_hit.listed_again", row, data={"rule": row.rule},
           summary=f"恢复处理「{row.title}」的巡查发现“{_label(row)}”")  # fmt: skip
    return row


def _standing(hit: PatrolHit) -> PatrolHit:
    """The row, locked against the patrol. Raises Conflict when the patrol has resolved it."""
    row: PatrolHit = PatrolHit.objects.select_for_update().get(pk=hit.pk)
    if row.resolved_on is not None:
        raise Conflict(f"这项发现已于 {row.resolved_on:%Y-%m-%d} 消除，不用再办理。")
    return row


def _store(row: PatrolHit) -> None:
    row.version += 1
    row.full_clean()
    row.save(update_fields=["dismissed_reason", "dismissed_until", "dismissed_by", "version"])


def _refuse(finding: Finding | None, field: str) -> None:
    if finding is not None:
        raise DomainError(finding.message, basis=finding.basis, code=finding.code, field=field)


def _label(row: PatrolHit) -> str:
    rule = registry.registry.get(row.rule)
    return rule.label if rule else row.rule
