"""Numbers that identify organisations and people: reading, checking, masking, and inventing valid ones.

A check returns the normalised number or raises `CodeError`, whose Chinese message can stand beside the cell.
Messages and representations never carry a whole 居民身份证 number. python-stdnum only computes check digits:
its `validate` refuses N, A and Y credit codes and real people from counties whose code changed.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

from stdnum.cn import ric, uscc

from apps.core.errors import DomainError
from apps.core.regions import region_name
from apps.core.regulations import Citation, Finding

CREDIT_CODE = Citation("法人和其他组织统一社会信用代码编码规则", "GB 32100-2015", "GB32100")
ORGANISATION_CODE = Citation("全国组织机构代码编制规则", "GB 11714-1997", "GB11714")
ID_NUMBER = Citation("公民身份号码", "GB 11643-1999", "GB11643")

Sex = Literal["男", "女"]

_CREDIT_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_LENGTH: Final = 18
_OLD_REGISTRATION_LENGTH: Final = 15
_ORGANISATION_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORGANISATION_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)
_ID_LENGTH: Final = 18
_OLD_ID_LENGTH: Final = 15
_INVENTED_MARK: Final = "MAY"
"""Invented organisation codes begin so: issued ones have not come near this letter."""

_NUMERIC_DAMAGE: Final = re.compile(r"[0-9](?:\.[0-9]+)?E\+[0-9]+|[0-9]+\.0+")
_LOST_DIGITS: Final = re.compile(r"[0-9]{15}000")
_MOBILE: Final = re.compile(r"1[3-9][0-9]{9}")
_LANDLINE: Final = re.compile(r"(0[0-9]{2,3})-?([2-9][0-9]{6,7})(?:-([0-9]{1,6}))?")
_SERVICE_LINE: Final = re.compile(r"([48]00)-?([0-9]{3})-?([0-9]{4})")

_AS_TEXT: Final = "请把该列设为“文本”格式后重新填写"
_LOST_DIGITS_HINT: Final = f"末尾为000，可能被Excel当作数字截断，{_AS_TEXT}"


class CodeError(DomainError, ValueError):
    """A number that cannot be right.

    `code` is empty, damaged, length, alphabet, check_digit, date, future or format.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message, code=code)


@dataclass(frozen=True, repr=False)
class IdNumber:
    """A 居民身份证 (or 港澳台居民居住证) number and what can be read from it."""

    number: str
    birth: datetime.date
    sex: Sex
    region: str
    converted_from_15: bool = False
    warnings: tuple[Finding, ...] = ()

    @property
    def region_name(self) -> str | None:
        return region_name(self.region)

    def __repr__(self) -> str:
        return f"IdNumber({mask_id_number(self.number)})"

    __str__ = __repr__


def normalise(text: str) -> str:
    """Return the text as half-width capitals without spaces of any kind and Excel's leading apostrophe."""
    if text.isascii() and text.isalnum():
        return text.upper()  # the usual case, and the quick one: imports check thousands
    folded = unicodedata.normalize("NFKC", text)
    kept = "".join(char for char in folded if unicodedata.category(char)[0] not in "ZC")
    return kept.lstrip("'‘’`").upper()


# 统一社会信用代码 and 组织机构代码


def check_credit_code(text: str) -> str:
    """Return the normalised 统一社会信用代码, or raise `CodeError`.

    Source: GB 32100-2015: 18 characters of the 31-character alphabet, last one the check character.
    """
    code = normalise(text)
    _refuse_empty_or_damaged(code, "统一社会信用代码")
    if len(code) == _OLD_REGISTRATION_LENGTH and code.isdecimal():
        raise CodeError("length", "这是15位的旧营业执照注册号，请填写18位统一社会信用代码。")
    if len(code) != _CREDIT_LENGTH:
        raise CodeError("length", f"统一社会信用代码应为{_CREDIT_LENGTH}位，现为{len(code)}位。")
    for place, char in enumerate(code, start=1):
        if char not in _CREDIT_ALPHABET:
            message = f"统一社会信用代码只含数字和I、O、S、V、Z以外的字母，第{place}位是“{char}”。"
            raise CodeError("alphabet", message)
    if uscc.calc_check_digit(code[:-1]) != code[-1]:
        hint = _LOST_DIGITS_HINT if _LOST_DIGITS.fullmatch(code) else "请对照营业执照核对"
        raise CodeError("check_digit", f"统一社会信用代码{code}的校验码不符，{hint}。")
    return code


