"""The tree as it was: names, kinds and parents on a past day, from the dated events.

Today's rows are walked back: whatever happened after the day is undone, newest first.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q

from .models import OrgEvent, PartyOrg
from .rules import OrgEventKind


@dataclass(frozen=True)
class Shape:
    """One organisation as it stood on a day. `parent` is an id, which may lie outside the scope."""

    pk: int
    code: str
    name: str
    short_name: str
    kind: str
    parent: int | None


def shape_as_of(day: datetime.date) -> dict[int, Shape]:
    """Every organisation of the scope that existed on `day`, by id, in today's tree order. Two queries."""
    undone = _facts_before(day)
    shapes = {}
    for org in PartyOrg.objects.filter(Q(founded_on=None) | Q(founded_on__lte=day)):
        before = undone.get(org.pk, {})
        ended_on = before.get("ended_on", org.ended_on and org.ended_on.isoformat())
        if ended_on and ended_on <= day.isoformat():
            continue
        shape = Shape(org.pk, org.code, org.name, org.short_name, org.kind, org.parent_id)
        shapes[org.pk] = replace(shape, **{k: v for k, v in before.items() if k in _SHAPED})
    return shapes


_SHAPED = ("name", "short_name", "kind", "parent")


def _facts_before(day: datetime.date) -> dict[int, dict[str, Any]]:
    """What the events after `day` replaced, by organisation; the oldest of them has the last word."""
    facts: dict[int, dict[str, Any]] = {}
    for org_id, before in OrgEvent.objects.filter(on__gt=day).order_by("-on", "-id").values_list("org_id", "before"):
        facts.setdefault(org_id, {}).update(before)
    return facts


def event_text(event: OrgEvent) -> str:
    """One Chinese sentence on what an event changed."""
    before, after = event.before, event.after
    parts = []
    if "parent_name" in after and "parent_name" in before:
        parts.append(f"由「{before['parent_name']}」划转至「{after['parent_name']}」")
    if before.get("kind_label") and after.get("kind_label"):
        parts.append(f"由{before['kind_label']}改为{after['kind_label']}")
    if before.get("name") and after.get("name") and before["name"] != after["name"]:
        parts.append(f"原名「{before['name']}」，现名「{after['name']}」")
    if after.get("into_name"):
        parts.append(f"并入「{after['into_name']}」")
    for key, said in (("source_names", "并入本组织"), ("part_names", "拆分设立")):
        if after.get(key):
            parts.append(f"{said}：{'、'.join(after[key])}")
    if after.get("ended_on") and event.kind == OrgEventKind.SPLIT:
        parts.append("本组织随之撤销")
    if event.document:
        parts.append(f"批复文号 {event.document}")
    if event.note:
        parts.append(event.note)
    return "；".join(parts)
