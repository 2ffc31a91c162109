"""Kinds and forms of activities: added, corrected, switched off; never deleted, since records name them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, Final

from apps.core.audit import record, write
from apps.core.errors import DomainError
from apps.core.text import clean_name
from apps.core.versions import check_version
from apps.members.services.common import assign, locked, store

from ..kinds import Audience, Book
from ..models import ActivityForm, ActivityKind
from ..rules.kinds import resembling

KIND_FACTS: Final = ("name", "audience", "book", "study_hours", "order", "active")
FORM_FACTS: Final = ("name", "kind", "order", "active")


def _own_code() -> str:
    """A code for what the office adds; nothing reads a meaning into it."""
    return f"own-{uuid.uuid4().hex[:8]}"


def _ask_about_likeness(name: str, confirmed: bool) -> None:
    """Raises DomainError that names kinds and forms which are called alike, unless somebody has looked at them."""
    names = [*ActivityKind.objects.values_list("name", flat=True), *ActivityForm.objects.values_list("name", flat=True)]
    alike = resembling(name, names)
    if alike and not confirmed:
        said = "、".join(f"「{each}」" for each in alike)
        message = f"已有名称相近的{said}。同一件事不要记两处：能用的请直接用；确需另设的，请勾选“确需新增”。"
        raise DomainError(message, code="resembles", field="confirmed")


@write
def add_kind(*, facts: Mapping[str, Any], actor: Any, confirmed: bool = False) -> ActivityKind:
    """A kind of activity for the whole portal. Raises DomainError when one is called alike and nobody confirmed it."""
    name = clean_name(facts["name"])
    _ask_about_likeness(name, confirmed)
    row = ActivityKind(code=_own_code())
    assign(row, {**facts, "name": name}, KIND_FACTS)
    store(row)
    detail = f"{Audience(row.audience).label}参加，归入{Book(row.book).label}"
    record(actor, "activity_kind.added", row, summary=f"新增活动类别「{row}」（{detail}）")
    return row


@write
def change_kind(
    *, kind: ActivityKind, facts: Mapping[str, Any], actor: Any, version: int | None = None
) -> ActivityKind:
    """Correct a kind or switch it off: records keep it, nobody logs a new one under it.

    Raises DomainError for a built-in kind that is to be renamed: the regulations name it. Conflict when it was
    changed meanwhile.
    """
    row = locked(kind)
    check_version(row, version, dict(facts))
    if row.built_in and clean_name(facts["name"]) != row.name:
        raise DomainError("内置类别按有关规定命名，不能改名；可以停用，或另设类别。", code="built_in", field="name")
    assign(row, {**facts, "name": clean_name(facts["name"])}, KIND_FACTS)
    store(row)
    record(actor, "activity_kind.changed", row, summary=f"修改活动类别「{row}」{'' if row.active else '，已停用'}")
    return row


@write
def add_form(*, facts: Mapping[str, Any], actor: Any, confirmed: bool = False) -> ActivityForm:
    """A form in which activities are held. Raises DomainError when one is called alike and nobody confirmed it."""
    name = clean_name(facts["name"])
    _ask_about_likeness(name, confirmed)
    row = ActivityForm(code=_own_code())
    assign(row, {**facts, "name": name}, FORM_FACTS)
    store(row)
    record(actor, "activity_form.added", row, summary=f"新增活动形式「{row}」")
    return row


@write
def change_form(
    *, form: ActivityForm, facts: Mapping[str, Any], actor: Any, version: int | None = None
) -> ActivityForm:
    """Correct a form or switch it off. Raises Conflict when it was changed meanwhile."""
    row = locked(form)
    check_version(row, version, dict(facts))
    assign(row, {**facts, "name": clean_name(facts["name"])}, FORM_FACTS)
    store(row)
    record(actor, "activity_form.changed", row, summary=f"修改活动形式「{row}」{'' if row.active else '，已停用'}")
    return row
