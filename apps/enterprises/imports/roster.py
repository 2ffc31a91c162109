"""企业台账 comes in: the columns of the ledger that people keep, identity and condition alike.

A change of what is counted holds from the 核查日期 of the row when that is newer than the known one, else
from today. Computed columns of an export (党组织, 指导员 …) are left alone: they have books of their own.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import Q

from apps.branches.imports import MaskedPhone
from apps.branches.models import PartyOrg
from apps.core.bulk import insert_rows, update_rows
from apps.core.errors import Conflict
from apps.core.excel.dates import PartialDate
from apps.core.imports import (
    Amount,
    Change,
    CreditCode,
    Date,
    Existing,
    Flag,
    ImportColumn,
    Importer,
    Integer,
    Key,
    LooseDate,
    OneOf,
    Reference,
    Remark,
    Row,
    Text,
    register_importer,
)
from apps.core.models import ImportBatch
from apps.core.period_guard import Span, guard_spans
from apps.core.scoping import unscoped
from apps.core.text import pinyin_initials

from ..kinds import Attitude, PoliticalStatus, Scale, Status, UnbuiltReason, UnitKind
from ..models import Building, Condition, Enterprise, Park
from ..permissions import IMPORT
from ..rules import LEAVING, Industry, status_change_finding
from ..services.conditions import COUNTED
from ..services.responsibility import settle
from .common import parks, parks_kept

IDENTITY = (
    "credit_code", "kind", "name", "room", "industry", "ownership", "scale", "above_scale", "registered_on",
    "registered_precision", "arrived_on", "address", "leader_name", "leader_status", "contact_name", "contact_phone",
    "attitude", "venue_area", "party_funds",
)  # fmt: skip
ASKED = tuple(name for name in COUNTED if name not in ("has_premises", "has_operations", "unbuilt_note"))
SOURCE = "企业台账导入"


@register_importer
class RosterImport(Importer):
    """Named by credit code; a row without one by its name, where only one enterprise carries it."""

    code, title, permission = "enterprises.roster", "企业台账", IMPORT
    lead = "人数、状态的变化自“核查日期”起记；未填核查日期的自导入之日起。党组织、指导员请用各自的台账导入。"
    columns = (
        ImportColumn("name", "企业名称", Text(120), required=True, aliases=("单位名称", "名称", "全称")),
        ImportColumn("credit_code", "统一社会信用代码", CreditCode(), key=True, aliases=("信用代码",)),
        ImportColumn("kind", "单位类别", OneOf(UnitKind.choices())),
        ImportColumn("park", "园区", Reference(find=parks, kept=parks_kept, label="园区")),
        ImportColumn("building", "楼栋", Text(60), note="所在园区已登记的楼栋名称或代码"),
        ImportColumn("room", "门牌（室）", Text(30), aliases=("门牌",)),
        ImportColumn("industry", "行业门类", OneOf(Industry.choices()), aliases=("行业",)),
        ImportColumn("ownership", "企业类型", Text(60), aliases=("登记类型",)),
        ImportColumn("scale", "规模", OneOf(Scale.choices(), {word[0]: code for code, word in Scale.choices()})),
        ImportColumn("above_scale", "规上企业", Flag(), aliases=("是否规上",)),
        ImportColumn("registered_on", "注册日期", LooseDate(future=False), aliases=("成立日期",)),
        ImportColumn("arrived_on", "入驻日期", Date(future=False)),
        ImportColumn("address", "注册地址", Text(200), aliases=("地址",)),
        ImportColumn("status", "经营状态", OneOf(Status.choices())),
        ImportColumn("checked_on", "核查日期", Date(future=False)),
        ImportColumn("staff", "职工数", Integer(unit="人"), aliases=("职工人数",)),
        ImportColumn("staff_under_35", "35岁以下职工", Integer(unit="人")),
        ImportColumn("staff_college", "大专以上职工", Integer(unit="人")),
        ImportColumn("formal_members", "正式党员", Integer(unit="人"), aliases=("正式党员数",)),
        ImportColumn("probationary_members", "预备党员", Integer(unit="人"), aliases=("预备党员数",)),
        ImportColumn("members_elsewhere", "关系未转入党员", Integer(unit="人")),
        ImportColumn("applicants", "入党申请人和积极分子", Integer(unit="人"), aliases=("积极分子",)),
        ImportColumn("unbuilt_reason", "未建党组织原因", OneOf(UnbuiltReason.choices())),
        ImportColumn("venue_area", "党组织活动场所（㎡）", Integer(unit="㎡")),
        ImportColumn("party_funds", "年度党建经费（元）", Amount(places=2, unit="元")),
        ImportColumn("leader_name", "出资人（负责人）", Text(50), aliases=("法人", "法定代表人", "负责人")),
        ImportColumn("leader_status", "负责人政治面貌", OneOf(PoliticalStatus.choices())),
        ImportColumn("contact_name", "联系人", Text(50)),
        ImportColumn("contact_phone", "联系电话", MaskedPhone(20), aliases=("电话",)),
        ImportColumn("attitude", "企业主认同度", OneOf(Attitude.choices())),
    )

    def key_of(self, values: Mapping[str, Any]) -> Key | None:
        if values.get("credit_code"):
            return ("code", values["credit_code"])
        return ("name", values["name"]) if values.get("name") else None

    def existing(self, keys: Sequence[Key]) -> Mapping[Key, Existing]:
        codes = [value for kind, value in keys if kind == "code"]
        names = [value for kind, value in keys if kind == "name"]
        rows = Enterprise.objects.filter(Q(credit_code__in=codes) | Q(credit_code=None, name__in=names)).order_by("-pk")
        found: dict[Key, Existing] = {}
        for row in rows.with_condition(self.today).values(
            "pk", "version", "park_id", "building__name", "building__code", *IDENTITY, *ASKED, "checked_on"
        ):
            key = ("code", row["credit_code"]) if row["credit_code"] else ("name", row["name"])
            found[key] = Existing(row["pk"], row["version"], _read(row))
        return found

    def elsewhere(self, keys: Sequence[Key]) -> Iterable[Key]:
        codes = [value for kind, value in keys if kind == "code"]
        with unscoped("whether a credit code is taken is asked of the whole database"):
            taken = Enterprise.objects.filter(credit_code__in=codes).order_by().values_list("credit_code", flat=True)
            return [("code", code) for code in taken]

    def row_rules(self, row: Row) -> Iterator[Remark]:
        staff = row.values.get("staff")
        for part, label in (("staff_under_35", "35岁以下职工"), ("staff_college", "大专以上职工")):
            number = row.values.get(part)
            if staff is not None and number is not None and number > staff:
                yield Remark(part, "more_than_staff", f"{label} {number} 人，多于职工数 {staff} 人，请核对。")

    def table_rules(self, rows: Sequence[Row], existing: Mapping[Key, Existing]) -> Iterator[tuple[Row, Remark]]:
        self.parks = {park.pk: park for park in Park.objects.select_related("org")}
        self.buildings = _buildings()
        self.known = {found.pk: found.values for found in existing.values()}
        for row in rows:
            found = existing[row.key].values if row.key in existing else {}  # type: ignore[index]
            _keep_precision(row, found)
            park = row.values.get("park") or found.get("park")
            building = row.values.get("building")
            if building and building != found.get("building") and (park, building) not in self.buildings:
                text = f"园区里没有楼栋“{building}”，请先登记楼栋，或改正园区和楼栋。"
                yield row, Remark("building", "unknown_building", text)
            if remark := _refused_status(row.values.get("status"), found.get("status")):
                yield row, remark

    def create_rows(self, rows: Sequence[Row], batch: ImportBatch) -> None:
        created = [self._new(row.values) for row in rows]
        ids = insert_rows(Enterprise, created)
        conditions = []
        spans = set()
        for pk, enterprise, row in zip(ids, created, rows, strict=True):
            since = row.values.get("checked_on") or self.today
            counted = {name: value for name in ASKED if (value := row.values.get(name)) is not None}
            conditions.append({**_FIRST, **counted, "enterprise_id": pk, "since": since, "checked_on": since})
            spans.add(Span(enterprise["org_path"], since))
        guard_spans(spans)
        insert_rows(Condition, conditions, {"source": SOURCE})
        self._settle(ids)

    def update_rows(self, changes: Sequence[Change], batch: ImportBatch) -> None:
        identity = {change.pk: facts for change in changes if (facts := self._identity(change))}
        update_rows(Enterprise, identity)
        self._change_conditions([change for change in changes if change.after.keys() & {*ASKED, "checked_on"}])
        self._settle([pk for pk, facts in identity.items() if facts.keys() & {"park_id", "building_id"}])

    def _new(self, values: Mapping[str, Any]) -> dict[str, Any]:
        said = {name: value for name, value in _columns(values).items() if value is not None}
        building = self.buildings.get((values.get("park"), values.get("building")))
        org: PartyOrg = self.parks[values["park"]].org if values.get("park") else self.org
        return {
            **_EMPTY, **said, "initials": pinyin_initials(values["name"]), "park_id": values.get("park"),
            "building_id": building, "org_id": org.pk, "org_path": org.path,
        }  # fmt: skip

    def _identity(self, change: Change) -> dict[str, Any]:
        facts = _columns(change.after)
        if "name" in facts:
            facts["initials"] = pinyin_initials(facts["name"])
        if "park" in change.after:
            facts["park_id"] = change.after["park"]
        if "building" in change.after:
            park = change.row.values.get("park") or self.known[change.pk]["park"]
            facts["building_id"] = self.buildings[park, change.after["building"]]
        return facts

    def _change_conditions(self, changes: Sequence[Change]) -> None:
        """Close each slice in force and open the next; a slice that began the same day is corrected in place."""
        slices: dict[int, list[Condition]] = defaultdict(list)
        rows = Condition.objects.filter(enterprise__in=[change.pk for change in changes]).select_related("enterprise")
        for row in rows:
            slices[row.enterprise_id].append(row)
        corrected: dict[int, dict[str, Any]] = {}
        closed: dict[int, dict[str, Any]] = {}
        opened, spans = [], set()
        for change in changes:
            on, now = self._slice_for(change, slices[change.pk])
            counted = {name: change.after[name] for name in ASKED if name in change.after}
            facts = {**counted, "checked_on": change.after.get("checked_on") or on}
            if not counted or now.since == on:
                corrected[now.pk] = facts
            else:
                closed[now.pk] = {"until": on}
                opened.append(_next_slice(now, on, facts))
            if counted:
                spans.add(Span(now.enterprise.org_path, on, now.until))
        guard_spans(spans)
        update_rows(Condition, corrected)
        update_rows(Condition, closed)
        insert_rows(Condition, opened, {"source": SOURCE})

    def _slice_for(self, change: Change, slices: Sequence[Condition]) -> tuple[datetime.date, Condition]:
        """The day from which a row's change holds, and the slice in force on it; today, when none was then."""
        on = self._since(change)
        for day in (on, self.today):
            for one in slices:
                if one.holds_on(day):
                    return day, one
        raise Conflict("导入期间有人登记了相同的记录，没有导入任何数据。请重新检查后再导入。")

    def _since(self, change: Change) -> datetime.date:
        checked = change.after.get("checked_on")
        known = change.before.get("checked_on")
        return checked if checked and (known is None or checked > known) else self.today

    def _settle(self, ids: Sequence[int]) -> None:
        if ids:
            rows = Enterprise.objects.select_related("org", "park__org", "building__org", "building__park")
            settle(list(rows.filter(pk__in=ids)), today=self.today)


