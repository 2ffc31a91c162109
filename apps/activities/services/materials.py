"""学习材料 that an office hands to everybody below it. Reading it needs no receipt."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Final

from apps.branches.models import PartyOrg
from apps.core.attachments import attachments_of, remove
from apps.core.audit import record, write
from apps.core.versions import check_version
from apps.members.services.common import assign, check_not_future, labels, locked, store

from ..models import StudyMaterial

FACTS: Final = ("title", "body", "theme", "published_on", "keywords")


@write
def publish_material(*, org: PartyOrg, facts: Mapping[str, Any], today: datetime.date, actor: Any) -> StudyMaterial:
    """发布学习材料 to the organisations below `org`. Raises DomainError for a day to come."""
    row = StudyMaterial(org=org)
    assign(row, facts, FACTS)
    check_not_future(row.published_on, today, field="published_on")
    store(row)
    record(actor, "material.published", row, summary=f"发布学习材料「{row}」")
    return row


@write
def change_material(
    *, material: StudyMaterial, facts: Mapping[str, Any], today: datetime.date, actor: Any, version: int | None = None
) -> StudyMaterial:
    """Correct material that was published."""
    row = locked(material)
    check_version(row, version, dict(facts))
    if changed := assign(row, facts, FACTS):
        check_not_future(row.published_on, today, field="published_on")
        store(row)
        record(actor, "material.changed", row, data={"fields": sorted(changed)},
               summary=f"修改学习材料「{row}」的{labels(row, changed)}")  # fmt: skip
    return row


@write
def withdraw_material(*, material: StudyMaterial, actor: Any, version: int | None = None) -> None:
    """撤回 material with its files; the trail keeps that it was there."""
    row = locked(material)
    check_version(row, version)
    for attachment in attachments_of(row):
        remove(attachment=attachment, actor=actor)
    record(actor, "material.withdrawn", row, summary=f"撤回学习材料「{row}」")
    row.delete()
