"""讲师台账 comes in: a lecturer is named by organisation, name and the day of joining the pool."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from apps.core.bulk import insert_rows, update_rows
from apps.core.imports import NOTHING, Change, Date, Existing, ImportColumn, Key, Remark, Row, Text, register_importer
from apps.core.models import ImportBatch
from apps.members.imports.holders import COLUMNS, HolderImport, member_column, org_columns

from ..models import Lecturer
from ..permissions import RUN_TRAINING


@register_importer
class LecturerImport(HolderImport):
    """讲师台账."""

    code, title, permission = "activities.lecturers", "讲师台账", RUN_TRAINING
    lead = "以党组织、姓名和入团日期识别一位。没有填写党员编号的，按姓名在该党组织的名册中对应。"
    columns = (
        ImportColumn("name", "姓名", Text(50), required=True, key=True),
        member_column(Lecturer),
        *org_columns(Lecturer),
        ImportColumn("unit", "单位及职务", Text(100), blank=NOTHING, aliases=("单位",)),
        ImportColumn("topics", "主讲专题", Text(300), blank=NOTHING, aliases=("专题",)),
        ImportColumn("since", "入团日期", Date(future=False), required=True, key=True, aliases=("聘任日期",)),
        ImportColumn("until", "退出日期", Date(future=False), blank=NOTHING),
        ImportColumn("note", "备注", Text(200), blank=NOTHING),
    )
    texts = ("unit", "topics", "note")

    def key_of(self, values: Mapping[str, Any]) -> Key | None:
        key = (self.org_of(values), values.get("name"), values.get("since"))
        return None if None in key else key

    def existing(self, keys: Sequence[Key]) -> Mapping[Key, Existing]:
        wanted = set(keys)
        rows = Lecturer.objects.filter(org__in={key[0] for key in keys}, name__in={key[1] for key in keys}).order_by()
        found: dict[Key, Existing] = {}
        for row in rows.values("pk", "version", "org_id", "member_id", "name", "since", "until", *self.texts):
            key: Key = (row["org_id"], row["name"], row["since"])
            if key in wanted:
                same = {"org": row["org_id"], "org_code": row["org_id"], "member_code": row["member_id"]}
                found[key] = Existing(row["pk"], row["version"], {**row, **same})
        return found

    def table_rules(self, rows: Sequence[Row], existing: Mapping[Key, Existing]) -> Iterator[tuple[Row, Remark]]:
        self.look_up(rows)
        present = Lecturer.objects.open().filter(org__in=self.orgs).order_by()
        inside = set(present.values_list("org", "name"))
        for row in rows:
            known = existing.get(row.key) if row.key else None
            for remark in self.about_member(row, known):
                yield row, remark
            since, until = row.values.get("since"), row.values.get("until")
            if since and until and until <= since:
                yield row, Remark("until", "out_of_order", "退出日期须晚于入团日期。")
            if known is None and row.key is not None and row.key[:2] in inside and not until:
                yield row, Remark("since", "in_pool", "已在讲师团中（入团日期不同），请核对入团日期。")

    def create_rows(self, rows: Sequence[Row], batch: ImportBatch) -> None:
        insert_rows(Lecturer, [self._written(row) for row in rows])

    def _written(self, row: Row) -> dict[str, Any]:
        values, org, member = row.values, self.orgs[self.org_of(row.values)], self.member_of(row)  # type: ignore[index]
        return {
            "org_id": org.pk, "org_path": org.path, "member_id": member and member.pk, "name": values["name"],
            "since": values["since"], "until": values.get("until"),
            **{name: values.get(name) or "" for name in self.texts},
        }  # fmt: skip

    def update_rows(self, changes: Sequence[Change], batch: ImportBatch) -> None:
        update_rows(Lecturer, {c.pk: {COLUMNS.get(k, k): v for k, v in c.after.items()} for c in changes})
