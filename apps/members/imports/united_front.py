"""统战对象 come in: a row is named by the person's name and the enterprise, or the organisation where there is none.

The phone is compared by its keyed hash and never opened; a masked one stays as it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from apps.branches.models import PartyOrg
from apps.core.bulk import insert_rows, update_rows
from apps.core.imports import (
    NOTHING,
    Change,
    Date,
    Existing,
    ImportColumn,
    Importer,
    Key,
    OneOf,
    Phone,
    Reference,
    Remark,
    Row,
    Text,
    register_importer,
)
from apps.core.models import ImportBatch
from apps.core.sealing import new_ids, sealed_columns
from apps.core.text import pinyin_initials
from apps.enterprises.imports.common import enterprises_by_code
from apps.enterprises.models import Enterprise

from ..kinds import Sex, UnitedFrontKind
from ..models import UnitedFrontPerson
from ..permissions import UNITED_FRONT_KEEP
from .holders import TWO_ORGS, kept_in, nameless, orgs_by_code
from .roster import Kept, branches, employers

TEXTS = ("party", "nationality", "position", "speciality", "appointments", "contact_name", "note")
_KINDS = {"民主党派": "minor_party", "外籍": "foreigner", "科技人才": "scientist", "留学人员": "returnee"}
FACTS = ("sex", "kind", *TEXTS, "registered_on", "left_on")


def firms_kept(importer: Importer, texts: set[str]) -> Iterable[tuple[str, int]]:
    """Enterprises, also of other organisations by now, in which people of the register work."""
    rows = UnitedFrontPerson.objects.filter(enterprise__name__in=texts).order_by()
    return set(rows.values_list("enterprise__name", "enterprise_id"))


def codes_kept(importer: Importer, texts: set[str]) -> Iterable[tuple[str, int]]:
    rows = UnitedFrontPerson.objects.filter(enterprise__credit_code__in=texts).order_by()
    return set(rows.values_list("enterprise__credit_code", "enterprise_id"))


@register_importer
class UnitedFrontImport(Importer):
    """统战对象登记."""

    code, title, permission = "members.united_front", "统战对象", UNITED_FRONT_KEEP
    lead = "以姓名和所在企业识别一人（不在企业的，以姓名和责任党组织）。带 * 的电话表示不改动。"
    columns = (
        ImportColumn("name", "姓名", Text(50), required=True, key=True),
        ImportColumn("sex", "性别", OneOf(Sex.choices(), {"男性": "1", "女性": "2"})),
        ImportColumn("kind", "类别", OneOf(UnitedFrontKind.choices(), _KINDS), required=True, aliases=("统战类别",)),
        ImportColumn("party", "所属党派", Text(20), blank=NOTHING, aliases=("党派",)),
        ImportColumn("nationality", "国籍（地区）", Text(30), blank=NOTHING, aliases=("国籍",)),
        ImportColumn("enterprise", "所在企业", Reference(find=employers, kept=firms_kept, label="企业"), key=True, blank=NOTHING,
                     aliases=("工作单位", "企业名称"), note="已登记的企业全称或信用代码"),
        ImportColumn("credit_code", "统一社会信用代码", Reference(find=enterprises_by_code, kept=codes_kept, label="企业"), key=True,
                     aliases=("信用代码",)),
        ImportColumn("org", "责任党组织", Reference(find=branches, kept=kept_in(UnitedFrontPerson), label="党组织"), key=True,
                     aliases=("党组织",), note="在企业的可不填，随企业"),
        ImportColumn("org_code", "党组织代码", Reference(find=orgs_by_code, label="党组织"), key=True),
        ImportColumn("position", "职务（职称）", Text(60), blank=NOTHING, aliases=("职务", "职称")),
        ImportColumn("speciality", "专业特长", Text(100), blank=NOTHING),
        ImportColumn("appointments", "社会职务", Text(100), blank=NOTHING),
        ImportColumn("phone", "联系电话", Phone(), blank=NOTHING, aliases=("手机", "电话")),
        ImportColumn("contact_name", "联系人", Text(50), blank=NOTHING),
        ImportColumn("registered_on", "登记日期", Date(future=False), required=True, aliases=("登记时间",)),
        ImportColumn("left_on", "离开日期", Date(future=False), blank=NOTHING),
        ImportColumn("note", "备注", Text(300), blank=NOTHING),
    )  # fmt: skip

    def key_of(self, values: Mapping[str, Any]) -> Key | None:
        firm = values.get("credit_code") or values.get("enterprise")
        org = values.get("org_code") or values.get("org")
        if not values.get("name") or not (firm or org):
            return None
        return ("enterprise", firm, values["name"]) if firm else ("org", org, values["name"])

    def row_rules(self, row: Row) -> Iterator[Remark]:
        values = row.values
        firm, code = values.get("enterprise"), values.get("credit_code")
        org, org_code = values.get("org"), values.get("org_code")
        if not (firm or code or org or org_code):
            yield Remark("enterprise", "nowhere", "请填写所在企业；不在企业的，填写责任党组织。")
        if firm and code and firm != code:
            yield Remark("credit_code", "two_enterprises", "企业名称与信用代码指向两家不同的企业，请核对。")
        if org and org_code and org != org_code:
            yield Remark("org", "two_orgs", TWO_ORGS)
        yield from nameless(self, row)

    def existing(self, keys: Sequence[Key]) -> Mapping[Key, Existing]:
        wanted = set(keys)
        rows = UnitedFrontPerson.objects.filter(name__in={key[2] for key in keys}).order_by()
        found: dict[Key, list[Existing]] = defaultdict(list)
        for row in rows.values("pk", "version", "name", "enterprise_id", "org_id", "phone_index", *FACTS):
            firm = row["enterprise_id"]
            key = ("enterprise", firm, row["name"]) if firm else ("org", row["org_id"], row["name"])
            if key in wanted:
                phone = Kept(row["phone_index"], "phone") if row["phone_index"] else None
                same = {"enterprise": firm, "credit_code": firm, "org": row["org_id"], "org_code": row["org_id"]}
                found[key].append(Existing(row["pk"], row["version"], {**row, **same, "phone": phone}))
        self.twice = {key for key, several in found.items() if len(several) > 1}
        return {key: several[0] for key, several in found.items()}

    def table_rules(self, rows: Sequence[Row], existing: Mapping[Key, Existing]) -> Iterator[tuple[Row, Remark]]:
        firms = {row.key[1] for row in rows if row.key and row.key[0] == "enterprise"}
        self.firms = Enterprise.objects.in_bulk(firms)
        self.orgs = PartyOrg.objects.in_bulk({row.key[1] for row in rows if row.key and row.key[0] == "org"})
        for row in rows:
            known = existing.get(row.key) if row.key else None
            if row.key in self.twice:
                yield row, Remark("name", "ambiguous", "登记册中同一处有两名同名的人，请在页面修改。")
            for remark in self._about_one(row, known):
                yield row, remark

    def _about_one(self, row: Row, known: Existing | None) -> Iterator[Remark]:
        def value(name: str) -> Any:
            given = row.values.get(name)
            return known.values[name] if given is None and known is not None else given

        kind = value("kind")
        if kind == UnitedFrontKind.MINOR_PARTY and not value("party"):
            yield Remark("party", "party_needed", "民主党派成员请填写所属党派。")
        if kind == UnitedFrontKind.FOREIGNER and not value("nationality"):
            yield Remark("nationality", "nationality_needed", "外籍人士请填写国籍（地区）。")
        if value("left_on") and value("left_on") < value("registered_on"):
            yield Remark("left_on", "out_of_order", "离开日期不能早于登记日期。")
        given = row.values.get("org_code") or row.values.get("org")
        if known is not None and given is not None and given != known.values["org"]:
            yield Remark("org", "fixed", "责任党组织与登记的不同，请保持原样。")
        if known is None and given is not None and row.key and row.key[0] == "enterprise":
            firm = self.firms.get(row.key[1])
            if firm is not None and firm.org_id != given:
                text = "责任党组织随所在企业，填写的与企业的责任党组织不同，将按企业登记。"
                yield Remark("org", "org_of_enterprise", text, is_warning=True)

    def create_rows(self, rows: Sequence[Row], batch: ImportBatch) -> None:
        ids = new_ids(UnitedFrontPerson, len(rows))
        insert_rows(UnitedFrontPerson, [self._written(pk, row) for pk, row in zip(ids, rows, strict=True)])

    def _written(self, pk: int, row: Row) -> dict[str, Any]:
        assert row.key is not None
        values = row.values
        firm = self.firms.get(row.key[1]) if row.key[0] == "enterprise" else None
        place = {"org_id": firm.org_id, "org_path": firm.org_path} if firm else _at(self.orgs[row.key[1]])
        return {
            "id": pk, **place, "enterprise_id": firm and firm.pk, "name": values["name"],
            "initials": pinyin_initials(values["name"]), "sex": values.get("sex") or Sex.UNKNOWN.value,
            "kind": values["kind"], "registered_on": values["registered_on"], "left_on": values.get("left_on"),
            **{name: values.get(name) or "" for name in TEXTS},
            **sealed_columns(UnitedFrontPerson, "phone", pk, values.get("phone") or ""),
        }  # fmt: skip

    def update_rows(self, changes: Sequence[Change], batch: ImportBatch) -> None:
        update_rows(UnitedFrontPerson, {change.pk: _facts(change) for change in changes})


def _at(org: PartyOrg) -> dict[str, Any]:
    return {"org_id": org.pk, "org_path": org.path}


def _facts(change: Change) -> dict[str, Any]:
    facts = {name: value for name, value in change.after.items() if name in FACTS}
    if "phone" in change.after:
        facts |= sealed_columns(UnitedFrontPerson, "phone", change.pk, change.after["phone"])
    return facts
