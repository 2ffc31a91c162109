"""Codes with a Chinese label, for `rules.py` and `kinds.py`, which import no Django, and for models alike."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Choice(StrEnum):
    """A stored code and its label: `BRANCH = "branch", "党支部"`. The member is equal to its code."""

    label: str

    def __new__(cls, code: str, label: str = "") -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.label = label
        return member

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Return (code, label) pairs in the order of declaration, as a Django field takes them."""
        return [(member.value, member.label) for member in cls]
