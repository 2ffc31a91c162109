"""How large an uploaded workbook may be, and how long reading it may take. Published limits (help page)."""

from __future__ import annotations

from dataclasses import dataclass

MEBIBYTE = 1024 * 1024
EXCEL_ROWS = 1_048_576


@dataclass(frozen=True)
class Limits:
    """Bounds of one reading. `max_unpacked` also bounds the text read out of the cells."""

    max_bytes: int = 10 * MEBIBYTE
    max_unpacked: int = 50 * MEBIBYTE
    max_parts: int = 200
    max_rows: int = 10_000
    max_columns: int = 200
    seconds: float = 4.5
    max_memory: int = 1024 * MEBIBYTE


PAGE_LIMITS = Limits()
"""An upload on a page: every answer comes in under 5 seconds."""

COMMAND_LIMITS = Limits(max_rows=100_000, seconds=60)
"""A command or a background job, where nobody waits for a page."""
