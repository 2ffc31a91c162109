"""What a ledger exports, its import takes back: no error, nothing new, nothing changed. Every ledger that has both."""

from __future__ import annotations

import datetime
import io
from typing import Any

import pytest

from apps.core.excel.reader import read_table
from apps.core.excel.text import watermark
from apps.core.excel.writer import SheetSpec, write_csv, write_xlsx
from apps.core.guard import resolve_scope
from apps.core.imports.check import check_table
from apps.core.imports.mapping import guess
from apps.core.imports.spec import Mode, importer_class
from apps.core.imports.spec import registry as importers
from apps.core.ledger import registry as ledgers
from apps.core.scoping import use_scope

from .conftest import TODAY

BOTH = sorted(set(importers) & set(ledgers))


@pytest.mark.parametrize("format", ["xlsx", "csv"])
@pytest.mark.parametrize("code", BOTH)
def test_an_export_imports_again_without_a_change(cast: Any, code: str, format: str) -> None:
    user, importer = cast.users.park_officer, importer_class(code)
    with use_scope(resolve_scope(user, importer.permission)):
        ledger = ledgers[code]({}, today=TODAY, user=user)
        rows = list(ledger.records())
        target = io.BytesIO()
        mark = watermark(user.display_name, datetime.datetime.combine(TODAY, datetime.time(10, 30)))
        spec = SheetSpec(ledger.title, ledger.columns, rows, mark)
        write_csv(target, spec) if format == "csv" else write_xlsx(target, [spec])
        table = read_table(target.getvalue(), name=f"台账.{format}")
        report = check_table(
            importer(org=cast.park_org, actor=user, today=TODAY), table, guess(importer, table.headers), Mode.UPDATE
        ).report
    assert {problem.code for problem in report.errors} <= ({"no_rows"} if not rows else set())
    assert (report.created, report.updated, report.unchanged) == (0, 0, len(rows))


def test_there_are_ledgers_to_try() -> None:
    assert len(BOTH) >= 6
