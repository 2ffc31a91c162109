"""A joint activity from the side of a co-host, and a record as each of its sides may read it."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from apps.branches.models import PartyOrg
from apps.core.audit import record, write
from apps.core.errors import DomainError
from apps.core.scoping import unscoped
from apps.core.versions import check_version
from apps.members.models import Member
from apps.members.services.common import locked

from ..kinds import State
from ..models import Activity, Attendance, Participation
from ..rules.records import is_counted
from .following import Change, Touched, tell_followers
from .records import guard_days
from .records_facts import Absence, Facts, facts_of
from .records_sheet import Sheet, Side, fill_side, refuse_strangers, sheet_of, write_sheet


def find_activity(pk: int) -> Activity | None:
    """The record of an id, for whoever may read it: the host, a co-host, the home branch of somebody on its sheet.

    Who reads it through a participation or a row of the sheet finds none of its writing services: those look for it in their scope.
    """
    row: Activity | None = Activity.objects.select_related("org", "kind", "second_kind", "form").filter(pk=pk).first()
    if row is not None:
        return row
    if not (Participation.objects.filter(activity=pk).exists() or Attendance.objects.filter(activity=pk).exists()):
        return None
    with unscoped("a record is read by each of its branches and by the home branches of its visitors; one row"):
        return Activity.objects.select_related("org", "kind", "second_kind", "form").filter(pk=pk).first()  # type: ignore[no-any-return]


def sides_of(activity: Activity) -> list[Participation]:
    """Every branch that held a record which the caller may read, the host first, with its numbers."""
    with unscoped("the branches of one record and their numbers, for whoever may read the record"):
        rows = Participation.objects.filter(activity=activity).select_related("org")
        return list(rows.order_by("-is_host", "org_path"))


def lines_of(activity: Activity) -> list[Attendance]:
    """Who was expected or came, as far as the scope sees them, by name; visitors last."""
    rows = Attendance.objects.filter(activity=activity).select_related("member", "org", "other_org")
    return list(rows.order_by("is_visitor", "org_path", "member__initials", "member__pk"))


@write
def mark_attendance(
    *, participation: Participation, absent: Sequence[Absence] = (), chosen: Sequence[Member] = (),
    seen: int | None = None, actor: Any, today: datetime.date,
) -> Participation:  # fmt: skip
    """A co-host marks its own members in a joint record: who was absent, or where people are chosen who took part.

    `seen` is the version of the activity. Raises DomainError for somebody who is not on the roster of the day, Conflict
    for a record that changed meanwhile and PeriodClosed for one that counts in a closed quarter.
    """
    with unscoped("the record whose sheet a co-host marks: one row, and its numbers"):
        row: Activity = locked(Activity(pk=participation.activity_id))  # first, as whoever amends it locks it
        facts = facts_of(row)
    side = locked(participation)
    check_version(row, seen)
    _check_open(row)
    if is_counted(row.state):
        guard_days(frozenset([Touched(side.org_id, side.org_path, row.held_on)]))
    before = sheet_of(row)
    sheet = _with_side(before, side.org, facts, absent, chosen)
    with unscoped("the numbers of a joint record follow what its co-host marked"):
        row.expected, row.present = sheet.expected, sheet.present
        row.version += 1
        row.save(update_fields=["expected", "present", "version"])
    write_sheet(row, sheet)
    side.refresh_from_db()
    summary = f"「{side.org}」登记 {row.held_on:%Y-%m-%d} 联合{row.kind}「{row.title}」的到会情况：应到 {side.expected} 实到 {side.present}"
    record(actor, "activity.attendance_marked", side, summary=summary)
    tell_followers(Change([row], sheet.touched(row.held_on), today, actor))
    return side


def _check_open(row: Activity) -> None:
    if row.state in (State.CANCELLED, State.PLANNED):
        raise DomainError(f"这次活动{State(row.state).label}，现在不登记到会情况。", code="not_held")


def _with_side(
    before: Sheet, org: PartyOrg, facts: Facts, absent: Sequence[Absence], chosen: Sequence[Member]
) -> Sheet:
    """The sheet with one side drawn anew; people whom another side expects stay where they are."""
    others = {pk: line for pk, line in before.lines.items() if line.org_id != org.pk or line.is_visitor}
    sides = [Side(side.org) if side.org.pk == org.pk else side for side in before.sides]
    sheet = Sheet(sides, others, before.visitors)
    absences = {absence.member.pk: absence for absence in absent}
    unplaced = {absence.member.pk: absence.member for absence in absent} | {member.pk: member for member in chosen}
    own = next(side for side in sides if side.org.pk == org.pk)
    fill_side(sheet, own, facts, absences, unplaced, None)
    refuse_strangers(unplaced.values(), org, facts)
    return sheet
