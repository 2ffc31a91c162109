"""The import in a browser without JavaScript: upload, map, check, mark, commit, undo."""

from __future__ import annotations

import datetime
import io
from types import SimpleNamespace
from typing import Any
from unittest import mock

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.accounts.models import RoleAssignment
from apps.core.errors import Conflict
from apps.core.imports.batches import KEEP_FILES, forget_files
from apps.core.models import ImportBatch
from apps.core.scoping import unscoped
from tests.core.excel.workbooks import book

from .conftest import HEADERS, ROWS, UPLOAD, last_batch, send
from .park_import import ParkImport


def text(response: Any) -> str:
    return str(response.content.decode())


def test_a_sound_file_goes_from_upload_to_commit_and_back(desk: SimpleNamespace, officer: Client) -> None:
    assert "园区名册" in text(officer.get("/imports/"))
    assert officer.get(UPLOAD).status_code == 200
    response = send(officer, desk, book(ROWS, HEADERS))
    batch = last_batch()
    page = f"/imports/{batch.pk}/check/"
    assert response.headers["Location"] == page
    assert "确认导入" in text(officer.get(page))
    assert desk.codes() == {"A", "B"}
    assert officer.post(f"/imports/{batch.pk}/commit/").headers["Location"] == page
    assert desk.codes() == {"A", "B", "P1", "P2"}
    assert "撤销这次导入" in text(officer.get(page))
    with mock.patch("apps.core.imports.undo._refuse_if_changed_since"):
        officer.post(f"/imports/{batch.pk}/undo/")
    assert "再次导入" in text(officer.get(page))
    assert "园区.xlsx" in text(officer.get("/imports/"))


def test_unknown_headers_are_mapped_by_hand_once(desk: SimpleNamespace, officer: Client) -> None:
    headers = ("编号", "叫什么", "级别", "地址")
    response = send(officer, desk, book(ROWS, headers))
    map_page = f"/imports/{last_batch().pk}/map/"
    assert response.headers["Location"] == map_page
    shown = text(officer.get(map_page))
    assert "叫什么" in shown
    assert "城东园区" in shown, "the first rows stand beside the choice"
    chosen = {"column_code": "编号", "column_name": "叫什么", "column_level": "级别", "column_address": "", "mode": "create"}
    twice = officer.post(map_page, chosen | {"column_name": "编号"})
    assert twice.status_code == 422
    assert "一列只能用一次" in text(twice)
    assert officer.post(map_page, chosen).headers["Location"] == f"/imports/{last_batch().pk}/check/"
    assert last_batch().created == 2
    again = send(officer, desk, book([("P7", "城南", "市级", "")], headers))
    assert again.headers["Location"].endswith("/check/")


def test_every_error_is_on_the_page_and_in_the_marked_workbook(desk: SimpleNamespace, officer: Client) -> None:
    rows = [(f"P{number}", "", "国家级", "") for number in range(80)]
    send(officer, desk, book(rows, HEADERS))
    page = f"/imports/{last_batch().pk}/check/"
    shown = text(officer.get(page))
    assert "有 160 处错误" in shown
    assert "确认导入" not in shown
    assert "第 2 行" in shown
    assert "第 81 行" in text(officer.get(f"{page}?show=errors&page=2"))
    response = officer.get(f"/imports/{last_batch().pk}/annotated/")
    workbook = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))  # type: ignore[attr-defined]
    assert workbook.worksheets[0]["B2"].comment is not None
    assert response["Cache-Control"] == "no-store, private"


def test_a_commit_with_errors_writes_nothing(desk: SimpleNamespace, officer: Client) -> None:
    send(officer, desk, book([*ROWS, ("P3", "", "省级", "")], HEADERS))
    response = officer.post(f"/imports/{last_batch().pk}/commit/", follow=True)
    assert "没有导入任何数据" in text(response)
    assert desk.codes() == {"A", "B"}


@pytest.mark.parametrize(
    ("data", "said"), [(b"nothing", ".xlsx"), (book([ROWS[0], [], ROWS[1]], HEADERS), "空行"), (b"", "文件")], ids=["text", "gap", "empty"]
)
def test_a_broken_file_is_told_on_the_form(desk: SimpleNamespace, officer: Client, data: bytes, said: str) -> None:
    response = send(officer, desk, data)
    assert response.status_code == 422
    assert said in text(response)
    with unscoped("the test looks from outside"):
        assert not ImportBatch.objects.exists()


