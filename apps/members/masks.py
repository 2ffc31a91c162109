"""What stays visible of an address. The masks of numbers are in core.codes."""

from __future__ import annotations

from typing import Final

_SHOWN: Final = 6
_HIDDEN: Final = "*" * 6


def mask_address(text: str) -> str:
    """Return `辽宁省丹东市******`: six leading characters stay of a longer address, nothing of a short one."""
    return text[:_SHOWN] + _HIDDEN if len(text) > 2 * _SHOWN else "*" * len(text)
