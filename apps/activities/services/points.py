"""党员积分: entered by the branch, confirmed by the committee, corrected in the open year once published."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, Sum

from apps.branches.models import PartyOrg
from apps.core.audit import record, write
from apps.core.errors import DomainError
from apps.core.scoping import unscoped
from apps.enterprises.services.common import check_not_future, locked, locked_all, store, tidied, weigh
from apps.members.models import Member, Membership

from ..kinds import PointState
from ..models import PointEntry, PointPublication, PointRule
from ..rules.points import POINTS, amount_finding, limit_finding, plain
from .point_rules import rules_at

NAMED = 3
"""How many names a sentence says before it only counts (appearance only)."""


@write
def enter_points(
    *, org: PartyOrg, members: Sequence[Member], rule: PointRule, on: datetime.date, note: str = "",
    points: Decimal | None = None, today: datetime.date, actor: Any,
) -> list[PointEntry]:  # fmt: skip
    """登记积分 of one member or several of a branch for the same deed, all or nothing.

    Raises DomainError for somebody who was not on the roster that day, more than the rule or the year gives, points for
    taking part (they follow from the record), or a year that has been published.
    """
    check_not_future(on, today)
    if not members:
        raise DomainError("请选择党员。", field="members")
    rows = locked_all(members)  # so that two entries at once cannot pass the yearly limit together
    _check_roster(org, rows, on)
    check_rule(rule, org.path, on)
    check_unpublished(on.year, {org.pk, *(row.org_id for row in rows)})
    amount = rule.points if points is None else points
    had = had_this_year(rule, [row.pk for row in rows], on.year)
    for row in rows:
        found = limit_finding(amount, had=had.get(row.pk, Decimal(0)), yearly_limit=rule.yearly_limit, whose=row.name)
        weigh([each for each in (amount_finding(amount, rule.points), found) if each], "")
    entries = [
        PointEntry(member=row, org=org, rule=rule, on=on, points=amount, note=tidied("note", note),
                   entered_by_name=actor.display_name, author=actor)
        for row in rows
    ]  # fmt: skip
    PointEntry.objects.bulk_create(entries)
    record(actor, "points.entered", entries[0], data={"entries": [each.pk for each in entries]},
           summary=f"登记积分「{rule.name}」：{_named(rows)}，每人{plain(amount)}分")  # fmt: skip
    return entries


@write
def decide_points(
    *, entries: Sequence[PointEntry], accepted: bool, today: datetime.date, actor: Any, note: str = ""
) -> int:
    """党委把关: confirm or refuse entries, all or nothing. A refusal says why. Returns how many.

    Raises DomainError for what has been decided already, for what the actor entered, and for a published year.
    """
    if not entries:
        raise DomainError("请先勾选要办理的积分。")
    if not accepted and not note.strip():
        raise DomainError("不予确认的，请说明原因。", field="note")
    rows = locked_all(entries)
    members = Member.objects.in_bulk({row.member_id for row in rows})
    if settled := [row for row in rows if row.state != PointState.ENTERED]:
        raise DomainError(f"{_named(members[row.member_id] for row in settled)} 的积分已经办理过。", code="decided")
    if own := [row for row in rows if row.author_id == actor.pk]:
        message = f"{_named(members[row.member_id] for row in own)} 的积分由您登记，须由他人确认。"
        raise DomainError(message, basis=POINTS, code="own")
    for year in {row.on.year for row in rows}:
        check_unpublished(year, {row.org_id for row in rows if row.on.year == year})
    state = PointState.CONFIRMED if accepted else PointState.REFUSED
    PointEntry.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=state.value, decided_by_name=actor.display_name, decided_on=today,
        decision_note=tidied("note", note), version=F("version") + 1,
    )  # fmt: skip
    record(actor, f"points.{state.value}", rows[0], data={"entries": [row.pk for row in rows]},
           summary=f"{'确认' if accepted else '不予确认'} {len(rows)} 条积分")  # fmt: skip
    return len(rows)


@write
def withdraw_entry(*, entry: PointEntry, actor: Any) -> None:
    """Take back what was entered by mistake, before it is decided. What follows from a record goes with the record."""
    row = locked(entry)
    if row.state == PointState.CONFIRMED:
        raise DomainError("已确认的积分不能撤回；年度公布后可以更正。", code="decided")
    if row.activity_id is not None:
        raise DomainError("这条积分由活动记录产生，请修改活动记录。", code="derived")
    record(
        actor,
        "points.withdrawn",
        row,
        summary=f"撤回「{row.member.name}」的积分「{row.rule.name}」{plain(row.points)}分",
    )
    row.delete()


@write
def correct_points(
    *, entry: PointEntry, difference: Decimal, note: str, today: datetime.date, actor: Any
) -> PointEntry:
    """更正 of a published year: what was published stays, the difference is entered in the open year and confirmed anew.

    Raises DomainError while the year is open (the entry itself can be changed), for nothing, and for taking away more
    than there was.
    """
    row = locked(entry)
    if not published(row.on.year, {row.org_id, row.member.org_id}):
        raise DomainError(f"{row.on.year}年的积分还没有公布，不需要更正。", code="open")
    if not difference:
        raise DomainError("请填写更正的分值。", field="difference")
    if difference < -row.points:
        raise DomainError(f"最多扣减{plain(row.points)}分。", field="difference")
    if not note.strip():
        raise DomainError("请说明更正的原因。", field="note")
    why = f"更正{row.on:%Y-%m-%d}「{row.rule.name}」：{tidied('note', note)}"
    correction = PointEntry(member=row.member, org=row.org, rule=row.rule, on=today, points=difference, note=why[:200],
                            entered_by_name=actor.display_name, author=actor)  # fmt: skip
    store(correction)
    record(actor, "points.corrected", correction, data={"entry": row.pk},
           summary=f"更正「{row.member.name}」{row.on.year}年积分 {plain(difference)}分")  # fmt: skip
    return correction


def published(year: int, orgs: Collection[int]) -> bool:
    """Whether one of these branches has published the year: a member's points count where the member is at its end."""
    with unscoped("whether the branch of a member has published; yes or no"):
        return PointPublication.objects.filter(year=year, org__in=orgs).exists()