def organisation_code_agrees(code: str) -> bool:
    """Tell whether characters 9-17 of a checked credit code are a valid 组织机构代码 (GB 11714)."""
    return _organisation_check(code[8:16]) == code[16]


def credit_code_findings(code: str) -> list[Finding]:
    """Return what looks odd about a checked credit code; real ones may look odd, so these only warn."""
    findings = []
    if not organisation_code_agrees(code):
        message = "统一社会信用代码中的组织机构代码（第9至17位）校验不符，请核对。"
        findings.append(Finding("organisation_code", message, ORGANISATION_CODE, "warn"))
    if region_name(code[2:8]) is None:
        message = f"统一社会信用代码中的行政区划码{code[2:8]}不在区划表中，请核对。"
        findings.append(Finding("unknown_region", message, CREDIT_CODE, "warn"))
    return findings


def check_org_code(text: str) -> str:
    """Return a 组织机构代码 as nine characters without hyphen, or raise `CodeError`. Source: GB 11714."""
    code = normalise(text).replace("-", "")
    _refuse_empty_or_damaged(code, "组织机构代码")
    if len(code) != 9:
        raise CodeError("length", f"组织机构代码应为9位，现为{len(code)}位。")
    if any(char not in _ORGANISATION_ALPHABET for char in code):
        raise CodeError("alphabet", "组织机构代码只含数字和大写字母。")
    if _organisation_check(code[:8]) != code[8]:
        raise CodeError("check_digit", f"组织机构代码{code}的校验码不符，请核对。")
    return code


def _organisation_check(body: str) -> str:
    pairs = zip(body, _ORGANISATION_WEIGHTS, strict=True)
    total = sum(_ORGANISATION_ALPHABET.index(char) * weight for char, weight in pairs)
    check = (11 - total % 11) % 11
    return "X" if check == 10 else str(check)


# 居民身份证


def check_id_number(text: str, *, today: datetime.date) -> IdNumber:
    """Return what a 居民身份证 number says, or raise `CodeError`. Source: GB 11643-1999.

    A 15-digit number comes back converted, with a finding that asks to confirm it; an unknown region warns.
    """
    number = normalise(text)
    _refuse_empty_or_damaged(number, "身份证号")
    if len(number) not in (_ID_LENGTH, _OLD_ID_LENGTH):
        raise CodeError("length", f"身份证号应为18位，现为{len(number)}位。")
    if not re.fullmatch(r"[0-9]{17}[0-9X]|[0-9]{15}", number):
        raise CodeError("alphabet", "身份证号只含数字，末位可以是X。")
    converted = len(number) == _OLD_ID_LENGTH
    if converted:
        number = _with_id_check(f"{number[:6]}19{number[6:]}")
    birth = _birth_date(number, today=today)
    if ric.calc_check_digit(number) != number[-1]:
        hint = _LOST_DIGITS_HINT if _LOST_DIGITS.fullmatch(number) else "请对照证件核对"
        raise CodeError("check_digit", f"身份证号{mask_id_number(number)}的校验码不符，{hint}。")
    return IdNumber(
        number=number,
        birth=birth,
        sex="男" if int(number[16]) % 2 else "女",
        region=number[:6],
        converted_from_15=converted,
        warnings=tuple(_id_findings(number, converted=converted)),
    )


def _birth_date(number: str, *, today: datetime.date) -> datetime.date:
    try:
        birth = datetime.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise CodeError("date", f"身份证号{mask_id_number(number)}中的出生日期不存在。") from None
    if birth > today:
        raise CodeError("future", f"身份证号{mask_id_number(number)}中的出生日期晚于今天。")
    return birth


