"""Files that appear complete or not at all."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from .failpoints import reach


@contextmanager
def replacing(target: Path) -> Iterator[IO[bytes]]:
    """Write `target` under a temporary name beside it; on success it is on disk and then renamed.

    On any error, a full disk included, nothing is left under either name.
    """
    temporary = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        with open(temporary, "w+b") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        reach("jobs.file_written")
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
