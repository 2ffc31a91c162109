"""The story of an enterprise: everything dated that happened there, on one line of time."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from django.utils.timezone import localdate

from apps.core.panels import StoryEvent

from .kinds import Form, NeedState, Status
from .models import (
    ActionPlan,
    Condition,
    Enterprise,
    Establishment,
    InstructorAssignment,
    MassOrganization,
    Need,
    Visit,
)
from .services.conditions import COUNTED

SYNC = (("sync_planned_on", "筹建同步组建"), ("sync_recruited_on", "招工同步引进党员"), ("sync_founded_on", "投产同步成立党组织"))


def story_of(enterprise: Enterprise) -> list[StoryEvent]:
    """The events of the register, newest first. Upper apps add theirs (slot `enterprise.story`)."""
    parts = (_beginning, _conditions, _establishments, _instructors, _mass_organizations, _visits, _needs, _plans)
    return newest_first(event for part in parts for event in part(enterprise))


def newest_first(events: Any) -> list[StoryEvent]:
    return sorted(events, key=lambda event: event.on, reverse=True)


def differences(before: Condition, after: Condition) -> list[str]:
    """What changed from one slice to the next, in words: 职工数 120 → 130."""
    found = []
    for name in COUNTED:
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            label = Condition._meta.get_field(name).verbose_name
            found.append(f"{label} {shown(before, name)} → {shown(after, name)}")
    return found


def shown(condition: Condition, name: str) -> str:
    value = getattr(condition, name)
    if isinstance(value, bool):
        return "有" if value else "无"
    if value in (None, ""):
        return "—"
    display = getattr(condition, f"get_{name}_display", None)
    return str(display() if display else value)


def _beginning(enterprise: Enterprise) -> Iterator[StoryEvent]:
    if enterprise.registered_on and enterprise.registered_precision == "day":
        yield StoryEvent(enterprise.registered_on, "注册成立", enterprise.ownership, kind="登记")
    if enterprise.arrived_on:
        place = enterprise.building or enterprise.park
        yield StoryEvent(enterprise.arrived_on, f"入驻{place or ''}", kind="入驻")
    for name, label in SYNC:
        if day := getattr(enterprise, name):
            yield StoryEvent(day, label, kind="三同步")


def _conditions(enterprise: Enterprise) -> Iterator[StoryEvent]:
    slices = list(Condition.objects.filter(enterprise=enterprise).order_by("since"))
    if slices:
        first = slices[0]
        text = f"职工 {first.staff} 人，正式党员 {first.formal_members} 人"
        yield StoryEvent(first.since, f"首次登记情况：{first.get_status_display()}", _sourced(text, first), kind="情况")
    for before, after in pairwise(slices):
        changed = differences(before, after)
        if before.status != after.status:
            title, changed = f"由{Status(before.status).label}变为{Status(after.status).label}", changed[1:]
        else:
            title = "情况变化"
        yield StoryEvent(after.since, title, _sourced("；".join(changed), after), kind="情况")


def _sourced(text: str, condition: Condition) -> str:
    source = f"来源：{condition.source}" if condition.source else ""
    return "，".join(filter(None, (text, source)))


def _establishments(enterprise: Enterprise) -> Iterator[StoryEvent]:
    for row in Establishment.objects.filter(enterprise=enterprise).select_related("org"):
        what = f"{Form(row.form).label}：{row.org.name}"
        yield StoryEvent(row.since, what, " ".join(filter(None, (row.document, row.note))), kind="组建")
        if row.until:
            yield StoryEvent(row.until, f"终止{what}", row.note, kind="组建")


def _instructors(enterprise: Enterprise) -> Iterator[StoryEvent]:
    for row in InstructorAssignment.objects.filter(enterprise=enterprise).select_related("instructor"):
        yield StoryEvent(row.since, f"选派指导员 {row.instructor.name}", row.instructor.unit, kind="指导员")
        if row.until:
            yield StoryEvent(row.until, f"指导员 {row.instructor.name} 不再联系", kind="指导员")


def _mass_organizations(enterprise: Enterprise) -> Iterator[StoryEvent]:
    for row in MassOrganization.objects.filter(enterprise=enterprise):
        text = "，".join(filter(None, (row.leader, f"{row.headcount} 人" if row.headcount else "")))
        yield StoryEvent(row.since, f"成立{row.get_kind_display()}", text, kind="群团")
        if row.until:
            yield StoryEvent(row.until, f"{row.get_kind_display()}终止", kind="群团")


def _visits(enterprise: Enterprise) -> Iterator[StoryEvent]:
    for row in Visit.objects.filter(enterprise=enterprise):
        late = f"（{late_days(row)} 天后登记）" if late_days(row) > LATE_FROM else ""
        title = f"{row.get_method_display()}：{row.visitor}{late}"
        yield StoryEvent(row.on, title, _short(row.summary), f"/visits/{row.pk}/", kind="走访")


LATE_FROM = 7
"""Days after which the story says that a visit was entered late (appearance only, not a rule)."""


def late_days(visit: Visit) -> int:
    return (localdate(visit.recorded_at) - visit.on).days


def _needs(enterprise: Enterprise) -> Iterator[StoryEvent]:
    for row in Need.objects.filter(enterprise=enterprise):
        yield StoryEvent(row.raised_on, f"提出诉求：{_short(row.text)}", kind="诉求")
        if row.state == NeedState.CLOSED and row.closed_on:
            yield StoryEvent(row.closed_on, f"办结诉求：{_short(row.text)}", row.result, kind="诉求")


def _plans(enterprise: Enterprise) -> Iterator[StoryEvent]:
    for row in ActionPlan.objects.filter(enterprise=enterprise, state=NeedState.CLOSED.value):
        yield StoryEvent(row.closed_on or row.due_on, f"完成措施：{_short(row.measure)}", row.progress, kind="一企一策")


def _short(text: str, limit: int = 60) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


