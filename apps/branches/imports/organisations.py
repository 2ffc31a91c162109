"""党组织台账 comes in: new organisations in any order of rows, and corrections of facts.

Names, kinds and parents of known organisations change on their pages only, where the day and the document
are asked for: an import leaves no history of that kind.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Min

from apps.core.codes import mask_phone
from apps.core.imports import (
    Change,
    Code,
    Date,
    Existing,
    Flag,
    ImportColumn,
    Importer,
    Key,
    OneOf,
    Phone,
    Remark,
    Row,
    Text,
    register_importer,
)
from apps.core.models import ImportBatch
from apps.core.scoping import unscoped
from apps.core.text import pinyin_initials

from .. import tree
from ..models import OrgEvent, PartyOrg
from ..permissions import MANAGE
from ..rules import OrgEventKind, OrgKind, Staffing, approval_authority_finding, placement_finding

SHAPE = {"name": "更名", "kind": "升格", "parent_code": "划转"}
"""Columns that need an event, and the page that records it."""


@dataclass(frozen=True)
class OrgCode(Code):
    """The portal's own short code, in capitals."""

    def from_text(self, text: str, today: Any) -> str:
        return super().from_text(text, today).upper()


@dataclass(frozen=True)
class MaskedPhone(Phone):
    """A phone; a masked one, as exports carry it, means: as it is."""

    def from_text(self, text: str, today: Any) -> str:
        return "" if "*" in text else super().from_text(text, today)


@register_importer
class OrganisationImport(Importer):
    """Columns pair with the ledger's. The parents of new rows may be in the same file."""

    code, title, permission = "branches.organisations", "党组织台账", MANAGE
    lead = "上级组织可以在同一文件里，行的先后不限。已有组织的更名、升格、划转请在它的页面办理，以便留下沿革。"
    columns = (
        ImportColumn("code", "组织代码", OrgCode(20), required=True, key=True, aliases=("代码", "党组织代码")),
        ImportColumn("name", "全称", Text(100), required=True, aliases=("名称", "党组织名称", "党组织全称")),
        ImportColumn("short_name", "简称", Text(40)),
        ImportColumn("kind", "类别", OneOf(OrgKind.choices()), required=True, aliases=("组织类别", "建制类型")),
        ImportColumn("parent_code", "上级组织代码", OrgCode(20), required=True, aliases=("上级代码",)),
        ImportColumn("founded_on", "成立日期", Date(future=False), aliases=("成立日",)),
        ImportColumn("approval_document", "批复文号", Text(60)),
        ImportColumn("national_code", "全国系统代码", Code(40)),
        ImportColumn("staffing", "工作力量", OneOf(Staffing.choices())),
        ImportColumn("can_approve_probationary", "能否审批预备党员", Flag()),
        ImportColumn("contact_name", "联系人", Text(50)),
        ImportColumn("contact_phone", "联系电话", MaskedPhone(20), aliases=("电话",)),
        ImportColumn("address", "地址", Text(200)),
    )

    def existing(self, keys: Sequence[Key]) -> Mapping[Key, Existing]:
        orgs = PartyOrg.objects.select_related("parent").filter(code__in=[key[0] for key in keys])
        return {(org.code,): Existing(org.pk, org.version, _values(org)) for org in orgs}

    def elsewhere(self, keys: Sequence[Key]) -> Iterable[Key]:
        with unscoped("whether an organisation code is taken is asked of the whole database"):
            codes = [key[0] for key in keys]
            return [(code,) for code in PartyOrg.objects.filter(code__in=codes).values_list("code", flat=True)]

    def row_rules(self, row: Row) -> Iterator[Remark]:
        kind, may_approve = row.values.get("kind"), row.values.get("can_approve_probationary")
        if kind and may_approve:
            finding = approval_authority_finding(OrgKind(kind), can_approve_probationary=True)
            if finding:
                yield Remark("can_approve_probationary", finding.code, str(finding))

    def table_rules(self, rows: Sequence[Row], existing: Mapping[Key, Existing]) -> Iterator[tuple[Row, Remark]]:
        new = {row.values["code"]: row for row in rows if row.key not in existing}
        known = self._parents(new)
        later = OrgEvent.objects.filter(org__in=[found.pk for found in existing.values()])
        changed_on = dict(
            later.exclude(kind=OrgEventKind.FOUNDED).order_by().values_list("org").annotate(Min("on"))
        )  # fmt: skip
        for row in rows:
            if row.key in existing:
                found = existing[row.key]  # type: ignore[index]
                yield from _refused_changes(row, found.values, changed_on.get(found.pk))
            elif remark := _misplaced(row, new, known):
                yield row, remark

    def _parents(self, new: Mapping[str, Row]) -> dict[str, PartyOrg]:
        """The organisations that new rows name as parents and that are not new themselves."""
        codes = {row.values["parent_code"] for row in new.values()} - set(new)
        return {org.code: org for org in PartyOrg.objects.filter(code__in=codes)}

    def guard(self, rows: Sequence[Row]) -> None:
        tree.lock()

    def create_rows(self, rows: Sequence[Row], batch: ImportBatch) -> None:
        waiting = {row.values["code"]: row for row in rows}
        placed = self._parents(waiting)
        while ready := [row for row in waiting.values() if row.values["parent_code"] in placed]:
            orgs = [_organisation(row.values, placed[row.values["parent_code"]]) for row in ready]
            tree.place(orgs)
            PartyOrg.objects.bulk_create(orgs)
            for org in orgs:
                placed[org.code] = org
                del waiting[org.code]
        created = [placed[row.values["code"]] for row in rows]
        OrgEvent.objects.bulk_create([_founding(org) for org in created if org.founded_on])

    def update_rows(self, changes: Sequence[Change], batch: ImportBatch) -> None:
        orgs = PartyOrg.objects.select_for_update().in_bulk([change.pk for change in changes])
        founded = {}
        for change in changes:
            org = orgs[change.pk]
            for name, value in change.after.items():
                setattr(org, name, value)
            org.version += 1
            if "founded_on" in change.after:
                founded[org.pk] = org
        names = [column.name for column in self.columns if not column.key and column.name not in SHAPE]
        PartyOrg.objects.bulk_update(orgs.values(), [*names, "version"])
        events = list(OrgEvent.objects.filter(org__in=founded, kind=OrgEventKind.FOUNDED))
        for event in events:
            event.on = founded.pop(event.org_id).founded_on
        OrgEvent.objects.bulk_update(events, ["on"])
        OrgEvent.objects.bulk_create([_founding(org) for org in founded.values()])

    def template_rows(self) -> Iterator[Mapping[str, Any]]:
        for org in PartyOrg.objects.select_related("parent").filter(ended_on=None):
            yield {**_values(org), "contact_phone": org.contact_phone and mask_phone(org.contact_phone)}


