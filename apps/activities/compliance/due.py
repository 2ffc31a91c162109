"""我还差什么: what is due of one branch, and of one member, this month, this quarter and this year."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from apps.branches.models import PartyOrg
from apps.branches.rules import BRANCH_KINDS, OrgKind
from apps.core.periods import Period
from apps.core.sql import Sql, fetch

from ..kinds import COUNTED, DutySubject, Presence, Rhythm, Weight
from ..models import ActivityKind, Requirement
from ..parameters import theme_day
from ..rules.compliance import MONTHS, Slot, Unit, months_begun, period_of
from ..rules.duties import speaking
from .duty_sql import Which, asks, duties, timely

THEME_DAY: Final = "theme_day"


@dataclass(frozen=True)
class Duty:
    """One requirement in one period, of an organisation (or a 党小组 of it), or of one member.

    With `of_members` the figures are members of the organisation, else times. `due_on` is the last day that is in
    time: the 主题党日 of the place while it lies ahead, else the last day of the period.
    """

    org: PartyOrg
    kind: ActivityKind
    requirement: Requirement
    period: Period
    expected: int
    actual: int
    on_time: int
    late: int
    due_on: datetime.date
    of_members: bool = False
    today: datetime.date = datetime.date.min

    @property
    def is_met(self) -> bool:
        return self.actual >= self.expected

    @property
    def lacking(self) -> int:
        return self.expected - self.actual

    @property
    def is_over(self) -> bool:
        """The period has passed: a record of it would be entered late."""
        return self.period.end <= self.today

    @property
    def days_left(self) -> int:
        """Days until `due_on`; negative when it has passed."""
        return (self.due_on - self.today).days

    @property
    def basis(self) -> str:
        return self.requirement.source

    @property
    def reason(self) -> str:
        """Why it is due, as a sentence with its basis."""
        weight = Weight(self.requirement.weight).label
        rhythm, times = Rhythm(self.requirement.rhythm).label, self.requirement.times
        if self.of_members:
            return (
                f"{self.kind}{weight}{rhythm}每名党员 {times} 次：{self.period.label}共 {self.expected} 名党员，"
                f"已有 {self.actual} 名，还差 {self.lacking} 名（依据：{self.basis}）"
            )
        done = f"已有 {self.actual} 次，还差 {self.lacking} 次" if self.actual else "还没有记录"
        done = "已完成" if self.is_met else done
        return f"{self.kind}{weight}{rhythm} {times} 次：{self.period.label}{done}（依据：{self.basis}）"

    @property
    def url(self) -> str:
        """The one button: the form of a new record of this kind."""
        return f"/activities/new/?{urlencode({'org': self.org.code, 'kind': self.kind.code})}"


def duties_of(org: PartyOrg, *, today: datetime.date) -> list[Duty]:
    """What is asked of a branch (with its 党小组) or another organisation in the month, quarter and year of today.

    Met and unmet, the month's first; kinds in the order of the office.
    """
    return _duties(org, _of_today(today), today)


def missed_by(org: PartyOrg, *, today: datetime.date) -> list[Duty]:
    """What an organisation has not met in periods that ended since the last quarter began: it can be entered late."""
    return [duty for duty in _duties(org, _over(today), today) if not duty.is_met]


def standing(org: PartyOrg, *, today: datetime.date) -> tuple[list[Duty], list[Duty]]:
    """`duties_of` and `missed_by` together, in half the queries."""
    now, over = _of_today(today), _over(today)
    every = _duties(org, {quarter: now.get(quarter, set()) | slots for quarter, slots in over.items()}, today)
    missed = [duty for duty in every if duty.is_over and not duty.is_met]
    return [duty for duty in every if duty.period.contains(today)], missed


def _of_today(today: datetime.date) -> dict[Period, set[Slot]]:
    quarter = Period.quarter_of(today)
    return {quarter: {MONTHS[months_begun(quarter, today) - 1], Slot.QUARTER, Slot.YEAR}}


def _over(today: datetime.date) -> dict[Period, set[Slot]]:
    """The periods of this quarter and of the last that have ended; a year that has ended stands in its last quarter."""
    quarter = Period.quarter_of(today)
    return {
        each: {slot for slot in (*MONTHS, Slot.QUARTER, Slot.YEAR) if period_of(slot, each).end <= today}
        for each in (quarter.previous(), quarter)
    }


def duties_of_member(member: Any, *, today: datetime.date) -> list[Duty]:
    """What each member of the branch of this member has to take part in, this month, quarter and year."""
    org = member.org
    rows = asks()
    kinds = {row.kind for row in rows if row.subject == DutySubject.MEMBER}
    found = []
    for kind in kinds:
        for rhythm in Rhythm:
            period = Period.of(rhythm.value, today)  # type: ignore[arg-type]
            ask = speaking(
                rows, kind=kind, subject=DutySubject.MEMBER.value, org_kind=org.kind, path=org.path, day=period.start
            )
            if ask is not None and ask.rhythm == rhythm and ask.times:
                held, timely = _attended(member.pk, kind, period)
                found.append((ask, period, min(held, ask.times), min(timely, ask.times)))
    requirements = Requirement.objects.select_related("kind").in_bulk([ask.id for ask, *_ in found])
    made = [
        Duty(org, requirements[ask.id].kind, requirements[ask.id], period, ask.times, done, prompt, done - prompt,
             period.last_day, today=today)
        for ask, period, done, prompt in found
    ]  # fmt: skip
    return sorted(made, key=lambda duty: (duty.due_on, duty.kind.order))


def members_without(org: PartyOrg, kind: ActivityKind, period: Period, times: int = 1) -> list[tuple[int, str]]:
    """Who, on the roster of the period's last day, has not been at so many activities of the kind: (id, name)."""
    states = [state.value for state in COUNTED]
    rows = fetch(Sql(
        """
        SELECT m.id, m.name FROM members_membership s JOIN members_member m ON m.id = s.member_id
        WHERE s.org_id = %s AND s.since <= %s AND (s.until IS NULL OR s.until > %s) AND (
            SELECT count(*) FROM activities_attendance t
            JOIN activities_participation p ON p.activity_id = t.activity_id AND p.is_host AND p.state = ANY(%s)
            WHERE t.member_id = s.member_id AND t.counted AND t.presence = %s AND t.held_on >= %s AND t.held_on < %s
              AND %s IN (p.kind_id, p.second_kind_id)) < %s
        ORDER BY m.name, m.id
        """,
        (org.pk, period.last_day, period.last_day, states, Presence.PRESENT.value, period.start, period.end, kind.pk, times),
    ))  # fmt: skip
    return [(row["id"], row["name"]) for row in rows]


