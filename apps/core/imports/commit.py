"""The commit: check again, write everything or nothing, say so in the batch; all in one transaction."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pghistory
from django.db import IntegrityError, connection
from django.utils import timezone

from .. import audit
from ..errors import Conflict, DomainError
from ..excel.reader import Table
from ..models import ImportBatch
from .batches import COUNTS, State, acting, check_batch, keep_report, locked, org_of, plan_for, table_of
from .check import Plan, Report
from .spec import Importer, importer_class

_ONE_COMMIT = "one_commit_per_file_and_org"


class ChecksFailed(DomainError):
    """The check inside the commit found errors; nothing was written. `report` says what."""

    def __init__(self, report: Report) -> None:
        first = report.errors[0]
        where = f"第 {first.row} 行{first.column}：" if first.row else ""
        text = f"有 {len(report.errors)} 处错误，没有导入任何数据。{where}{first.message}"
        super().__init__(text, code=first.code)
        self.report = report


def commit_batch(*, batch: ImportBatch, actor: Any, today: datetime.date) -> ImportBatch:
    """Write the rows of a batch.

    The actor's right, the data and the period are asked as they are now: PermissionDenied for a right that
    was lost, ChecksFailed for errors (kept as the report of the batch), Conflict when the period was closed
    or somebody wrote the same rows at the same moment, DomainError(already_imported) for a file that was
    committed meanwhile.
    """
    importer = importer_class(batch.importer)
    try:
        with acting(importer, batch.org_path, actor), one_transaction(actor):
            return write_batch(batch, actor=actor, today=today)[0]
    except ChecksFailed:
        check_batch(batch=batch, actor=actor, today=today)
        raise


@contextmanager
def one_transaction(actor: Any) -> Iterator[None]:
    """The transaction of a commit; what a constraint says becomes a sentence."""
    try:
        with audit.writing(intent="commit_import", actor=actor.pk):
            yield
    except IntegrityError as error:
        raise _explained(error) from error


def write_batch(
    batch: ImportBatch, *, actor: Any, today: datetime.date, table: Table | None = None
) -> tuple[ImportBatch, Report]:
    """Inside the transaction and the scope: wait for one's turn, check again, write, close the batch.

    `table` saves reading the stored one again.
    """
    _queue_up(batch)
    batch = locked(batch)
    importer = importer_class(batch.importer)(org=org_of(batch), actor=actor, today=today)
    with pghistory.context(batch=batch.pk) as history:
        batch.history_id = history.id
        plan = _write(importer, batch, table or table_of(batch))
        _close(batch, plan, actor)
    return batch, plan.report


def _queue_up(batch: ImportBatch) -> None:
    """Imports of one kind for one organisation follow each other, so that the second sees what the first did."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"import {batch.importer} {batch.org_id}"]
        )


def _write(importer: Importer, batch: ImportBatch, table: Table) -> Plan:
    plan = plan_for(importer, batch, table)
    if plan.report.errors:
        if plan.report.errors[0].code == "already_imported":
            raise DomainError(plan.report.errors[0].message, code="already_imported")
        raise ChecksFailed(plan.report)
    importer.guard([*plan.creates, *(change.row for change in plan.changes)])
    if plan.creates:
        importer.create_rows(plan.creates, batch)
    if plan.changes:
        importer.update_rows(plan.changes, batch)
    return plan


def _close(batch: ImportBatch, plan: Plan, actor: Any) -> None:
    importer = importer_class(batch.importer)
    keep_report(batch, plan.report)
    batch.state = State.COMMITTED
    batch.committed_at = timezone.now()
    batch.committed_by_name = actor.display_name
    batch.save(update_fields=["state", "committed_at", "committed_by_name", "history_id", *COUNTS])
    counts = f"新增 {batch.created}、更新 {batch.updated}、无变化 {batch.unchanged}"
    audit.record(
        actor, "import.committed", batch, summary=f"导入「{importer.title}」批次 {batch.pk}：{counts}",
        data={"importer": importer.code, "created": batch.created, "updated": batch.updated,
              "unchanged": batch.unchanged, "file_hash": batch.file_hash},
    )  # fmt: skip


def _explained(error: IntegrityError) -> DomainError:
    """A constraint that only speaks when two people write at the same moment."""
    if _ONE_COMMIT in str(error):
        return DomainError("这个文件刚刚已经导入，不会重复导入。", code="already_imported")
    return Conflict("导入期间有人登记了相同的记录，没有导入任何数据。请重新检查后再导入。")
