"""Finding a person by a whole 身份证号 or phone, of which nothing but a keyed hash is kept.

A typed number becomes a word like `身份证号#3f9a…` before it reaches an address, a saved filter, a job or a log: the
first digits of the hash that the index of the column holds. Nothing can be read back from it.
"""

from __future__ import annotations

import datetime
import re
from contextlib import suppress
from typing import Final

from django.db.models import Q

from apps.core.codes import CodeError, check_id_number, check_phone, normalise
from apps.core.sealing import fingerprint

SHOWN: Final = 20
"""Hex digits of the hash in a word: 80 bits, so that two people do not share one."""

_COLUMNS: Final = {"身份证号": "id_number", "电话": "phone"}
_WORD: Final = re.compile(rf"({'|'.join(_COLUMNS)})#([0-9a-f]{{{SHOWN}}})")
_ID_NUMBER: Final = re.compile(r"[0-9]{17}[0-9X]|[0-9]{15}")
_DIGITS: Final = re.compile(r"[0-9]{7,}X?")


def is_number(text: str) -> bool:
    """Whether a typed text is a whole personal number, right or wrong, and must not be kept as it is."""
    return bool(_DIGITS.fullmatch(_plain(text)))


def word_for(text: str, *, today: datetime.date) -> str:
    """What stands for a typed text: a word for a number, the text itself for anything else."""
    if not is_number(text):
        return text
    number = _plain(text)
    if _ID_NUMBER.fullmatch(number):
        with suppress(CodeError):  # a wrong number finds nobody, like any other that is not kept
            number = check_id_number(number, today=today).number
        return _word("身份证号", number)
    with suppress(CodeError):
        number = check_phone(normalise(text))
    return _word("电话", number)


def found_by(word: str) -> Q | None:
    """The condition on members that a word stands for; None for a text that is no such word."""
    match = _WORD.fullmatch(word)
    return Q(**{f"{_COLUMNS[match[1]]}_index__startswith": match[2]}) if match else None


def _word(label: str, number: str) -> str:
    return f"{label}#{fingerprint(number, _COLUMNS[label])[:SHOWN]}"


def _plain(text: str) -> str:
    return re.sub(r"[-()+./—–]", "", normalise(text))
