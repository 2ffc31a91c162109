"""The export of a ledger in the background."""

from __future__ import annotations

from django.utils import timezone

from apps.core.jobs import JobRun, job_handler
from apps.core.ledger import registry

from .exporting import file_name, write_ledger

EXPORT = "ledger.export"


@job_handler(EXPORT)
def export(run: JobRun) -> None:
    """Rows are those that the owner may see when the job runs, not when it was asked for."""
    at = timezone.localtime()
    ledger = registry[run.params["ledger"]](run.params["filters"], today=at.date(), user=run.actor)
    run.progress(0, ledger.count())
    with run.result_file(file_name(ledger, at, run.params["format"])) as target:
        rows = write_ledger(
            ledger, target, format=run.params["format"], at=at, actor=run.actor, progress=run.progress
        )  # fmt: skip
    run.progress(rows, rows, f"共 {rows:,} 行")
