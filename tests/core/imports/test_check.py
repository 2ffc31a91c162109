"""The check tells everything at once, and what a commit would do."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core.errors import DomainError
from apps.core.excel.problems import WorkbookRefused
from apps.core.imports.mapping import VERSION_LABEL
from apps.core.models import ImportBatch
from apps.enterprises.models import Park

from .conftest import HEADERS, ROWS


def errors(report: object) -> list[tuple[int, str, str]]:
    return [(problem.row, problem.column, problem.code) for problem in report.errors]  # type: ignore[attr-defined]


def test_sound_rows_would_be_created_and_nothing_is_saved(desk: SimpleNamespace) -> None:
    batch = desk.upload()
    report = desk.check(batch)
    assert (report.rows, report.valid, report.created, report.updated, report.unchanged) == (2, 2, 2, 0, 0)
    assert report.errors == []
    assert desk.codes() == {"A", "B"}
    with desk.cast.within(desk.cast.park_org):
        assert ImportBatch.objects.get().state == "checked"


def test_every_error_is_told_at_once_with_its_row_and_column(desk: SimpleNamespace) -> None:
    rows = [
        ("P1", "城东园区", "省级", ""),
        (1234, "城西园区", "省级", ""),
        ("P3", "", "国家级", ""),
        ("P1", "城北园区", "市级", ""),
        ("P5", "无名园区", "市级", "长" * 201),
        ("P6", "无名园区", "市级", ""),
        ("P7", "=A1", "#N/A", ""),
        (None, "无码园区", "市级", ""),
    ]
    assert errors(desk.check(desk.upload(rows))) == [
        (3, "园区代码", "number_cell"),
        (4, "园区名称", "required"),
        (4, "级别", "choice"),
        (5, "园区代码", "repeated"),
        (6, "地址", "too_long"),
        (7, "园区名称", "nameless"),
        (8, "园区名称", "formula"),
        (8, "级别", "error_value"),
        (9, "园区代码", "required"),
    ]


def test_columns_are_named_as_in_the_file(desk: SimpleNamespace) -> None:
    report = desk.check(desk.upload([("P1", "", "省级", "x")], ("园区代码*", "名称", "级别", "地址")))
    assert errors(report) == [(2, "名称", "required")]


def test_warnings_do_not_stop_the_import(desk: SimpleNamespace) -> None:
    report = desk.check(desk.upload([("P1", "城东园区", "省级", "无", "x")], (*HEADERS, "电话")))
    assert report.valid == 1
    warnings = [(warning.row, warning.column, warning.code) for warning in report.warnings]
    assert warnings == [(0, "", "unused_columns"), (2, "地址", "no_address")]


def test_a_missing_column_is_an_error_of_the_file(desk: SimpleNamespace) -> None:
    batch = desk.upload([("P1", "城东园区")], ("园区代码", "园区名称"))
    assert batch.state == "uploaded"
    assert errors(desk.check(batch)) == [(0, "级别", "header_missing")]


def test_a_table_without_rows_says_so(desk: SimpleNamespace) -> None:
    assert errors(desk.check(desk.upload([]))) == [(0, "", "no_rows")]


def test_creating_what_exists_is_an_error(desk: SimpleNamespace) -> None:
    report = desk.check(desk.upload([("A", "甲园区", "省级", "x"), ROWS[0]]))
    assert errors(report) == [(2, "园区代码", "exists")]
    assert report.valid == 1


def test_updating_counts_what_differs(desk: SimpleNamespace) -> None:
    with desk.cast.within(desk.cast.authority):
        Park.objects.filter(code="A").update(address="老路 1 号")
    rows = [("A", "甲园区", "省级", "新路 2 号"), ROWS[0]]
    report = desk.check(desk.upload(rows, mode="update"))
    assert (report.created, report.updated, report.unchanged) == (1, 1, 0)
    report = desk.check(desk.upload([("A", "甲园区", "省级", "老路 1 号")], mode="update"))
    assert (report.created, report.updated, report.unchanged) == (0, 0, 1)


def test_filling_touches_blank_values_only(desk: SimpleNamespace) -> None:
    batch = desk.commit(desk.upload([("A", "另一个名字", "市级", "新路 2 号")], mode="fill"))
    assert (batch.updated, batch.unchanged) == (1, 0)
    with desk.cast.within(desk.cast.park_org):
        park = Park.objects.get(code="A")
        assert (park.name, park.address, park.version) == ("甲园区", "新路 2 号", 2)


def test_a_blank_cell_never_erases(desk: SimpleNamespace) -> None:
    with desk.cast.within(desk.cast.authority):
        Park.objects.filter(code="A").update(address="老路 1 号")
    assert desk.check(desk.upload([("A", "甲园区", "", "")], mode="update")).unchanged == 1


def test_an_update_may_bring_only_some_columns_but_new_rows_need_all(desk: SimpleNamespace) -> None:
    report = desk.check(desk.upload([("A", "路 1"), ("P9", "路 2")], ("园区代码", "地址"), mode="update"))
    assert errors(report) == [(3, "园区名称", "required"), (3, "级别", "required")]
    assert report.updated == 1


def test_a_row_of_somebody_else_is_refused_without_naming_them(desk: SimpleNamespace) -> None:
    report = desk.check(desk.upload([("B", "乙园区", "市级", "x")], mode="update"))
    assert errors(report) == [(2, "园区代码", "elsewhere")]
    said = "".join(problem.message for problem in report.errors + report.warnings)
    assert "乙" not in said
    assert desk.cast.sibling_org.name not in said


def test_a_row_edited_online_since_the_template_was_taken_is_refused(desk: SimpleNamespace) -> None:
    headers = (*HEADERS, VERSION_LABEL)
    with desk.cast.within(desk.cast.park_org):
        Park.objects.filter(code="A").update(version=3)
    report = desk.check(desk.upload([("A", "甲园区", "省级", "新路", 2)], headers, mode="update"))
    assert errors(report) == [(2, VERSION_LABEL, "changed_online")]
    assert desk.check(desk.upload([("A", "甲园区", "省级", "新路", 3)], headers, mode="update")).updated == 1
    assert desk.check(desk.upload([("A", "甲园区", "省级", "", 2)], headers, mode="update")).unchanged == 1


def test_the_number_of_queries_does_not_depend_on_the_rows(desk: SimpleNamespace) -> None:
    def queries(count: int) -> int:
        batch = desk.upload([(f"Q{count}{n}", f"园区{count}{n}", "市级", "路") for n in range(count)])
        with CaptureQueriesContext(connection) as captured:
            desk.check(batch)
            desk.commit(batch)
        return len(captured)

    assert queries(10) == queries(500)


def test_an_unreadable_file_leaves_nothing_behind(desk: SimpleNamespace) -> None:
    with pytest.raises(WorkbookRefused):
        desk.upload(data=b"no workbook")
    with desk.cast.within(desk.cast.authority):
        assert not ImportBatch.objects.exists()


def test_an_unknown_mode_is_refused(desk: SimpleNamespace) -> None:
    with pytest.raises(DomainError, match="只能用这些方式"):
        desk.upload(mode="replace")
