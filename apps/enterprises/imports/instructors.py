"""指导员台账 comes in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from apps.branches.imports import MaskedPhone
from apps.branches.models import PartyOrg
from apps.core.bulk import insert_rows, update_rows
from apps.core.imports import (
    Change,
    Date,
    Existing,
    ImportColumn,
    Importer,
    Key,
    OneOf,
    Reference,
    Remark,
    Row,
    Text,
    register_importer,
)
from apps.core.models import ImportBatch
from apps.core.text import pinyin_initials

from ..kinds import InstructorSource
from ..models import Instructor
from ..permissions import IMPORT
from .common import orgs_by_code

FACTS = ("unit", "post", "source", "phone")


@register_importer
class InstructorImport(Importer):
    """Named by name and sending unit. Where they are sent is decided on their pages."""

    code, title, permission = "enterprises.instructors", "指导员台账", IMPORT
    lead = "姓名加派出单位确定一位指导员。联系哪些企业，请在企业台账勾选后“选派指导员”。"
    columns = (
        ImportColumn("name", "姓名", Text(50), required=True, key=True),
        ImportColumn("unit", "派出单位", Text(80), aliases=("单位",)),
        ImportColumn("post", "职务", Text(40)),
        ImportColumn("source", "选派来源", OneOf(InstructorSource.choices())),
        ImportColumn("phone", "联系电话", MaskedPhone(20), aliases=("电话", "手机")),
        ImportColumn("org_code", "管理党组织代码", Reference(find=orgs_by_code, label="党组织"), note="空白为导入的组织"),
        ImportColumn("since", "选派日期", Date(future=False), required=True, aliases=("任职日期",)),
    )

    def key_of(self, values: Mapping[str, Any]) -> Key | None:
        return (values["name"], values.get("unit") or "") if values.get("name") else None

    def existing(self, keys: Sequence[Key]) -> Mapping[Key, Existing]:
        wanted = set(keys)
        rows = Instructor.objects.filter(name__in={key[0] for key in keys}).order_by("-pk")
        return {
            (row["name"], row["unit"]): Existing(row["pk"], row["version"], {**row, "org_code": row["org_id"]})
            for row in rows.values("pk", "version", "name", "org_id", "since", *FACTS)
            if (row["name"], row["unit"]) in wanted
        }

    def table_rules(self, rows: Sequence[Row], existing: Mapping[Key, Existing]) -> Iterator[tuple[Row, Remark]]:
        named = {row.values["org_code"] for row in rows if row.values.get("org_code")}
        self.paths = {**dict(PartyOrg.objects.filter(pk__in=named).values_list("pk", "path")), self.org.pk: self.org.path}
        yield from ()

    def create_rows(self, rows: Sequence[Row], batch: ImportBatch) -> None:
        insert_rows(Instructor, [self._new(row.values) for row in rows])

    def update_rows(self, changes: Sequence[Change], batch: ImportBatch) -> None:
        update_rows(Instructor, {change.pk: self._columns(change.after) for change in changes})

    def _new(self, values: Mapping[str, Any]) -> dict[str, Any]:
        org = values.get("org_code") or self.org.pk
        return {
            "name": values["name"], "initials": pinyin_initials(values["name"]), "since": values["since"],
            **{name: values.get(name) or "" for name in FACTS}, "org_id": org, "org_path": self.paths[org],
        }  # fmt: skip

    def _columns(self, values: Mapping[str, Any]) -> dict[str, Any]:
        found = {name: value for name, value in values.items() if name in (*FACTS, "since")}
        if "org_code" in values:
            found |= {"org_id": values["org_code"], "org_path": self.paths[values["org_code"]]}
        return found
