"""Written files: text stays text, nothing is a formula, memory does not grow, and what went out comes in again."""

from __future__ import annotations

import csv
import datetime
import io
import shutil
import subprocess
import tracemalloc
import zipfile
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.core.excel import writer
from apps.core.excel.reader import Typed, read_table
from apps.core.excel.text import strip_neutralised, watermark
from apps.core.excel.writer import SheetSpec, write_csv, write_xlsx
from apps.core.ledger import Column, Kind

COLUMNS = (
    Column("name", "企业名称"),
    Column("code", "身份证号"),
    Column("on", "日期", kind=Kind.DATE),
    Column("staff", "职工数", kind=Kind.INTEGER),
    Column("capital", "注册资金", kind=Kind.MONEY),
    Column("rate", "覆盖率", kind=Kind.PERCENT),
    Column("flag", "规上", kind=Kind.BOOL),
    Column("at", "时间", kind=Kind.DATETIME),
)
ROW = (
    "丹东甲公司", "210601199001011234", datetime.date(2026, 3, 31), 12, Decimal("66.40"), Decimal("0.811"), True,
    datetime.datetime.fromisoformat("2026-03-31T12:30:00"),
)  # fmt: skip
MARK = watermark("李明", datetime.datetime.fromisoformat("2026-11-22T10:30"))


def xlsx(rows: Iterable[Sequence[Any]], columns: Sequence[Column] = COLUMNS, mark: str = MARK) -> bytes:
    target = io.BytesIO()
    write_xlsx(target, [SheetSpec("台账", columns, rows, mark)])
    return target.getvalue()


def cells(data: bytes) -> list[tuple[Any, ...]]:
    return list(openpyxl.load_workbook(io.BytesIO(data)).worksheets[0].iter_rows(values_only=True))


def test_each_kind_arrives_as_what_it_is() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx([ROW]))).worksheets[0]
    day, moment = map(datetime.datetime.fromisoformat, ("2026-03-31", "2026-03-31T12:30:00"))
    assert [cell.value for cell in sheet[2]] == [
        "丹东甲公司", "210601199001011234", day, 12, 66.4, 0.811, "是", moment,
    ]  # fmt: skip
    assert sheet["B2"].number_format == "@"
    assert sheet["C2"].number_format == "yyyy-mm-dd"
    assert sheet["F2"].number_format == "0.0%"
    assert sheet.freeze_panes == "A2"
    assert sheet["A1"].font.bold


def test_the_watermark_is_the_last_row_and_the_import_leaves_it_out() -> None:
    data = xlsx([ROW, ROW])
    assert cells(data)[-1][0] == MARK
    assert [number for number, _ in read_table(data).rows] == [2, 3]


def test_an_empty_table_is_a_header_and_a_watermark() -> None:
    data = xlsx([])
    assert len(cells(data)) == 2
    assert read_table(data).rows == []


def test_empty_values_are_empty_cells_and_words_fit_number_columns() -> None:
    data = xlsx([("甲", None, None, "—", None, None, None, None)])
    assert read_table(data).rows == [(2, ["甲", None, None, "—", None, None, None, None])]


def test_no_text_becomes_a_formula() -> None:
    data = xlsx([("=1+1", "@SUM(A1)", None, None, None, None, None, None)])
    assert b"<f" not in zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml")
    assert cells(data)[1][:2] == ("'=1+1", "'@SUM(A1)")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(alphabet=st.characters(codec="utf-8"), min_size=1, max_size=20), min_size=1, max_size=20))
def test_any_text_goes_out_and_comes_back(texts: list[str]) -> None:
    wanted = [text for text in texts if not text.isspace()]
    table = read_table(xlsx([[f"#{text}", text] for text in wanted], COLUMNS[:2], mark=""))
    assert [strip_neutralised(str(row[1])) for _, row in table.rows] == wanted


def test_a_written_date_is_read_as_a_date() -> None:
    assert read_table(xlsx([ROW])).rows[0][1][2] == Typed("d", "2026-03-31")


def test_the_file_says_no_more_than_its_sheets() -> None:
    names = zipfile.ZipFile(io.BytesIO(xlsx([ROW]))).namelist()
    assert not [name for name in names if "docProps" in name or "comments" in name]
    assert b"hidden" not in b"".join(zipfile.ZipFile(io.BytesIO(xlsx([ROW]))).read(name) for name in names)


def test_a_long_table_goes_on_in_the_next_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "EXCEL_ROWS", 12)
    target = io.BytesIO()
    assert write_xlsx(target, [SheetSpec("台账", COLUMNS[:1], ([f"企业{n}"] for n in range(25)), MARK)]) == 25
    workbook = openpyxl.load_workbook(target)
    assert workbook.sheetnames == ["台账", "台账（2）", "台账（3）"]
    assert [sheet.max_row for sheet in workbook] == [12, 12, 7]
    assert [sheet["A1"].value for sheet in workbook] == ["企业名称"] * 3
    assert workbook.worksheets[2]["A6"].value == "企业24"


def test_a_table_that_just_fits_stays_on_one_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "EXCEL_ROWS", 12)
    assert openpyxl.load_workbook(io.BytesIO(xlsx([ROW] * 10))).sheetnames == ["台账"]


def test_titles_are_made_fit_for_excel() -> None:
    target = io.BytesIO()
    wanted = ("企业/台账:*?", "企业台账", "长" * 40, "长" * 40, "")
    write_xlsx(target, [SheetSpec(title, COLUMNS[:1], []) for title in wanted])
    titles = openpyxl.load_workbook(target).sheetnames
    assert titles[:2] == ["企业台账", "企业台账（2）"]
    assert all(1 <= len(title) <= 31 for title in titles)
    assert len(set(titles)) == 5


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        tracemalloc.start()
        with (tmp_path / "out.xlsx").open("wb") as target:
            write_xlsx(target, [SheetSpec("台账", COLUMNS, (ROW for _ in range(count)))])
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    peak(10)
    assert peak(20_000) < peak(2_000) * 1.5


def test_a_csv_has_a_byte_order_mark_and_the_same_texts() -> None:
    target = io.BytesIO()
    assert write_csv(target, SheetSpec("台账", COLUMNS, [ROW, ("=1", *[None] * 7)], MARK)) == 2
    assert target.getvalue().startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(target.getvalue().decode("utf-8-sig"), newline="")))
    assert rows[1] == [
        "丹东甲公司", "210601199001011234", "2026-03-31", "12", "66.40", "0.811", "是", "2026-03-31 12:30",
    ]  # fmt: skip
    assert rows[2][0] == "'=1"
    assert rows[3][0] == MARK
    assert [number for number, _ in read_table(target.getvalue(), name="台账.csv").rows] == [2, 3]


@pytest.mark.slow
def test_libreoffice_opens_it(tmp_path: Path) -> None:
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        pytest.skip("LibreOffice is not installed")
    (tmp_path / "台账.xlsx").write_bytes(xlsx([ROW, ROW]))
    utf8 = "csv:Text - txt - csv (StarCalc):44,34,76"
    subprocess.run(
        [office, "--headless", "--convert-to", utf8, "--outdir", str(tmp_path), str(tmp_path / "台账.xlsx")],
        check=True, capture_output=True, env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    text = (tmp_path / "台账.csv").read_text(encoding="utf-8")
    assert "210601199001011234" in text
    assert "2026-03-31" in text
    assert text.splitlines()[-1].startswith(MARK)
