"""Numbers of organisations and people, as workbooks really hold them."""

from __future__ import annotations

import contextlib
import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.codes import (
    CodeError,
    check_credit_code,
    check_id_number,
    check_org_code,
    check_phone,
    credit_code_findings,
    make_credit_code,
    make_id_number,
    mask_id_number,
    mask_numbers,
    mask_phone,
    organisation_code_agrees,
)
from apps.core.errors import DomainError

TODAY = datetime.date(2026, 11, 22)
CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
REAL = ["91110000600037341L", "91440300708461136T", "9144030071526726XG", "91110108551385082Q"]


def refusal(check, *args, **kwargs) -> CodeError:
    with pytest.raises(CodeError) as caught:
        check(*args, **kwargs)
    return caught.value


class TestCreditCode:
    @pytest.mark.parametrize("code", REAL)
    def test_real_codes_pass_whole_and_in_their_inner_part(self, code):
        assert check_credit_code(code) == code
        assert organisation_code_agrees(code)
        assert credit_code_findings(code) == []

    @pytest.mark.parametrize(
        "text",
        [
            "9144030071526726xg",
            " 9144030071526726XG\n",
            "'9144030071526726XG",
            "９１４４０３００７１５２６７２６ＸＧ",
            "9144 0300 7152 6726 XG",
            "\u200b9144030071526726XG\u3000",
        ],
    )
    def test_case_width_and_spaces_are_read_over(self, text):
        assert check_credit_code(text) == "9144030071526726XG"

    @pytest.mark.parametrize("kind", ["11", "12", "51", "52", "91", "92", "93", "N2", "A1", "Y1"])
    def test_every_kind_of_organisation_is_accepted(self, kind):
        code = make_credit_code(kind=kind)
        assert check_credit_code(code) == code
        assert code.startswith(kind)

    @pytest.mark.parametrize(
        ("text", "code", "words"),
        [
            ("", "empty", "不能为空"),
            (" ' ", "empty", "不能为空"),
            ("9144030071526726X", "length", "应为18位，现为17位"),
            ("9144030071526726XGG", "length", "现为19位"),
            ("210600004012345", "length", "15位的旧营业执照注册号"),
            ("9144O30071526726XG", "alphabet", "第5位是“O”"),
            ("91440300715I6726XG", "alphabet", "第12位是“I”"),
            ("9144030071526726SG", "alphabet", "“S”"),
            ("9144030071526726VG", "alphabet", "“V”"),
            ("9144030071526726ZG", "alphabet", "“Z”"),
            ("9144030071526726好G", "alphabet", "“好”"),
            ("9144030071526726XH", "check_digit", "校验码不符，请对照营业执照核对"),
            ("9.14403E+17", "damaged", "设为“文本”格式"),
            ("9.12106001234567E+17", "damaged", "Excel"),
            ("912106001234567000.0", "damaged", "Excel"),
            ("912106001234567000", "check_digit", "可能被Excel当作数字截断"),
        ],
    )
    def test_a_wrong_code_is_explained(self, text, code, words):
        found = refusal(check_credit_code, text)
        assert found.code == code
        assert words in found.message

    def test_a_refusal_can_be_shown_like_any_other_domain_error(self):
        found = refusal(check_credit_code, "1")
        assert isinstance(found, DomainError)
        assert isinstance(found, ValueError)

    def test_an_odd_inner_code_or_region_only_warns(self):
        assert [f.code for f in credit_code_findings("91999999600037349X")] == ["organisation_code", "unknown_region"]
        assert {f.level for f in credit_code_findings("91999999600037349X")} == {"warn"}

    @given(serial=st.integers(0, 31**5 - 1), kind=st.sampled_from(["91", "52", "N2"]))
    def test_invented_codes_pass_every_check(self, serial, kind):
        code = make_credit_code("210682", serial, kind=kind)
        assert check_credit_code(code.lower()) == code
        assert credit_code_findings(code) == []

    @pytest.mark.parametrize("serial", [-1, 31**5])
    def test_an_invented_serial_has_its_range(self, serial):
        with pytest.raises(ValueError, match="out of range"):
            make_credit_code(serial=serial)

    @given(serial=st.integers(0, 31**5 - 1), place=st.integers(0, 17), char=st.sampled_from(CREDIT_ALPHABET))
    def test_one_mistyped_character_is_always_found(self, serial, place, char):
        code = make_credit_code(serial=serial)
        typed = code[:place] + char + code[place + 1 :]
        if typed != code:
            assert refusal(check_credit_code, typed).code == "check_digit"

    @given(st.text(max_size=30))
    def test_any_text_gets_a_code_or_a_refusal(self, text):
        with contextlib.suppress(CodeError):
            assert len(check_credit_code(text)) == 18


