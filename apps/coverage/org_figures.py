"""What the planner of restructurings counts about organisations from coverage (see `branches.figures`)."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence

from apps.branches.figures import sums_below
from apps.branches.models import PartyOrg
from apps.core.scoping import Scope
from apps.core.sql import fetch

from .count_sql import classified, counts
from .definitions import offered
from .facts_sql import LivePart, facts
from .rules import rate


def share_of(covered: str) -> Callable[[Sequence[PartyOrg], datetime.date], dict[int, float]]:
    """The rate of one count of `Totals` under the default definition of the day; left out where nobody counts."""

    def measure(orgs: Sequence[PartyOrg], on: datetime.date) -> dict[int, float]:
        offer = offered(on)
        row = next((row for row in offer.rows if row.code == offer.default), None)
        if row is None:
            return {}
        part = LivePart(tuple(Scope(frozenset(org.path for org in orgs)).roots()), on)
        found = fetch(counts(classified(facts([part]), row.filled(offer.thresholds)), ["org_path"]))
        whole = sums_below(orgs, {each["org_path"]: each["enterprises"] for each in found})
        part_of = sums_below(orgs, {each["org_path"]: each[covered] for each in found})
        rates = {pk: rate(part_of[pk], number) for pk, number in whole.items()}
        return {pk: float(share) for pk, share in rates.items() if share is not None}

    return measure
