"""Every write to the organisation tree. Each change of shape is a dated event with its approval document.

Services take organisations that the caller found inside the scope, read them again under a lock, and
refuse with one Chinese sentence.
"""

from __future__ import annotations

import datetime
from typing import Any, Final

from apps.core.audit import record, write
from apps.core.codes import check_phone
from apps.core.errors import DomainError
from apps.core.text import clean_name
from apps.core.versions import check_version

from .. import tree
from ..models import OrgEvent, PartyOrg
from ..relocation import end_with
from ..rules import OrgEventKind, OrgKind, approval_authority_finding, placement_finding, upgrade_refusal
from .common import (
    check_day,
    check_living,
    check_next_event,
    check_nothing_left,
    locked,
    note_event,
    parent_for,
    save,
    set_name,
)

CONTACTS: Final = ("contact_name", "contact_phone", "address")
FACTS: Final = (*CONTACTS, "national_code", "staffing", "can_approve_probationary", "approval_document", "founded_on")
"""What `change_organization` may change; names, kinds and places have services of their own."""


@write
def found_organization(
    *, name: str, kind: str, parent: PartyOrg | None, founded_on: datetime.date | None, today: datetime.date,
    actor: Any, code: str = "", short_name: str = "", document: str = "", note: str = "", **facts: Any,
) -> PartyOrg:  # fmt: skip
    """成立: put a new organisation under `parent`. `code` is made up when empty; `facts` are those of FACTS.

    Raises DomainError for a kind that cannot stand there (ZB-07), a parent that has ended, a code
    that is taken, a tree too deep. Only the system founds a root.
    """
    _known_facts(facts)
    org = PartyOrg(
        code=code.strip().upper(), kind=OrgKind(kind), founded_on=founded_on, approval_document=document.strip()
    )
    tree.lock()
    org.parent = parent_for(OrgKind(kind), locked(parent) if parent else None)
    check_day(founded_on, today=today, field="founded_on")
    set_name(org, name, short_name)
    _set_facts(org, facts)
    tree.place([org])
    org.code = org.code or tree.fresh_code()
    save(org)
    if founded_on:
        after = {"name": org.name, "kind": org.kind, "parent": org.parent_id}
        note_event(org, OrgEventKind.FOUNDED, founded_on, document, note, {}, after)
    where = f"在「{org.parent}」下" if org.parent else ""
    record(actor, "org.founded", org, summary=f"{where}设立{OrgKind(org.kind).label}「{org.name}」")
    return org


@write
def rename_organization(
    *, org: PartyOrg, name: str, short_name: str, on: datetime.date, today: datetime.date, actor: Any,
    document: str = "", note: str = "", version: int | None = None,
) -> PartyOrg:  # fmt: skip
    """更名 from `on` on: reports about earlier days keep the old name. Raises DomainError."""
    org = locked(org)
    check_version(org, version, {"name": name, "short_name": short_name})
    before = {"name": org.name, "short_name": org.short_name}
    set_name(org, name, short_name)
    after = {"name": org.name, "short_name": org.short_name}
    if after == before:
        raise DomainError("名称没有变化。", field="name")
    check_living(org)
    check_next_event(org, on, today)
    save(org)
    note_event(org, OrgEventKind.RENAMED, on, document, note, before, after)
    record(actor, "org.renamed", org, summary=f"「{before['name']}」更名为「{org.name}」", data=after)
    return org


@write
def change_organization(*, org: PartyOrg, changes: dict[str, Any], actor: Any, version: int | None = None) -> PartyOrg:
    """Correct facts that have no history of their own: contacts, staffing, authority to approve 预备党员.

    `changes` names columns of FACTS. Raises Conflict when somebody else was faster, DomainError for a kind
    that may never approve (FZ-01). A changed founding date moves the founding event with it.
    """
    _known_facts(changes)
    org = locked(org)
    check_version(org, version, changes)
    before = {name: getattr(org, name) for name in changes}
    _set_facts(org, changes)
    changed = [name for name in changes if getattr(org, name) != before[name]]
    if not changed:
        return org
    check_living(org)
    save(org)
    if "founded_on" in changed:
        _redate_founding(org)
    labels = "、".join(str(getattr(PartyOrg._meta.get_field(name), "verbose_name", name)) for name in changed)
    record(actor, "org.changed", org, summary=f"修改「{org.name}」的{labels}", data={"fields": changed})
    return org


@write
def upgrade_organization(
    *, org: PartyOrg, kind: str, on: datetime.date, today: datetime.date, actor: Any, name: str = "",
    short_name: str = "", document: str = "", note: str = "", version: int | None = None,
) -> PartyOrg:  # fmt: skip
    """升格: 支部 → 总支 → 党委, from `on` on, usually with a new name (XJ-06).

    Raises DomainError when the kind cannot follow, cannot stand under its parent, or cannot hold the
    organisations that are below it.
    """
    tree.lock()
    org = locked(org)
    check_version(org, version, {"name": name} if name else {})
    old, new = OrgKind(org.kind), OrgKind(kind)
    if refusal := upgrade_refusal(old, new):
        raise DomainError(refusal.message, basis=refusal.basis, field="kind")
    check_living(org)
    check_next_event(org, on, today)
    parent_for(new, org.parent)
    _check_children_fit(org, new)
    before = {"kind": org.kind, "kind_label": old.label, "name": org.name, "short_name": org.short_name}
    org.kind = new
    set_name(org, name or org.name, short_name if name else org.short_name)
    _set_facts(org, {"can_approve_probationary": org.can_approve_probationary})
    save(org)
    after = {"kind": org.kind, "kind_label": new.label, "name": org.name, "short_name": org.short_name}
    note_event(org, OrgEventKind.UPGRADED, on, document, note, before, after)
    record(actor, "org.upgraded", org, summary=f"「{before['name']}」由{old.label}升格为{new.label}「{org.name}」")
    return org


