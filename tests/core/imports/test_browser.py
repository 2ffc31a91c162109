"""The walk of an import in a real browser, at a desk and on a phone."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.browsing import DESK, PHONE
from tests.core.excel.workbooks import book

from .conftest import HEADERS, ROWS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FAULTY = [*ROWS, ("P3", "", "国家级", "北路"), (1234, "城南园区", "市级", "=1+1"), ("A", "甲园区", "省级", "路")]


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_upload_errors_correction_commit_and_undo(
    visit: Any, desk: SimpleNamespace, tmp_path: Path, viewport: dict[str, int]
) -> None:
    faulty, sound = tmp_path / "园区.xlsx", tmp_path / "园区（已改）.xlsx"
    faulty.write_bytes(book(FAULTY, HEADERS))
    sound.write_bytes(book(ROWS, ("编号", "叫什么", "级别", "地址")))
    officer = visit("park_officer", viewport).go("/imports/").press("园区名册").looks()
    officer.choose(faulty).press("上传并检查").sees("处错误，还不能导入")
    assert officer.download("下载标注好的工作簿", tmp_path).name == "园区（检查结果）.xlsx"
    officer.press("重新上传").choose(sound).press("上传并检查").sees("文件开头的几行")
    officer.fill(column_code="编号", column_name="叫什么").press("确认并检查").sees("可以导入")
    officer.press("确认导入").sees("撤销这次导入")
    assert desk.codes() == {"A", "B", "P1", "P2"}
    officer.press("撤销这次导入", agree=True).sees("再次导入")
    assert desk.codes() == {"A", "B"}
