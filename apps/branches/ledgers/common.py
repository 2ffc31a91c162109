"""What the books of rows that an organisation answers for have in common: the filter by its subtree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from apps.core.ledger import Filter, Ledger

from ..models import PartyOrg


def under_organization(prefix: str = "") -> Callable[[Any, str, Ledger], Any]:
    """Narrow to the subtree of the organisation that a person means by a code or a name."""

    def apply(rows: Any, text: str, ledger: Ledger) -> Any:
        found = PartyOrg.objects.called(text)
        return rows.filter(**{f"{prefix}org_path__startswith": found[0].path}) if len(found) == 1 else rows.none()

    return apply


def organization_filter(prefix: str = "") -> Filter:
    """The filter for books whose rows have an `org_path`, or reach one through `prefix`."""
    return Filter("org", "党组织（代码或全称）", kind="text", apply=under_organization(prefix))
