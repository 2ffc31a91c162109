"""One ledger, four outputs: what the page shows, the workbook, the csv and the API hold the same values."""

from __future__ import annotations

import csv
import datetime
import io

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from apps.core.excel.text import is_watermark
from apps.core.guard import resolve_scope
from apps.core.ledger import Ledger, registry
from apps.core.ledger_page import LedgerPage
from apps.core.models import AuditEntry, Job
from apps.core.scoping import use_scope
from apps.ledgers.exporting import write_ledger

pytestmark = pytest.mark.django_db
CODES = sorted(registry)


def ledger_of(code: str, user) -> Ledger:
    return registry[code](today=datetime.date(2026, 11, 22), user=user)


def owner_of(code: str, cast):
    """Somebody of the cast who may read the ledger."""
    for user in vars(cast.users).values():
        if resolve_scope(user, registry[code].permission):
            return user
    raise AssertionError(f"nobody in the cast may read {code}")


def written(ledger: Ledger, user, format: str) -> io.BytesIO:
    target = io.BytesIO()
    write_ledger(ledger, target, format=format, at=timezone.localtime(), actor=user)
    target.seek(0)
    return target


@pytest.mark.parametrize("code", CODES)
def test_the_header_is_the_same_on_screen_in_xlsx_csv_and_api(code, cast, rf):
    user = owner_of(code, cast)
    with use_scope(resolve_scope(user, registry[code].permission)):
        ledger = ledger_of(code, user)
        request = rf.get("/", {"columns": [c.name for c in ledger.columns]})
        request.user = user
        screen = [c["label"] for c in LedgerPage(ledger, request).context()["columns"]]
        sheet = load_workbook(written(ledger, user, "xlsx")).worksheets[0]
        xlsx = [cell.value for cell in sheet[1]]
        text = written(ledger, user, "csv").read().decode("utf-8-sig")
    assert screen == xlsx == next(csv.reader(io.StringIO(text))) == ledger.headers


@pytest.mark.parametrize("code", CODES)
def test_workbook_and_csv_hold_every_row_of_the_scope_and_a_watermark(code, cast):
    user = owner_of(code, cast)
    with use_scope(resolve_scope(user, registry[code].permission)):
        ledger = ledger_of(code, user)
        expected = [ledger.count() + 2]  # header and watermark; the audit trail itself grows with each export
        rows = list(load_workbook(written(ledger, user, "xlsx")).worksheets[0].values)
        expected.append(ledger.count() + 2)
        lines = list(csv.reader(io.StringIO(written(ledger, user, "csv").read().decode("utf-8-sig"))))
    for found in (rows, lines):
        assert is_watermark(str(found[-1][0]))
        assert user.display_name in str(found[-1][0])
    assert [len(rows), len(lines)] == expected


@pytest.mark.parametrize("code", CODES)
def test_the_api_gives_the_values_of_the_screen(code, cast, client):
    user = owner_of(code, cast)
    client.force_login(user)
    body = client.get(f"/api/v1/ledgers/{code}/").json()
    with use_scope(resolve_scope(user, registry[code].permission)):
        ledger = registry[code](today=timezone.localdate(), user=user)
        expected = [row.pk for row in ledger.page().rows]
    assert [row["id"] for row in body["results"]] == expected
    assert all(set(row) == {"id", *(c.name for c in ledger.columns)} for row in body["results"])


def test_an_export_is_a_job_of_its_owner_and_leaves_an_audit_entry(cast, client, settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    code = CODES[0]
    user = owner_of(code, cast)
    monkeypatch.setattr("apps.core.jobs._queue", lambda pk: None)
    client.force_login(user)
    response = client.post(f"/ledgers/{code}/export/", {"format": "xlsx"})
    job = Job.objects.get()
    assert response.url == f"/jobs/{job.pk}/"
    from apps.core.jobs import run

    run(job.pk)
    answer = client.get(f"/jobs/{job.pk}/file/")
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content)[:2] == b"PK"
    actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"ledger.exported", "export.downloaded"} <= actions
    client.force_login(cast.users.secretary_b if user != cast.users.secretary_b else cast.users.park_officer)
    assert client.get(f"/jobs/{job.pk}/file/").status_code == 404


def test_an_unknown_format_or_ledger_is_404(cast, client):
    client.force_login(cast.users.park_officer)
    assert client.post(f"/ledgers/{CODES[0]}/export/", {"format": "exe"}).status_code == 404
    assert client.post("/ledgers/no.such/export/", {"format": "csv"}).status_code == 404
