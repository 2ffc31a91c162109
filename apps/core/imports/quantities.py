"""Cells that hold numbers and days. Bounds keep a slip of the finger from becoming a figure of a report."""

from __future__ import annotations

import datetime
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar, NamedTuple

from ..excel.dates import DateUnreadable, PartialDate, parse_date
from ..ledger import Kind
from .values import CellError, ValueKind, plain_number, short


@dataclass(frozen=True)
class Integer(ValueKind):
    """A whole number of persons or things."""

    excel_kind: ClassVar[Kind] = Kind.INTEGER
    minimum: int = 0
    maximum: int = 10_000_000
    unit: str = ""

    @property
    def hint(self) -> str:
        return f"整数，{self.minimum} 至 {self.maximum}"

    def from_text(self, text: str, today: datetime.date) -> int:
        number = decimal_of(text, self.unit)
        if number != number.to_integral_value():
            raise CellError("not_an_integer", f"“{text}”不是整数，请填写整数。")
        if not self.minimum <= number <= self.maximum:
            raise CellError("out_of_bounds", f"应在 {self.minimum} 至 {self.maximum} 之间，现为 {text}，请核对。")
        return int(number)


@dataclass(frozen=True)
class Amount(ValueKind):
    """A sum of money or another decimal. `unit` may stand behind the number."""

    excel_kind: ClassVar[Kind] = Kind.MONEY
    places: int = 2
    unit: str = "元"
    minimum: Decimal = Decimal(0)
    maximum: Decimal = Decimal(10) ** 11

    @property
    def hint(self) -> str:
        return f"数字（{self.unit}），最多 {self.places} 位小数"

    def from_text(self, text: str, today: datetime.date) -> Decimal:
        number = decimal_of(text, self.unit)
        if not self.minimum <= number <= self.maximum:
            raise CellError("out_of_bounds", f"应在 {self.minimum} 至 {self.maximum} 之间，现为 {text}，请核对。")
        rounded = round(number, self.places)
        # Excel stores 0.1 + 0.2 as 0.30000000000000004: a difference that small is the computer's, not the writer's.
        if abs(rounded - number) > Decimal(10) ** -(self.places + 6):
            raise CellError("too_precise", f"最多 {self.places} 位小数，现为 {text}，请核对。")
        return rounded


class Capital(NamedTuple):
    """Registered capital as the register of enterprises prints it. `amount` in 万元; None for foreign money."""

    amount: Decimal | None
    text: str


_CAPITAL = re.compile(r"([\d,.]+)[(]?(.*?)[)]?")


@dataclass(frozen=True)
class RegisteredCapital(ValueKind):
    """`6,694.7400(万元人民币)`, `50万人民币`, `30(万美元)`, or a bare number of 万元. Value: `Capital`."""

    @property
    def hint(self) -> str:
        return "如 6,694.74(万元人民币)，只写数字时单位为万元"

    def from_text(self, text: str, today: datetime.date) -> Capital:
        folded = unicodedata.normalize("NFKC", text).replace(" ", "")
        match = _CAPITAL.fullmatch(folded)
        if match is None or len(folded) > 60:
            raise CellError("not_a_number", f"“{short(text)}”不是注册资金，{self.hint}。")
        amount, unit = decimal_of(match[1]), match[2]
        if unit.replace("元", "") not in ("", "万", "人民币", "万人民币"):
            return Capital(None, text.strip())
        # A bare number is in 万元; a unit without 万 says 元.
        factor = Decimal(1) if not unit or "万" in unit else Decimal("0.0001")
        return Capital(round(amount * factor, 4), text.strip())

    def shown(self, value: Any) -> Any:
        return value.text if isinstance(value, Capital) else value


@dataclass(frozen=True)
class Date(ValueKind):
    """A day. `future` False refuses days after today."""

    excel_kind: ClassVar[Kind] = Kind.DATE
    future: bool = True

    @property
    def hint(self) -> str:
        return "日期，如 2026-03-31"

    def from_text(self, text: str, today: datetime.date) -> Any:
        found = self._parsed(text)
        if found.precision != "day":
            lacking = "日" if found.precision == "month" else "月和日"
            raise CellError("date_partial", f"“{text}”缺少{lacking}，请写成 2026-03-31 这样的格式。")
        return self._in_time(found.day, today)

    def from_number(self, digits: str, today: datetime.date) -> Any:
        text = plain_number(digits)
        if len(text) < 6:
            raise CellError("date_unreadable", f"单元格是数字 {text}，不是日期，请设置为日期格式或写成 2026-03-31。")
        return self.from_text(text, today)

    def from_moment(self, moment: datetime.datetime, today: datetime.date) -> Any:
        return self._in_time(moment.date(), today)

    def _parsed(self, text: str) -> PartialDate:
        try:
            return parse_date(text)
        except DateUnreadable as error:
            raise CellError(error.code, str(error)) from None

    def _in_time(self, day: datetime.date, today: datetime.date) -> datetime.date:
        if not self.future and day > today:
            raise CellError("date_future", f"{day:%Y-%m-%d} 晚于今天，请核对。")
        return day


@dataclass(frozen=True)
class LooseDate(Date):
    """A day, a month or a year. Value: `PartialDate`."""

    @property
    def hint(self) -> str:
        return "日期，如 2026-03-31；只知年月时可写 2026-03 或 2026"

    def from_text(self, text: str, today: datetime.date) -> PartialDate:
        found = self._parsed(text)
        self._in_time(found.day, today)
        return found

    def from_number(self, digits: str, today: datetime.date) -> PartialDate:
        text = plain_number(digits)
        return self.from_text(text, today) if len(text) == 4 else super().from_number(digits, today)

    def from_moment(self, moment: datetime.datetime, today: datetime.date) -> PartialDate:
        return PartialDate(self._in_time(moment.date(), today), "day")

    def shown(self, value: Any) -> Any:
        if not isinstance(value, PartialDate):
            return value
        return value.day.strftime({"day": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y"}[value.precision])


def decimal_of(text: str, unit: str = "") -> Decimal:
    """A number as people write it: full-width digits, thousands separators, its unit behind it."""
    folded = unicodedata.normalize("NFKC", text).replace(",", "").replace("，", "").replace(" ", "")
    if unit:
        folded = folded.removesuffix(unicodedata.normalize("NFKC", unit))
    try:
        number = Decimal(folded.lstrip("¥￥"))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise CellError("not_a_number", f"“{short(text)}”不是数字，请只填写数字{f'（单位：{unit}）' if unit else ''}。")
    return number