def _duties(org: PartyOrg, wanted: Mapping[Period, set[Slot]], today: datetime.date) -> list[Duty]:
    """The duties that stand in the slots of the quarters, what ends first in front."""
    which = Which.below([org.path]) if OrgKind(org.kind) in BRANCH_KINDS else Which.these([org.pk])
    asked = asks()
    rows = [
        (quarter, row)
        for quarter, slots in wanted.items()
        if slots
        for row in fetch(duties(which, quarter, rows=asked))
        if row["slot"] % Unit.MEMBERS in slots
    ]
    requirements = Requirement.objects.select_related("kind").in_bulk({row["requirement_id"] for _, row in rows})
    orgs = {each.pk: each for each in PartyOrg.objects.filter(pk__in={row["org_id"] for _, row in rows})}
    made = [_made(row, orgs, requirements, quarter, today) for quarter, row in rows]
    return sorted(made, key=lambda duty: (duty.period.end, duty.due_on, duty.kind.order, duty.org.path))


def _made(
    row: Mapping[str, Any], orgs: Mapping[int, PartyOrg], requirements: Mapping[int, Requirement], quarter: Period,
    today: datetime.date,
) -> Duty:  # fmt: skip
    requirement, org = requirements[row["requirement_id"]], orgs[row["org_id"]]
    period = period_of(row["slot"], quarter)
    due_on = period.last_day
    if requirement.kind.code == THEME_DAY and period.kind == "month" and period.contains(today):
        fixed = theme_day(period.start, org.path)
        due_on = fixed if fixed >= today else due_on
    return Duty(
        org, requirement.kind, requirement, period, row["expected"], row["actual"], row["on_time"], row["late"], due_on,
        of_members=row["slot"] >= Unit.MEMBERS, today=today,
    )  # fmt: skip


def _attended(member_id: int, kind_id: int, period: Period) -> tuple[int, int]:
    """How often a member was at an activity of the kind in the period, and how many of the records came in time."""
    prompt = timely("p", "p.org_path")
    rows = fetch(Sql(
        f"""
        SELECT count(*) AS held, count(*) FILTER (WHERE {prompt.text}) AS timely FROM activities_attendance t
        JOIN activities_participation p ON p.activity_id = t.activity_id AND p.is_host
        WHERE t.member_id = %s AND t.counted AND t.presence = %s AND t.held_on >= %s AND t.held_on < %s
          AND %s IN (p.kind_id, p.second_kind_id)
        """,  # noqa: S608 - pieces of the report modules
        (*prompt.params, member_id, Presence.PRESENT.value, period.start, period.end, kind_id),
    ))  # fmt: skip
    return rows[0]["held"], rows[0]["timely"]
