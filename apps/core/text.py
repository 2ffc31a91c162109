"""Names as people write and search them."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from pypinyin import Style, lazy_pinyin
from pypinyin.seg.simpleseg import seg as words_of

_SPACES = re.compile(r"[\s\u00a0\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f\u2060\u3000\ufeff]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def clean_name(text: str) -> str:
    """NFC, outer spaces of every kind removed, inner runs made one space. Rare characters and · stay."""
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()


def has_control_characters(text: str) -> bool:
    """True for control characters and lone surrogates, which no name or note may carry."""
    return bool(_CONTROL.search(text))


def pinyin_initials(text: str, *, limit: int = 60) -> str:
    """First letters for search: 丹东宝通 → ddbt. A proposal: people may correct it (surnames are misread)."""
    return "".join(_initials_of(word) for word in words_of(text[:limit]))[:limit]


@lru_cache(maxsize=20_000)
def _initials_of(word: str) -> str:
    """Names are made of few words (有限公司): remembered, an import of thousands spells each once."""
    letters = lazy_pinyin(word, style=Style.FIRST_LETTER)
    return "".join(letter for letter in "".join(letters).lower() if letter.isascii() and letter.isalnum())


def is_initials(text: str) -> bool:
    """Whether a search text is meant as pinyin initials: letters and digits only."""
    return bool(re.fullmatch(r"[A-Za-z0-9]+", text))


def row_id(text: str | None) -> int | None:
    """The id that a request names; None for what cannot be one (`²` counts as a digit, the database disagrees)."""
    plain = bool(text) and str(text).isascii() and str(text).isdigit() and len(str(text)) < 19
    return int(str(text)) if plain else None
