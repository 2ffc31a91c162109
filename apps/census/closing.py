"""What else happens when a census round closes: upper apps register here, since imports point down.

A handler runs inside the closing transaction, after the returns are locked: it succeeds with the closing
or undoes it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Handler = Callable[[Any, Any], None]
"""handler(round, actor)"""

_handlers: list[Handler] = []


def on_close(handler: Handler) -> Handler:
    if handler not in _handlers:
        _handlers.append(handler)
    return handler


def handlers() -> tuple[Handler, ...]:
    return tuple(_handlers)
