"""A fact whose day lies in a closed quarter: the rosters change on the first open day, the quarter gets a correction."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from apps.core.closing import LateFact, propose_correction
from apps.core.errors import Conflict
from apps.core.period_guard import PeriodClosed, first_open_day
from apps.enterprises.models import Establishment

from ..models import Member, Membership


def open_day(org_paths: Iterable[str], on: datetime.date, *, today: datetime.date) -> datetime.date:
    """The day on which the rosters of these nodes change for a fact of the day `on`: `on`, or the first open one.

    Raises Conflict when that day is still to come; it does not say whose quarter was closed.
    """
    try:
        return first_open_day(org_paths, on, today=today)
    except PeriodClosed as closed:
        message = f"{on:%Y-%m-%d} 所在的季度刚刚关闭，名册自 {closed.open_from:%Y-%m-%d} 起可以变动，请在那天以后办理。"
        raise Conflict(message) from closed


def correct_closed(
    member: Member, *, left: Membership | None, joined: Membership | None, since: datetime.date, until: datetime.date,
    reason: str, actor: Any,
) -> str:  # fmt: skip
    """Propose corrections of what was closed on [since, until), where the member counted at `left` and not at `joined`.

    Returns the sentence for whoever reads the row later: since when the rosters tell it, and what was proposed.
    """
    facts = [*_counted(member, left, -1, since, until), *_counted(member, joined, 1, since, until)]
    labels = propose_correction(facts, reason=reason, actor=actor)
    said = f"；{'、'.join(labels)}已提出更正说明" if labels else ""
    return f"日期在已关闭的季度，名册自{until:%Y-%m-%d}起变动{said}"


def _counted(
    member: Member, membership: Membership | None, delta: int, since: datetime.date, until: datetime.date
) -> list[LateFact]:
    """As which the member counted at the enterprise of a membership: 预备党员 until the day of becoming 正式党员."""
    enterprise = _enterprise_of(membership, since) if membership else None
    if enterprise is None:
        return []
    formal = min(max(member.formal_on, since), until) if member.formal_on else until
    spans = (("probationary_members", since, formal), ("formal_members", formal, until))
    return [LateFact(enterprise, field, delta, begin, end) for field, begin, end in spans if begin < end]


def _enterprise_of(membership: Membership, on: datetime.date) -> int | None:
    """The enterprise through which a member counts: the written one, else the only one that the branch covers."""
    if membership.enterprise_id is not None:
        return membership.enterprise_id
    covered = set(
        Establishment.objects.as_of(on).filter(org=membership.org_id).values_list("enterprise", flat=True)[:2]
    )
    return covered.pop() if len(covered) == 1 else None
