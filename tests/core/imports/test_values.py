"""How cells are read: what is taken, what is refused, and that every refusal tells what to do."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.codes import make_credit_code, make_id_number
from apps.core.excel.dates import PartialDate
from apps.core.excel.reader import Typed
from apps.core.imports import (
    Amount,
    Capital,
    CellError,
    Code,
    CreditCode,
    Date,
    Flag,
    IdNumberKind,
    Integer,
    LooseDate,
    OneOf,
    Phone,
    RegisteredCapital,
    Text,
    ValueKind,
)

TODAY = datetime.date(2026, 11, 22)
DAY = datetime.date(2026, 3, 31)
CODE = make_credit_code()
PERSON = make_id_number("210601", datetime.date(1990, 1, 1), 12)
LEVELS = OneOf([("provincial", "省级"), ("city", "市级")], {"省": "provincial"})

KINDS: list[ValueKind] = [
    Text(20), Text(20, lines=True), Code(20), CreditCode(), IdNumberKind(), Phone(), Integer(), Amount(), Date(),
    LooseDate(), LEVELS, Flag(), RegisteredCapital(),
]  # fmt: skip


def read(kind: ValueKind, cell: str | Typed) -> Any:
    return kind.read(cell, TODAY)


def refusal(kind: ValueKind, cell: str | Typed) -> str:
    with pytest.raises(CellError) as refused:
        read(kind, cell)
    assert refused.value.message.endswith("。")
    return refused.value.code


@pytest.mark.parametrize("space", [" ", "\u3000", "\u00a0", "\u200b", "\ufeff", "\t", "\n", "\u2003"])
def test_spaces_of_every_kind_around_a_name_are_trimmed(space: str) -> None:
    assert read(Text(), f"{space}丹东{space}甲公司{space}") in ("丹东 甲公司", "丹东甲公司")


def test_names_are_composed_and_keep_rare_characters_and_the_dot() -> None:
    assert read(Text(), "e\u0301") == "\u00e9"
    assert read(Text(), "买买提·吐尔逊 𠮷𡈽 㙍") == "买买提·吐尔逊 𠮷𡈽 㙍"


@pytest.mark.parametrize("text", ["甲\x07乙", "甲\ud800", "\x00"])
def test_control_characters_and_lone_surrogates_are_refused(text: str) -> None:
    assert refusal(Text(), text) == "control_character"


def test_a_text_may_be_as_long_as_its_field_and_no_longer() -> None:
    assert read(Text(5), "一二三四五") == "一二三四五"
    assert refusal(Text(5), "一二三四五六") == "too_long"


def test_a_note_keeps_its_lines() -> None:
    assert read(Text(lines=True), " 第一行 \r\n\r\n　第二行") == "第一行\n第二行"
    assert read(Text(), "第一行\n第二行") == "第一行 第二行"


def test_what_the_export_added_is_stripped() -> None:
    assert read(Text(), "'=甲") == "=甲"
    assert read(Text(), "'甲'") == "'甲'"


@pytest.mark.parametrize("kind", [Code(), CreditCode(), IdNumberKind(), Phone()], ids=lambda kind: type(kind).__name__)
@pytest.mark.parametrize("digits", ["13800000000", "2.1060119900101123E+17", "1"])
def test_a_number_cell_is_no_code(kind: ValueKind, digits: str) -> None:
    assert refusal(kind, Typed("n", digits)) == "number_cell"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: type(kind).__name__)
def test_formulas_and_error_values_are_refused_everywhere(kind: ValueKind) -> None:
    assert refusal(kind, Typed("f", "A1+1")) == "formula"
    assert refusal(kind, Typed("e", "#N/A")) == "error_value"


@pytest.mark.parametrize("text", [CODE, CODE.lower(), f" {CODE}　", f"'{CODE}"])
def test_a_credit_code_is_normalised(text: str) -> None:
    assert read(CreditCode(), text) == CODE


@pytest.mark.parametrize("kind", ["N2", "A1", "Y1"])
def test_credit_codes_of_every_kind_of_organisation_are_accepted(kind: str) -> None:
    code = make_credit_code(kind=kind)
    assert read(CreditCode(), code) == code


def test_a_wrong_credit_code_says_why() -> None:
    assert refusal(CreditCode(), CODE[:-1] + ("0" if CODE[-1] != "0" else "1")) == "check_digit"
    assert refusal(CreditCode(), "91210600I20069352F") == "alphabet"
    assert refusal(CreditCode(), "210600400000123") == "length"


def test_an_id_number_is_checked_and_never_repeated_in_full() -> None:
    assert read(IdNumberKind(), f" {PERSON}").number == PERSON
    wrong = PERSON[:-1] + ("0" if PERSON[-1] != "0" else "1")
    with pytest.raises(CellError) as refused:
        read(IdNumberKind(), wrong)
    assert wrong not in refused.value.message


def test_a_masked_number_means_as_it_is() -> None:
    assert read(Phone(), "138****0000") == ""
    assert read(IdNumberKind(), "210***********001X") == ""


@pytest.mark.parametrize(
    ("text", "number"), [("12", 12), ("1,234", 1234), ("１２", 12), ("12.0", 12), ("12人", 12), (" 7 ", 7)]
)
def test_whole_numbers_are_read_as_people_write_them(text: str, number: int) -> None:
    assert read(Integer(unit="人"), text) == number


@pytest.mark.parametrize(
    ("cell", "code"),
    [("十二", "not_a_number"), ("1.5", "not_an_integer"), ("-1", "out_of_bounds"), ("101", "out_of_bounds"),
     ("NaN", "not_a_number"), ("1e999", "out_of_bounds"), ("Infinity", "not_a_number"), ("", "not_a_number")],
)  # fmt: skip
def test_what_is_no_whole_number_in_bounds_is_refused(cell: str, code: str) -> None:
    if cell:
        assert refusal(Integer(maximum=100), cell) == code


@pytest.mark.parametrize(("number", "fits"), [("-1", False), ("0", True), ("100", True), ("101", False)])
def test_bounds_belong_to_the_range(number: str, fits: bool) -> None:
    if fits:
        assert read(Integer(maximum=100), Typed("n", number)) == int(number)
    else:
        assert refusal(Integer(maximum=100), Typed("n", number)) == "out_of_bounds"


def test_money_is_exact_and_forgives_only_the_error_of_floats() -> None:
    assert read(Amount(), "¥1,000.50元") == Decimal("1000.50")
    assert read(Amount(), Typed("n", "0.30000000000000004")) == Decimal("0.30")
    assert refusal(Amount(), "0.305") == "too_precise"


@pytest.mark.parametrize(
    ("text", "amount"),
    [("6,694.7400(万元人民币)", "6694.7400"), ("50万人民币", "50"), ("66.4(万人民币元)", "66.4"), ("100(万)", "100"),
     ("500000元", "50"), ("12", "12"), ("30（万元）", "30"), ("30(万美元)", None), ("3(万日元)", None)],
)  # fmt: skip
def test_registered_capital_is_read_in_ten_thousands_of_yuan(text: str, amount: str | None) -> None:
    assert read(RegisteredCapital(), text) == Capital(None if amount is None else Decimal(amount), text)


def test_registered_capital_without_a_number_is_refused() -> None:
    assert refusal(RegisteredCapital(), "若干") == "not_a_number"


@pytest.mark.parametrize("cell", ["2026-03-31", Typed("d", "2026-03-31"), Typed("t", "2026-03-31T08:00:00"), Typed("n", "20260331")])
def test_a_day_is_read_from_text_date_and_digits(cell: str | Typed) -> None:
    assert read(Date(), cell) == DAY


def test_what_is_no_full_day_is_refused() -> None:
    assert refusal(Date(), "03/04/2026") == "date_ambiguous"
    assert refusal(Date(), "2026-03") == "date_partial"
    assert refusal(Date(), Typed("n", "46112")) == "date_unreadable"
    assert refusal(Text(), Typed("d", "2026-03-31")) == "unexpected_date"


@pytest.mark.parametrize(("offset", "fits"), [(-1, True), (0, True), (1, False)])
def test_a_day_that_must_have_come_may_be_today(offset: int, fits: bool) -> None:
    day = TODAY + datetime.timedelta(days=offset)
    if fits:
        assert read(Date(future=False), day.isoformat()) == day
    else:
        assert refusal(Date(future=False), day.isoformat()) == "date_future"


def test_a_loose_date_keeps_its_precision() -> None:
    assert read(LooseDate(), "2026年3月") == PartialDate(datetime.date(2026, 3, 1), "month")
    assert read(LooseDate(), Typed("n", "2026")) == PartialDate(datetime.date(2026, 1, 1), "year")
    assert read(LooseDate(), Typed("d", "2026-03-31")) == PartialDate(DAY, "day")
    assert [LooseDate().shown(read(LooseDate(), text)) for text in ("2026", "202603", "20260331")] == [
        "2026", "2026-03", "2026-03-31",
    ]  # fmt: skip


def test_a_choice_is_taken_by_label_code_or_synonym() -> None:
    assert {read(LEVELS, text) for text in ("省级", "provincial", "省", " 省 级 ", "PROVINCIAL")} == {"provincial"}
    assert LEVELS.shown("city") == "市级"
    assert refusal(LEVELS, "国家级") == "choice"


@pytest.mark.parametrize(("cell", "value"), [("是", True), ("√", True), ("否", False), (Typed("b", "1"), True), ("Ｙ", True)])
def test_yes_and_no_in_many_spellings(cell: str | Typed, value: bool) -> None:
    assert read(Flag(), cell) is value


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{type(kind).__name__}")
@given(data=st.data())
def test_any_cell_is_a_value_or_a_sentence(kind: ValueKind, data: st.DataObject) -> None:
    """Whatever stands in a cell, nothing but CellError is raised, and its sentence is Chinese."""
    number = st.floats().map(lambda value: Typed("n", repr(value)))
    day = st.datetimes().map(lambda value: Typed("t", value.isoformat(timespec="seconds")))
    text = st.text(st.characters(), min_size=1, max_size=30) | st.from_regex(r"[0-9年月./,()万元-]{1,12}", fullmatch=True)
    cell = data.draw(text | number | day | st.sampled_from([Typed("b", "1"), Typed("e", "#REF!"), Typed("f", "")]))
    try:
        kind.read(cell, TODAY)
    except CellError as error:
        said = error.message
        assert any("\u4e00" <= character <= "\u9fff" for character in said)
