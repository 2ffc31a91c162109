"""From file to rows in one call, for commands and jobs. A check alone leaves nothing behind."""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import DomainError
from ..excel.limits import COMMAND_LIMITS
from ..excel.problems import Problem
from ..excel.reader import Table, read_table
from ..models import ImportBatch
from .batches import acting, keep_table, plan_for, refuse_mode
from .check import Report
from .commit import ChecksFailed, one_transaction, write_batch
from .mapping import guess, remembered
from .spec import Importer


@dataclass
class Outcome:
    """What became of a file: the report, and the batch when it was committed."""

    report: Report
    batch: int | None = None

    @property
    def committed(self) -> bool:
        return self.batch is not None

    def as_json(self) -> dict[str, Any]:
        """The public answer. With errors nothing would be written, so the counts of the commit are 0."""
        body = self.report.as_json()
        if self.report.errors:
            body |= {"created": 0, "updated": 0, "unchanged": 0}
        return body | {"committed": self.committed, "batch": self.batch}


def import_file(
    *, importer: type[Importer], path: Path, org: Any, actor: Any, mode: str, commit: bool, today: datetime.date
) -> Outcome:
    """Check a file and, when asked and faultless, commit it. Raises WorkbookRefused, PermissionDenied, DomainError."""
    with path.open("rb") as stream:
        data = stream.read(COMMAND_LIMITS.max_bytes + 1)
    with acting(importer, org.path, actor):
        refuse_mode(importer, mode)
        table = read_table(data, name=path.name, limits=COMMAND_LIMITS)
        if not commit:
            return Outcome(_check_only(importer, table, data, org=org, actor=actor, mode=mode, today=today))
        try:
            with one_transaction(actor):
                batch = keep_table(
                    importer=importer, org=org, file_name=path.name, data=data, table=table, mode=mode, actor=actor
                )
                batch, report = write_batch(batch, actor=actor, today=today, table=table)
                return Outcome(report, batch.pk)
        except ChecksFailed as failed:
            return Outcome(failed.report)
        except DomainError as refused:
            if refused.code != "already_imported":
                raise
            return Outcome(Report(rows=len(table.rows), errors=[Problem(0, "", refused.code, refused.message)]))


def _check_only(
    importer: type[Importer], table: Table, data: bytes, *, org: Any, actor: Any, mode: str, today: datetime.date
) -> Report:
    """The report of a batch that is never saved."""
    draft = ImportBatch(
        importer=importer.code, org_id=org.pk, file_hash=hashlib.sha256(data).hexdigest(), mode=mode,
        mapping=remembered(importer, table.headers, org.pk) or guess(importer, table.headers),
    )  # fmt: skip
    return plan_for(importer(org=org, actor=actor, today=today), draft, table).report
