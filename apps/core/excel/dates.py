"""Dates as people type them into cells. Wrong order cannot be guessed, so 03/04/2026 is refused, not read."""

from __future__ import annotations

import datetime
import re
import unicodedata
from typing import Literal, NamedTuple

Precision = Literal["day", "month", "year"]

FIRST_YEAR = 1900
LAST_YEAR = 2100

_TIME = re.compile(r"[ T]*\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$")
_SEPARATED = re.compile(r"(\d{4})([-./])(\d{1,2})(?:\2(\d{1,2}))?")
_CHINESE = re.compile(r"(\d{4})年(?:(\d{1,2})月(?:(\d{1,2})[日号]?)?)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})?(\d{2})?")
_AMBIGUOUS = re.compile(r"\d{1,2}[-./]\d{1,2}[-./](\d{4}|\d{2})|\d{2}[-./]\d{1,2}[-./]\d{1,2}")


class PartialDate(NamedTuple):
    """A date of which only the year or the month may be known; `day` is then the first one."""

    day: datetime.date
    precision: Precision


class DateUnreadable(ValueError):
    """`code` is date_ambiguous, date_unreadable or date_missing (31 February); the text is for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def parse_date(text: str) -> PartialDate:
    """Read 2026-03-31, 2026.3.31, 2026/3/31, 2026年3月31日, 20260331, 2026-03, 2026年3月, 202603, 2026, 2026年.

    A time of day behind a full date is left out. Raises DateUnreadable.
    """
    folded = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip()
    plain = _TIME.sub("", folded).replace(" ", "").replace("。", ".")
    if _AMBIGUOUS.fullmatch(plain):
        raise DateUnreadable("date_ambiguous", f"日期“{text}”分不清年月日的先后，请写成 2026-03-31 这样的格式。")
    year, month, day = _parts(plain, text)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise DateUnreadable("date_unreadable", f"日期“{text}”的年份须在 {FIRST_YEAR} 至 {LAST_YEAR} 之间，请核对。")
    try:
        first = datetime.date(year, month or 1, day or 1)
    except ValueError:
        raise DateUnreadable("date_missing", f"日期“{text}”不存在，请核对月和日。") from None
    return PartialDate(first, "day" if day else "month" if month else "year")


def _parts(plain: str, text: str) -> tuple[int, int | None, int | None]:
    if match := _SEPARATED.fullmatch(plain):
        found = (match[1], match[3], match[4])
    elif match := _CHINESE.fullmatch(plain) or _COMPACT.fullmatch(plain):
        found = (match[1], match[2], match[3])
    else:
        raise DateUnreadable("date_unreadable", f"“{text}”不是日期，请写成 2026-03-31 这样的格式。")
    year, month, day = (int(part) if part is not None else None for part in found)
    assert year is not None
    if month == 0 or day == 0:
        raise DateUnreadable("date_missing", f"日期“{text}”不存在，请核对月和日。")
    return year, month, day
