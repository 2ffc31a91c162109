"""Who may act on an election: the organisation itself takes its steps, somebody above it consents and approves."""

from __future__ import annotations

from typing import Any

from apps.core.guard import resolve_scope

from .models import PartyOrg
from .permissions import DECIDE_ELECTIONS, ELECT
from .querysets import ancestor_paths

DECIDED_ABOVE = "须由上级党组织的工作人员批复或批准，本级不能代为办理。"


def may_elect(user: Any, org: PartyOrg) -> bool:
    """Whether the user may plan, ask, notify, record and report for the organisation."""
    return resolve_scope(user, ELECT).covers(org.path)


def may_decide(user: Any, org: PartyOrg) -> bool:
    """Whether the user holds the right above the organisation. The top of the portal has nobody above it."""
    above = ancestor_paths(org.path)
    return resolve_scope(user, DECIDE_ELECTIONS).covers(above[-1] if above else org.path)
