"""Cells of a record as offices type them: lists of names with reasons, hours of a day, running text."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from apps.core.excel.text import LONGEST_CELL
from apps.core.imports import CellError, Text
from apps.core.text import clean_name, has_control_characters

from ..kinds import AbsenceReason
from ..rules.minutes import clean_plain

NOTE_WIDTH: Final = 60
CUT_OFF: Final = "…（未显示完）"
"""How an export marks a text that no cell can hold whole."""

_MARKS: Final = re.compile(r"[（(\[【）)\]】、，,；;\n]")
_OPENING: Final = "（([【"
_CLOSING: Final = "）)]】"
_PERSON: Final = re.compile(
    r"(?P<name>[^（(\[【]+)(?:[\[【](?P<hint>[^\]】]*)[\]】])?\s*(?:[（(](?P<reason>.*)[）)])?", re.DOTALL
)
_CLOCK: Final = r"(?:[01]?\d|2[0-3])[:：][0-5]\d"
_HOURS: Final = re.compile(
    rf"(?P<start>{_CLOCK})(?:\s*[—–\-~～至到]+\s*(?P<on>次日|\d{{4}}-\d{{2}}-\d{{2}})?\s*(?P<end>{_CLOCK}))?"
)
_REASONS: Final = {
    "公出": AbsenceReason.DUTY, "出差": AbsenceReason.DUTY, "因公": AbsenceReason.DUTY, "开会": AbsenceReason.DUTY,
    "值班": AbsenceReason.SHIFT, "上班": AbsenceReason.SHIFT, "倒班": AbsenceReason.SHIFT, "夜班": AbsenceReason.SHIFT,
    "生病": AbsenceReason.ILLNESS, "住院": AbsenceReason.ILLNESS, "请病假": AbsenceReason.ILLNESS,
    "请假": AbsenceReason.PERSONAL, "请事假": AbsenceReason.PERSONAL, "外出": AbsenceReason.AWAY,
    "外出务工": AbsenceReason.AWAY, "流动": AbsenceReason.AWAY, "旷会": AbsenceReason.UNEXCUSED,
    "无故缺席": AbsenceReason.UNEXCUSED, **{each.label: each for each in AbsenceReason},
}  # fmt: skip


@dataclass(frozen=True, order=True)
class Person:
    """Somebody named in a cell. `hint` tells people of one name apart: a 党小组, an enterprise or a year of joining."""

    name: str
    reason: str = ""
    note: str = ""
    hint: str = field(default="", compare=False)


People = tuple[Person, ...]


def people(found: Iterable[Person]) -> People:
    """Persons in an order of their own, so that two lists of the same people are equal."""
    return tuple(sorted(found))


def split_names(text: str) -> list[str]:
    """The parts of a list; what separates names inside brackets belongs to a reason."""
    parts, begin, depth = [], 0, 0
    for match in _MARKS.finditer(text):
        if match[0] in _OPENING:
            depth += 1
        elif match[0] in _CLOSING:
            depth = max(0, depth - 1)
        elif depth == 0:
            parts.append(text[begin : match.start()])
            begin = match.end()
    return [part for part in (*parts, text[begin:]) if part.strip()]


@dataclass(frozen=True)
class Names(Text):
    """`张三、李四[第一党小组]`: people by name. Value: `People`."""

    max_length: int = LONGEST_CELL

    @property
    def hint(self) -> str:
        return "姓名用顿号隔开；同名的在姓名后用方括号写明党小组、所在企业或入党年份，如 李明[第一党小组]"

    def from_text(self, text: str, today: datetime.date) -> Any:
        if has_control_characters(text):
            raise CellError("control_character", "含有看不见的控制字符，请重新输入这个单元格（不要从网页直接粘贴）。")
        if text.endswith(CUT_OFF):
            return ""
        return people(self.person(part) for part in split_names(text))

    def person(self, part: str) -> Person:
        match = _PERSON.fullmatch(part.strip())
        name = clean_name(match["name"]) if match else ""
        if match is None or not name:
            raise CellError("names", f"“{part.strip()[:20]}”看不出是谁，{self.hint}。")
        return self.of(name, clean_name(match["hint"] or ""), clean_name(match["reason"] or ""))

    def of(self, name: str, hint: str, said: str) -> Person:
        return Person(name, hint=hint)

    def shown(self, value: Any) -> Any:
        return "、".join(each.name for each in value) if isinstance(value, tuple) else value


@dataclass(frozen=True)
class Absentees(Names):
    """`张三（病假）、李四（事假）`: who was absent and why. Value: `People` with reasons.

    What is none of the known reasons is kept as 其他 with its words.
    """

    has_notes: ClassVar[bool] = True

    @property
    def hint(self) -> str:
        labels = "、".join(each.label for each in AbsenceReason)
        return f"姓名后用括号写明原因，如 张三（病假）、李四（事假）；原因：{labels}"

    def of(self, name: str, hint: str, said: str) -> Person:
        if not said:
            raise CellError("no_reason", f"{name}缺席没有写明原因，请写成 {name}（病假）这样的格式。")
        word, _, more = said.replace(":", "：").partition("：")
        reason = _REASONS.get(word.strip())
        note = clean_name(more) if reason else clean_name(said)
        if len(note) > NOTE_WIDTH:
            raise CellError("too_long", f"{name}的缺席说明最多 {NOTE_WIDTH} 字，现有 {len(note)} 字，请缩短。")
        return Person(name, (reason or AbsenceReason.OTHER).value, note, hint=hint)

    def notes(self, value: People) -> Iterable[tuple[str, str]]:
        for each in value:
            if each.reason == AbsenceReason.OTHER and each.note:
                yield "other_reason", f"{each.name}的缺席原因按“其他：{each.note}”登记，请核对。"

    def shown(self, value: Any) -> Any:
        return "、".join(absence_text(each) for each in value) if isinstance(value, tuple) else value


def absence_text(person: Person) -> str:
    """One absence as books and exports write it."""
    note = f"：{person.note}" if person.note else ""
    return f"{person.name}（{AbsenceReason(person.reason).label}{note}）"


@dataclass(frozen=True)
class Hours(Text):
    """`19:00—20:30`, the clock of the place. Value: the text in one spelling; `moments` gives the times of a day."""

    max_length: int = 40

    @property
    def hint(self) -> str:
        return "如 19:00—20:30，跨日的写成 22:00—次日01:00；可只写开始时间"

    def from_text(self, text: str, today: datetime.date) -> str:
        match = _HOURS.fullmatch(clean_name(text).replace("：", ":"))
        if match is None:
            raise CellError("hours", f"“{text[:20]}”不是时间，请写成 19:00—20:30 这样的格式。")
        on = match["on"] or ""
        end = f"—{on}{' ' if on[:1].isdigit() else ''}{_clock(match['end'])}" if match["end"] else ""
        return _clock(match["start"]) + end


def _clock(text: str) -> str:
    hour, _, minute = text.partition(":")
    return f"{int(hour):02d}:{minute}"


def moments(
    held_on: datetime.date, hours: str | None, zone: datetime.tzinfo
) -> tuple[datetime.datetime, datetime.datetime | None]:
    """Start and end of a day's hours, as `Hours` spells them. Without hours: the beginning of the day."""
    match = _HOURS.fullmatch(hours or "00:00")
    assert match is not None

    def at(day: datetime.date, clock: str) -> datetime.datetime:
        return datetime.datetime.combine(day, datetime.time.fromisoformat(clock), zone)

    if match["end"] is None:
        return at(held_on, match["start"]), None
    last = held_on
    if match["on"] == "次日":
        last += datetime.timedelta(days=1)
    elif match["on"]:
        last = datetime.date.fromisoformat(match["on"])
    return at(held_on, match["start"]), at(last, match["end"])


@dataclass(frozen=True)
class Prose(Text):
    """Running text with its line breaks. A text that an export had to cut off reads as blank: it stays as it is."""

    def from_text(self, text: str, today: datetime.date) -> str:
        if text.endswith(CUT_OFF):
            return ""
        if has_control_characters(text):
            raise CellError("control_character", "含有看不见的控制字符，请重新输入这个单元格（不要从网页直接粘贴）。")
        text = clean_plain(text)
        if len(text) > self.max_length:
            raise CellError("too_long", f"最多 {self.max_length} 字，现有 {len(text)} 字，请缩短。")
        return text
