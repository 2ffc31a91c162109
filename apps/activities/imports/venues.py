"""阵地台账 comes in: a venue is named by organisation and name. The standard list comes with it, a column for each line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from apps.branches.models import PartyOrg
from apps.core.bulk import update_rows
from apps.core.imports import (
    NOTHING,
    Amount,
    Change,
    Date,
    Existing,
    Flag,
    ImportColumn,
    Integer,
    Key,
    OneOf,
    Reference,
    Remark,
    Row,
    Text,
    register_importer,
)
from apps.core.models import ImportBatch
from apps.enterprises.models import Park
from apps.members.imports.holders import HolderImport, org_columns, value_of

from ..kinds import VenueKind
from ..models import Venue
from ..permissions import KEEP_VENUES
from ..rules.venues import CHECKLIST, LABELS


def parks_called(importer: Any, texts: set[str]) -> dict[str, Any]:
    """Parks of the scope by name; None for a name of several."""
    found: dict[str, Any] = {}
    for name, pk in Park.objects.filter(name__in=texts).order_by().values_list("name", "pk"):
        found[name] = None if name in found else pk
    return found


def parks_kept(importer: Any, texts: set[str]) -> list[tuple[str, int]]:
    """Parks that venues of the scope name; a branch does not answer for its park."""
    rows = Venue.objects.filter(park__name__in=texts).order_by().values_list("park__name", "park_id")
    return list(set(rows))


@register_importer
class VenueImport(HolderImport):
    """阵地台账."""

    code, title, permission = "activities.venues", "阵地台账", KEEP_VENUES
    lead = "以党组织和阵地名称识别一处。标准配置各列填“是”或“否”；没有填写的不改动。"
    columns = (
        ImportColumn("name", "名称", Text(60), required=True, key=True, aliases=("阵地名称",)),
        ImportColumn("kind", "类别", OneOf(VenueKind.choices()), required=True, aliases=("阵地类别",)),
        *org_columns(Venue),
        ImportColumn("park", "园区", Reference(find=parks_called, kept=parks_kept, label="园区")),
        ImportColumn("address", "地址", Text(120), blank=NOTHING),
        ImportColumn(
            "area", "面积（平方米）", Amount(1, "平方米", maximum=Decimal(9_999_999)), blank=NOTHING, aliases=("面积",)
        ),
        ImportColumn("seats", "座位数", Integer(1, 9999), blank=NOTHING, aliases=("座位",)),
        ImportColumn("layout", "布局", Text(200), blank=NOTHING),
        ImportColumn("open_to_others", "对外开放", Flag()),
        ImportColumn("opening_hours", "开放时间", Text(100), blank=NOTHING),
        ImportColumn("contact_name", "联系人", Text(50), blank=NOTHING),
        *(ImportColumn(item.code, item.label, Flag(), blank=NOTHING) for item in CHECKLIST),
        ImportColumn("checked_on", "核查日期", Date(future=False), blank=NOTHING),
        ImportColumn("since", "启用日期", Date(future=False), required=True, aliases=("建成日期",)),
        ImportColumn("until", "停用日期", Date(future=False), blank=NOTHING),
        ImportColumn("note", "备注", Text(200), blank=NOTHING),
    )
    texts = ("address", "layout", "opening_hours", "contact_name", "note")
    plain = ("kind", "area", "seats", "checked_on", "since", "until")

    def key_of(self, values: Mapping[str, Any]) -> Key | None:
        key = (self.org_of(values), values.get("name"))
        return None if None in key else key

    def existing(self, keys: Sequence[Key]) -> Mapping[Key, Existing]:
        wanted = set(keys)
        rows = Venue.objects.filter(org__in={key[0] for key in keys}, name__in={key[1] for key in keys}).order_by("pk")
        fields = ("pk", "version", "org_id", "park_id", "name", "open_to_others", "checklist", *self.texts, *self.plain)
        found: dict[Key, Existing] = {}
        for row in rows.values(*fields):
            key: Key = (row["org_id"], row["name"])
            if key in wanted:
                same = {"org": row["org_id"], "org_code": row["org_id"], "park": row["park_id"]}
                there = {code: row["checklist"].get(code) for code in LABELS}
                found[key] = Existing(row["pk"], row["version"], {**row, **same, **there})
        return found

    def table_rules(self, rows: Sequence[Row], existing: Mapping[Key, Existing]) -> Iterator[tuple[Row, Remark]]:
        self.orgs = PartyOrg.objects.in_bulk({org for row in rows if (org := self.org_of(row.values))})
        for row in rows:
            known = existing.get(row.key) if row.key else None
            for remark in self.in_order(row, known, "since", "until", "停用日期不能早于启用日期。"):
                yield row, remark
            since, until = value_of(row, known, "since"), value_of(row, known, "until")
            if since and since == until:
                yield row, Remark("until", "out_of_order", "停用日期须晚于启用日期。")

    def create_rows(self, rows: Sequence[Row], batch: ImportBatch) -> None:
        Venue.objects.bulk_create([Venue(**self._written(row)) for row in rows], batch_size=500)

    def _written(self, row: Row) -> dict[str, Any]:
        values, org = row.values, self.orgs[self.org_of(row.values)]  # type: ignore[index]
        return {
            "org": org, "name": values["name"], "park_id": values.get("park"),
            "open_to_others": bool(values.get("open_to_others")), "checklist": _checklist(values, {}),
            **{name: values.get(name) for name in self.plain}, **{name: values.get(name) or "" for name in self.texts},
        }  # fmt: skip

    def update_rows(self, changes: Sequence[Change], batch: ImportBatch) -> None:
        kept = dict(Venue.objects.filter(pk__in=[change.pk for change in changes]).values_list("pk", "checklist"))
        update_rows(Venue, {change.pk: _columns(change.after, kept[change.pk]) for change in changes})


def _checklist(values: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, bool]:
    """The list with what the file says about it; a blank cell says nothing."""
    said = {code: bool(values[code]) for code in LABELS if values.get(code) is not None}
    return {**before, **said}


def _columns(after: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    named = {"park": "park_id"}
    plain = {named.get(name, name): value for name, value in after.items() if name not in LABELS}
    return {**plain, "checklist": json.dumps(_checklist(after, before))} if set(after) & set(LABELS) else plain
