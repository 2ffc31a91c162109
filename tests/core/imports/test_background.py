"""Files too long for a page are read, checked and committed by jobs, each under the right of that moment."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
from django.test import Client

from apps.accounts.models import RoleAssignment
from apps.core import jobs
from apps.core.excel import limits
from apps.core.imports import background, batches
from apps.core.models import Job
from apps.core.scoping import unscoped
from tests.core.excel.workbooks import book

from .conftest import HEADERS, ROWS, last_batch, send


@pytest.fixture
def officer(officer: Client, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A desk on which two rows are too many for a page."""
    short = replace(limits.PAGE_LIMITS, max_rows=1)
    monkeypatch.setattr(background, "PAGE_LIMITS", short)
    monkeypatch.setattr(batches.upload_file, "__kwdefaults__", {"limits": short})
    return officer


def run_last_job() -> Job:
    job = Job.objects.latest("pk")
    jobs.run(job.pk)
    job.refresh_from_db()
    return job


def test_a_long_file_goes_through_two_jobs(desk: SimpleNamespace, officer: Client) -> None:
    response = send(officer, desk, book(ROWS, HEADERS))
    assert response.headers["Location"] == f"/jobs/{Job.objects.latest('pk').pk}/"
    page = f"/imports/{last_batch().pk}/check/"
    assert "正在后台读取" in officer.get(page).content.decode()
    job = run_last_job()
    assert (job.state, last_batch().state, last_batch().created) == ("done", "checked", 2)
    assert "确认导入" in officer.get(page).content.decode()
    assert officer.post(f"/imports/{last_batch().pk}/commit/").headers["Location"].startswith("/jobs/")
    assert desk.codes() == {"A", "B"}
    job = run_last_job()
    assert (job.state, last_batch().state) == ("done", "committed")
    assert "新增 2" in job.message
    assert desk.codes() == {"A", "B", "P1", "P2"}


def test_headers_that_nobody_knows_wait_for_the_mapping(desk: SimpleNamespace, officer: Client) -> None:
    send(officer, desk, book(ROWS, ("编号", "叫什么", "级别", "地址")))
    assert "指明各列" in run_last_job().message
    chosen = {"column_code": "编号", "column_name": "叫什么", "column_level": "级别", "column_address": "", "mode": "create"}
    assert officer.post(f"/imports/{last_batch().pk}/map/", chosen).headers["Location"].startswith("/jobs/")
    run_last_job()
    assert last_batch().created == 2


def test_a_file_that_turns_out_broken_is_given_up(desk: SimpleNamespace, officer: Client) -> None:
    send(officer, desk, book([*ROWS, [], ROWS[0]], HEADERS))
    job = run_last_job()
    assert job.state == "failed"
    assert "空行" in job.message
    assert last_batch().state == "discarded"


def test_errors_leave_the_batch_checked_and_the_job_says_so(desk: SimpleNamespace, officer: Client) -> None:
    send(officer, desk, book([*ROWS, ("P3", "", "市级", "")], HEADERS))
    assert "1 处错误" in run_last_job().message
    officer.post(f"/imports/{last_batch().pk}/commit/")
    assert run_last_job().state == "failed"
    assert desk.codes() == {"A", "B"}


def test_a_right_lost_before_the_job_runs_stops_it(desk: SimpleNamespace, officer: Client) -> None:
    send(officer, desk, book(ROWS, HEADERS))
    run_last_job()
    officer.post(f"/imports/{last_batch().pk}/commit/")
    with unscoped("the grant ends"):
        RoleAssignment.objects.filter(user=desk.cast.users.park_officer).delete()
    assert run_last_job().state == "failed"
    assert desk.codes() == {"A", "B"}
    assert last_batch().state == "checked"
