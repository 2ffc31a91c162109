"""What every service of the tree does: lock, check the day against the history, note the event, save."""

from __future__ import annotations

import datetime
from typing import Any

from django.core.exceptions import ValidationError

from apps.core.errors import DomainError
from apps.core.text import clean_name, pinyin_initials

from ..dependents import dependents_of
from ..models import OrgEvent, PartyOrg
from ..rules import OrgEventKind, OrgKind, placement_finding


def locked(org: PartyOrg) -> PartyOrg:
    """The organisation as it is now, locked. Raises DomainError when it has left the scope meanwhile."""
    fresh = PartyOrg.objects.select_for_update(of=("self",)).select_related("parent").filter(pk=org.pk).first()
    if fresh is None:
        raise DomainError("这个党组织已不在您的范围内，请刷新后再试。", code="gone")
    return fresh


def parent_for(kind: OrgKind, parent: PartyOrg | None) -> PartyOrg | None:
    """The parent, when an organisation of this kind may stand under it."""
    if finding := placement_finding(kind, OrgKind(parent.kind) if parent else None):
        raise DomainError(finding.message, basis=finding.basis, field="parent", code=finding.code)
    if parent is None:
        return None
    if parent.ended_on is not None:
        raise DomainError(f"上级组织「{parent}」已撤销，请选择别的上级。", field="parent", code="parent_ended")
    return parent


def check_living(org: PartyOrg) -> None:
    if org.ended_on is not None:
        raise DomainError(f"「{org}」已于 {org.ended_on:%Y-%m-%d} 撤销，不能再修改；需要时请先恢复。", code="ended")


def check_day(on: datetime.date | None, *, today: datetime.date, field: str = "on") -> None:
    if on is not None and on > today:
        raise DomainError("日期不能晚于今天，请在生效后登记。", field=field, code="future")


def check_next_event(org: PartyOrg, on: datetime.date, today: datetime.date) -> None:
    """History is written in its order: what comes next cannot have happened before what is known."""
    check_day(on, today=today)
    last = OrgEvent.objects.filter(org=org).first()
    if last is not None and on < last.on:
        message = f"「{org}」的日期不能早于最近一次沿革（{last}）。"
        raise DomainError(message, field="on", code="out_of_order")
    if org.founded_on and on < org.founded_on:
        message = f"「{org}」的日期不能早于成立日期 {org.founded_on:%Y-%m-%d}。"
        raise DomainError(message, field="on", code="out_of_order")


def check_nothing_left(org: PartyOrg, today: datetime.date, deed: str) -> None:
    """Refuse to end an organisation under which something still hangs, with the list of it."""
    if left := dependents_of(org, today):
        advice = "".join(each.advice for each in left)
        raise DomainError(f"「{org}」下还有{'、'.join(map(str, left))}，不能{deed}。{advice}", code="has_dependents")


def set_name(org: PartyOrg, name: str, short_name: str) -> None:
    org.name, org.short_name = clean_name(name), clean_name(short_name)
    org.initials = pinyin_initials(org.name)


def save(org: PartyOrg) -> None:
    """Validate against columns and constraints, raise the version, save."""
    if org.pk:
        org.version += 1
    try:
        org.full_clean()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise DomainError(messages[0], field=field) from error
    org.save()


def note_event(
    org: PartyOrg, kind: OrgEventKind, on: datetime.date, document: str, note: str, before: dict[str, Any],
    after: dict[str, Any],
) -> None:  # fmt: skip
    event = OrgEvent(
        org=org, kind=kind, on=on, document=document.strip(), note=clean_name(note), before=before, after=after
    )
    event.full_clean(validate_unique=False)
    event.save()
