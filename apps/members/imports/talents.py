"""党务人才库 comes in: a talent is named by organisation, name, kind and the day of 入库."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from apps.core.bulk import insert_rows, update_rows
from apps.core.imports import (
    NOTHING,
    Change,
    Code,
    Date,
    Existing,
    Flag,
    ImportColumn,
    Key,
    OneOf,
    Remark,
    Row,
    Text,
    register_importer,
)
from apps.core.models import ImportBatch

from ..kinds import TalentKind
from ..models import Talent
from ..permissions import KEEP_POSTS
from .holders import COLUMNS, HolderImport, member_column, org_columns, value_of


@register_importer
class TalentImport(HolderImport):
    """党务人才库."""

    code, title, permission = "members.talent", "党务人才库", KEEP_POSTS
    lead = "以党组织、姓名、人才类别和入库日期识别一条。没有填写党员编号的，按姓名在该党组织的名册中对应。"
    columns = (
        ImportColumn("name", "姓名", Text(50), required=True, key=True),
        member_column(Talent),
        *org_columns(Talent),
        ImportColumn("unit", "所在单位", Text(100), blank=NOTHING, aliases=("工作单位",)),
        ImportColumn("kind", "人才类别", OneOf(TalentKind.choices(), {"后备书记": "secretary_reserve"}),
                     required=True, key=True, aliases=("类别",)),
        ImportColumn("joined_on", "入库日期", Date(future=False), required=True, key=True, aliases=("入库时间",)),
        ImportColumn("certificate", "资质证书", Text(60), blank=NOTHING, aliases=("证书名称", "证书")),
        ImportColumn("certificate_number", "证书编号", Code(40), blank=NOTHING, aliases=("证书号",)),
        ImportColumn("issued_on", "发证日期", Date(future=False), blank=NOTHING),
        ImportColumn("expires_on", "证书有效期至", Date(), blank=NOTHING, aliases=("有效期至",)),
        ImportColumn("placed_on", "输送日期", Date(future=False), blank=NOTHING),
        ImportColumn("placed_as", "输送去向", Text(100), blank=NOTHING, aliases=("去向", "任用情况")),
        ImportColumn("in_management", "进入管理层", Flag()),
        ImportColumn("left_on", "出库日期", Date(future=False), blank=NOTHING),
        ImportColumn("note", "备注", Text(200), blank=NOTHING),
    )  # fmt: skip
    texts = ("unit", "certificate", "certificate_number", "placed_as", "note")
    days = ("issued_on", "expires_on", "placed_on", "left_on")
    facts = (*texts, *days, "in_management")

    def key_of(self, values: Mapping[str, Any]) -> Key | None:
        key = (self.org_of(values), values.get("name"), values.get("kind"), values.get("joined_on"))
        return None if None in key else key

    def existing(self, keys: Sequence[Key]) -> Mapping[Key, Existing]:
        wanted = set(keys)
        rows = Talent.objects.filter(org__in={key[0] for key in keys}, name__in={key[1] for key in keys}).order_by()
        found: dict[Key, Existing] = {}
        for row in rows.values("pk", "version", "org_id", "member_id", "name", "kind", "joined_on", *self.facts):
            key: Key = (row["org_id"], row["name"], row["kind"], row["joined_on"])
            if key in wanted:
                same = {"org": row["org_id"], "org_code": row["org_id"], "member_code": row["member_id"]}
                found[key] = Existing(row["pk"], row["version"], {**row, **same})
        return found

    def table_rules(self, rows: Sequence[Row], existing: Mapping[Key, Existing]) -> Iterator[tuple[Row, Remark]]:
        self.look_up(rows)
        present = Talent.objects.available().filter(org__in=self.orgs).order_by()
        inside = set(present.values_list("org", "name", "kind"))
        for row in rows:
            known = existing.get(row.key) if row.key else None
            for remark in self._about_one(row, known):
                yield row, remark
            if known is None and row.key is not None and row.key[:3] in inside and not row.values.get("left_on"):
                yield row, Remark("joined_on", "in_pool", "已在库（同一类别，入库日期不同），请核对入库日期。")

    def _about_one(self, row: Row, known: Existing | None) -> Iterator[Remark]:
        yield from self.about_member(row, known)
        yield from self.in_order(row, known, "joined_on", "placed_on", "输送日期不能早于入库日期。")
        yield from self.in_order(row, known, "joined_on", "left_on", "出库日期不能早于入库日期。")
        issued, expires = value_of(row, known, "issued_on"), value_of(row, known, "expires_on")
        if issued and expires and expires <= issued:
            yield Remark("expires_on", "out_of_order", "证书有效期须晚于发证日期。")
        if value_of(row, known, "placed_as") and not value_of(row, known, "placed_on"):
            yield Remark("placed_on", "required", "请填写输送日期。")

    def create_rows(self, rows: Sequence[Row], batch: ImportBatch) -> None:
        insert_rows(Talent, [self._written(row) for row in rows])

    def _written(self, row: Row) -> dict[str, Any]:
        values, org, member = row.values, self.orgs[self.org_of(row.values)], self.member_of(row)  # type: ignore[index]
        return {
            "org_id": org.pk, "org_path": org.path, "member_id": member and member.pk, "name": values["name"],
            "kind": values["kind"], "joined_on": values["joined_on"], "in_management": bool(values.get("in_management")),
            **{name: values.get(name) for name in self.days}, **{name: values.get(name) or "" for name in self.texts},
        }  # fmt: skip

    def update_rows(self, changes: Sequence[Change], batch: ImportBatch) -> None:
        update_rows(Talent, {change.pk: {COLUMNS.get(k, k): v for k, v in change.after.items()} for change in changes})
