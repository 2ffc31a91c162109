"""Every write of coverage: freezing a closed period, and the numbered corrections beside it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from django.db.models import Max
from django.utils import timezone

from apps.core.audit import record, write
from apps.core.closing import Closing
from apps.core.errors import DomainError
from apps.core.periods import Period

from . import snapshot_sql, summaries
from .basis import of_period, on_day
from .definitions import thresholds_on
from .models import Correction, DefinitionVersion, Snapshot


def freeze_closed_period(closing: Closing) -> None:
    """Part of closing a period (see `core.closing`)."""
    take_snapshot(
        org=closing.org, period=closing.period, as_of=closing.as_of, states=closing.states, actor=closing.actor
    )


@write
def take_snapshot(
    *, org: Any, period: Period, as_of: datetime.date, actor: Any, states: Mapping[int, str] | None = None
) -> Snapshot:
    """Freeze the facts of a subtree for a period. Closing it again, even at the same moment, gives the same snapshot.

    What an organisation below (or above) has frozen already for the period is taken over as it is, so that
    the report of a node never differs from the sum of its children.
    """
    snapshot_sql.lock_closing(str(period))
    earlier: Snapshot | None = Snapshot.objects.filter(org=org, period=str(period)).first()
    if earlier is not None:
        return earlier
    found = of_period(org, period, today=max(as_of, period.start))
    parts = on_day(org, as_of).parts if found.live and found.parts else found.parts
    thresholds = found.thresholds or thresholds_on(as_of)
    snapshot = Snapshot.objects.create(
        org=org, org_name=org.name, period=str(period), as_of=as_of, thresholds=asdict(thresholds),
        closed_by_id=getattr(actor, "pk", None), closed_by_name=getattr(actor, "display_name", "系统"),
    )  # fmt: skip
    snapshot.rows = snapshot_sql.freeze_rows(snapshot.pk, parts, states or {})
    snapshot_sql.freeze_orgs(snapshot.pk, parts)
    snapshot.sha256 = snapshot_sql.seal(snapshot.pk)
    snapshot.save(update_fields=["rows", "sha256"])
    summaries.summarise_snapshot(snapshot)
    record(
        actor, "snapshot.taken", snapshot, summary=f"封存{org}{period.label}的覆盖数据，共 {snapshot.rows} 家企业",
        data={"period": str(period), "as_of": str(as_of), "sha256": snapshot.sha256},
    )  # fmt: skip
    return snapshot


def seal_holds(snapshot: Snapshot) -> bool:
    """Whether the rows are still those that were sealed."""
    return snapshot_sql.seal(snapshot.pk) == snapshot.sha256


@write
def propose_correction(
    *, snapshot: Snapshot, reason: str, changes: Sequence[Mapping[str, Any]], actor: Any
) -> Correction:
    """Say what was wrong in a closed period. It counts once somebody else has approved it; the rows stay as they are."""
    if not reason.strip():
        raise DomainError("请写明更正原因。", field="reason")
    if not changes:
        raise DomainError("请至少写明一家企业的一项更正。", field="changes")
    correction = Correction(
        snapshot=snapshot, reason=reason.strip(), changes=[dict(change) for change in changes], author=actor,
        author_name=actor.display_name,
    )  # fmt: skip
    correction.full_clean()
    correction.save()
    record(actor, "correction.proposed", correction, summary=f"对{snapshot}提出更正说明：{correction.reason[:100]}")
    return correction


@write
def approve_correction(*, correction: Correction, actor: Any) -> Correction:
    """Approve a correction of somebody else's; it gets the next number of its snapshot and never changes again."""
    Snapshot.objects.select_for_update().get(pk=correction.snapshot_id)
    locked: Correction = Correction.objects.select_for_update().get(pk=correction.pk)
    if locked.approved_at is not None:
        raise DomainError(f"{locked}已经批准，不能重复批准。", code="already_approved")
    if locked.author_id == actor.pk:
        raise DomainError("更正说明须由提出人以外的人批准。", code="own_correction")
    last = Correction.objects.filter(snapshot=locked.snapshot_id).aggregate(last=Max("number"))["last"]
    locked.number = (last or 0) + 1
    locked.approver = actor
    locked.approver_name = actor.display_name
    locked.approved_at = timezone.now()
    locked.save()
    record(actor, "correction.approved", locked, summary=f"批准{locked.snapshot}的{locked}")
    return locked


@write
def add_definition(*, actor: Any, **facts: Any) -> DefinitionVersion:
    """Put a new version of the definition in force from a date on. Reports of earlier days do not know it."""
    last = DefinitionVersion.objects.aggregate(last=Max("rank"))["last"]
    row = DefinitionVersion(author_name=actor.display_name, rank=(last or 0) + 1, **facts)
    if DefinitionVersion.objects.filter(code=row.code).exists():
        raise DomainError("这个代码已有口径。口径不能修改，请用新的代码和版本。", field="code")
    row.full_clean(validate_unique=False)
    row.save()
    record(actor, "definition_version.added", row, org_path="", summary=f"新增覆盖口径{row}，自{row.since:%Y-%m-%d}起施行")
    return row


@write
def end_definition(*, definition: DefinitionVersion, until: datetime.date, actor: Any) -> DefinitionVersion:
    """Take a definition out of force from a date on; reports of earlier days keep it."""
    row: DefinitionVersion = DefinitionVersion.objects.select_for_update().get(pk=definition.pk)
    if row.until is not None:
        raise DomainError("这个口径已经停用。")
    if until <= row.since:
        raise DomainError("停用日期须晚于施行日期。", field="until")
    others = DefinitionVersion.objects.in_force(until).exclude(pk=row.pk)
    if not others.exists():
        raise DomainError("至少要保留一个可用的口径。", field="until")
    row.until = until
    row.save(update_fields=["until"])
    record(actor, "definition_version.ended", row, org_path="", summary=f"停用覆盖口径{row}，自{until:%Y-%m-%d}起")
    return row
