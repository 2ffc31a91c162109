"""What can be counted about an enterprise, in dated slices: one follows the other without a gap.

A change opens a slice on its day and closes the one before. Facts recorded for later days stay as they
are: a change dated between two slices holds until the second one begins.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Final

from apps.core.audit import record, write
from apps.core.errors import Conflict, DomainError
from apps.core.period_guard import guard_period
from apps.core.versions import check_version

from ..departures import EnterpriseLeft, announce_departure
from ..kinds import Status
from ..models import Condition, Enterprise, Establishment, InstructorAssignment, MassOrganization
from ..rules import LEAVING, LIFE_CYCLE, status_change_finding
from .common import assign, check_not_future, labels, locked, store
from .responsibility import settle

COUNTED: Final = (
    "status", "has_premises", "has_operations", "staff", "staff_under_35", "staff_college", "formal_members",
    "probationary_members", "members_elsewhere", "applicants", "unbuilt_reason", "unbuilt_note",
)  # fmt: skip
"""The facts of a slice that a report reads. `checked_on` says when somebody last looked, and opens no slice."""
FACTS: Final = (*COUNTED, "checked_on")


@write
def record_condition(
    *, enterprise: Enterprise, on: datetime.date, changes: Mapping[str, Any], source: str, today: datetime.date,
    actor: Any, version: int | None = None,
) -> Condition:  # fmt: skip
    """Record what changed from `on` on; returns the slice in force on that day.

    `changes` names columns of FACTS. Nothing different: only `checked_on` moves and no slice is opened.
    A slice that begins on the same day is corrected in place. An enterprise that leaves (迁出, 注销, 吊销) loses
    what covers it on that day. Raises DomainError for a change of state that rules do not allow, Conflict
    for a closed period or when somebody was faster (`version` is the enterprise's).
    """
    enterprise = locked(enterprise)
    check_not_future(on, today)
    current = Condition.objects.as_of(on).filter(enterprise=enterprise).first()
    check_version(enterprise, version, dict(changes), beside=current)
    slice_ = _slice_from(enterprise, on, current)
    old = Status(current.status) if current else None
    changed = assign(slice_, dict(changes), FACTS)
    counted = [name for name in changed if name in COUNTED]
    if current is not None and not counted:
        return _checked_again(current, changes.get("checked_on") or on)
    new = Status(slice_.status)
    if old is not None and old is not new and (finding := status_change_finding(old, new)):
        raise DomainError(finding.message, basis=finding.basis, code=finding.code, field="status")
    guard_period(enterprise.org_path, on, slice_.until)
    slice_.source, slice_.checked_on = source, changes.get("checked_on") or on
    _put(slice_, current)
    if new in LEAVING and old not in LEAVING:
        _end_what_covers(enterprise, on, new)
    enterprise.version += 1
    enterprise.save(update_fields=["version"])
    if old is not new:
        settle([enterprise], today=today)
    if new in LEAVING and old not in LEAVING:
        announce_departure(EnterpriseLeft(enterprise, on, today, actor))
    record(actor, "enterprise.condition_recorded", enterprise, data={"on": on.isoformat(), "fields": sorted(counted)},
           summary=f"「{enterprise.name}」自 {on:%Y-%m-%d} 起{_said(slice_, counted, old, new)}")  # fmt: skip
    return slice_


@write
def change_status(
    *, enterprise: Enterprise, status: Status, on: datetime.date, today: datetime.date, actor: Any, document: str = "",
    version: int | None = None,
) -> Condition:  # fmt: skip
    """A new state from `on` on (筹建, 在营, 停产, 迁出, 注销, 吊销). Refused where the rules do not allow the step."""
    now = Condition.objects.as_of(on).filter(enterprise=enterprise).first()
    if now is not None and now.status == status:
        raise DomainError(f"企业已是“{status.label}”。", basis=LIFE_CYCLE, code="status_change", field="status")
    source = f"状态变更 {document}".strip()[:30]
    return record_condition(
        enterprise=enterprise, on=on, changes={"status": status.value}, source=source, today=today, actor=actor,
        version=version,
    )  # fmt: skip


def _slice_from(enterprise: Enterprise, on: datetime.date, current: Condition | None) -> Condition:
    """The slice that begins on `on`: the current one when it begins then, else a copy of it from `on` on."""
    if current is not None and current.since == on:
        return Condition.objects.get(pk=current.pk)
    if current is not None:
        values = {name: getattr(current, name) for name in COUNTED}
        return Condition(enterprise=enterprise, since=on, until=current.until, **values)
    following = Condition.objects.filter(enterprise=enterprise, since__gt=on).order_by("since").first()
    return Condition(enterprise=enterprise, since=on, until=following.since if following else None)


def _put(slice_: Condition, current: Condition | None) -> None:
    if current is not None and current.pk != slice_.pk:
        current.until = slice_.since
        current.save(update_fields=["until"])
    store(slice_)


def _checked_again(current: Condition, checked_on: datetime.date) -> Condition:
    """Somebody looked and found nothing new."""
    if current.checked_on is None or current.checked_on < checked_on:
        current.checked_on = checked_on
        current.save(update_fields=["checked_on"])
    return current


def _end_what_covers(enterprise: Enterprise, on: datetime.date, status: Status) -> None:
    """Nothing covers an enterprise that has left: establishments, instructors and 群团 end with it."""
    for model in (Establishment, InstructorAssignment, MassOrganization):
        for row in model.objects.open().filter(enterprise=enterprise):
            if row.since >= on:
                noun = model._meta.verbose_name
                raise Conflict(f"{noun}“{row}”自 {row.since:%Y-%m-%d} 起，不早于{status.label}日期，请先核对。")
            row.until = on
            store(row)


def _said(slice_: Condition, names: list[str], old: Status | None, new: Status) -> str:
    if old is not None and old is not new:
        return f"由“{old.label}”变为“{new.label}”"
    return f"{labels(slice_, names)}有变化"
