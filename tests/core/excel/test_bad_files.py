"""Files that are refused: each with its published code, in under five seconds, with the process alive."""

from __future__ import annotations

import io
import os
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import replace

import pytest

from apps.core.excel import reader
from apps.core.excel.limits import PAGE_LIMITS
from apps.core.excel.problems import MESSAGES, WorkbookRefused
from apps.core.excel.reader import read_table

from .workbooks import book, packed, parts_of, raw, text_cell, text_row, with_part

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.fixture(autouse=True)
def _in_time() -> Iterator[None]:
    """By the clock of the processor: how busy the machine is says nothing of the code."""
    started = sum(os.times()[:4])
    yield
    assert sum(os.times()[:4]) - started < 5


def refusal(data: bytes, name: str = "名册.xlsx") -> list[tuple[str, str]]:
    with pytest.raises(WorkbookRefused) as refused:
        read_table(data, name=name)
    assert all(problem.row == 0 for problem in refused.value.problems)
    return [(problem.code, problem.message) for problem in refused.value.problems]


def code(data: bytes, name: str = "名册.xlsx") -> str:
    found = refusal(data, name)
    assert len(found) == 1
    return found[0][0]


@pytest.mark.parametrize(
    "data",
    [b"", b"PK", "名称,代码\n甲,1\n".encode(), b"%PDF-1.7", OLE + b"\0" * 600, b"PK\x05\x06" + b"\0" * 18],
    ids=len,
)
def test_what_is_no_workbook_is_not_xlsx(data: bytes) -> None:
    assert code(data) == "not_xlsx"


def test_another_office_document_is_not_xlsx() -> None:
    assert code(packed({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"})) == "not_xlsx"


def test_a_workbook_with_a_password_is_encrypted() -> None:
    assert code(OLE + b"\0" * 512 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 512) == "encrypted"


def test_a_zip_with_encrypted_parts_is_encrypted() -> None:
    data = bytearray(book([["甲", "C", 1]]))
    position = data.find(b"PK\x01\x02")
    data[position + 8] |= 0x1
    assert code(bytes(data)) == "encrypted"


def test_macros_are_refused() -> None:
    assert code(with_part(book([["甲", "C", 1]]), "xl/vbaProject.bin", b"\0" * 10)) == "macro"


def test_a_macro_content_type_is_refused() -> None:
    parts = parts_of(book([["甲", "C", 1]]))
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(
        b"vnd.openxmlformats-officedocument.spreadsheetml.sheet.main", b"vnd.ms-excel.sheet.macroEnabled.main"
    )
    assert code(packed(parts), "名册.xlsm") == "macro"


def test_links_to_other_workbooks_are_refused() -> None:
    data = with_part(book([["甲", "C", 1]]), "xl/externalLinks/externalLink1.xml", b"<externalLink/>")
    assert refusal(data)[0][0] == "unreadable"
    assert "外部链接" in refusal(data)[0][1]


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.95, 0.999])
def test_a_truncated_file_is_unreadable(kept: float) -> None:
    data = book([[f"企业{n}", "C", n] for n in range(500)])
    assert code(data[: int(len(data) * kept)]) == "unreadable"


def test_damaged_bytes_are_unreadable() -> None:
    data = bytearray(book([[f"企业{n}", "C", n] for n in range(500)]))
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        offset = package.getinfo("xl/worksheets/sheet1.xml").header_offset
    data[offset + 100 : offset + 140] = b"\xff" * 40
    assert code(bytes(data)) == "unreadable"


@pytest.mark.parametrize(
    "sheet",
    [
        b"<worksheet><sheetData><row r='1'>",
        b"not xml at all",
        b"<other/>",
        b"<worksheet><sheetData><row r='2'/><row r='1'/></sheetData></worksheet>",
        b"<worksheet><sheetData><row r='x'/></sheetData></worksheet>",
        b"<worksheet><sheetData><row r='1'><c r='A1' t='s'><v>99</v></c></row></sheetData></worksheet>",
        b"<worksheet><sheetData><row r='1'><c r='A7' t='str'><v>x</v></c></row></sheetData></worksheet>",
        b"<worksheet><sheetData><row r='1'><c r='ZZZZ1' t='str'><v>x</v></c></row></sheetData></worksheet>",
        b"<worksheet><sheetData><row r='1'><c r='A1' t='odd'><v>x</v></c></row></sheetData></worksheet>",
    ],
)
def test_broken_sheet_xml_is_unreadable(sheet: bytes) -> None:
    assert code(with_part(book([["甲", "C", 1]]), "xl/worksheets/sheet1.xml", sheet)) == "unreadable"


BILLION_LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol">'
    + b"".join(b'<!ENTITY %c "&%c;&%c;&%c;&%c;&%c;&%c;&%c;&%c;">' % ((98 + n,) + (97 + n,) * 8) for n in range(12))
    + b"]><worksheet><sheetData><row r='1'><c r='A1' t='str'><v>&m;</v></c></row></sheetData></worksheet>"
)
OUTSIDE_ENTITY = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    b"<worksheet><sheetData><row r='1'><c r='A1' t='str'><v>&e;</v></c></row></sheetData></worksheet>"
)


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/styles.xml", "docProps/core.xml"])
@pytest.mark.parametrize("content", [BILLION_LAUGHS, OUTSIDE_ENTITY], ids=["billion laughs", "outside entity"])
def test_a_document_type_is_refused_in_every_part(part: str, content: bytes) -> None:
    assert code(with_part(book([["甲", "C", 1]]), part, content)) == "unreadable"


