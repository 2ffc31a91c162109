"""The same workbook comes back with its faulty cells marked, and can be corrected and sent again."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
from openpyxl.styles import PatternFill

from apps.core.imports import annotate
from apps.core.imports.annotate import annotated_copy
from apps.core.imports.check import RESULT_LABEL
from apps.core.models import ImportBatch
from tests.core.excel.workbooks import book

from .conftest import HEADERS

RED = "FFFFC7CE"
BAD_ROWS = (("P1", "城东园区", "省级", "路"), (1234, "城西园区", "国家级", "=1+1"), ("P3", "=名称", "市级", "路"))


def copy_of(desk: SimpleNamespace, batch: ImportBatch) -> tuple[str, Any]:
    with desk.cast.within(desk.cast.park_org):
        name, data = annotated_copy(batch)
    return name, openpyxl.load_workbook(io.BytesIO(data), rich_text=True)


def checked(desk: SimpleNamespace, **options: Any) -> ImportBatch:
    batch = desk.upload(**options)
    desk.check(batch)
    return batch


def test_faulty_cells_are_red_with_a_note_and_the_row_says_what_to_do(desk: SimpleNamespace) -> None:
    def change(sheet: Any) -> None:
        sheet.column_dimensions["B"].width = 33
        sheet["A2"].fill = PatternFill("solid", fgColor="FF00FF00")
        sheet.parent.create_sheet("说明")["A1"] = "保留"

    name, workbook = copy_of(desk, checked(desk, data=book(BAD_ROWS, HEADERS, change)))
    sheet = workbook.worksheets[0]
    assert name == "园区（检查结果）.xlsx"
    assert sheet["E1"].value == RESULT_LABEL
    assert sheet["E2"].value is None
    assert "设置为文本格式" in sheet["A3"].comment.text
    assert sheet["A3"].fill.fgColor.rgb == RED
    assert sheet["C3"].fill.fgColor.rgb == RED
    assert "国家级" in sheet["E3"].value
    assert "公式" in sheet["E4"].value
    assert sheet["B2"].comment is None
    assert sheet["A2"].fill.fgColor.rgb == "FF00FF00"
    assert sheet.column_dimensions["B"].width == 33
    assert workbook["说明"]["A1"].value == "保留"


def test_texts_that_look_like_formulas_stay_text(desk: SimpleNamespace) -> None:
    def change(sheet: Any) -> None:
        sheet["D2"] = "=1+1"
        sheet["D2"].data_type = "s"

    data = book([("P1", "x", "国家级", "x")], HEADERS, change)
    _, workbook = copy_of(desk, checked(desk, data=data))
    assert workbook.worksheets[0]["D2"].data_type == "s"
    assert workbook.worksheets[0]["D2"].value == "=1+1"


def test_the_corrected_copy_can_be_sent_again(desk: SimpleNamespace) -> None:
    _, workbook = copy_of(desk, checked(desk, data=book(BAD_ROWS, HEADERS)))
    sheet = workbook.worksheets[0]
    sheet["A3"], sheet["C3"], sheet["D3"], sheet["B4"] = "P2", "市级", "西路", "城北园区"
    target = io.BytesIO()
    workbook.save(target)
    again = desk.upload(data=target.getvalue())
    report = desk.check(again)
    assert (report.errors, report.warnings) == ([], [])
    _, clean = copy_of(desk, again)
    assert clean.worksheets[0]["A3"].comment is None
    assert clean.worksheets[0]["A3"].fill.fgColor.rgb != RED
    assert clean.worksheets[0]["E3"].value is None


def test_problems_of_the_file_stand_beside_the_header(desk: SimpleNamespace) -> None:
    _, workbook = copy_of(desk, checked(desk, rows=[("P1", "城东")], headers=("园区代码", "园区名称")))
    assert "级别" in workbook.worksheets[0]["C1"].comment.text


def test_a_csv_comes_back_as_a_workbook_with_rows_in_their_places(desk: SimpleNamespace) -> None:
    data = "\n\n园区代码,园区名称,级别\nP1,城东,省级\n=P2,城西,国家级\n".encode()
    name, workbook = copy_of(desk, checked(desk, data=data, name="园区.csv"))
    sheet = workbook.worksheets[0]
    assert name == "园区（检查结果）.xlsx"
    assert sheet["A3"].value == "园区代码"
    assert (sheet["A5"].value, sheet["A5"].data_type) == ("=P2", "s")
    assert sheet["C5"].fill.fgColor.rgb == RED
    assert "国家级" in sheet["D5"].value


def test_a_workbook_too_heavy_to_be_marked_gives_the_list_of_problems(
    desk: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = checked(desk, data=book(BAD_ROWS, HEADERS))
    monkeypatch.setattr(annotate, "_CHILD", "import os; os.abort()")
    name, workbook = copy_of(desk, batch)
    assert name == "园区（问题清单）.xlsx"
    rows = list(workbook.worksheets[0].iter_rows(values_only=True))
    assert rows[0] == ("行号", "级别", "列", "问题")
    assert rows[1][:3] == (3, "错误", "园区代码")
