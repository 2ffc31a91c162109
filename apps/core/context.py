"""What is true of the request or task at hand: its id, the sender's address, a batch id.

Set by middleware and by tasks; read by the audit trail, so that services need no request.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Circumstances:
    request_id: str = ""
    address: str = ""


_current: ContextVar[Circumstances] = ContextVar("circumstances", default=Circumstances())


def circumstances() -> Circumstances:
    return _current.get()


@contextmanager
def under(**values: Any) -> Iterator[None]:
    token = _current.set(replace(_current.get(), **values))
    try:
        yield
    finally:
        _current.reset(token)
