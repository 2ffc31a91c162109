"""Background jobs: a row that is never lost, a file that is whole or not there."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from apps.core import jobs
from apps.core.errors import DomainError
from apps.core.jobs import JobRun, job_handler, results_folder, run, sweep
from apps.core.models import Job
from apps.core.rights import OWN_WORK
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def kinds(monkeypatch: pytest.MonkeyPatch, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(jobs, "handlers", {})
    monkeypatch.setattr(jobs, "_queue", lambda pk: queued.append(pk))
    queued: list[int] = []
    return queued


def started(cast: Cast, kind: str, user: str = "park_officer") -> Job:
    return jobs.start_job(kind=kind, title="试", params={}, permission=OWN_WORK, actor=getattr(cast.users, user))


def test_a_finished_job_leaves_its_file_under_the_final_name(cast, kinds):
    @job_handler("write")
    def write(task: JobRun) -> None:
        with task.result_file("企业台账.csv") as target:
            target.write("一".encode())

    job = started(cast, "write")
    run(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.DONE
    assert (results_folder() / job.stored_name).read_text() == "一"
    assert job.expires_at > timezone.now()


def test_a_job_that_fails_midway_leaves_no_file_and_says_why(cast, kinds):
    @job_handler("break")
    def breaks(task: JobRun) -> None:
        with task.result_file("企业台账.csv") as target:
            target.write(b"half")
            raise DomainError("这个季度还没有关闭。")

    job = started(cast, "break")
    run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.message, job.stored_name) == (Job.State.FAILED, "这个季度还没有关闭。", "")
    assert list(results_folder().iterdir()) == []


def test_a_full_disk_is_said_plainly(cast, kinds):
    @job_handler("full")
    def full(task: JobRun) -> None:
        raise OSError(28, "No space left on device")

    job = started(cast, "full")
    run(job.pk)
    job.refresh_from_db()
    assert "磁盘空间不足" in job.message


def test_a_right_lost_before_the_job_runs_fails_it(cast, kinds):
    @job_handler("late")
    def late(task: JobRun) -> None:
        raise AssertionError("must not run")

    job = started(cast, "late", user="visitor")
    run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.message) == (Job.State.FAILED, "您已没有办理这项任务的权限。")


def test_a_message_delivered_twice_runs_the_job_once(cast, kinds):
    ran = []

    @job_handler("once")
    def once(task: JobRun) -> None:
        ran.append(task.job.pk)

    job = started(cast, "once")
    run(job.pk)
    run(job.pk)
    assert ran == [job.pk]


def test_the_sweeper_queues_what_was_lost_and_gives_up_after_three_deaths(cast, kinds):
    @job_handler("lost")
    def lost(task: JobRun) -> None:
        pass

    job = started(cast, "lost")
    later = timezone.now() + datetime.timedelta(minutes=1)
    sweep(later)
    assert kinds == [job.pk]
    for death in range(jobs.MAX_ATTEMPTS):
        Job.objects.filter(pk=job.pk).update(
            state=Job.State.RUNNING, heartbeat_at=timezone.now() - jobs.LOST_AFTER - datetime.timedelta(seconds=1)
        )
        sweep(later)
        job.refresh_from_db()
        assert job.attempts == min(death + 1, jobs.MAX_ATTEMPTS - 1)
    assert job.state == Job.State.FAILED


def test_an_expired_file_is_removed_and_the_row_says_so(cast, kinds):
    @job_handler("old")
    def old(task: JobRun) -> None:
        with task.result_file("a.csv") as target:
            target.write(b"x")

    job = started(cast, "old")
    run(job.pk)
    sweep(timezone.now() + jobs.KEEP_FILES + datetime.timedelta(seconds=1))
    job.refresh_from_db()
    assert (job.stored_name, list(results_folder().iterdir())) == ("", [])
