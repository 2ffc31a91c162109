"""A period is closed below and frozen above: what upper apps do in the closing transaction.

The census closes a quarter; coverage, which the census may not import, freezes its facts at that moment.
So the upper app registers a handler in its `AppConfig.ready`, and the closing service calls
`announce_closing` inside its `@write` transaction, after it has locked the period's row (`FOR UPDATE`). A
handler that raises undoes the closing.

What becomes known after the closing goes the same way: lower apps say it with `propose_correction`, and the
app that keeps the frozen facts proposes its numbered corrections. The frozen facts stay as they are.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
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


@dataclass(frozen=True)
class LateFact:
    """On [since, until) an enterprise had `delta` more of the counted fact `field` than was known when it was closed."""

    enterprise_id: int
    field: str
    delta: int
    since: datetime.date
    until: datetime.date


Proposer = Callable[[Sequence[LateFact], str, Any], Sequence[str]]

_proposers: list[Proposer] = []


def register_correction_proposer(proposer: Proposer) -> Proposer:
    """Let `proposer(facts, reason, actor)` propose corrections; it returns the labels of the periods they are about."""
    if proposer not in _proposers:
        _proposers.append(proposer)
    return proposer


def propose_correction(facts: Sequence[LateFact], *, reason: str, actor: Any) -> list[str]:
    """Say what became known about closed periods, inside the `@write` that records it. Somebody else approves.

    Returns the labels of the periods for which a correction was proposed, in their order; none where nothing that
    was frozen reads differently.
    """
    found = [label for proposer in _proposers for label in proposer(facts, reason, actor)] if facts else []
    return list(dict.fromkeys(found))
