"""四种管理模式: the conditions that put each person into one mode. A mode is derived, never stored.

Whoever has left the post and is not placed yet is 离职属地; of the others, a member of the roster who is registered
as 流出 is 流动网络 and the rest of the roster 在职规范; who works here with the relation elsewhere is 流入双重. Somebody
who has left the portal has no mode.
"""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Case, CharField, Exists, OuterRef, Q, Value, When

from ..kinds import ManagementMode, Relation


def departed() -> Q:
    """Left the post, or the firm left the park, and the relation is not where the person now belongs."""
    from ..models import Departure

    waiting = Exists(Departure.objects.open().filter(member=OuterRef("pk")))
    return ~Q(relation=Relation.LEFT) & (Q(placement_since__isnull=False) | Q(waiting))


def away(on: datetime.date) -> Q:
    """On a roster, and registered as mobile on the day: 流出 by the own branch, or 流入 by the branch of the other end."""
    from ..models import MobileRecord

    return Q(relation=Relation.HERE) & Q(Exists(MobileRecord.objects.as_of(on).filter(member=OuterRef("pk"))))


def mode_is(mode: ManagementMode, on: datetime.date) -> Q:
    """The condition on members (today's rows, under the active scope) that puts them into `mode` on the day."""
    if mode is ManagementMode.DEPARTED_LOCAL:
        return departed()
    if mode is ManagementMode.INFLOW_DUAL:
        return Q(relation=Relation.ELSEWHERE) & ~departed()
    if mode is ManagementMode.MOBILE_NETWORK:
        return away(on) & ~departed()
    return Q(relation=Relation.HERE) & ~away(on) & ~departed()


def mode_column(on: datetime.date) -> Any:
    """The mode of each member as an expression, "" for who has none; for annotate()."""
    return Case(
        When(departed(), then=Value(ManagementMode.DEPARTED_LOCAL.value)),
        When(away(on), then=Value(ManagementMode.MOBILE_NETWORK.value)),
        When(relation=Relation.HERE, then=Value(ManagementMode.IN_POST.value)),
        When(relation=Relation.ELSEWHERE, then=Value(ManagementMode.INFLOW_DUAL.value)),
        default=Value(""), output_field=CharField(),
    )  # fmt: skip
