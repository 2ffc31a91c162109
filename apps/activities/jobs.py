"""Background work: the workbook of the compliance report, and record books."""

from __future__ import annotations

from django.utils import timezone

from apps.core import audit
from apps.core.jobs import JobRun, job_handler

from .books import making
from .compliance.report import read
from .compliance.workbook import file_name, write_workbook

COMPLIANCE_WORKBOOK = "activities.compliance_workbook"


@job_handler(COMPLIANCE_WORKBOOK)
def build_compliance_workbook(run: JobRun) -> None:
    """Write the report that the parameters `org` and `period` name, in the scope that the owner has now."""
    now = timezone.now()
    report = read(run.params, today=timezone.localdate(now))
    run.progress(0, 1, "正在汇总")
    with run.result_file(file_name(report)) as target:
        write_workbook(target, report, user_name=run.actor.display_name, now=now)
    audit.record(
        run.actor, "compliance.exported", report.board.org,
        summary=f"导出{report.board.org}{report.board.period.label}组织生活落实情况",
    )  # fmt: skip
    run.progress(1, 1)


@job_handler(making.KIND)
def build_record_book(run: JobRun) -> None:
    making.make_book(run)
