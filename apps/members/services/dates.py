"""入党, 转正 and 预备期: the dates from which every count of full members follows."""

from __future__ import annotations

import datetime
from typing import Any

from apps.core.audit import record, write
from apps.core.errors import DomainError
from apps.core.period_guard import Span, guard_spans
from apps.core.text import clean_name
from apps.core.versions import check_version

from ..models import Member, Membership
from ..rules.membership import PROBATION, early_formal_finding, extension_finding
from .common import check_not_future, check_on_roster, locked, rosters_of, store, weigh


@write
def make_formal(
    *, member: Member, on: datetime.date, today: datetime.date, actor: Any, document: str = "",
    version: int | None = None,
) -> Member:  # fmt: skip
    """转正: a full member from `on` on, once the 预备期 has ended. Raises DomainError, Conflict for a closed period."""
    member = locked(member)
    check_version(member, version, {"formal_on": on})
    joined_on = _check_probationary(member)
    check_not_future(on, today)
    weigh(filter(None, [early_formal_finding(on, joined_on, member.probation_until)]), "")
    _guard_stage(member, None, on)
    member.formal_on = on
    store(member)
    record(actor, "member.made_formal", member, data={"on": on.isoformat(), "document": clean_name(document)},
           summary=f"「{member.name}」自 {on:%Y-%m-%d} 起转为正式党员")  # fmt: skip
    return member


@write
def extend_probation(
    *, member: Member, until: datetime.date, reason: str, today: datetime.date, actor: Any,
    version: int | None = None,
) -> Member:  # fmt: skip
    """延长预备期, once, by 6 to 12 months after the first year; changes no count. Raises DomainError."""
    member = locked(member)
    check_version(member, version, {"probation_until": until})
    joined_on = _check_probationary(member)
    if not reason.strip():
        raise DomainError("请说明延长预备期的原因。", basis=PROBATION, code="reason_needed", field="reason")
    if finding := extension_finding(until, joined_on, member.probation_until):
        raise DomainError(finding.message, basis=finding.basis, code=finding.code, field="until")
    member.probation_until = until
    store(member)
    record(actor, "member.probation_extended", member, data={"reason": clean_name(reason)},
           summary=f"「{member.name}」的预备期延长至 {until:%Y-%m-%d}")  # fmt: skip
    return member


@write
def correct_dates(
    *, member: Member, joined_on: datetime.date, formal_on: datetime.date | None, reason: str, today: datetime.date,
    actor: Any, since: datetime.date | None = None, version: int | None = None,
) -> Member:  # fmt: skip
    """更正 dates that were recorded wrongly: 入党日期, 转正日期, and from when the first roster tells of the member.

    `formal_on` None: still a probationary member. `since` None leaves the roster as it is. Every past day that
    will read differently is asked of the closed periods. Raises DomainError, Conflict.
    """
    member = locked(member)
    check_version(member, version, {"joined_on": joined_on, "formal_on": formal_on})
    if not reason.strip():
        raise DomainError("请说明更正的原因。", code="reason_needed", field="reason")
    for field, day in (("joined_on", joined_on), ("formal_on", formal_on), ("since", since)):
        if day is not None:
            check_not_future(day, today, field=field)
    slices = list(Membership.objects.filter(member=member).order_by("since"))
    first = slices[0] if slices else None
    begins = since or (first.since if first else None)
    if begins is not None and begins < joined_on:
        raise DomainError(f"名册起始 {begins:%Y-%m-%d} 不能早于入党日期。", code="before_joining", field="joined_on")
    before = {"joined_on": _iso(member.joined_on), "formal_on": _iso(member.formal_on)}
    _guard_stage(member, member.formal_on, formal_on)
    member.joined_on, member.formal_on = joined_on, formal_on
    if first is not None and since is not None and since != first.since:
        if any(begun < first.since for _, _, begun, _ in rosters_of([member.pk])):
            raise DomainError("名册起始日期由转入时的接收日期决定，不能在这里更正。", code="came_by_transfer", field="since")
        before["since"] = _iso(first.since)
        _begin_on(first, since)
    store(member)
    record(actor, "member.dates_corrected", member, data={"before": before, "reason": clean_name(reason)},
           summary=f"更正「{member.name}」的入党、转正日期：{clean_name(reason)}")  # fmt: skip
    return member


def _check_probationary(member: Member) -> datetime.date:
    """The day of admission of somebody who is a probationary member."""
    check_on_roster(member)
    if member.formal_on is not None:
        raise DomainError(f"「{member}」已于 {member.formal_on:%Y-%m-%d} 转正。", code="formal_already")
    if member.joined_on is None:
        raise DomainError("请先补登入党日期。", code="joined_on_needed", field="on")
    return member.joined_on


def _guard_stage(member: Member, old: datetime.date | None, new: datetime.date | None) -> None:
    """Between the old and the new day of 转正 somebody counts differently, wherever the roster was then."""
    if old == new:
        return
    first, last = min(day for day in (old, new) if day is not None), max(old, new) if old and new else None
    spans = []
    for _, path, since, until in rosters_of([member.pk]):
        begins = max(first, since)
        ends = min((day for day in (last, until) if day is not None), default=None)
        if ends is None or begins < ends:
            spans.append(Span(path, begins, ends))
    guard_spans(spans)


def _begin_on(first: Membership, since: datetime.date) -> None:
    if first.until is not None and since >= first.until:
        raise DomainError(f"须早于这段组织关系的终止日期 {first.until:%Y-%m-%d}。", code="out_of_order", field="since")
    earlier, later = sorted((first.since, since))
    guard_spans([Span(first.org_path, earlier, later)])
    first.since = since
    store(first)


def _iso(day: datetime.date | None) -> str | None:
    return day.isoformat() if day else None
