"""Text on its way into a workbook and back: formula leaders, characters XML forbids, the watermark line."""

from __future__ import annotations

import datetime
import re
from xml.sax.saxutils import escape

_LEADER = re.compile(r"'*[=+\-@\t\r\n＝＋－＠﹢﹣﹦﹫]")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff\r]")
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_WATERMARK = "※ 本表由 "
LONGEST_CELL = 32_767


def neutralise(text: str) -> str:
    """The text as it may stand in a cell: one that a spreadsheet would run as a formula gets an apostrophe.

    Texts that already are apostrophes and a leader get one more, so that `strip_neutralised` undoes exactly this.
    """
    return "'" + text if _LEADER.match(text) else text


def strip_neutralised(text: str) -> str:
    """The text as it was before `neutralise`."""
    return text[1:] if text[:1] == "'" and _LEADER.match(text) else text


def xml_text(text: str) -> str:
    """The text as the content of an XML element, the way Excel stores what XML cannot hold (`_xHHHH_`)."""
    if len(text) > LONGEST_CELL:
        text = text[: LONGEST_CELL - 8] + "…（未显示完）"
    if "_x" in text:
        text = _LOOKS_ESCAPED.sub("_x005F_", text)
    if not text.isprintable():
        text = _FORBIDDEN.sub(lambda match: f"_x{ord(match[0]):04X}_", text)
    return escape(text)


def watermark(user: str, at: datetime.datetime) -> str:
    """The last line of every export: who took it out, and when. The import recognises it and leaves it out."""
    return f"{_WATERMARK}{user} 于 {at:%Y-%m-%d %H:%M} 导出，仅限党务工作使用，请勿外传"


def is_watermark(text: str) -> bool:
    return text.startswith(_WATERMARK)
