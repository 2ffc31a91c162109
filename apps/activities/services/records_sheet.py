"""The attendance sheet of a record: drawn from the rosters of the day and the roll, then written as a difference."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from apps.branches.models import PartyOrg
from apps.core.bulk import insert_rows, update_rows
from apps.core.errors import DomainError
from apps.core.scoping import required_scope, unscoped
from apps.members.models import Member
from apps.members.services.common import tidied

from ..kinds import AbsenceReason, Audience, Presence, State
from ..models import Activity, Attendance, Participation
from ..rules.records import is_counted
from .following import Touched
from .records_facts import Absence, Facts, Roll
from .roll import audience_at, candidates_on, expected_on, homes_on

NOTE_WIDTH = 60
"""Characters of a note on an absence, as its column holds them."""
NAMES_SHOWN = 10
"""How many names a refusal lists before it only counts (appearance only)."""


class Line(NamedTuple):
    """One person on the sheet. `other` is the home branch, where it would not see the row otherwise.

    `hours` are the 学时 of somebody who was there for less than the whole; None: those of the activity.
    """

    org_id: int
    other_id: int | None
    is_visitor: bool
    presence: str
    reason: str = ""
    note: str = ""
    hours: Decimal | None = None


@dataclass
class Side:
    """A participating organisation with its numbers of the day."""

    org: PartyOrg
    expected: int = 0
    present: int = 0


@dataclass
class Sheet:
    """Everybody by id, every side (the host first), and how many came as visitors."""

    sides: list[Side]
    lines: dict[int, Line] = field(default_factory=dict)
    visitors: int = 0

    @property
    def expected(self) -> int:
        return sum(side.expected for side in self.sides)

    @property
    def present(self) -> int:
        return sum(side.present for side in self.sides)

    def touched(self, on: datetime.date) -> frozenset[Touched]:
        return frozenset(Touched(side.org.pk, side.org.path, on) for side in self.sides)


def draw_sheet(org: PartyOrg, facts: Facts, roll: Roll, activity: Activity | None = None) -> Sheet:
    """Draw the sheet of an activity that `org` holds. What the roll says of nobody's roster is refused, by name.

    A person stands on it once: at the first side that expects him or her. `activity` is the record as it is kept:
    what a co-host outside the scope marked in it stays.
    """
    _check_co_hosts(org, roll.co_hosts, facts.held_on)
    sheet = Sheet([Side(each) for each in (org, *roll.co_hosts)])
    marked = _marked_by_others(activity)
    absences = {absence.member.pk: absence for absence in roll.absent}
    unplaced = {pk: absence.member for pk, absence in absences.items()}
    unplaced |= {member.pk: member for member in roll.chosen} if _is_chosen(org, facts) else {}
    for side in sheet.sides:
        own = {pk: line for pk, line in marked.items() if line.org_id == side.org.pk}
        in_scope = required_scope().covers(side.org.path)
        fill_side(sheet, side, facts, absences, unplaced, None if in_scope else own)
    refuse_strangers(unplaced.values(), org, facts)
    _add_visitors(sheet, roll.visitors, org, facts)
    credited = _credited(activity) if roll.credited is None else roll.credited
    sheet.lines = {pk: line._replace(hours=credited.get(pk)) for pk, line in sheet.lines.items()}
    return sheet


def _is_chosen(org: PartyOrg, facts: Facts) -> bool:
    return audience_at(org, facts.kind, facts.second_kind) is Audience.CHOSEN


def fill_side(
    sheet: Sheet, side: Side, facts: Facts, absences: dict[int, Absence], unplaced: dict[int, Member],
    marked: dict[int, Line] | None,
) -> None:  # fmt: skip
    """Put who is expected at a side on the sheet; `marked` is what a side outside the scope has said itself."""
    with unscoped("the roster of a branch that holds the activity too: its numbers, and rows for its members"):
        if _is_chosen(side.org, facts):
            wanted = unplaced if marked is None else marked
            people = candidates_on(side.org, facts.held_on, among=list(wanted)) if wanted else []
        else:
            people = expected_on(side.org, facts.kind, facts.held_on, facts.second_kind)
    for person in people:
        pk = person.member.pk
        if pk in sheet.lines:
            continue
        unplaced.pop(pk, None)
        sees = person.org is None or side.org.path.startswith(person.org.path)
        line = Line(side.org.pk, None if sees else person.org.pk, False, Presence.PRESENT.value)  # type: ignore[union-attr]
        if marked is None:
            line = _with_absence(line, absences.get(pk))
        elif pk in marked:
            line = line._replace(presence=marked[pk].presence, reason=marked[pk].reason, note=marked[pk].note)
        sheet.lines[pk] = line
        side.expected += 1
        side.present += line.presence == Presence.PRESENT


def _with_absence(line: Line, absence: Absence | None) -> Line:
    if absence is None:
        return line
    note = tidied("absent", absence.note)
    if len(note) > NOTE_WIDTH:
        raise DomainError(f"“{absence.member}”的缺席说明最多 {NOTE_WIDTH} 个字。", field="absent", code="too_long")
    return line._replace(presence=Presence.ABSENT.value, reason=AbsenceReason(absence.reason).value, note=note)


def _add_visitors(sheet: Sheet, visitors: Sequence[Member], org: PartyOrg, facts: Facts) -> None:
    homes = homes_on([member.pk for member in visitors], facts.held_on) if visitors else {}
    for member in visitors:
        home = homes.get(member.pk)
        if member.pk in sheet.lines or (home is not None and org.path.startswith(home.path)):
            message = f"「{member}」是本党组织的党员，不是来访党员；列席的请写在列席人员中。"
            raise DomainError(message, code="own_member", field="visitors")
        sheet.lines[member.pk] = Line(org.pk, home.pk if home else None, True, Presence.PRESENT.value)
        sheet.visitors += 1


def refuse_strangers(people: Iterable[Member], org: PartyOrg, facts: Facts) -> None:
    """Raise DomainError with the names of those who were marked and stand on no roster of that day."""
    names = [member.name for member in people]
    if names:
        listed = "、".join(names[:NAMES_SHOWN]) + (f"等{len(names)}人" if len(names) > NAMES_SHOWN else "")
        message = f"以下人员 {facts.held_on:%Y-%m-%d} 不在「{org}」应到名册上：{listed}。"
        raise DomainError(message, code="not_on_roster", field="absent")


def _check_co_hosts(org: PartyOrg, co_hosts: Sequence[PartyOrg], on: datetime.date) -> None:
    if len({org.pk, *(each.pk for each in co_hosts)}) <= len(co_hosts):
        raise DomainError("联合开展的党组织不能重复，也不能是主办的党组织。", code="co_host_twice", field="co_hosts")
    for each in co_hosts:
        check_alive(each, on, field="co_hosts")


def check_alive(org: PartyOrg, on: datetime.date, *, field: str) -> None:
    """An organisation holds nothing before it was founded and nothing from its end on."""
    if org.founded_on is not None and on < org.founded_on:
        raise DomainError(f"「{org}」成立于 {org.founded_on:%Y-%m-%d}，不能早于这一天。", code="org_young", field=field)
    if org.ended_on is not None and on >= org.ended_on:
        raise DomainError(f"「{org}」已于 {org.ended_on:%Y-%m-%d} 撤销。", code="org_ended", field=field)


def _marked_by_others(activity: Activity | None) -> dict[int, Line]:
    if activity is None:
        return {}
    with unscoped("what co-hosts marked in one record stays when the host changes it"):
        return {row.member_id: _line(row) for row in Attendance.objects.filter(activity=activity, is_visitor=False)}


def _credited(activity: Activity | None) -> dict[int, Decimal]:
    """The 学时 of those who took part in less than the whole of a record, as it is kept."""
    if activity is None:
        return {}
    with unscoped("the hours of those who took part in one record stay when the host changes it"):
        rows = Attendance.objects.filter(activity=activity, presence=Presence.PRESENT)
        return dict(rows.exclude(hours=activity.study_hours).values_list("member_id", "hours"))


def _line(row: Attendance) -> Line:
    hours = row.hours if row.presence == Presence.PRESENT else None
    return Line(row.org_id, row.other_org_id, row.is_visitor, row.presence, row.reason, row.note, hours)


def sheet_of(activity: Activity) -> Sheet:
    """The sheet as it is kept."""
    with unscoped("the kept sheet of one record"):
        rows = Participation.objects.filter(activity=activity).select_related("org").order_by("-is_host", "org_path")
        sides = [Side(row.org, row.expected, row.present) for row in rows]
        lines = {row.member_id: _line(row) for row in Attendance.objects.filter(activity=activity)}
    return Sheet(sides, lines, sum(line.is_visitor for line in lines.values()))


def write_sheet(activity: Activity, sheet: Sheet) -> None:
    """Write the difference between the kept rows of a saved record and the sheet, a fixed number of statements.

    A plan keeps those who were named (chosen, visitors, absent); the roster of its day is drawn when it is held.
    """
    with unscoped("the rows of one record: each of its branches has its own"):
        _write_sides(activity, sheet)
        _write_lines(activity, sheet)


def _write_sides(activity: Activity, sheet: Sheet) -> None:
    kept = dict(Participation.objects.filter(activity=activity).values_list("org_id", "pk"))
    sides = {side.org.pk: side for side in sheet.sides}
    gone = [pk for org, pk in kept.items() if org not in sides]
    Participation.objects.filter(pk__in=gone).delete()
    common = {
        "kind_id": activity.kind_id, "second_kind_id": activity.second_kind_id, "held_on": activity.held_on,
        "state": activity.state, "reported_on": activity.reported_on,
    }  # fmt: skip
    Participation.objects.filter(activity=activity).update(**common)
    update_rows(Participation, {pk: _numbers(activity, sides[org]) for org, pk in kept.items() if org in sides})
    fresh = [
        {"org_id": side.org.pk, "org_path": side.org.path, "is_host": side is sheet.sides[0], **_numbers(activity, side)}
        for side in sheet.sides if side.org.pk not in kept
    ]  # fmt: skip
    insert_rows(Participation, fresh, {"activity_id": activity.pk, **common})


def _numbers(activity: Activity, side: Side) -> dict[str, int]:
    return {"expected": side.expected, "present": 0 if activity.state == State.PLANNED else side.present}


def _write_lines(activity: Activity, sheet: Sheet) -> None:
    wanted = _kept_of_plan(activity, sheet) if activity.state == State.PLANNED else sheet.lines
    common = {"held_on": activity.held_on, "counted": is_counted(activity.state)}
    kept = {row.member_id: row for row in Attendance.objects.filter(activity=activity)}
    moved = {pk for pk, row in kept.items() if pk not in wanted or _line(row)[:3] != wanted[pk][:3]}
    Attendance.objects.filter(activity=activity, member__in=moved).delete()
    changed = {}
    for pk, row in kept.items():
        values = {} if pk in moved else {**_values(wanted[pk], activity), **common}
        if any(getattr(row, name) != value for name, value in values.items()):
            changed[row.pk] = values
    update_rows(Attendance, changed)
    paths = {side.org.pk: side.org.path for side in sheet.sides}
    fresh = [
        {
            "member_id": pk, "org_id": line.org_id, "org_path": paths[line.org_id], "other_org_id": line.other_id,
            "is_visitor": line.is_visitor, **_values(line, activity),
        }
        for pk, line in wanted.items() if pk in moved or pk not in kept
    ]  # fmt: skip
    insert_rows(Attendance, fresh, {"activity_id": activity.pk, **common})


def _values(line: Line, activity: Activity) -> dict[str, Any]:
    hours = activity.study_hours if line.hours is None else line.hours
    hours = hours if line.presence == Presence.PRESENT else Decimal(0)
    return {"presence": line.presence, "reason": line.reason, "note": line.note, "hours": hours}


def _kept_of_plan(activity: Activity, sheet: Sheet) -> dict[int, Line]:
    chosen = audience_at(activity.org, activity.kind, activity.second_kind) is Audience.CHOSEN
    return {
        pk: line for pk, line in sheet.lines.items() if chosen or line.is_visitor or line.presence == Presence.ABSENT
    }
