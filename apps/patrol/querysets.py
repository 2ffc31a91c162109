"""Questions about what the patrol found, each with its day."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Count, Q

from apps.core.guard import resolve_scope
from apps.core.scoping import ScopedQuerySet, required_scope

from . import registry
from .rules import HitState


def _is_aside(on: datetime.date) -> Q:
    return Q(dismissed_until__gt=on)


class PatrolHitQuerySet(ScopedQuerySet):
    def told_to(self, user: Any) -> Any:
        """Without the findings that name people whom the user may not see where they are."""
        rows = self
        for permission, rules in registry.by_permission().items():
            seen = resolve_scope(user, permission)
            if not all(seen.covers(path) for path in required_scope().paths):
                rows = rows.exclude(~seen.as_q("org_path"), rule__in=rules)
        return rows

    def standing(self) -> Any:
        """What is still true, put off or not."""
        return self.filter(resolved_on__isnull=True)

    def in_state(self, state: str, on: datetime.date) -> Any:
        """Findings in this state on the day: `HitState`."""
        if state == HitState.RESOLVED:
            return self.filter(resolved_on__isnull=False)
        aside = _is_aside(on)
        return self.standing().filter(aside) if state == HitState.ASIDE else self.standing().exclude(aside)

    def open_on(self, on: datetime.date) -> Any:
        """What waits to be mended on the day."""
        return self.in_state(HitState.OPEN, on)

    def counts_by_rule(self, on: datetime.date) -> dict[str, dict[HitState, int]]:
        """{rule: {OPEN: n, ASIDE: n}} of what is still true. Two queries, each answered from an index."""
        standing, aside = (
            dict(rows.order_by().values_list("rule").annotate(n=Count("pk")))
            for rows in (self.standing(), self.in_state(HitState.ASIDE, on))
        )
        return {
            rule: {HitState.OPEN: number - aside.get(rule, 0), HitState.ASIDE: aside.get(rule, 0)}
            for rule, number in standing.items()
        }
