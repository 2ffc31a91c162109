"""The park officer's desk: workbooks of records go in, exports of the ledgers come out."""

from __future__ import annotations

import datetime
import io
from typing import Any

from django.utils import timezone

from apps.core.imports.batches import check_batch, upload_file
from apps.core.imports.commit import commit_batch
from apps.core.imports.spec import importer_class
from apps.core.imports.undo import undo_batch
from apps.core.ledger import registry
from apps.core.models import ImportBatch
from apps.ledgers.exporting import write_ledger
from tests.core.excel.workbooks import book


def meeting(**changes: Any) -> dict[str, Any]:
    """A row of an office's own record book under our headers."""
    return {
        "类型": "支部党员大会",
        "日期": "2026-10-12",
        "主题": "第四季度党员大会",
        "地点": "三楼会议室",
        "主持": "王书记",
    } | changes


class Desk:
    def __init__(self, cast: Any, actor: Any, today: datetime.date, code: str = "activities.meetings") -> None:
        self.cast, self.actor, self.today, self.code = cast, actor, today, code

    def upload(self, data: bytes, mode: str = "update", org: Any = None, code: str = "") -> ImportBatch:
        return upload_file(
            importer=importer_class(code or self.code), org=org or self.cast.branch_a, file_name="记录.xlsx", data=data,
            mode=mode, actor=self.actor,
        )  # fmt: skip

    def sheet(self, *rows: dict[str, Any]) -> bytes:
        headers = list(dict.fromkeys(name for row in rows for name in row))
        return book([[row.get(name) for name in headers] for row in rows], headers)

    def check(self, *rows: dict[str, Any], data: bytes | None = None, **more: Any) -> Any:
        return check_batch(batch=self.upload(data or self.sheet(*rows), **more), actor=self.actor, today=self.today)

    def commit(self, *rows: dict[str, Any], data: bytes | None = None, **more: Any) -> ImportBatch:
        return commit_batch(batch=self.upload(data or self.sheet(*rows), **more), actor=self.actor, today=self.today)

    def problems(self, *rows: dict[str, Any], **more: Any) -> list[tuple[int, str, str]]:
        return [(p.row, p.column, p.code) for p in self.check(*rows, **more).errors]

    def sentences(self, *rows: dict[str, Any], **more: Any) -> str:
        return "\n".join(problem.message for problem in self.check(*rows, **more).errors)

    def undo(self, batch: ImportBatch) -> ImportBatch:
        return undo_batch(batch=batch, actor=self.actor)

    def export(self, code: str = "", **params: str) -> bytes:
        target = io.BytesIO()
        ledger = registry[code or self.code](params, today=self.today, user=self.actor)
        write_ledger(ledger, target, format="xlsx", at=timezone.now(), actor=self.actor)
        return target.getvalue()
