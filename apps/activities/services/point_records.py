"""Points that follow from records: entered when a record is confirmed, withdrawn when it no longer is."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from apps.branches.querysets import ancestor_paths
from apps.core.audit import record
from apps.core.bulk import insert_rows
from apps.core.scoping import unscoped
from apps.members.models import Member

from ..kinds import PointState, Presence, State
from ..models import Activity, Attendance, PointEntry, PointPublication, PointRule
from ..rules.points import granted, nearest
from .following import Change

Seat = tuple[int, int]
"""(record, member): somebody who was at a record."""


def follow_records(change: Change) -> None:
    """Bring the points of these records in step: whoever was at a confirmed one has them, nobody else.

    A record gives once, by the first of its kinds that has a rule where it was held. Visitors get theirs in their home
    branch. Whose yearly limit is reached gets what is left of it. What has been published stays: it is taken off, or
    added, in the open year. A fixed number of statements, however many records.
    """
    with unscoped("a record gives points to whoever was there, of whatever branch; counts"):
        entries = list(PointEntry.objects.filter(activity__in=change.ids).select_related("member").order_by("pk"))
        rules = _rules([each for each in change.activities if each.state == State.CONFIRMED])
        if not entries and not rules:
            return
        homes = _homes(rules)
        stale = [row for row in entries if not _holds(row, homes, rules)]
        have = {(row.activity_id, row.member_id) for row in entries} - {
            (row.activity_id, row.member_id) for row in stale
        }
        taken = _withdraw(stale, change)
        given = _enter({seat: home for seat, home in homes.items() if seat not in have}, rules, change)
    if taken or given:
        record(change.actor, "points.derived", change.activities[0], data={"activities": change.ids[:50]},
               summary=f"活动记录产生 {given} 条积分，撤回 {taken} 条")  # fmt: skip


def _rules(activities: Sequence[Activity]) -> dict[int, PointRule]:
    """{record id: the rule under which it gives points}, without the records that give none. One query."""
    if not activities:
        return {}
    lines = {each.pk: ["", *ancestor_paths(each.org_path), each.org_path] for each in activities}
    paths = {path for line in lines.values() for path in line}
    rows = list(PointRule.objects.filter(kind__isnull=False, org_path__in=paths))
    found = {}
    for each in activities:
        here = [row for row in rows if row.org_path in lines[each.pk] and row.holds_on(each.held_on)]
        by_kind = {rule.kind_id: rule for rule in nearest(here)}
        for kind in (each.kind_id, each.second_kind_id):
            if kind in by_kind and by_kind[kind].points:
                found[each.pk] = by_kind[kind]
                break
    return found


def _homes(records: Collection[int]) -> dict[Seat, tuple[int, str]]:
    """Who was there, with the branch in whose book the points stand."""
    there = Attendance.objects.filter(activity__in=list(records), presence=Presence.PRESENT).order_by("pk")
    return {
        (row.activity_id, row.member_id):
            (row.other_org_id, row.other_path) if row.is_visitor and row.other_org_id else (row.org_id, row.org_path)
        for row in there
    }  # fmt: skip


def _holds(row: PointEntry, homes: Mapping[Seat, object], rules: Mapping[int, PointRule]) -> bool:
    rule = rules.get(row.activity_id or 0)
    return (row.activity_id, row.member_id) in homes and rule is not None and rule.pk == row.rule_id


def _withdraw(stale: Sequence[PointEntry], change: Change) -> int:
    """Delete what no longer follows; a confirmed entry of a published year is taken off in the open one instead."""
    lists = _published({row.on.year for row in stale}, change.today)
    kept = [row for row in stale if {(row.on.year, row.org_id), (row.on.year, row.member.org_id)} & lists]
    gone = {row.pk for row in stale} - {row.pk for row in kept}
    PointEntry.objects.filter(pk__in=gone).delete()
    PointEntry.objects.filter(pk__in=[row.pk for row in kept]).update(activity=None)
    PointEntry.objects.bulk_create([
        PointEntry(member=row.member, org=row.org, rule_id=row.rule_id, on=change.today, points=-row.points,
                   note=f"更正{row.on:%Y-%m-%d}：活动记录不再有效", entered_by_name=row.entered_by_name,
                   author_id=row.author_id)
        for row in kept if row.state == PointState.CONFIRMED
    ])  # fmt: skip
    return len(stale)


def _enter(homes: Mapping[Seat, tuple[int, str]], rules: Mapping[int, PointRule], change: Change) -> int:
    """Enter points for these people; a record of a published year gives them today, with a note."""
    records = {each.pk: each for each in change.activities}
    years = {records[activity].held_on.year for activity, _ in homes}
    lists, members = _published(years, change.today), {member for _, member in homes}
    current = dict(Member.objects.filter(pk__in=members).values_list("pk", "org_id")) if lists else {}
    left = _Limits(rules.values(), members, years)
    rows = []
    for (pk, member), (org, path) in homes.items():
        activity, rule = records[pk], rules[pk]
        year, author = activity.held_on.year, activity.author_id or getattr(change.actor, "pk", None)
        points = left.take(rule, member, year)
        if not points or author is None:
            continue
        late = bool({(year, org), (year, current.get(member))} & lists)
        rows.append({
            "member_id": member, "org_id": org, "org_path": path, "activity_id": pk, "rule_id": rule.pk, "points": points,
            "on": change.today if late else activity.held_on, "author_id": author,
            "note": f"补记{activity.held_on:%Y-%m-%d}的活动" if late else "",
            "entered_by_name": activity.recorded_by_name or getattr(change.actor, "display_name", "") or "系统",
        })  # fmt: skip
    insert_rows(PointEntry, rows)
    return len(rows)


def _published(years: Collection[int], today: datetime.date) -> set[tuple[int, int | None]]:
    """(year, branch) of what has been published; the running year never has been."""
    past = {year for year in years if year < today.year}
    return set(PointPublication.objects.filter(year__in=past).values_list("year", "org_id")) if past else set()


class _Limits:
    """How much of a yearly limit each member has left under each kind, used up as points are given."""

    def __init__(self, rules: Collection[PointRule], members: Collection[int], years: Collection[int]) -> None:
        self.had: dict[tuple[Any, int, int], Decimal] = {}
        kinds = {rule.kind_id for rule in rules if rule.yearly_limit is not None}
        for year in years if kinds else ():
            rows = PointEntry.objects.standing().in_year(year).filter(rule__kind__in=kinds, member__in=list(members))
            sums = rows.order_by().values_list("rule__kind", "member").annotate(Sum("points"))
            self.had |= {(kind, member, year): points for kind, member, points in sums}

    def take(self, rule: PointRule, member: int, year: int) -> Decimal:
        key = (rule.kind_id, member, year)
        had = self.had.get(key, Decimal(0))
        points = granted(rule.points, had=had, yearly_limit=rule.yearly_limit)
        self.had[key] = had + points
        return points
