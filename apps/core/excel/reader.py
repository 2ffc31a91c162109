"""Reading an uploaded workbook or csv file.

The file is opened only in a child process with limits on memory and time: a crash, a hang or a file that
eats memory ends that process, and the answer is `unreadable`.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from isal import isal_zlib

from .limits import PAGE_LIMITS, Limits
from .problems import Problem, WorkbookRefused, refused, too_large, warning
from .text import is_watermark

logger = logging.getLogger(__name__)

_ROOT = str(Path(__file__).resolve().parents[3])
_CHILD = "import sys; sys.path.insert(0, sys.argv[1]); from apps.core.excel.child.main import main; main(sys.argv[2])"


class Typed(NamedTuple):
    """A cell that is not text. `kind`: n number, d date, t date with time, b truth value, e error, f formula.

    `text` is what the file stores: the digits of a number, an ISO date, the error value, the formula.
    """

    kind: str
    text: str


Cell = str | Typed | None


@dataclass(frozen=True)
class Table:
    """What a sheet holds. `headers` and every row begin at column A; a header may be empty, its column then is.

    `rows` are (row number as Excel shows it, cells).
    """

    headers: list[str]
    rows: list[tuple[int, list[Cell]]]
    warnings: list[Problem]
    sheet_title: str
    header_row: int
    answer: bytes = field(repr=False)

    def packed(self) -> bytes:
        """The same reading as bytes to keep, for `unpack`."""
        return isal_zlib.compress(self.answer, 1)


def read_table(file: bytes | Path, *, name: str = "", limits: Limits = PAGE_LIMITS) -> Table:
    """The table of the first visible sheet. `name` decides whether it is a csv file.

    Raises WorkbookRefused with every problem of the file.
    """
    name = name or (file.name if isinstance(file, Path) else "")
    if isinstance(file, Path):
        with file.open("rb") as stream:
            data = stream.read(limits.max_bytes + 1)
    else:
        data = file
    if len(data) > limits.max_bytes:
        raise too_large(limits)
    kind = "csv" if name.lower().endswith(".csv") and not data.startswith(b"PK\x03\x04") else "xlsx"
    answer = _ask_child(data, {"kind": kind, **asdict(limits)}, limits)
    return _table(answer, limits)


def unpack(packed: bytes, limits: Limits = PAGE_LIMITS) -> Table:
    """The table of an earlier reading, from its `packed` bytes."""
    return _table(isal_zlib.decompress(packed), limits)


def _ask_child(data: bytes, options: dict[str, Any], limits: Limits) -> bytes:
    command = [sys.executable, "-I", "-S", "-c", _CHILD, _ROOT, json.dumps(options)]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=limits.seconds, env={}, check=False)
    except subprocess.TimeoutExpired:
        logger.warning("reading an uploaded file took longer than %s s", limits.seconds)
        raise refused([("unreadable", "读取超时")], limits) from None
    if done.returncode != 0 or not done.stdout:
        logger.warning("the reading process ended with %s", done.returncode)
        raise refused([("unreadable", "")], limits)
    return done.stdout


def _table(answer: bytes, limits: Limits) -> Table:
    content = json.loads(answer)
    if "refused" in content:
        raise refused([(code, where) for code, where in content["refused"]], limits)
    rows = [(number, _cells(cells)) for number, cells in content["rows"]]
    if rows and _is_watermark_row(rows[-1][1]):
        rows.pop()
    return Table(
        headers=content["headers"],
        rows=rows,
        warnings=[warning(code, where) for code, where in content["warnings"]],
        sheet_title=content["sheet"],
        header_row=content["header_row"],
        answer=answer,
    )


def _cells(raw: list[Any]) -> list[Cell]:
    return [cell if cell is None or type(cell) is str else Typed(*cell) for cell in raw]


def _is_watermark_row(cells: list[Cell]) -> bool:
    filled = [cell for cell in cells if cell is not None]
    return len(filled) == 1 and isinstance(filled[0], str) and is_watermark(filled[0])


__all__ = ["Cell", "Problem", "Table", "Typed", "WorkbookRefused", "read_table", "unpack"]
