"""Which rounds concern somebody: those of their own organisations, and those from above that ask their enterprises."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from apps.branches.querysets import ancestor_paths
from apps.core.scoping import Scope, required_scope, unscoped

from .models import CensusRound, RoundKind

SHOWN = 200
"""How many rounds a list or a select offers, the newest first (appearance only)."""


def seen(user: Any) -> list[CensusRound]:
    """The rounds at, below or above the active scope, the newest period first.

    Read once for each user object (that is once a request) and scope: the sidebar asks on every page.
    """
    scope = required_scope()
    kept: dict[Scope, list[CensusRound]] = user.__dict__.setdefault("_census_rounds", {}) if user is not None else {}
    if scope not in kept:
        kept[scope] = _read(scope)
    return kept[scope]


def one(pk: int, user: Any) -> CensusRound | None:
    """The round with this id, None where it does not concern the active scope."""
    return next((row for row in seen(user) if row.pk == pk), None)


def open_now(user: Any) -> list[CensusRound]:
    return [row for row in seen(user) if row.is_open]


def latest_open(user: Any) -> list[CensusRound]:
    """The open quarterly rounds of the newest period: what this quarter's work is about."""
    found = [row for row in open_now(user) if row.kind == RoundKind.QUARTER]
    return [row for row in found if row.period == found[0].period]


def _read(scope: Scope) -> list[CensusRound]:
    above = {path for root in scope.paths for path in ancestor_paths(root)}
    concerns = scope.as_q("org_path") | Q(org_path__in=above) if above else scope.as_q("org_path")
    with unscoped("a round from above asks the enterprises below it"):
        rows = CensusRound.objects.filter(concerns).select_related("org")
        return list(rows.order_by("-starts_on", "org_path", "-pk")[:SHOWN])
