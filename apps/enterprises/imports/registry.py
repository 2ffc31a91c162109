"""The registry's own columns: an extract of 工商登记 makes the enterprises of a park."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from apps.core.bulk import insert_rows, update_rows
from apps.core.excel.dates import PartialDate
from apps.core.imports import (
    NOTHING,
    Capital,
    Change,
    CreditCode,
    Existing,
    ImportColumn,
    Importer,
    Key,
    LooseDate,
    RegisteredCapital,
    Row,
    Text,
    register_importer,
)
from apps.core.models import ImportBatch
from apps.core.period_guard import guard_period
from apps.core.scoping import unscoped
from apps.core.text import pinyin_initials

from ..kinds import UnitKind
from ..models import Condition, Enterprise, Park
from ..permissions import IMPORT

SOURCE = "工商登记导入"
COLUMNS = (
    "credit_code", "name", "registered_on", "registered_precision", "ownership", "capital", "capital_text",
    "business_scope", "province", "city", "address",
)  # fmt: skip


@register_importer
class RegistryImport(Importer):
    """One enterprise for each credit code, with a first condition from today on.

    The extract says nothing of staff and members: the census finds that out. Enterprises come to the
    organisation of the import, and into its park when it has just one.
    """

    code, title, permission = "enterprises.registry", "工商登记数据", IMPORT
    lead = "按登记机关导出的原样导入，列名不用改。职工和党员情况由摸底补充。"
    columns = (
        ImportColumn("name", "企业名称", Text(120), required=True, aliases=("名称", "单位名称"), blank=NOTHING),
        ImportColumn("credit_code", "统一社会信用代码", CreditCode(), required=True, key=True, aliases=("信用代码",)),
        ImportColumn("registered_on", "注册日期", LooseDate(future=False), aliases=("成立日期",), blank=NOTHING),
        ImportColumn("ownership", "企业类型", Text(60), aliases=("登记类型",), blank=NOTHING),
        ImportColumn("capital", "注册资金", RegisteredCapital(), aliases=("注册资本",), blank=NOTHING),
        ImportColumn("business_scope", "经营范围", Text(4000, lines=True), blank=NOTHING),
        ImportColumn("province", "所在省份", Text(20), aliases=("省份",), blank=NOTHING),
        ImportColumn("city", "地区", Text(20), aliases=("城市",), blank=NOTHING),
        ImportColumn("address", "注册地址", Text(200), aliases=("住所", "地址"), blank=NOTHING),
    )

    def existing(self, keys: Sequence[Key]) -> Mapping[Key, Existing]:
        rows = Enterprise.objects.filter(credit_code__in=[key[0] for key in keys]).order_by()
        return {
            (row["credit_code"],): Existing(row["pk"], row["version"], _read(row))
            for row in rows.values("pk", "version", *COLUMNS)
        }

    def elsewhere(self, keys: Sequence[Key]) -> Iterable[Key]:
        with unscoped("whether a credit code is taken is asked of the whole database"):
            codes = Enterprise.objects.filter(credit_code__in=[key[0] for key in keys]).order_by()
            return [(code,) for code in codes.values_list("credit_code", flat=True)]

    def guard(self, rows: Sequence[Row]) -> None:
        guard_period(self.org.path, self.today)

    def create_rows(self, rows: Sequence[Row], batch: ImportBatch) -> None:
        parks = Park.objects.filter(org=self.org)[:2]
        common = {
            "org_id": self.org.pk, "org_path": self.org.path, "park_id": parks[0].pk if len(parks) == 1 else None,
        }  # fmt: skip
        ids = insert_rows(Enterprise, [_enterprise(row.values) for row in rows], common)
        first = {"since": self.today, "source": SOURCE}
        insert_rows(Condition, [{"enterprise_id": pk} for pk in ids], first)

    def update_rows(self, changes: Sequence[Change], batch: ImportBatch) -> None:
        update_rows(Enterprise, {change.pk: _columns(change.after) for change in changes})


def _read(row: Mapping[str, Any]) -> dict[str, Any]:
    """An existing row in the values of the import columns."""
    values = dict(row)
    if row["registered_on"]:
        values["registered_on"] = PartialDate(row["registered_on"], row["registered_precision"])
    if row["capital_text"] or row["capital"] is not None:
        values["capital"] = Capital(row["capital"], row["capital_text"])
    return values


def _columns(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of the import columns as columns of the table; only what the row names."""
    found = {name: value for name, value in values.items() if name in COLUMNS}
    if isinstance(date := found.get("registered_on"), PartialDate):
        found["registered_on"], found["registered_precision"] = date
    if isinstance(capital := found.get("capital"), Capital):
        found["capital"], found["capital_text"] = capital
    if found.get("name"):
        found["initials"] = pinyin_initials(found["name"])
    return found


_EMPTY = dict.fromkeys([*COLUMNS, "initials"], "") | {
    "registered_on": None, "registered_precision": "day", "capital": None,
}  # fmt: skip


def _enterprise(values: Mapping[str, Any]) -> dict[str, Any]:
    """A new row. Codes that begin with 5 were given by 民政: social organisations (GB 32100)."""
    said = {name: value for name, value in _columns(values).items() if value is not None}
    kind = UnitKind.SOCIAL_ORGANIZATION if values["credit_code"].startswith("5") else UnitKind.ENTERPRISE
    return {**_EMPTY, **said, "kind": kind.value}
