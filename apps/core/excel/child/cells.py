"""One cell as JSON: text is a string, nothing is null, anything else is [kind, text].

Kinds: n number (its digits as stored), d date, t date with time, b true or false, e error value, f formula.
"""

from __future__ import annotations

import datetime

RawCell = str | list[str] | None

# A workbook knows no time zone: its moments are wall-clock time.
_EPOCH_1900 = datetime.datetime(1899, 12, 30)  # noqa: DTZ001
_EPOCH_1904 = datetime.datetime(1904, 1, 1)  # noqa: DTZ001
_LAST_SERIAL = 2_958_466  # 10000-01-01


def from_number(text: str, *, is_date: bool, epoch_1904: bool) -> RawCell:
    """A number cell; with a date format it is the day that its serial number means in this workbook's epoch."""
    if is_date:
        moment = moment_of(float(text), epoch_1904=epoch_1904)
        if moment is not None:
            return from_moment(moment)
    return ["n", text]


def from_moment(moment: datetime.datetime) -> RawCell:
    if moment.time() == datetime.time():
        return ["d", moment.date().isoformat()]
    return ["t", moment.isoformat(timespec="seconds")]


def moment_of(serial: float, *, epoch_1904: bool) -> datetime.datetime | None:
    """The moment of a serial number; None for a bare time of day or a number that is no date.

    Day 60 of the 1900 epoch is the 29 February 1900 that never was; the days before it count one less.
    """
    if not 1 <= serial < _LAST_SERIAL or (not epoch_1904 and 60 <= serial < 61):
        return None
    epoch = _EPOCH_1904 if epoch_1904 else _EPOCH_1900
    if not epoch_1904 and serial < 60:
        serial += 1
    try:
        return epoch + datetime.timedelta(seconds=round(serial * 86400))
    except OverflowError:
        return None


def from_iso(text: str) -> RawCell:
    """A cell of type d: an ISO 8601 date or moment."""
    return from_moment(datetime.datetime.fromisoformat(text.removesuffix("Z")))
