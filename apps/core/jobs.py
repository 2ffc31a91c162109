"""Work outside the request: one Job row, one Celery task, any number of kinds.

An app's `jobs.py` decorates a handler with `@job_handler("kind")`. It runs in a worker under the scope that
the owner holds *then* for the job's permission; it reports progress and may leave one file for download.
"""

from __future__ import annotations

import datetime
import errno
import logging
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from . import guard
from .errors import DomainError
from .failpoints import reach
from .files import replacing
from .models import Job
from .scoping import use_scope

logger = logging.getLogger(__name__)

KEEP_FILES = datetime.timedelta(hours=24)
LOST_AFTER = datetime.timedelta(minutes=5)
QUEUE_AGAIN_AFTER = datetime.timedelta(seconds=30)
MAX_ATTEMPTS = 3

Handler = Callable[["JobRun"], None]
handlers: dict[str, Handler] = {}


def job_handler(kind: str) -> Callable[[Handler], Handler]:
    def register(handler: Handler) -> Handler:
        if kind in handlers:
            raise ValueError(f"job kind {kind} has two handlers")
        handlers[kind] = handler
        return handler

    return register


def start_job(*, kind: str, title: str, params: dict[str, Any], permission: str, actor: Any) -> Job:
    """Note the work and queue it after commit. With the queue away the row waits for the sweeper."""
    if kind not in handlers:
        raise ValueError(f"no handler for job kind {kind}")
    job = Job.objects.create(kind=kind, title=title, params=params, user=actor, permission=permission)
    transaction.on_commit(lambda: _queue(job.pk))
    return job


def _queue(pk: int) -> None:
    from .tasks import run_job

    try:
        run_job.apply_async(args=[pk], retry=False)
    except Exception:
        logger.warning("queue away, job %s waits for the sweeper", pk)


class JobRun:
    """What a handler gets: the row, its parameters, progress and the one result file."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.params: dict[str, Any] = job.params
        self.actor = job.user

    def progress(self, done: int, total: int | None = None, message: str = "") -> None:
        changes: dict[str, Any] = {"done": done, "heartbeat_at": timezone.now()}
        if total is not None:
            changes["total"] = total
        if message:
            changes["message"] = message[:500]
        Job.objects.filter(pk=self.job.pk, state=Job.State.RUNNING).update(**changes)

    @contextmanager
    def result_file(self, name: str) -> Iterator[IO[bytes]]:
        """A file that appears under its final name only when it is complete and on disk."""
        stored = f"{uuid.uuid4().hex}{Path(name).suffix}"
        with replacing(results_folder() / stored) as target:
            yield target
        self.job.file_name, self.job.stored_name = name[:200], stored


def results_folder() -> Path:
    folder = Path(settings.MEDIA_ROOT) / "jobs"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def run(pk: int) -> None:
    """Run one queued job. Compare-and-set makes a second message for the same row a no-op."""
    claimed = Job.objects.filter(pk=pk, state=Job.State.QUEUED).update(
        state=Job.State.RUNNING, heartbeat_at=timezone.now()
    )
    if not claimed:
        return
    reach("jobs.claimed")
    job = Job.objects.select_related("user").get(pk=pk)
    task = JobRun(job)
    try:
        with use_scope(guard.scope_or_denied(job.user, job.permission)):
            handlers[job.kind](task)
        finish(task, Job.State.DONE, "")
    except DomainError as error:
        finish(task, Job.State.FAILED, error.message)
    except PermissionDenied:
        finish(task, Job.State.FAILED, "您已没有办理这项任务的权限。")
    except OSError as error:
        logger.exception("job %s", pk)
        full = error.errno == errno.ENOSPC
        finish(task, Job.State.FAILED, "磁盘空间不足，文件没有写成。" if full else "读写文件时出错，请重试。")
    except Exception:
        logger.exception("job %s", pk)
        finish(task, Job.State.FAILED, "系统出错，任务没有完成。请重试；仍不成功请联系管理员。")


def finish(task: JobRun, state: str, message: str) -> None:
    job, now = task.job, timezone.now()
    done = state == Job.State.DONE
    changes: dict[str, Any] = {"state": state, "finished_at": now, "heartbeat_at": now}
    if not done:
        changes["message"] = message[:500]
    elif job.stored_name:
        changes.update(file_name=job.file_name, stored_name=job.stored_name, expires_at=now + KEEP_FILES)
    Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).update(**changes)


def sweep(now: datetime.datetime) -> tuple[int, int]:
    """Queue what was never taken, give up on what died. Returns (queued, expired files removed).

    A running row without a heartbeat for `LOST_AFTER` lost its worker: it is tried again up to
    `MAX_ATTEMPTS` times, since handlers change nothing before their last step.
    """
    lost = Job.objects.filter(state=Job.State.RUNNING, heartbeat_at__lt=now - LOST_AFTER)
    lost.filter(attempts__gte=MAX_ATTEMPTS - 1).update(
        state=Job.State.FAILED, finished_at=now, message="处理进程多次中断，任务没有完成。请重新发起。"
    )
    lost.update(state=Job.State.QUEUED, attempts=F("attempts") + 1)
    stale = Job.objects.filter(state=Job.State.QUEUED, created_at__lt=now - QUEUE_AGAIN_AFTER)
    waiting = list(stale.values_list("pk", flat=True))
    for pk in waiting:
        _queue(pk)
    return len(waiting), _remove_expired(now)


def _remove_expired(now: datetime.datetime) -> int:
    expired = list(Job.objects.filter(expires_at__lt=now).exclude(stored_name=""))
    for job in expired:
        (results_folder() / job.stored_name).unlink(missing_ok=True)
        Job.objects.filter(pk=job.pk).update(stored_name="", message="文件已过保留期。")
    return len(expired)
