"""An enterprise leaves the park: what upper apps do with what they hold of it.

Upper apps register a handler from their `AppConfig.ready`; it runs inside the service that records the
leaving, under the scope of whoever records it. A handler that raises undoes the whole.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .models import Enterprise


@dataclass(frozen=True)
class EnterpriseLeft:
    """`enterprise` is no longer in the park from `on` on."""

    enterprise: Enterprise
    on: datetime.date
    today: datetime.date
    actor: Any


Handler = Callable[[EnterpriseLeft], None]

_handlers: list[Handler] = []


def register_departure(handler: Handler) -> Handler:
    if handler not in _handlers:
        _handlers.append(handler)
    return handler


def announce_departure(departure: EnterpriseLeft) -> None:
    for handler in _handlers:
        handler(departure)
