"""When the name of a new kind or form says that there is one like it already. No Django here.

The same thing under two names is counted twice and filled in twice, so whoever adds a kind is asked first.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Final

EVERYDAY: Final = frozenset({"党员", "支部", "组织", "活动", "会议", "工作", "党建", "专题"})
"""Pairs of characters that half of all names contain: they make no two names alike."""


def _pairs(name: str) -> frozenset[str]:
    kept = [mark for mark in name if mark.isalnum()]
    return frozenset(one + two for one, two in pairwise(kept)) - EVERYDAY


def resembling(name: str, others: Iterable[str]) -> list[str]:
    """Those of the other names that share two characters in a row with the name, or that it repeats, in their order."""
    wanted = _pairs(name)
    plain = "".join(mark for mark in name if mark.isalnum())
    return [
        other for other in others
        if wanted & _pairs(other) or plain == "".join(mark for mark in other if mark.isalnum())
    ]  # fmt: skip
