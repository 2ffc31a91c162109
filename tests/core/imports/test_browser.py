"""The walk of an import in a real browser, at a desk and on a phone."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.cast import PASSWORD
from tests.core.excel.workbooks import book

from .conftest import HEADERS, ROWS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHOTS = os.environ.get("PARKPARTY_SHOTS", "")
FAULTY = [*ROWS, ("P3", "", "国家级", "北路"), (1234, "城南园区", "市级", "=1+1"), ("A", "甲园区", "省级", "路")]


@pytest.fixture(params=[1440, 390])
def page(request: pytest.FixtureRequest, chromium: Any, live_server: Any, desk: SimpleNamespace) -> Any:
    page = chromium.new_page(viewport={"width": request.param, "height": 900}, base_url=live_server.url)
    page.goto("/signin/?next=/imports/")
    page.fill("input[name=username]", "park_officer")
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    yield page
    page.close()


def seen(page: Any, name: str) -> None:
    """No page is wider than the screen. With PARKPARTY_SHOTS a picture is kept."""
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}-{page.viewport_size['width']}.png"), full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def choose(page: Any, path: Path) -> None:
    page.set_input_files("input[type=file]", str(path))
    page.click("main form button[type=submit]")


def test_upload_errors_correction_commit_and_undo(page: Any, desk: SimpleNamespace, tmp_path: Path) -> None:
    faulty, sound = tmp_path / "园区.xlsx", tmp_path / "园区（已改）.xlsx"
    faulty.write_bytes(book(FAULTY, HEADERS))
    sound.write_bytes(book(ROWS, ("编号", "叫什么", "级别", "地址")))
    seen(page, "list")
    page.click("a:has-text('园区名册')")
    seen(page, "upload")
    choose(page, faulty)
    page.wait_for_selector("text=处错误，还不能导入")
    seen(page, "errors")
    with page.expect_download() as download:
        page.click("text=下载标注好的工作簿")
    assert download.value.suggested_filename == "园区（检查结果）.xlsx"
    page.click("a.btn:has-text('重新上传')")
    choose(page, sound)
    page.wait_for_selector("text=文件开头的几行")
    seen(page, "map")
    for name, header in (("code", "编号"), ("name", "叫什么")):
        page.select_option(f"select[name=column_{name}]", header)
    page.click("text=确认并检查")
    page.wait_for_selector("text=可以导入")
    seen(page, "ready")
    page.click("text=确认导入")
    page.wait_for_selector("text=撤销这次导入")
    seen(page, "done")
    assert desk.codes() == {"A", "B", "P1", "P2"}
    page.click("text=撤销这次导入")
    page.click("dialog button:has-text('确定')")
    page.wait_for_selector("text=再次导入")
    seen(page, "undone")
    assert desk.codes() == {"A", "B"}
