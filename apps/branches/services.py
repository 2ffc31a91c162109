"""Every write to the organisation tree. Each change of shape is a dated event with its approval document.

Services take organisations that the caller found inside the scope, read them again under a lock, and
refuse with one Chinese sentence.
"""

from __future__ import annotations

import datetime
from typing import Any, Final

from django.core.exceptions import ValidationError

from apps.core.audit import record, write
from apps.core.codes import check_phone
from apps.core.errors import DomainError
from apps.core.text import clean_name, pinyin_initials
from apps.core.versions import check_version

from . import tree
from .dependents import dependents_of
from .models import OrgEvent, PartyOrg
from .rules import OrgEventKind, OrgKind, approval_authority_finding, placement_finding, upgrade_refusal

CONTACTS: Final = ("contact_name", "contact_phone", "address")
FACTS: Final = (*CONTACTS, "national_code", "staffing", "can_approve_probationary", "approval_document", "founded_on")
"""What `change_organization` may change; names, kinds and places have services of their own."""


@write
def found_organization(
    *, name: str, kind: str, parent: PartyOrg | None, founded_on: datetime.date | None, today: datetime.date,
    actor: Any, code: str = "", short_name: str = "", document: str = "", note: str = "", **facts: Any,
) -> PartyOrg:  # fmt: skip
    """成立: put a new organisation under `parent`. `code` is made up when empty; `facts` are those of FACTS.

    Raises DomainError for a kind that cannot stand there (RULES ZB-07), a parent that has ended, a code
    that is taken, a tree too deep. Only the system founds a root.
    """
    _known_facts(facts)
    org = PartyOrg(
        code=code.strip().upper(), kind=OrgKind(kind), founded_on=founded_on, approval_document=document.strip()
    )
    tree.lock()
    org.parent = _parent_for(OrgKind(kind), locked(parent) if parent else None)
    _check_day(founded_on, today=today, field="founded_on")
    _set_name(org, name, short_name)
    _set_facts(org, facts)
    tree.place([org])
    org.code = org.code or tree.fresh_code()
    _save(org)
    if founded_on:
        after = {"name": org.name, "kind": org.kind, "parent": org.parent_id}
        _note(org, OrgEventKind.FOUNDED, founded_on, document, note, {}, after)
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
    _set_name(org, name, short_name)
    after = {"name": org.name, "short_name": org.short_name}
    if after == before:
        raise DomainError("名称没有变化。", field="name")
    _check_living(org)
    _check_next_event(org, on, today)
    _save(org)
    _note(org, OrgEventKind.RENAMED, on, document, note, before, after)
    record(actor, "org.renamed", org, summary=f"「{before['name']}」更名为「{org.name}」", data=after)
    return org


@write
def change_organization(*, org: PartyOrg, changes: dict[str, Any], actor: Any, version: int | None = None) -> PartyOrg:
    """Correct facts that have no history of their own: contacts, staffing, authority to approve 预备党员.

    `changes` names columns of FACTS. Raises Conflict when somebody else was faster, DomainError for a kind
    that may never approve (RULES FZ-01). A changed founding date moves the founding event with it.
    """
    _known_facts(changes)
    org = locked(org)
    check_version(org, version, changes)
    before = {name: getattr(org, name) for name in changes}
    _set_facts(org, changes)
    changed = [name for name in changes if getattr(org, name) != before[name]]
    if not changed:
        return org
    _check_living(org)
    _save(org)
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
    """升格: 支部 → 总支 → 党委, from `on` on, usually with a new name (RULES XJ-06).

    Raises DomainError when the kind cannot follow, cannot stand under its parent, or cannot hold the
    organisations that are below it.
    """
    tree.lock()
    org = locked(org)
    check_version(org, version, {"name": name} if name else {})
    old, new = OrgKind(org.kind), OrgKind(kind)
    if refusal := upgrade_refusal(old, new):
        raise DomainError(refusal.message, basis=refusal.basis, field="kind")
    _check_living(org)
    _check_next_event(org, on, today)
    _parent_for(new, org.parent)
    _check_children_fit(org, new)
    before = {"kind": org.kind, "kind_label": old.label, "name": org.name, "short_name": org.short_name}
    org.kind = new
    _set_name(org, name or org.name, short_name if name else org.short_name)
    _set_facts(org, {"can_approve_probationary": org.can_approve_probationary})
    _save(org)
    after = {"kind": org.kind, "kind_label": new.label, "name": org.name, "short_name": org.short_name}
    _note(org, OrgEventKind.UPGRADED, on, document, note, before, after)
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
    _check_living(org)
    parent = locked(parent)
    if org.parent_id == parent.pk:
        raise DomainError(f"「{org}」已经在「{parent}」之下。", field="parent")
    _check_next_event(org, on, today)
    before = {"parent": org.parent_id, "parent_name": org.parent.name if org.parent else "", "path": org.path}
    moved = tree.move(org, parent)
    org.parent = _parent_for(OrgKind(org.kind), parent)
    _save(org)
    after = {"parent": parent.pk, "parent_name": parent.name, "path": org.path}
    _note(org, OrgEventKind.MOVED, on, document, note, before, after)
    summary = f"「{org.name}」由「{before['parent_name']}」划转至「{parent.name}」，连同下级共 {moved} 个组织"
    record(actor, "org.moved", org, summary=summary, data={"from": before["path"], "to": org.path})
    return org