def _refused_status(new: str | None, old: str | None) -> Remark | None:
    """An import does not let an enterprise leave: what covers it must be ended with it, on its page."""
    if not (new and old) or new == old:
        return None
    if Status(new) in LEAVING:
        text = f"“{Status(new).label}”请在企业页办理，组建和指导员会一并终止；这里请保持原样。"
        return Remark("status", "leaving", text)
    finding = status_change_finding(Status(old), Status(new))
    return Remark("status", finding.code, str(finding)) if finding else None


def _keep_precision(row: Row, found: Mapping[str, Any]) -> None:
    """A date of which the month or year is known is exported as its first day: that is no correction."""
    said, known = row.values.get("registered_on"), found.get("registered_on")
    if said and known and said.day == known.day and said.precision == "day":
        row.values["registered_on"] = known


def _buildings() -> dict[tuple[int | None, str | None], int]:
    """{(park id, name or code): building id}; a code wins over an equal name."""
    rows = list(Building.objects.order_by().values_list("pk", "park_id", "code", "name"))
    found: dict[tuple[int | None, str | None], int] = {(park, name): pk for pk, park, _, name in rows}
    return found | {(park, code): pk for pk, park, code, _ in rows}


def _read(row: Mapping[str, Any]) -> dict[str, Any]:
    """An existing row in the values of the import columns."""
    values = {**row, "park": row["park_id"], "building": row["building__name"]}
    if row["registered_on"]:
        values["registered_on"] = PartialDate(row["registered_on"], row["registered_precision"])
    return values


def _columns(values: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: value for name, value in values.items() if name in IDENTITY}
    if isinstance(date := found.get("registered_on"), PartialDate):
        found["registered_on"], found["registered_precision"] = date
    return found


def _next_slice(now: Condition, on: datetime.date, changes: Mapping[str, Any]) -> dict[str, Any]:
    carried = {name: getattr(now, name) for name in COUNTED}
    return {**carried, **changes, "enterprise_id": now.enterprise_id, "since": on, "until": now.until}


_NULLABLE = {"credit_code", "registered_on", "arrived_on", "venue_area", "party_funds"}
_EMPTY: dict[str, Any] = {name: None if name in _NULLABLE else "" for name in IDENTITY} | {
    "kind": UnitKind.ENTERPRISE.value, "registered_precision": "day", "above_scale": False, "initials": "",
}  # fmt: skip
_FIRST: dict[str, Any] = {
    "status": Status.OPERATING.value, "staff": 0, "staff_under_35": None, "staff_college": None, "formal_members": 0,
    "probationary_members": 0, "members_elsewhere": 0, "applicants": 0, "unbuilt_reason": "",
}  # fmt: skip
