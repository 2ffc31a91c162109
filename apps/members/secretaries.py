"""Who is 书记 of an organisation on a day, and which organisations have none: as expressions and as report SQL."""

from __future__ import annotations

import datetime
from typing import Any, Final

from django.db.models import Exists, Max, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from apps.branches.models import PartyOrg
from apps.branches.rules import CAPABILITIES

from .kinds import PostRole
from .models import Post

ELECTING: Final = sorted(kind.value for kind, able in CAPABILITIES.items() if able.can_elect)
"""Kinds that elect their 书记: 党委、党总支、党支部、联合党支部."""


def secretary_name(outer: str, on: datetime.date) -> Any:
    """The name of the secretary on the day, "" without one; `outer` is the column with the organisation's id."""
    rows = Post.objects.as_of(on).secretaries().filter(org=OuterRef(outer)).order_by("-since")
    return Coalesce(Subquery(rows.values("name")[:1]), Value(""))


def without_secretary(on: datetime.date, days: int = 0) -> Any:
    """Organisations that elect and have had no secretary for `days` days; `vacant_since` None where never had one."""
    posts = Post.objects.secretaries().filter(org=OuterRef("pk"), since__lte=on)
    held = posts.filter(Q(until__isnull=True) | Q(until__gt=on - datetime.timedelta(days=days)))
    last = posts.order_by().values("org").annotate(last=Max("until")).values("last")
    rows = PartyOrg.objects.living(on).filter(kind__in=ELECTING).exclude(Exists(held))
    return rows.select_related("parent").annotate(vacant_since=Subquery(last))


def secretary_of_last(outer: str) -> Any:
    """The name of whoever was secretary last."""
    rows = Post.objects.secretaries().filter(org=OuterRef(outer)).order_by("-since")
    return Coalesce(Subquery(rows.values("name")[:1]), Value(""))


_KINDS = ", ".join(f"'{kind}'" for kind in ELECTING)
LIVING: Final = "(o.founded_on IS NULL OR o.founded_on <= %(today)s) AND (o.ended_on IS NULL OR o.ended_on > %(today)s)"

VACANT: Final = f"""
SELECT o.id, o.path, o.code, coalesce(nullif(o.short_name, ''), o.name) AS name, s.vacant_since
FROM branches_partyorg o
LEFT JOIN (
    SELECT p.org_id, max(p.until) AS vacant_since, bool_or(p.until IS NULL OR p.until > %(today)s) AS held
    FROM members_post p WHERE p.role = '{PostRole.SECRETARY.value}' AND p.since <= %(today)s GROUP BY p.org_id
) s ON s.org_id = o.id
WHERE o.kind IN ({_KINDS}) AND {LIVING} AND s.held IS NOT TRUE
"""  # noqa: S608 - pieces of this module
"""(id, path, code, name, vacant_since) of organisations that elect and have no secretary on the day."""
