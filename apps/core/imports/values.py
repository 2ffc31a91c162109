"""Cells become values. Each kind of column says how it reads a cell, what is wrong with it, and what to type.

A kind is a frozen dataclass; `read` returns the value or raises CellError, whose sentence tells what to do.
Only kinds for which a number cell is harmless take one: an 18-digit number has lost its last digits by then.
"""

from __future__ import annotations

import datetime
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from ..codes import CodeError, IdNumber, check_credit_code, check_id_number, check_phone, credit_code_findings
from ..excel.reader import Typed
from ..excel.text import strip_neutralised
from ..ledger import Kind
from ..text import clean_name, has_control_characters

NOTHING = ("N/A", "NA", "#N/A", "—", "——", "-", "－", "/", "无", "暂无", "空", "null")
"""What people write into a cell that has nothing to say. A column that reads them so lists them as `blank`."""

_SET_TO_TEXT = "请先把该列设置为文本格式，再重新填写（数字格式会改变后几位）。"


class CellError(Exception):
    """What is wrong with one cell: a stable code and a Chinese sentence that tells what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True)
class ValueKind:
    """How the cells of a column are read. Subclasses override the readings they allow."""

    excel_kind: ClassVar[Kind] = Kind.TEXT
    has_notes: ClassVar[bool] = False

    @property
    def hint(self) -> str:
        """What to type, for the template and the help."""
        return "文本"

    def read(self, cell: str | Typed, today: datetime.date) -> Any:
        if isinstance(cell, str):
            return self.from_text(strip_neutralised(cell) if cell[0] == "'" else cell, today)
        kind, text = cell
        if kind == "f":
            raise CellError("formula", "单元格是公式，请复制后“选择性粘贴—数值”，只留下结果。")
        if kind == "e":
            raise CellError("error_value", f"单元格是错误值 {text}，请改为正确的内容或清空。")
        if kind == "n":
            return self.from_number(text, today)
        if kind == "b":
            return self.from_text("是" if text == "1" else "否", today)
        return self.from_moment(datetime.datetime.fromisoformat(text), today)

    def from_text(self, text: str, today: datetime.date) -> Any:
        raise NotImplementedError

    def from_number(self, digits: str, today: datetime.date) -> Any:
        return self.from_text(plain_number(digits), today)

    def from_moment(self, moment: datetime.datetime, today: datetime.date) -> Any:
        raise CellError("unexpected_date", "这里不应是日期，请把单元格设置为文本格式后重新填写。")

    def notes(self, value: Any) -> Iterable[tuple[str, str]]:
        """Warnings about a value that was read: (code, sentence)."""
        return ()

    def shown(self, value: Any) -> Any:
        """The value as a workbook cell holds it, in a template and beside a conflict."""
        return value


@dataclass(frozen=True)
class Text(ValueKind):
    """A name or a note: NFC, trimmed of every kind of space; rare characters and · stay. `lines` keeps line breaks."""

    max_length: int = 200
    lines: bool = False

    @property
    def hint(self) -> str:
        return f"文本，最多 {self.max_length} 字"

    def from_text(self, text: str, today: datetime.date) -> Any:
        if not (text.isprintable() and " " not in text and unicodedata.is_normalized("NFC", text)):
            text = self._cleaned(text)
        if len(text) > self.max_length:
            raise CellError("too_long", f"最多 {self.max_length} 字，现有 {len(text)} 字，请缩短。")
        return text

    def _cleaned(self, text: str) -> str:
        if has_control_characters(text):
            raise CellError("control_character", "含有看不见的控制字符，请重新输入这个单元格（不要从网页直接粘贴）。")
        if self.lines:
            return "\n".join(filter(None, map(clean_name, text.splitlines())))
        return clean_name(text)


@dataclass(frozen=True)
class Code(Text):
    """An opaque code or number that must stay text: organisation codes, document numbers."""

    max_length: int = 40

    @property
    def hint(self) -> str:
        return f"文本格式，最多 {self.max_length} 字"

    def from_number(self, digits: str, today: datetime.date) -> Any:
        raise CellError("number_cell", f"单元格是数字格式。{_SET_TO_TEXT}")


@dataclass(frozen=True)
class CreditCode(Code):
    """统一社会信用代码, checked after GB 32100. Value: the normalised code."""

    has_notes: ClassVar[bool] = True

    @property
    def hint(self) -> str:
        return "文本格式，18 位"

    def from_text(self, text: str, today: datetime.date) -> str:
        return _checked(check_credit_code, text)

    def notes(self, value: str) -> Iterable[tuple[str, str]]:
        return ((finding.code, finding.message) for finding in credit_code_findings(value))


@dataclass(frozen=True)
class IdNumberKind(Code):
    """居民身份证号. Value: `core.codes.IdNumber`, whose representation is masked. A masked one counts as blank."""

    has_notes: ClassVar[bool] = True

    @property
    def hint(self) -> str:
        return "文本格式，18 位"

    def from_text(self, text: str, today: datetime.date) -> IdNumber | str:
        return "" if "*" in text else _checked(lambda found: check_id_number(found, today=today), text)

    def notes(self, value: IdNumber) -> Iterable[tuple[str, str]]:
        return ((finding.code, finding.message) for finding in value.warnings)

    def shown(self, value: Any) -> Any:
        return value.number if isinstance(value, IdNumber) else value


@dataclass(frozen=True)
class Phone(Code):
    """A mobile or landline number. A masked one, as exports carry it, counts as blank: it stays as it is."""

    @property
    def hint(self) -> str:
        return "文本格式，手机号或带区号的固定电话"

    def from_text(self, text: str, today: datetime.date) -> str:
        return "" if "*" in text else _checked(check_phone, text)


@dataclass(frozen=True)
class OneOf(ValueKind):
    """One of a few codes, typed as code or label. `choices` are (code, label); `synonyms` other words → code."""

    choices: Iterable[tuple[str, str]] = ()
    synonyms: Mapping[str, str] = field(default_factory=dict)
    _codes: dict[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        pairs = [(str(code), str(label)) for code, label in self.choices]
        known = {code: code for code, _ in pairs} | {label: code for code, label in pairs} | dict(self.synonyms)
        object.__setattr__(self, "choices", pairs)
        object.__setattr__(self, "_codes", {_folded(word): code for word, code in known.items()})

    @property
    def labels(self) -> list[str]:
        return [label for _, label in self.choices]

    @property
    def hint(self) -> str:
        return "可填：" + "、".join(self.labels)

    def from_text(self, text: str, today: datetime.date) -> str:
        code = self._codes.get(text) or self._codes.get(_folded(text))
        if code is None:
            raise CellError("choice", f"“{short(text)}”不在可选范围内，{self.hint}。")
        return code

    def shown(self, value: Any) -> Any:
        return dict(self.choices).get(value, value)


_TRUE = {"是", "有", "y", "yes", "true", "1", "√", "✓", "对"}
_FALSE = {"否", "无", "没有", "n", "no", "false", "0", "×", "✗", "x", "不是"}


@dataclass(frozen=True)
class Flag(ValueKind):
    """是 or 否."""

    excel_kind: ClassVar[Kind] = Kind.BOOL

    @property
    def hint(self) -> str:
        return "可填：是、否"

    def from_text(self, text: str, today: datetime.date) -> bool:
        word = _folded(text)
        if word not in _TRUE and word not in _FALSE:
            raise CellError("choice", f"“{short(text)}”不在可选范围内，请填写“是”或“否”。")
        return word in _TRUE


def plain_number(digits: str) -> str:
    """The digits of a number cell without exponent and without the zeros behind the point."""
    try:
        number = Decimal(digits)
    except InvalidOperation:
        return digits
    if not number.is_finite() or number.adjusted() > 30:
        return digits
    if number == number.to_integral_value():
        return format(number.to_integral_value(), "f")
    return format(number.normalize(), "f")


def _checked(check: Any, text: str) -> Any:
    try:
        return check(text)
    except CodeError as error:
        raise CellError(error.code, error.message) from None


def _folded(text: str) -> str:
    return clean_name(unicodedata.normalize("NFKC", text)).replace(" ", "").lower()


def short(text: str) -> str:
    return text if len(text) <= 20 else text[:20] + "…"
