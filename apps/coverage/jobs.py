"""Background work: the report workbook."""

from __future__ import annotations

from django.utils import timezone

from apps.core import audit
from apps.core.jobs import JobRun, job_handler

from .reading import read
from .workbook import file_name, write_workbook

WORKBOOK = "coverage.workbook"


@job_handler(WORKBOOK)
def build_workbook(run: JobRun) -> None:
    """Write the workbook of the report that the parameters name, in the scope that the owner has now."""
    now = timezone.now()
    reading = read(run.params, today=timezone.localdate(now))
    run.progress(0, 1, "正在汇总")
    with run.result_file(file_name(reading)) as target:
        write_workbook(target, reading, user_name=run.actor.display_name, now=now)
    audit.record(
        run.actor, "coverage.exported", reading.basis.org, summary=f"导出{reading.basis.org}{reading.basis.label}两个覆盖工作簿",
        data=reading.params,
    )  # fmt: skip
    run.progress(1, 1)