@write
def move_organization(
    *, org: PartyOrg, parent: PartyOrg, on: datetime.date, today: datetime.date, actor: Any,
    document: str = "", note: str = "", version: int | None = None,
) -> PartyOrg:  # fmt: skip
    """划转: hang the organisation, with everything below it, under another parent from `on` on.

    Raises DomainError for a circle (also when two moves meet), a kind that cannot stand there, a tree too
    deep, or a day before its last event.
    """
    tree.lock()
    org = locked(org)
    check_version(org, version, {"parent": parent})
    check_living(org)
    parent = locked(parent)
    if org.parent_id == parent.pk:
        raise DomainError(f"「{org}」已经在「{parent}」之下。", field="parent")
    check_next_event(org, on, today)
    before = {"parent": org.parent_id, "parent_name": org.parent.name if org.parent else "", "path": org.path}
    moved = tree.move(org, parent)
    org.parent = parent_for(OrgKind(org.kind), parent)
    save(org)
    after = {"parent": parent.pk, "parent_name": parent.name, "path": org.path}
    note_event(org, OrgEventKind.MOVED, on, document, note, before, after)
    summary = f"「{org.name}」由「{before['parent_name']}」划转至「{parent.name}」，连同下级共 {moved} 个组织"
    record(actor, "org.moved", org, summary=summary, data={"from": before["path"], "to": org.path})
    return org


@write
def dissolve_organization(
    *, org: PartyOrg, on: datetime.date, today: datetime.date, actor: Any, document: str = "", note: str = "",
    version: int | None = None,
) -> PartyOrg:  # fmt: skip
    """撤销 (ZB-09): ended from `on` on, never deleted. Refuses with the list of what still hangs under it."""
    tree.lock()
    org = locked(org)
    check_version(org, version)
    check_living(org)
    check_next_event(org, on, today)
    check_nothing_left(org, today, OrgEventKind.DISSOLVED.label)
    org.ended_on = on
    save(org)
    note_event(org, OrgEventKind.DISSOLVED, on, document, note, {"ended_on": None}, {"ended_on": on.isoformat()})
    end_with(org, on, today, actor)
    record(actor, "org.dissolved", org, summary=f"撤销「{org.name}」，自 {on:%Y-%m-%d} 起")
    return org


@write
def restore_organization(
    *, org: PartyOrg, on: datetime.date, today: datetime.date, actor: Any, document: str = "", note: str = "",
    version: int | None = None,
) -> PartyOrg:  # fmt: skip
    """恢复 a dissolved organisation from `on` on. Raises DomainError when its parent has ended too."""
    tree.lock()
    org = locked(org)
    check_version(org, version)
    if org.ended_on is None:
        raise DomainError(f"「{org}」没有撤销，不需要恢复。")
    check_next_event(org, on, today)
    parent_for(OrgKind(org.kind), org.parent)
    before = {"ended_on": org.ended_on.isoformat()}
    org.ended_on = None
    save(org)
    note_event(org, OrgEventKind.RESTORED, on, document, note, before, {"ended_on": None})
    record(actor, "org.restored", org, summary=f"恢复「{org.name}」，自 {on:%Y-%m-%d} 起")
    return org


def _check_children_fit(org: PartyOrg, kind: OrgKind) -> None:
    children = PartyOrg.objects.filter(parent=org, ended_on=None)
    wrong = [child.name for child in children if placement_finding(OrgKind(child.kind), kind)]
    if wrong:
        names = "、".join(wrong[:3]) + (f"等 {len(wrong)} 个" if len(wrong) > 3 else "")
        raise DomainError(f"下设的{names}不能设在{kind.label}之下，请先划转、升格或撤销它们。", field="kind")


def _redate_founding(org: PartyOrg) -> None:
    founding = OrgEvent.objects.filter(org=org, kind=OrgEventKind.FOUNDED).first()
    first_change = OrgEvent.objects.filter(org=org).exclude(kind=OrgEventKind.FOUNDED).order_by("on").first()
    if org.founded_on and first_change and org.founded_on > first_change.on:
        raise DomainError(f"成立日期不能晚于沿革中的 {first_change}。", field="founded_on", code="out_of_order")
    if founding and org.founded_on:
        founding.on = org.founded_on
        founding.save()
    elif org.founded_on:
        after = {"name": org.name, "kind": org.kind, "parent": org.parent_id}
        note_event(org, OrgEventKind.FOUNDED, org.founded_on, org.approval_document, "", {}, after)


def _known_facts(facts: dict[str, Any]) -> None:
    if unknown := set(facts) - set(FACTS):
        raise TypeError(f"not a fact of an organisation: {sorted(unknown)}")


def _set_facts(org: PartyOrg, facts: dict[str, Any]) -> None:
    for name, value in facts.items():
        setattr(org, name, clean_name(value) if isinstance(value, str) else value)
    if facts.get("contact_phone"):
        try:
            org.contact_phone = check_phone(org.contact_phone)
        except DomainError as error:
            error.field = "contact_phone"
            raise
    finding = approval_authority_finding(OrgKind(org.kind), can_approve_probationary=org.can_approve_probationary)
    if finding:
        raise DomainError(finding.message, basis=finding.basis, field="can_approve_probationary", code=finding.code)
