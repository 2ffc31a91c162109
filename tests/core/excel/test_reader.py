"""Reading a sound workbook: every cell with its row number and what it really is."""

from __future__ import annotations

import datetime

import openpyxl.utils.datetime
import pytest
from openpyxl import Workbook

from apps.core.excel.limits import COMMAND_LIMITS
from apps.core.excel.problems import WorkbookRefused
from apps.core.excel.reader import Table, Typed, read_table, unpack

from .workbooks import HEADERS, book, parts_of, raw, saved, text_cell, text_row


def read(data: bytes, name: str = "名册.xlsx") -> Table:
    return read_table(data, name=name)


def codes(data: bytes, name: str = "名册.xlsx") -> list[str]:
    with pytest.raises(WorkbookRefused) as refused:
        read(data, name)
    return [problem.code for problem in refused.value.problems]


def first_row(data: bytes) -> list[object]:
    return read(data).rows[0][1]


def test_rows_carry_the_number_that_excel_shows() -> None:
    table = read(book([["甲公司", "C1", "12"], ["乙公司", "C2", None]], change=lambda sheet: sheet.insert_rows(1, 2)))
    assert table.headers == list(HEADERS)
    assert table.header_row == 3
    assert table.rows == [(4, ["甲公司", "C1", "12"]), (5, ["乙公司", "C2", None])]


def test_a_number_cell_keeps_the_digits_that_the_file_stores() -> None:
    row = '<row r="2"><c r="A2"><v>2.1060119900101123E17</v></c><c r="B2"><v>0.10</v></c></row>'
    assert first_row(raw(text_row(1, "甲", "乙") + row)) == [Typed("n", "2.1060119900101123E17"), Typed("n", "0.10")]


def test_formulas_errors_and_truth_values_are_told_apart_from_text() -> None:
    def change(sheet: object) -> None:
        sheet["A2"], sheet["B2"], sheet["C2"] = "=1+1", "#N/A", True  # type: ignore[index]

    assert first_row(book([["", "", ""]], change=change)) == [Typed("f", "1+1"), Typed("e", "#N/A"), Typed("b", "1")]


def test_a_formula_is_seen_even_with_its_stored_result() -> None:
    row = '<row r="2"><c r="A2"><f>SUM(1,2)</f><v>3</v></c><c r="B2" t="str"><f>A1</f><v>甲</v></c></row>'
    assert first_row(raw(text_row(1, "甲", "乙") + row)) == [Typed("f", "SUM(1,2)"), Typed("f", "A1")]


def test_real_dates_are_dates_and_moments_keep_their_time() -> None:
    day = datetime.date(2026, 3, 31)
    row = [day, datetime.datetime.fromisoformat("2026-03-31T08:30"), datetime.date(1900, 1, 1)]
    assert first_row(book([row])) == [
        Typed("d", "2026-03-31"),
        Typed("t", "2026-03-31T08:30:00"),
        Typed("d", "1900-01-01"),
    ]


@pytest.mark.parametrize(
    "code", ["yyyy/m/d", 'yyyy"年"m"月"d"日"', "[$-804]yyyy\\-mm\\-dd;@", "m/d/yy", "dddd"], ids=str
)
def test_a_custom_date_format_makes_a_date(code: str) -> None:
    data = book([["甲", "C", 46112]], change=lambda sheet: setattr(sheet["C2"], "number_format", code))
    assert first_row(data)[2] == Typed("d", "2026-03-31")


@pytest.mark.parametrize(
    "code", ["0.00", "#,##0", '0"天"', "[Magenta]0.0", "0.0E+00", "General", '[>100]"大";0'], ids=str
)
def test_a_format_of_numbers_does_not(code: str) -> None:
    data = book([["甲", "C", 46112]], change=lambda sheet: setattr(sheet["C2"], "number_format", code))
    assert first_row(data)[2] == Typed("n", "46112")


def test_the_epoch_of_1904_is_respected() -> None:
    workbook = Workbook()
    workbook.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    workbook.active.append(["日期"])  # type: ignore[union-attr]
    workbook.active.append([datetime.date(2026, 3, 31)])  # type: ignore[union-attr]
    data = saved(workbook)
    assert b'date1904="1"' in parts_of(data)["xl/workbook.xml"]
    assert first_row(data) == [Typed("d", "2026-03-31")]


def test_the_day_that_never_was_stays_a_number() -> None:
    data = book([["甲", "C", 60]], change=lambda sheet: setattr(sheet["C2"], "number_format", "yyyy-mm-dd"))
    assert first_row(data)[2] == Typed("n", "60")


