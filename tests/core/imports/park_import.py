"""A small importer for the tests of the mechanism: parks by their code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db.models import F

from apps.core.imports import (
    NOTHING,
    Change,
    Code,
    Existing,
    ImportColumn,
    Importer,
    Key,
    OneOf,
    Remark,
    Row,
    Text,
    register_importer,
)
from apps.core.imports import spec as registry_of
from apps.core.models import ImportBatch
from apps.core.rights import IMPORT
from apps.core.scoping import unscoped
from apps.enterprises.kinds import ParkLevel
from apps.enterprises.models import Park


class ParkImport(Importer):
    code, title, permission = "tests.parks", "园区名册", IMPORT
    columns = (
        ImportColumn("code", "园区代码", Code(20), required=True, key=True),
        ImportColumn("name", "园区名称", Text(60), required=True, aliases=("名称",)),
        ImportColumn("level", "级别", OneOf(ParkLevel.choices()), required=True),
        ImportColumn("address", "地址", Text(200), blank=NOTHING),
    )

    def existing(self, keys: Sequence[Key]) -> Mapping[Key, Existing]:
        rows = Park.objects.filter(code__in=[key[0] for key in keys])
        return {(park.code,): Existing(park.pk, park.version, park.__dict__) for park in rows}

    def elsewhere(self, keys: Sequence[Key]) -> Iterable[Key]:
        with unscoped("whether a code is taken is asked of the whole database"):
            codes = [key[0] for key in keys]
            return [(code,) for code in Park.objects.filter(code__in=codes).values_list("code", flat=True)]

    def row_rules(self, row: Row) -> Iterator[Remark]:
        if row.values["name"] == "无名园区":
            yield Remark("name", "nameless", "请填写园区的正式名称。")
        if not row.values.get("address"):
            yield Remark("address", "no_address", "没有地址，走访时找不到。", is_warning=True)

    def create_rows(self, rows: Sequence[Row], batch: ImportBatch) -> None:
        Park.objects.bulk_create([Park(org=self.org, **_facts(row.values)) for row in rows])

    def update_rows(self, changes: Sequence[Change], batch: ImportBatch) -> None:
        parks = Park.objects.in_bulk([change.pk for change in changes])
        for change in changes:
            for name, value in change.after.items():
                setattr(parks[change.pk], name, value)
            parks[change.pk].version = F("version") + 1
        Park.objects.bulk_update(parks.values(), ["name", "level", "address", "version"])

    def template_rows(self) -> Iterator[Mapping[str, Any]]:
        for park in Park.objects.order_by("code"):
            yield park.__dict__


def _facts(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value or "" for name, value in values.items() if name != "version"}


@contextmanager
def registered() -> Iterator[None]:
    """The importer known to the registry for as long as a test runs."""
    register_importer(ParkImport)
    try:
        yield
    finally:
        del registry_of.registry[ParkImport.code]
