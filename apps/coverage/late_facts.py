"""What becomes known after a quarter was closed: a proposed correction beside each snapshot that reads differently."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from apps.core.closing import LateFact
from apps.core.scoping import unscoped

from .models import SnapshotRow
from .services import propose_correction


def propose_corrections(facts: Sequence[LateFact], reason: str, actor: Any) -> list[str]:
    """Propose one correction for each snapshot whose day lies in one of the facts (see `core.closing`).

    The snapshot lies above whoever recorded the fact, so the scope is lifted; what goes back are labels of periods.
    """
    labels = []
    with unscoped("a snapshot stands above the branch that records what was not known when it was taken"):
        for rows in _touched(facts).values():
            changes = [change for row in rows for change in _changes(row, facts)]
            if changes:
                snapshot = rows[0].snapshot
                propose_correction(snapshot=snapshot, reason=reason, changes=changes, actor=actor)
                labels.append(snapshot.label)
    return labels


def _touched(facts: Sequence[LateFact]) -> dict[int, list[SnapshotRow]]:
    """The frozen rows of the enterprises, by snapshot, the oldest first."""
    found = SnapshotRow.objects.filter(
        enterprise__in={fact.enterprise_id for fact in facts},
        snapshot__as_of__gte=min(fact.since for fact in facts), snapshot__as_of__lt=max(fact.until for fact in facts),
    )  # fmt: skip
    touched: dict[int, list[SnapshotRow]] = defaultdict(list)
    for row in found.select_related("snapshot").order_by("snapshot__as_of", "snapshot", "enterprise"):
        touched[row.snapshot_id].append(row)
    return touched


def _changes(row: SnapshotRow, facts: Sequence[LateFact]) -> list[dict[str, Any]]:
    """What one frozen row should have said, field by field, as texts."""
    deltas: dict[str, int] = defaultdict(int)
    for fact in facts:
        if fact.enterprise_id == row.enterprise_id and fact.since <= row.snapshot.as_of < fact.until:
            deltas[fact.field] += fact.delta
    return [
        {
            "enterprise_id": row.enterprise_id, "enterprise": row.name,
            "field": str(SnapshotRow._meta.get_field(field).verbose_name),
            "before": str(getattr(row, field)), "after": str(max(0, getattr(row, field) + delta)),
        }
        for field, delta in deltas.items() if delta
    ]  # fmt: skip
