"""The zip of a handover in the background."""

from __future__ import annotations

from django.utils import timezone

from apps.accounts.models import Handover
from apps.core.errors import DomainError
from apps.core.jobs import JobRun, job_handler

from .handover_package import write_package

PACKAGE = "portal.handover"


@job_handler(PACKAGE)
def package(run: JobRun) -> None:
    """Rows are those that whoever asked may see when the job runs."""
    at = timezone.localtime()
    handover = Handover.objects.select_related("org").filter(pk=run.params["handover"]).first()
    if handover is None:
        raise DomainError("这次交接已不在您的范围内。")
    with run.result_file(f"{handover.org}_岗位交接_{at:%Y%m%d}.zip") as target:
        files = write_package(
            target, handover, at=at, actor=run.actor, progress=lambda done, all: run.progress(done, all)
        )
    run.progress(files, files, f"共 {files} 个文件")