def check_unpublished(year: int, orgs: Collection[int]) -> None:
    if published(year, orgs):
        message = f"{year}年的积分已公布，不再变动；有差错的，请在原条目上“更正”，记入本年度。"
        raise DomainError(message, basis=POINTS, code="published", field="on")


def check_rule(rule: PointRule, org_path: str, on: datetime.date) -> None:
    """A deed that a rule of the branch names on that day."""
    if rule.kind_id is not None:
        raise DomainError("参加活动的积分由活动记录产生，不单独登记。", basis=POINTS, code="derived", field="rule")
    if rule.pk not in {each.pk for each in rules_at(org_path, on)}:
        raise DomainError(f"{on:%Y-%m-%d} 这里没有「{rule.name}」这条积分规则。", code="not_in_force", field="rule")


def had_this_year(rule: PointRule, members: Iterable[int], year: int) -> dict[int, Decimal]:
    """What members got, or wait for, in the year under a rule and its former versions, wherever they were."""
    if rule.yearly_limit is None:
        return {}
    same = Q(rule__kind=rule.kind_id) if rule.kind_id else Q(rule__kind=None, rule__name=rule.name)
    with unscoped("a yearly limit counts what a member got in a former branch too; sums only"):
        rows = PointEntry.objects.standing().in_year(year).filter(same, member__in=list(members)).order_by()
        return dict(rows.values_list("member").annotate(Sum("points")))


def _check_roster(org: PartyOrg, members: Sequence[Member], on: datetime.date) -> None:
    there = Membership.objects.as_of(on).filter(org=org, member__in=members)
    known = set(there.values_list("member_id", flat=True))
    if strangers := [member for member in members if member.pk not in known]:
        message = f"{on:%Y-%m-%d} {_named(strangers)} 不在「{org}」名册上。"
        raise DomainError(message, code="not_on_roster", field="members")


def _named(members: Iterable[Member]) -> str:
    names = list(dict.fromkeys(member.name for member in members))
    return "、".join(names[:NAMED]) + (f"等 {len(names)} 人" if len(names) > NAMED else "")