class TestOrganisationCode:
    @pytest.mark.parametrize("text", ["60003734-1", "600037341", " 71526726-x "])
    def test_a_hyphen_and_case_do_not_matter(self, text):
        assert check_org_code(text) in {"600037341", "71526726X"}

    @pytest.mark.parametrize(
        ("text", "code"),
        [("60003734-2", "check_digit"), ("6000373", "length"), ("6000373*1", "alphabet"), ("", "empty")],
    )
    def test_a_wrong_one_is_refused(self, text, code):
        assert refusal(check_org_code, text).code == code


class TestIdNumber:
    @pytest.mark.parametrize(
        ("text", "number"),
        [
            ("11010519491231002X", "11010519491231002X"),
            ("11010519491231002x", "11010519491231002X"),
            ("11010519491231002ｘ", "11010519491231002X"),
            ("'360426199101010071", "360426199101010071"),
            (" 360426 19910101 0071\u3000", "360426199101010071"),
            ("３６０４２６１９９１０１０１００７１", "360426199101010071"),
        ],
    )
    def test_it_is_read_as_people_type_it(self, text, number):
        assert check_id_number(text, today=TODAY).number == number

    def test_birth_sex_and_region_are_read_from_it(self):
        found = check_id_number("360426199101010071", today=TODAY)
        assert (found.birth, found.sex, found.region) == (datetime.date(1991, 1, 1), "男", "360426")
        assert found.region_name == "江西省 德安县"
        assert check_id_number("11010519491231002X", today=TODAY).sex == "女"

    @pytest.mark.parametrize("region", ["210681", "210682", "210782", "211382"])
    def test_people_born_before_their_county_got_its_code_are_accepted(self, region):
        number = make_id_number(region, datetime.date(1980, 5, 6), 7)
        assert check_id_number(number, today=TODAY).warnings == ()

    @pytest.mark.parametrize("region", ["810000", "820000", "830000"])
    def test_residence_permits_are_valid(self, region):
        assert check_id_number(make_id_number(region, TODAY, 1), today=TODAY).warnings == ()

    @pytest.mark.parametrize("region", ["330113", "330114", "999999"])
    def test_an_unknown_region_is_a_warning_with_the_number_masked(self, region):
        number = make_id_number(region, datetime.date(1980, 5, 6), 7)
        (warning,) = check_id_number(number, today=TODAY).warnings
        assert (warning.code, warning.level) == ("unknown_region", "warn")
        assert number not in warning.message

    def test_a_fifteen_digit_number_is_converted_and_asks_to_be_confirmed(self):
        found = check_id_number("110105491231002", today=TODAY)
        assert found.number == "11010519491231002X"
        assert found.converted_from_15
        assert [(w.code, w.level) for w in found.warnings] == [("converted_from_15", "ask")]

    @pytest.mark.parametrize(
        ("text", "code", "words"),
        [
            ("", "empty", "不能为空"),
            ("1101051949123100", "length", "应为18位，现为16位"),
            ("1101051949123100233", "length", "现为19位"),
            ("1101051949123100A2", "alphabet", "末位可以是X"),
            ("X10105194912310020", "alphabet", "只含数字"),
            ("11010549123100X", "alphabet", "只含数字"),
            ("110105194902300020", "date", "出生日期不存在"),
            ("110105000001010020", "date", "出生日期不存在"),
            ("110105490230002", "date", "出生日期不存在"),
            ("110105194912310021", "check_digit", "请对照证件核对"),
            ("1.10105E+17", "damaged", "设为“文本”格式"),
            ("110105194912310000", "check_digit", "可能被Excel当作数字截断"),
        ],
    )
    def test_a_wrong_number_is_explained_and_never_repeated(self, text, code, words):
        found = refusal(check_id_number, text, today=TODAY)
        assert found.code == code
        assert words in found.message
        assert not text or text not in found.message

    @pytest.mark.parametrize(("days", "refused"), [(-1, False), (0, False), (1, True)])
    def test_nobody_is_born_in_the_future(self, days, refused):
        number = make_id_number("210602", TODAY + datetime.timedelta(days=days), 3)
        if refused:
            assert refusal(check_id_number, number, today=TODAY).code == "future"
        else:
            assert check_id_number(number, today=TODAY).number == number

    def test_leap_days_and_summer_time_births_are_dates_like_others(self):
        for birth in (datetime.date(2024, 2, 29), datetime.date(1988, 4, 10), datetime.date(1900, 1, 1)):
            assert check_id_number(make_id_number("210602", birth, 9), today=TODAY).birth == birth

    def test_its_representation_is_masked(self):
        found = check_id_number("11010519491231002X", today=TODAY)
        assert repr(found) == str(found) == "IdNumber(110***********002X)"

    @given(
        birth=st.dates(datetime.date(1900, 1, 1), TODAY),
        serial=st.integers(1, 999),
        region=st.sampled_from(["210602", "210681", "110105", "810000"]),
    )
    def test_invented_numbers_are_round_trips(self, birth, serial, region):
        found = check_id_number(make_id_number(region, birth, serial), today=TODAY)
        assert (found.birth, found.region) == (birth, region)
        assert found.sex == ("男" if serial % 2 else "女")

    @given(birth=st.dates(datetime.date(1940, 1, 1), datetime.date(1999, 12, 31)), serial=st.integers(1, 999))
    def test_the_fifteen_digit_form_leads_to_the_same_number(self, birth, serial):
        number = make_id_number("210602", birth, serial)
        assert check_id_number(number[:6] + number[8:17], today=TODAY).number == number

    @given(birth=st.dates(datetime.date(1940, 1, 1), TODAY), serial=st.integers(1, 999), wrong=st.integers(1, 10))
    def test_a_wrong_check_digit_is_refused_with_the_number_masked(self, birth, serial, wrong):
        number = make_id_number("210602", birth, serial)
        digits = "0123456789X"
        typed = number[:-1] + digits[(digits.index(number[-1]) + wrong) % 11]
        found = refusal(check_id_number, typed, today=TODAY)
        assert found.code == "check_digit"
        assert mask_id_number(typed) in found.message
        assert typed not in found.message

    @given(st.text(max_size=25))
    def test_any_text_gets_a_number_or_a_refusal(self, text):
        with contextlib.suppress(CodeError):
            assert len(check_id_number(text, today=TODAY).number) == 18

    @pytest.mark.parametrize("serial", [0, 1000])
    def test_an_invented_sequence_has_its_range(self, serial):
        with pytest.raises(ValueError, match="out of range"):
            make_id_number("210602", TODAY, serial)