def test_all_problems_of_a_file_are_on_the_form(desk: SimpleNamespace, officer: Client) -> None:
    data = book([ROWS[0], [], ROWS[1]], HEADERS, change=lambda sheet: sheet.merge_cells("A2:B2"))
    shown = text(send(officer, desk, data))
    assert "空行" in shown
    assert "合并单元格" in shown


def test_a_closed_period_is_409_and_the_page_says_so(desk: SimpleNamespace, officer: Client) -> None:
    send(officer, desk, book(ROWS, HEADERS))
    with mock.patch.object(ParkImport, "guard", side_effect=Conflict("2026年第三季度已锁定，请联系园区党工委。")):
        response = officer.post(f"/imports/{last_batch().pk}/commit/")
    assert response.status_code == 409
    assert "2026年第三季度已锁定" in text(response)
    assert desk.codes() == {"A", "B"}


def test_a_right_lost_in_between_is_403(desk: SimpleNamespace, officer: Client) -> None:
    send(officer, desk, book(ROWS, HEADERS))
    with unscoped("the grant ends"):
        RoleAssignment.objects.filter(user=desk.cast.users.park_officer).delete()
    assert officer.post(f"/imports/{last_batch().pk}/commit/").status_code == 403
    assert desk.codes() == {"A", "B"}


@pytest.mark.parametrize("step", ["check/", "map/", "annotated/"])
@pytest.mark.parametrize("who", ["secretary_b", "secretary_a"])
def test_a_batch_outside_the_scope_is_404(desk: SimpleNamespace, client: Client, step: str, who: str) -> None:
    batch = desk.upload()
    desk.check(batch)
    client.force_login(getattr(desk.cast.users, who))
    inside, outside = client.get(f"/imports/{batch.pk}/{step}"), client.get(f"/imports/999999/{step}")
    assert (inside.status_code, outside.status_code) == (404, 404)
    assert client.post(f"/imports/{batch.pk}/commit/").status_code == 404
    assert "园区.xlsx" not in text(client.get("/imports/"))


def test_who_holds_the_permission_nowhere_gets_403(desk: SimpleNamespace, client: Client) -> None:
    client.force_login(desk.cast.users.visitor)
    assert client.get("/imports/").status_code == 403
    assert client.get(UPLOAD).status_code == 403


def test_signed_out_is_a_redirect(desk: SimpleNamespace, client: Client) -> None:
    assert client.get(UPLOAD).status_code == 302


def test_an_organisation_outside_the_scope_is_no_choice(desk: SimpleNamespace, officer: Client) -> None:
    form = {"file": SimpleUploadedFile("园区.xlsx", book(ROWS, HEADERS)), "org": desk.cast.sibling_org.path, "mode": "create"}
    assert officer.post(UPLOAD, form).status_code == 422


def test_an_unknown_ledger_is_404(desk: SimpleNamespace, officer: Client) -> None:
    assert officer.get("/imports/no.such/").status_code == 404


def test_templates_are_downloaded_empty_and_filled(desk: SimpleNamespace, officer: Client) -> None:
    for query, rows in (("", 1), ("?filled=1", 2)):
        response = officer.get(f"{UPLOAD}template/{query}")
        workbook = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))  # type: ignore[attr-defined]
        assert workbook.worksheets[0].max_row == rows


def test_a_discarded_batch_stays_in_the_list_without_its_file(desk: SimpleNamespace, officer: Client) -> None:
    send(officer, desk, book(ROWS, HEADERS))
    batch = last_batch()
    officer.post(f"/imports/{batch.pk}/discard/")
    assert "已放弃" in text(officer.get(f"/imports/{batch.pk}/check/"))
    assert officer.get(f"/imports/{batch.pk}/annotated/").status_code == 404


def test_an_old_file_is_forgotten_while_its_batch_can_still_be_undone(desk: SimpleNamespace, officer: Client) -> None:
    send(officer, desk, book(ROWS, HEADERS))
    batch = last_batch()
    page = f"/imports/{batch.pk}/check/"
    officer.post(f"/imports/{batch.pk}/commit/")
    assert forget_files(batch.uploaded_at + KEEP_FILES) == 0
    assert forget_files(batch.uploaded_at + KEEP_FILES + datetime.timedelta(seconds=1)) == 1
    assert "撤销这次导入" in text(officer.get(page))
    assert officer.get(f"/imports/{batch.pk}/map/").status_code == 404
    with mock.patch("apps.core.imports.undo._refuse_if_changed_since"):
        officer.post(f"/imports/{batch.pk}/undo/")
    assert "请重新上传" in text(officer.get(page))
    assert "已经删除" in text(officer.post(f"/imports/{batch.pk}/commit/", follow=True))