def _values(org: PartyOrg) -> dict[str, Any]:
    return {**org.__dict__, "parent_code": org.parent.code if org.parent else None}


def _refused_changes(
    row: Row, before: Mapping[str, Any], changed_on: datetime.date | None
) -> Iterator[tuple[Row, Remark]]:
    if before["ended_on"] and any(value not in (None, before.get(name)) for name, value in row.values.items()):
        yield row, Remark("code", "ended", "这个党组织已撤销，不能再修改；需要时请先恢复。")
    founded_on = row.values.get("founded_on")
    if founded_on and changed_on and founded_on > changed_on:
        yield row, Remark("founded_on", "out_of_order", f"不能晚于沿革中的 {changed_on:%Y-%m-%d}，请核对。")
    for name, page in SHAPE.items():
        value = row.values.get(name)
        if value is not None and value != before[name]:
            text = f"与已登记的不同。请在该组织的页面办理{page}，留下日期和批复文号；这里请保持原样。"
            yield row, Remark(name, "shape_change", text)


def _misplaced(row: Row, new: Mapping[str, Row], known: Mapping[str, PartyOrg]) -> Remark | None:
    """Why a new row cannot stand where it wants to: its parent unknown, ended, of a wrong kind, or below itself."""
    parent_code = row.values["parent_code"]
    if parent_code not in new and parent_code not in known:
        text = f"没有找到上级组织“{parent_code}”，请先登记，或改正同一文件里它的那一行。"
        return Remark("parent_code", "unknown_parent", text)
    if parent_code in known and known[parent_code].ended_on:
        return Remark("parent_code", "parent_ended", f"上级组织“{parent_code}”已撤销，请选择别的上级。")
    parent_kind = new[parent_code].values["kind"] if parent_code in new else known[parent_code].kind
    finding = placement_finding(OrgKind(row.values["kind"]), OrgKind(parent_kind))
    if finding:
        return Remark("kind", finding.code, str(finding))
    line = [row.values["code"]]
    while parent_code in new:
        if parent_code in line:
            return Remark(
                "parent_code", "cycle", f"上下级成环：{' → '.join([*line, parent_code])}，请改正上级组织代码。"
            )
        line.append(parent_code)
        parent_code = new[parent_code].values["parent_code"]
    if parent_code in known and known[parent_code].depth + len(line) > tree.MAX_DEPTH:
        return Remark("parent_code", "too_deep", f"组织层级超过 {tree.MAX_DEPTH} 级，请选择更高一级的上级组织。")
    return None


def _organisation(values: Mapping[str, Any], parent: PartyOrg) -> PartyOrg:
    facts = {
        name: value
        for name, value in values.items()
        if value is not None and name not in ("parent_code", "version")
    }  # fmt: skip
    return PartyOrg(**facts, parent=parent, initials=pinyin_initials(facts["name"]))


def _founding(org: PartyOrg) -> OrgEvent:
    after = {"name": org.name, "kind": org.kind, "parent": org.parent_id}
    return OrgEvent(org=org, kind=OrgEventKind.FOUNDED, on=org.founded_on, document=org.approval_document, after=after)
