"""A ledger as a file: the same rows, columns and masks as on screen, with who took it out and when."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from typing import IO, Any

from apps.core import audit
from apps.core.excel.text import watermark
from apps.core.excel.writer import SheetSpec, write_csv, write_xlsx
from apps.core.ledger import Ledger

FORMATS = {"xlsx": "Excel 工作簿", "csv": "文本表格"}
PROGRESS_EVERY = 2000


def file_name(ledger: Ledger, at: datetime.datetime, format: str) -> str:
    return f"{ledger.title}_{at:%Y%m%d_%H%M}.{format}"


def write_ledger(
    ledger: Ledger, target: IO[bytes], *, format: str, at: datetime.datetime, actor: Any,
    progress: Callable[[int], None] = lambda done: None,
) -> int:  # fmt: skip
    """Write every filtered row of the ledger in the active scope. Returns the number of rows.

    Memory does not grow with the rows. The act is noted in the audit trail with its filters.
    """
    counted = _Counted(ledger.records(), progress)
    sheet = SheetSpec(ledger.title, ledger.columns, counted, watermark(actor.display_name, at))
    if format == "csv":
        write_csv(target, sheet)
    else:
        write_xlsx(target, [sheet])
    audit.record(
        actor, "ledger.exported", summary=f"导出{ledger.title} {counted.rows} 行（{format}）",
        data={"ledger": ledger.code, "rows": counted.rows, "filters": sorted(ledger.params)},
    )  # fmt: skip
    return counted.rows


class _Counted:
    """Rows on their way into a file, counted."""

    def __init__(self, records: Iterator[list[Any]], progress: Callable[[int], None]) -> None:
        self.records = records
        self.progress = progress
        self.rows = 0

    def __iter__(self) -> Iterator[list[Any]]:
        for record in self.records:
            yield record
            self.rows += 1
            if self.rows % PROGRESS_EVERY == 0:
                self.progress(self.rows)