def test_a_document_type_in_utf_16_is_refused_too() -> None:
    content = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x [<!ENTITY e "x">]><x>&e;</x>'.encode("utf-16")
    assert code(with_part(book([["甲", "C", 1]]), "docProps/app.xml", content)) == "unreadable"


def test_a_zip_bomb_expands_too_far() -> None:
    bomb = with_part(book([["甲", "C", 1]]), "xl/media/image1.png", b"\0" * (60 * 2**20))
    assert len(bomb) < 200_000
    assert code(bomb) == "expands_too_far"


def test_many_parts_below_the_limit_add_up() -> None:
    parts = parts_of(book([["甲", "C", 1]])) | {f"xl/media/{n}.png": b"\0" * 2**20 for n in range(60)}
    assert code(packed(parts)) == "expands_too_far"


def test_a_size_that_lies_in_the_header_does_not_help() -> None:
    bomb = bytearray(with_part(book([["甲", "C", 1]]), "xl/media/image1.png", b"\0" * (60 * 2**20)))
    position = bomb.rfind(b"PK\x01\x02", 0, bomb.rfind(b"image1.png"))
    bomb[position + 24 : position + 28] = struct.pack("<I", 10)
    assert code(bytes(bomb)) in ("expands_too_far", "unreadable")


def test_more_than_two_hundred_parts_are_too_many() -> None:
    parts = parts_of(book([["甲", "C", 1]])) | {f"xl/media/{n}.png": b"" for n in range(200)}
    assert code(packed(parts)) == "expands_too_far"


def test_one_long_shared_string_named_a_million_times_expands_too_far() -> None:
    parts = parts_of(raw(text_row(1, "名称") + "".join(
        f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(2, 9000)
    )))  # fmt: skip
    parts["xl/sharedStrings.xml"] = (
        '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>'
        + "甲" * 30_000
        + "</t></si></sst>"
    ).encode()
    parts["xl/_rels/workbook.xml.rels"] = parts["xl/_rels/workbook.xml.rels"].replace(
        b"</Relationships>",
        b'<Relationship Id="rId99" Target="sharedStrings.xml" Type="http://schemas.openxmlformats.org/officeDocument'
        b'/2006/relationships/sharedStrings"/></Relationships>',
    )
    assert code(packed(parts)) == "expands_too_far"


def test_a_file_over_ten_megabytes_is_not_even_opened() -> None:
    assert code(b"PK\x03\x04" + os.urandom(10 * 2**20)) == "expands_too_far"


def test_ten_thousand_rows_are_read_and_one_more_is_too_many() -> None:
    rows = [text_row(n, f"企业{n}") for n in range(1, 10_003)]
    assert len(read_table(raw("".join(rows[:-1]))).rows) == 10_000
    assert code(raw("".join(rows))) == "too_many_rows"
    roomy = replace(PAGE_LIMITS, max_rows=100_000)
    assert len(read_table(raw("".join(rows)), limits=roomy).rows) == 10_001


