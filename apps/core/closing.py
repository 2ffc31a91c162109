"""A period is closed below and frozen above: what upper apps do in the closing transaction.

The census closes a quarter; coverage, which the census may not import, freezes its facts at that moment.
So the upper app registers a handler in its `AppConfig.ready`, and the closing service calls
`announce_closing` inside its `@write` transaction, after it has locked the period's row (`FOR UPDATE`). A
handler that raises undoes the closing.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .periods import Period


@dataclass(frozen=True)
class Closing:
    """`org` closes `period` with the facts of `as_of`; `states` names each enterprise's return by enterprise id."""

    org: Any
    period: Period
    as_of: datetime.date
    actor: Any
    states: Mapping[int, str] = field(default_factory=dict)


Handler = Callable[[Closing], None]

_handlers: list[Handler] = []


def register_closing(handler: Handler) -> Handler:
    if handler not in _handlers:
        _handlers.append(handler)
    return handler


def announce_closing(closing: Closing) -> None:
    """Let every handler do its part of the closing."""
    for handler in _handlers:
        handler(closing)