def _id_findings(number: str, *, converted: bool) -> list[Finding]:
    findings = []
    if converted:
        message = f"15位旧身份证号已换算为{mask_id_number(number)}，请对照证件确认。"
        findings.append(Finding("converted_from_15", message, ID_NUMBER, "ask"))
    if region_name(number[:6]) is None:
        message = f"身份证号{mask_id_number(number)}的行政区划码不在区划表中，请核对。"
        findings.append(Finding("unknown_region", message, ID_NUMBER, "warn"))
    return findings


def _with_id_check(body: str) -> str:
    return body + ric.calc_check_digit(body + "0")


# 电话


def check_phone(text: str) -> str:
    """Return a mobile number as 11 digits or a landline as 区号-号码[-分机], or raise `CodeError`."""
    folded = normalise(text)
    _refuse_empty_or_damaged(folded, "电话")
    phone = re.sub(r"[()·./—–]", "-", folded).strip("-").replace("--", "-")
    phone = re.sub(r"\A(?:\+?86|0086)-?(?=[01])", "", phone)
    mobile = phone.replace("-", "")
    if _MOBILE.fullmatch(mobile):
        return mobile
    for pattern in (_LANDLINE, _SERVICE_LINE):
        if match := pattern.fullmatch(phone):
            return "-".join(part for part in match.groups() if part)
    example = "应为11位手机号，或带区号的固定电话如0415-2345678"
    raise CodeError("format", f"电话{mask_phone(phone)}无法识别，{example}。")


# Masks


def mask_id_number(number: str) -> str:
    """Return `210***********001X`: three leading and four trailing characters stay."""
    return _mask(number)


def mask_phone(number: str) -> str:
    """Return `138****1234`: three leading and four trailing characters stay."""
    return _mask(number)


_PERSONAL_NUMBER: Final = re.compile(r"(?<!\d)(?:(\d{17}[\dXx]|\d{15})|1\d{10})(?!\d)")


def mask_numbers(text: str) -> str:
    """Return the text with everything that looks like an ID number or a mobile phone masked."""
    return _PERSONAL_NUMBER.sub(lambda found: _mask(found.group()), text)


def _mask(text: str, *, head: int = 3, tail: int = 4) -> str:
    hidden = len(text) - head - tail
    if hidden < tail:
        return "*" * len(text)
    return text[:head] + "*" * hidden + text[-tail:]


# Invented numbers that pass every check, for the demo park and for tests


def make_credit_code(region: str = "210600", serial: int = 0, *, kind: str = "91") -> str:
    """Return the `serial`-th invented credit code of a region.

    `kind` is 登记管理部门 and 机构类别: 91 企业, 51 社会团体, 52 民办非企业单位.
    """
    body, rest = "", serial
    for _ in range(8 - len(_INVENTED_MARK)):
        rest, digit = divmod(rest, len(_CREDIT_ALPHABET))
        body = _CREDIT_ALPHABET[digit] + body
    if rest or serial < 0:
        raise ValueError(f"serial {serial} is out of range")
    organisation = _INVENTED_MARK + body
    code = f"{kind}{region}{organisation}{_organisation_check(organisation)}"
    return code + uscc.calc_check_digit(code)


def make_id_number(region: str, birth: datetime.date, serial: int) -> str:
    """Return a valid number with sequence `serial` (1-999, odd for men) that belongs to nobody we know of."""
    if not 1 <= serial <= 999:
        raise ValueError(f"serial {serial} is out of range")
    return _with_id_check(f"{region}{birth:%Y%m%d}{serial:03d}")


def _refuse_empty_or_damaged(code: str, noun: str) -> None:
    if not code:
        raise CodeError("empty", f"{noun}不能为空。")
    if _NUMERIC_DAMAGE.fullmatch(code):
        raise CodeError("damaged", f"{noun}被Excel当作数字存储，末几位可能已丢失，{_AS_TEXT}。")
