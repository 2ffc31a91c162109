"""The workbook to fill in goes out, is filled in, and comes back as changes and new rows."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any

import openpyxl

from apps.core.imports.mapping import VERSION_LABEL
from apps.core.imports.template import template
from apps.enterprises.models import Park
from tests.core.excel.workbooks import saved

from .conftest import TODAY
from .park_import import ParkImport


def made(desk: SimpleNamespace, *, filled: bool) -> Any:
    with desk.cast.within(desk.cast.park_org):
        importer = ParkImport(org=desk.cast.park_org, actor=desk.cast.users.park_officer, today=TODAY)
        return openpyxl.load_workbook(io.BytesIO(template(importer, filled=filled)))


def test_an_empty_template_has_headers_choices_and_text_columns(desk: SimpleNamespace) -> None:
    workbook = made(desk, filled=False)
    sheet = workbook.worksheets[0]
    assert [cell.value for cell in sheet[1]] == ["园区代码", "园区名称", "级别", "地址"]
    assert sheet.column_dimensions["A"].number_format == "@"
    rule = sheet.data_validations.dataValidation[0]
    assert str(rule.sqref) == "C2:C10001"
    column = rule.formula1.split("$")[1]
    listed = [cell.value for cell in workbook["填写说明"][column]]
    assert listed[1:3] == ["省级", "市级"]
    assert sheet["A1"].font.color.rgb == "FFC7000B"


def test_a_filled_template_locks_the_keys_and_carries_a_version(desk: SimpleNamespace) -> None:
    sheet = made(desk, filled=True).worksheets[0]
    assert [cell.value for cell in sheet[1]][-1] == VERSION_LABEL
    assert [cell.value for cell in sheet[2]] == ["A", "甲园区", "省级", None, 1]
    assert sheet.max_row == 2, "only rows of the scope"
    assert sheet.protection.sheet
    assert (sheet["A2"].protection.locked, sheet["B2"].protection.locked) == (True, False)
    assert sheet["A2"].fill.fgColor.rgb == "FFEDEDED"


def test_it_comes_back_unchanged_or_with_what_was_changed(desk: SimpleNamespace) -> None:
    workbook = made(desk, filled=True)
    report = desk.check(desk.upload(data=saved(workbook), mode="update"))
    assert (report.errors, report.unchanged) == ([], 1)
    workbook.worksheets[0]["D2"] = "新路 1 号"
    for column, value in enumerate(("P9", "新园区", "市级"), start=1):
        workbook.worksheets[0].cell(3, column, value)
    report = desk.check(desk.upload(data=saved(workbook), mode="update"))
    assert (report.errors, report.created, report.updated) == ([], 1, 1)


def test_an_edit_online_in_between_is_noticed(desk: SimpleNamespace) -> None:
    workbook = made(desk, filled=True)
    with desk.cast.within(desk.cast.park_org):
        Park.objects.filter(code="A").update(version=2, address="网上改的")
    workbook.worksheets[0]["D2"] = "表里改的"
    report = desk.check(desk.upload(data=saved(workbook), mode="update"))
    assert [problem.code for problem in report.errors] == ["changed_online"]