def test_a_cell_far_below_the_table_is_out_of_range() -> None:
    data = raw(text_row(1, "名称") + text_row(2, "甲") + f'<row r="1048576">{text_cell("A1048576", "迷路")}</row>')
    assert refusal(data) == [("out_of_range", refusal(data)[0][1])]
    assert "A1048576" in refusal(data)[0][1]


def test_a_cell_beyond_two_hundred_columns_is_out_of_range() -> None:
    inside = f'<row r="2">{text_cell("A2", "甲")}{text_cell("GR2", "末")}</row>'
    headers = f'<row r="1">{text_cell("A1", "名称")}{text_cell("GR1", "末列")}</row>'
    assert len(read_table(raw(headers + inside)).headers) == 200
    outside = f'<row r="2">{text_cell("A2", "甲")}{text_cell("GS2", "外")}</row>'
    assert "GS2" in refusal(raw(headers + outside))[0][1]
    assert code(raw(headers + outside)) == "out_of_range"


def test_merged_cells_are_refused_with_their_address() -> None:
    data = book([["甲", "C", 1], ["乙", "D", 2]], change=lambda sheet: sheet.merge_cells("A2:A3"))
    assert "A2:A3" in refusal(data)[0][1]
    assert code(data) == "merged_cells"


def test_data_after_a_gap_are_refused_with_their_row() -> None:
    data = book([["甲", "C", 1], [], ["乙", "D", 2]])
    assert code(data) == "data_after_gap"
    assert "第 4 行" in refusal(data)[0][1]


@pytest.mark.parametrize(
    "data", [book(headers=()), raw('<row r="3"><c r="A3" s="0"/></row>')], ids=["empty", "blank cells"]
)
def test_an_empty_sheet_has_no_header(data: bytes) -> None:
    assert code(data) == "header_missing"


def test_data_under_an_empty_header_are_not_dropped() -> None:
    data = book([["甲", "C", 1, "备注"]])
    assert code(data) == "header_missing"
    assert "D2" in refusal(data)[0][1]


def test_a_formula_is_no_header() -> None:
    assert code(book([["甲", "C", 1]], headers=("名称", "=A1", "人数"))) == "header_missing"


def test_repeated_headers_are_named() -> None:
    data = book([["甲", "C", 1]], headers=("名称", "人数", " 人数 "))
    assert code(data) == "header_duplicate"
    assert "人数" in refusal(data)[0][1]


def test_all_problems_of_a_file_are_told_at_once() -> None:
    rows = [["甲", "C", 1], [], ["乙", "D", 2]]
    data = book(rows, headers=("名", "名", "数"), change=lambda sheet: sheet.merge_cells("A2:B2"))
    assert {found for found, _ in refusal(data)} == {"header_duplicate", "data_after_gap", "merged_cells"}


def test_a_parser_that_crashes_is_an_unreadable_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_CHILD", "import os; os.abort()")
    assert code(book([["甲", "C", 1]])) == "unreadable"


def test_a_parser_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_CHILD", "while True: pass")
    with pytest.raises(WorkbookRefused) as refused:
        read_table(book([["甲", "C", 1]]), limits=replace(PAGE_LIMITS, seconds=0.5))
    assert refused.value.code == "unreadable"


def test_a_parser_that_eats_memory_is_stopped() -> None:
    data = book([["甲" * 1000, "C", n] for n in range(3000)])
    with pytest.raises(WorkbookRefused) as refused:
        read_table(data, limits=replace(PAGE_LIMITS, max_memory=24 * 2**20))
    assert refused.value.code == "unreadable"


def test_the_child_inherits_no_secrets() -> None:
    """The reading process gets an empty environment: no database address, no keys."""
    script = "import os, sys; sys.stdout.write('{\"refused\":[[\"unreadable\",\"%d\"]]}' % ('PATH' in os.environ))"
    original = reader._CHILD
    reader._CHILD = script
    try:
        assert "0" in refusal(book([["甲", "C", 1]]))[0][1]
    finally:
        reader._CHILD = original


def test_every_refusal_tells_what_to_do() -> None:
    for message in MESSAGES.values():
        assert any(word in message for word in ("请", "须", "不能")), message
