"""一月一专题: what an office asks the branches below it to study in a month."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Final

from apps.branches.models import PartyOrg
from apps.core.audit import record, write
from apps.core.errors import DomainError
from apps.core.versions import check_version
from apps.members.services.common import assign, labels, locked, store

from ..models import Activity, Theme

FACTS: Final = ("month", "title", "outline")


@write
def set_theme(*, org: PartyOrg, facts: Mapping[str, Any], actor: Any) -> Theme:
    """安排专题 for a month, of which any day may be given. Raises DomainError for a second one of the same name."""
    row = Theme(org=org)
    assign(row, _tidied(facts), FACTS)
    store(row)
    record(actor, "theme.set", row, summary=f"安排{row.month.year}年{row.month.month}月专题「{row}」")
    return row


@write
def change_theme(*, theme: Theme, facts: Mapping[str, Any], actor: Any, version: int | None = None) -> Theme:
    """Correct a theme. Its month stays once a record names it."""
    row = locked(theme)
    facts = _tidied(facts)
    check_version(row, version, dict(facts))
    changed = assign(row, facts, FACTS)
    if "month" in changed and Activity.objects.filter(theme=row).exists():
        raise DomainError("已有活动记录使用这个专题，不能再改月份。", code="in_use", field="month")
    if changed:
        store(row)
        record(actor, "theme.changed", row, data={"fields": sorted(changed)},
               summary=f"修改专题「{row}」的{labels(row, changed)}")  # fmt: skip
    return row


@write
def withdraw_theme(*, theme: Theme, actor: Any, version: int | None = None) -> None:
    """撤销 a theme that no record names."""
    row = locked(theme)
    check_version(row, version)
    if Activity.objects.filter(theme=row).exists() or row.materials.exists():
        raise DomainError("已有活动记录或学习材料使用这个专题，不能撤销。", code="in_use")
    record(actor, "theme.withdrawn", row, summary=f"撤销{row.month.year}年{row.month.month}月专题「{row}」")
    row.delete()


def _tidied(facts: Mapping[str, Any]) -> dict[str, Any]:
    month: datetime.date | None = facts.get("month")
    return {**facts, **({"month": month.replace(day=1)} if month else {})}
