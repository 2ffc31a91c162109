"""Files too long for a page: read, checked and committed by a job, under the right that holds when it runs."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from ..errors import DomainError
from ..excel.limits import COMMAND_LIMITS, PAGE_LIMITS
from ..excel.problems import WorkbookRefused
from ..jobs import JobRun, job_handler, start_job
from ..models import ImportBatch, Job
from .batches import State, acting, check_batch, discard_batch, is_read, keep_table, read_batch
from .commit import commit_batch
from .spec import Importer, importer_class

CHECK = "imports.check"
COMMIT = "imports.commit"


def is_long(batch: ImportBatch) -> bool:
    """Whether a page should not wait for this batch. An unread one is: that is why it was not read."""
    return batch.rows > PAGE_LIMITS.max_rows or not is_read(batch)


def upload_long_file(
    *, importer: type[Importer], org: Any, file_name: str, data: bytes, mode: str, actor: Any
) -> Job:
    """Keep the file and let a job read and check it."""
    with acting(importer, org.path, actor):
        batch = keep_table(
            importer=importer, org=org, file_name=file_name, data=data, table=None, mode=mode, actor=actor
        )
    return later(CHECK, batch, actor)


def later(kind: str, batch: ImportBatch, actor: Any) -> Job:
    """Check or commit the batch in the background."""
    importer = importer_class(batch.importer)
    title = f"{'检查' if kind == CHECK else '导入'}「{importer.title}」文件：{batch.file_name}"
    return start_job(kind=kind, title=title[:200], params={"batch": batch.pk}, permission=importer.permission, actor=actor)


@job_handler(CHECK)
def check(run: JobRun) -> None:
    batch = _batch(run)
    if not is_read(batch):
        try:
            batch = read_batch(batch=batch, actor=run.actor, limits=COMMAND_LIMITS)
        except WorkbookRefused:
            discard_batch(batch=batch, actor=run.actor)
            raise
    run.progress(0, batch.rows, "已读取，正在检查")
    if batch.state == State.UPLOADED:
        run.progress(batch.rows, batch.rows, f"已读取 {batch.rows:,} 行，请在「导入」里打开批次 {batch.pk}，指明各列")
        return
    report = check_batch(batch=batch, actor=run.actor, today=timezone.localdate())
    said = f"{len(report.errors):,} 处错误，请在「导入」里打开批次 {batch.pk} 查看"
    run.progress(batch.rows, batch.rows, f"已检查 {batch.rows:,} 行：{said}")


@job_handler(COMMIT)
def commit(run: JobRun) -> None:
    batch = _batch(run)
    run.progress(0, batch.rows, "正在导入")
    batch = commit_batch(batch=batch, actor=run.actor, today=timezone.localdate())
    done = f"新增 {batch.created:,}、更新 {batch.updated:,}、无变化 {batch.unchanged:,}"
    run.progress(batch.rows, batch.rows, f"已导入：{done}")


def _batch(run: JobRun) -> ImportBatch:
    found = ImportBatch.objects.filter(pk=run.params["batch"]).first()
    if found is None:
        raise DomainError("这个导入批次已不在您的范围内。")
    return found