class TestPhone:
    @pytest.mark.parametrize(
        ("text", "phone"),
        [
            ("13812341234", "13812341234"),
            ("138-1234-1234", "13812341234"),
            ("１３８ １２３４ １２３４", "13812341234"),
            ("+86 13812341234", "13812341234"),
            ("008613812341234", "13812341234"),
            ("04152345678", "0415-2345678"),
            ("0415-2345678", "0415-2345678"),
            ("(0415)2345678", "0415-2345678"),
            ("（024）23456789", "024-23456789"),
            ("+86-024-23456789", "024-23456789"),
            ("0415-2345678-801", "0415-2345678-801"),
            ("400-123-4567", "400-123-4567"),
            ("4001234567", "400-123-4567"),
        ],
    )
    def test_mobiles_landlines_and_service_lines_are_read(self, text, phone):
        assert check_phone(text) == phone

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("", "empty"),
            ("1381234123", "format"),
            ("138123412345", "format"),
            ("12812341234", "format"),
            ("2345678", "format"),
            ("电话联系", "format"),
            ("1.38123E+10", "damaged"),
        ],
    )
    def test_others_are_refused(self, text, code):
        assert refusal(check_phone, text).code == code

    def test_a_refused_phone_is_masked_in_the_message(self):
        assert "138*****2345" in refusal(check_phone, "138123412345").message

    @given(st.text(max_size=25))
    def test_any_text_gets_a_phone_or_a_refusal(self, text):
        with contextlib.suppress(CodeError):
            assert check_phone(check_phone(text)) == check_phone(text)


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("21010519800101001X", "210***********001X"),
        ("110105491231002", "110********1002"),
        ("", ""),
        ("210105", "******"),
        ("2101051980", "**********"),
        ("21010519801", "210****9801"),
    ],
)
def test_an_id_number_keeps_three_and_four_characters(number, masked):
    assert mask_id_number(number) == masked


@pytest.mark.parametrize(
    ("number", "masked"),
    [("13812341234", "138****1234"), ("0415-2345678", "041*****5678"), ("2345678", "*******"), ("", "")],
)
def test_a_phone_keeps_three_and_four_characters(number, masked):
    assert mask_phone(number) == masked


@pytest.mark.parametrize(("text", "masked"), [
    ("“210602199005200113”不在可选范围内", "“210***********0113”不在可选范围内"),
    ("21060219900520011x、210602900520011", "210***********011x、210********0011"),
    ("打13912345678", "打139****5678"),
    ("2026-11-22 第 12 行，共 1234567890 元，编号 20261122123456789012", "2026-11-22 第 12 行，共 1234567890 元，编号 20261122123456789012"),
])  # fmt: skip
def test_what_looks_like_a_personal_number_is_masked_in_any_sentence(text, masked):
    assert mask_numbers(text) == masked
