"""走访台账 comes in: what was noted on paper becomes rows; the day of the visit decides its quarter."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

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
from apps.core.period_guard import Span, guard_spans

from ..kinds import Attitude, ContactMethod
from ..models import Enterprise, Visit
from ..permissions import IMPORT
from .common import CREDIT_CODE, ENTERPRISE, enterprise_of, instructors_by_name, instructors_kept, unnamed

FACTS = ("method", "met", "summary", "attitude")


@register_importer
class VisitImport(Importer):
    """Named by enterprise, day and visitor."""

    code, title, permission = "enterprises.visits", "走访台账", IMPORT
    lead = "走访日期决定计入哪个季度；已关闭的季度不能再补。"
    columns = (
        ImportColumn("on", "走访日期", Date(future=False), required=True, key=True, aliases=("日期",)),
        CREDIT_CODE,
        ENTERPRISE,
        ImportColumn("method", "方式", OneOf(ContactMethod.choices()), aliases=("走访方式", "摸排方式")),
        ImportColumn("visitor", "走访人", Text(50), required=True, key=True),
        ImportColumn("instructor", "指导员", Reference(find=instructors_by_name, kept=instructors_kept, label="指导员")),
        ImportColumn("met", "接待人", Text(50)),
        ImportColumn("summary", "走访情况", Text(2000, lines=True), aliases=("内容", "情况")),
        ImportColumn("attitude", "企业主认同度", OneOf(Attitude.choices())),
    )

    def key_of(self, values: Mapping[str, Any]) -> Key | None:
        key = (enterprise_of(values), values.get("on"), values.get("visitor"))
        return None if None in key else key

    def existing(self, keys: Sequence[Key]) -> Mapping[Key, Existing]:
        wanted = set(keys)
        found: dict[Key, Existing] = {}
        rows = Visit.objects.filter(enterprise__in={k[0] for k in keys}, on__in={k[1] for k in keys}).order_by("-pk")
        for row in rows.values("pk", "version", "enterprise_id", "on", "visitor", "instructor_id", *FACTS):
            key = (row["enterprise_id"], row["on"], row["visitor"])
            if key in wanted:
                found[key] = Existing(row["pk"], row["version"], {**row, "instructor": row["instructor_id"]})
        return found

    def row_rules(self, row: Row) -> Iterator[Remark]:
        yield from unnamed(row)

    def guard(self, rows: Sequence[Row]) -> None:
        ids = {enterprise_of(row.values) for row in rows}
        paths = dict(Enterprise.objects.filter(pk__in=ids).order_by().values_list("pk", "org_path"))
        day = datetime.timedelta(days=1)
        guard_spans(
            Span(paths[enterprise_of(row.values)], row.values["on"], row.values["on"] + day) for row in rows
        )

    def create_rows(self, rows: Sequence[Row], batch: ImportBatch) -> None:
        insert_rows(Visit, [
            {
                "enterprise_id": enterprise_of(row.values), "on": row.values["on"], "visitor": row.values["visitor"],
                "instructor_id": row.values.get("instructor"),
                "method": row.values.get("method") or ContactMethod.VISIT.value,
                **{name: row.values.get(name) or "" for name in FACTS if name != "method"},
            }
            for row in rows
        ], {"recorded_by_id": self.actor.pk})  # fmt: skip

    def update_rows(self, changes: Sequence[Change], batch: ImportBatch) -> None:
        rename = {"instructor": "instructor_id"}
        update_rows(
            Visit, {change.pk: {rename.get(k, k): v for k, v in change.after.items()} for change in changes}
        )