def test_prefixed_element_names_are_read() -> None:
    row = '<x:row r="{0}"><x:c r="A{0}" t="inlineStr"><x:is><x:t>{1}</x:t></x:is></x:c></x:row>'
    assert read(raw(row.format(1, "名称") + row.format(2, "甲"), prefix="x")).rows == [(2, ["甲"])]


def test_rich_text_is_joined_and_its_phonetic_guide_left_out() -> None:
    cell = (
        '<c r="A2" t="inlineStr"><is><r><t>甲</t></r><r><t>公司</t></r><rPh sb="0" eb="1"><t>jia</t></rPh></is></c>'
    )
    assert first_row(raw(text_row(1, "名称") + f'<row r="2">{cell}</row>')) == ["甲公司"]


def test_escaped_characters_are_decoded_as_excel_does() -> None:
    assert first_row(raw(text_row(1, "名称") + text_row(2, "甲_x0007_乙_x005F_x0041_"))) == ["甲\x07乙_x0041_"]


def test_a_column_formatted_to_the_last_row_is_accepted() -> None:
    rows = [text_row(1, "名称"), *(text_row(number, f"企业{number}") for number in range(2, 22))]
    rows += [f'<row r="{number}"><c r="A{number}" s="0" /></row>' for number in range(22, 1_048_577)]
    assert len(read_table(raw("".join(rows)), limits=COMMAND_LIMITS).rows) == 20


def test_cells_that_hold_only_spaces_are_empty() -> None:
    assert read(book([["甲", "C", " 　"], [" ", None, "　"]])).rows == [(2, ["甲", "C", None])]


def test_hidden_rows_and_columns_are_read_with_a_warning() -> None:
    def hide(sheet: object) -> None:
        sheet.row_dimensions[3].hidden = True  # type: ignore[attr-defined]
        sheet.column_dimensions["B"].hidden = True  # type: ignore[attr-defined]

    table = read(book([["甲", "C1", 1], ["乙", "C2", 2]], change=hide))
    assert len(table.rows) == 2
    assert [warning.code for warning in table.warnings] == ["hidden_rows", "hidden_columns"]
    assert "第 3 行" in table.warnings[0].message
    assert "统一社会信用代码" in table.warnings[1].message


def test_other_sheets_are_left_out_with_a_warning() -> None:
    table = read(book([["甲", "C1", 1]], change=lambda sheet: sheet.parent.create_sheet("说明")))
    assert [(warning.row, warning.code) for warning in table.warnings] == [(0, "other_sheets")]
    assert "说明" in table.warnings[0].message


def test_a_hidden_first_sheet_is_passed_over() -> None:
    def change(sheet: object) -> None:
        sheet.sheet_state = "hidden"  # type: ignore[attr-defined]
        shown = sheet.parent.create_sheet("名册")  # type: ignore[attr-defined]
        shown.append(["名称"])
        shown.append(["乙"])

    table = read(book([["甲", "C", 1]], change=change))
    assert (table.sheet_title, table.rows) == ("名册", [(2, ["乙"])])


def test_a_kept_reading_is_the_same_table() -> None:
    table = read(book([["甲", 5, datetime.date(2026, 1, 1)]]))
    assert unpack(table.packed()) == table


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_csv_is_the_same_table_of_texts(encoding: str) -> None:
    data = "企业名称,职工数\r\n\"甲,公司\n二部\",012\r\n乙公司,\r\n".encode(encoding)
    table = read(data, "名册.csv")
    assert table.headers == ["企业名称", "职工数"]
    assert table.rows == [(2, ["甲,公司\n二部", "012"]), (3, ["乙公司", None])]
    assert table.warnings == []


def test_a_gbk_csv_is_read_and_says_so() -> None:
    table = read("企业名称\n丹东甲公司\n".encode("gbk"), "名册.csv")
    assert table.rows == [(2, ["丹东甲公司"])]
    assert [warning.code for warning in table.warnings] == ["gbk"]


@pytest.mark.parametrize(
    "data", ["名称\n甲\n".encode("utf-16"), b"\x89PNG\r\n\x1a\n\x00\x00", b'a,"b\nc,d\xff\xfe\xfd\x80']
)
def test_a_csv_that_is_no_text_is_unreadable(data: bytes) -> None:
    assert codes(data, "名册.csv") == ["unreadable"]


def test_cells_out_of_order_in_a_row_find_their_columns() -> None:
    row = f'<row r="2">{text_cell("B2", "二")}{text_cell("A2", "一")}</row>'
    assert first_row(raw(text_row(1, "甲", "乙") + row)) == ["一", "二"]