@write
def dissolve_organization(
    *, org: PartyOrg, on: datetime.date, today: datetime.date, actor: Any, document: str = "", note: str = "",
    version: int | None = None,
) -> PartyOrg:  # fmt: skip
    """撤销 (RULES ZB-09): ended from `on` on, never deleted. Refuses with the list of what still hangs under it."""
    tree.lock()
    org = locked(org)
    check_version(org, version)
    _check_living(org)
    _check_next_event(org, on, today)
    if left := dependents_of(org, today):
        advice = "".join(each.advice for each in left)
        raise DomainError(f"「{org}」下还有{'、'.join(map(str, left))}，不能撤销。{advice}", code="has_dependents")
    org.ended_on = on
    _save(org)
    _note(org, OrgEventKind.DISSOLVED, on, document, note, {"ended_on": None}, {"ended_on": on.isoformat()})
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
    _check_next_event(org, on, today)
    _parent_for(OrgKind(org.kind), org.parent)
    before = {"ended_on": org.ended_on.isoformat()}
    org.ended_on = None
    _save(org)
    _note(org, OrgEventKind.RESTORED, on, document, note, before, {"ended_on": None})
    record(actor, "org.restored", org, summary=f"恢复「{org.name}」，自 {on:%Y-%m-%d} 起")
    return org


def locked(org: PartyOrg) -> PartyOrg:
    """The organisation as it is now, locked. Raises DomainError when it has left the scope meanwhile."""
    fresh = PartyOrg.objects.select_for_update(of=("self",)).select_related("parent").filter(pk=org.pk).first()
    if fresh is None:
        raise DomainError("这个党组织已不在您的范围内，请刷新后再试。", code="gone")
    return fresh


def _parent_for(kind: OrgKind, parent: PartyOrg | None) -> PartyOrg | None:
    """The parent, when an organisation of this kind may stand under it."""
    if finding := placement_finding(kind, OrgKind(parent.kind) if parent else None):
        raise DomainError(finding.message, basis=finding.basis, field="parent", code=finding.code)
    if parent is None:
        return None
    if parent.ended_on is not None:
        raise DomainError(f"上级组织「{parent}」已撤销，请选择别的上级。", field="parent", code="parent_ended")
    return parent


def _check_children_fit(org: PartyOrg, kind: OrgKind) -> None:
    children = PartyOrg.objects.filter(parent=org, ended_on=None)
    wrong = [child.name for child in children if placement_finding(OrgKind(child.kind), kind)]
    if wrong:
        names = "、".join(wrong[:3]) + (f"等 {len(wrong)} 个" if len(wrong) > 3 else "")
        raise DomainError(f"下设的{names}不能设在{kind.label}之下，请先划转、升格或撤销它们。", field="kind")


def _check_living(org: PartyOrg) -> None:
    if org.ended_on is not None:
        raise DomainError(f"「{org}」已于 {org.ended_on:%Y-%m-%d} 撤销，不能再修改；需要时请先恢复。", code="ended")


def _check_day(on: datetime.date | None, *, today: datetime.date, field: str = "on") -> None:
    if on is not None and on > today:
        raise DomainError("日期不能晚于今天，请在生效后登记。", field=field, code="future")


def _check_next_event(org: PartyOrg, on: datetime.date, today: datetime.date) -> None:
    """History is written in its order: what comes next cannot have happened before what is known."""
    _check_day(on, today=today)
    last = OrgEvent.objects.filter(org=org).first()
    if last is not None and on < last.on:
        raise DomainError(f"不能早于最近一次沿革（{last}）。", field="on", code="out_of_order")
    if org.founded_on and on < org.founded_on:
        raise DomainError(f"不能早于成立日期 {org.founded_on:%Y-%m-%d}。", field="on", code="out_of_order")


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
        _note(org, OrgEventKind.FOUNDED, org.founded_on, org.approval_document, "", {}, after)


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


def _set_name(org: PartyOrg, name: str, short_name: str) -> None:
    org.name, org.short_name = clean_name(name), clean_name(short_name)
    org.initials = pinyin_initials(org.name)


def _save(org: PartyOrg) -> None:
    """Validate against columns and constraints, raise the version, save."""
    if org.pk:
        org.version += 1
    try:
        org.full_clean()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise DomainError(messages[0], field=field) from error
    org.save()


def _note(
    org: PartyOrg, kind: OrgEventKind, on: datetime.date, document: str, note: str, before: dict[str, Any],
    after: dict[str, Any],
) -> None:  # fmt: skip
    event = OrgEvent(
        org=org, kind=kind, on=on, document=document.strip(), note=clean_name(note), before=before, after=after
    )
    event.full_clean(validate_unique=False)
    event.save()
