"""Report SQL: every duty of a quarter with what was done about it. The one place where compliance is counted.

Raw SQL past the scoped managers: whoever asks passes organisations that were found under the active scope, or counts
the whole tree into summaries that are read under it.

A duty is one row: organisation, requirement, slot, period, what was expected, done, done on time and late. What was
done are `Participation` rows, host and co-host alike, that are counted, serve the kind as first or second and were
held in the period; what is asked of each member are members on the roster of the last day counted who were there.
"""

# ruff: noqa: S608 - the pieces of SQL are written in this house, values are parameters
from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from apps.branches.rules import OrgKind
from apps.branches.rules.organisations import COMMITTEE_MIN_FORMAL_MEMBERS, COMMITTEE_MIN_SEATS
from apps.core.models import Parameter
from apps.core.parameters import registry
from apps.core.periods import Period
from apps.core.sql import Sql
from apps.members.kinds import COMMITTEE_ROLES

from ..kinds import COUNTED, DutyCondition, DutySubject, Presence
from ..models import Requirement
from ..parameters import ENTRY_DAYS
from ..rules.compliance import MONTHS, Slot, Unit
from ..rules.duties import Ask, Asked, asked_in, periods_of

DUTY = ("org_id", "path", "kind_id", "slot", "requirement_id", "times", "start", "until", "expected", "actual",
        "on_time", "late")  # fmt: skip

ROSTER_ELSEWHERE = (OrgKind.TEMPORARY_BRANCH.value, OrgKind.MOBILE_BRANCH.value)
"""Relations of their members stay at home, so that the roster cannot tell whether there are any (ZB-10, FZ-07)."""

_EACH = Unit.MEMBERS.value
"""From this slot on each member is asked. One CASE and ranges of slots, not columns compared with words: the planner
takes half and a third of the rows for those, and one of two hundred for these, with which it would loop over millions."""

_COUNTED = ", ".join(f"'{state.value}'" for state in COUNTED)
_SEATS = ", ".join(f"'{role.value}'" for role in COMMITTEE_ROLES)


@dataclass(frozen=True)
class Which:
    """The organisations that are counted: `condition` speaks of `n`, a row of the tree."""

    condition: str = "true"
    params: tuple[object, ...] = ()

    @classmethod
    def below(cls, paths: Sequence[str]) -> Which:
        """The subtrees of these paths."""
        if "" in paths:
            return cls()
        return cls("(" + (" OR ".join(["n.path LIKE %s"] * len(paths)) or "false") + ")", tuple(f"{p}%" for p in paths))

    @classmethod
    def these(cls, ids: Sequence[int]) -> Which:
        return cls("n.id = ANY(%s)", (list(ids),))


def asks() -> list[Ask]:
    """Every requirement row, as the rules see it."""
    return [
        Ask(row.pk, row.kind_id, row.org_path, tuple(row.org_kinds), row.rhythm, row.times, row.subject, row.condition,
            row.since, row.until)
        for row in Requirement.objects.all()
    ]  # fmt: skip


def duties(which: Which, quarter: Period, *, rows: Sequence[Ask] | None = None, kind: int | None = None) -> Sql:
    """The relation `DUTY` of these organisations for a quarter. `rows` spares asking for the requirements again."""
    asked = asked_in(quarter, asks() if rows is None else rows)
    if kind is not None:
        asked = [each for each in asked if each.kind == kind]
    days = sorted({each.start for each in asked}) or [quarter.start]
    prompt = timely("p", "p.org_path")
    parts = [_asked(asked, days), _nodes(which), *_conditions(asked, days), _held(quarter, prompt), _owed(asked, days)]
    pieces = [_of_organisations()]
    if any(each.subject == DutySubject.MEMBER for each in asked):
        parts += _members(quarter, prompt, asked, everybody=which == Which())
        pieces.append(_of_members())
    text = "WITH " + ",\n".join(part.text for part in parts) + "\n" + "\nUNION ALL\n".join(p.text for p in pieces)
    return Sql(text, tuple(value for part in (*parts, *pieces) for value in part.params))


def _asked(asked: Sequence[Asked], days: Sequence[datetime.date]) -> Sql:
    """What is asked of which kind of organisation where; `day` numbers the first days of the periods from 1."""
    columns = {
        "requirement_id": "bigint", "kind_id": "bigint", "slot": "int", "org_kind": "text", "root": "text",
        "without": "text", "times": "int", "condition": "text", "subject": "text", "start": "date", "until": "date",
        "cut": "date", "day": "int",
    }  # fmt: skip
    rows = [
        (a.requirement, a.kind, a.slot, a.org_kind, a.path, ",".join(a.without), a.times, a.condition, a.subject,
         a.start, a.end, a.cut, days.index(a.start) + 1)
        for a in asked
    ]  # fmt: skip
    values = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in columns]
    arrays = ", ".join(f"%s::{kind}[]" for kind in columns.values())
    return Sql(f"asked ({', '.join(columns)}) AS MATERIALIZED (SELECT * FROM unnest({arrays}))", tuple(values))


def _nodes(which: Which) -> Sql:
    return Sql(
        "node AS MATERIALIZED (SELECT n.id AS org_id, n.path, n.kind, n.founded_on, n.ended_on"
        f" FROM branches_partyorg n WHERE {which.condition})",
        which.params,
    )


def _in_force(table: str, day: datetime.date) -> str:
    return f"{table}.since <= '{day}' AND ({table}.until IS NULL OR {table}.until > '{day}')"


def _by_day(what: str, table: str, days: Sequence[datetime.date], and_: str = "") -> str:
    """An array with one count for each of the days."""
    counts = [
        f"count(*) FILTER (WHERE {_in_force(table, day)}{and_.format(day=day)})" for day in days
    ]  # the days are dates of this house
    return f"ARRAY[{', '.join(counts)}] AS {what}"


def _conditions(asked: Sequence[Asked], days: Sequence[datetime.date]) -> list[Sql]:
    """Members, 正式党员 and seats of the committee on the first day of each period."""
    formal = "AND (m.formal_on <= '{day}')"
    overlap = f"s.since <= '{days[-1]}' AND (s.until IS NULL OR s.until > '{days[0]}')"
    wants_committee = any(each.condition == DutyCondition.HAS_COMMITTEE for each in asked)
    joined = "JOIN members_member m ON m.id = s.member_id" if wants_committee else ""
    formals = _by_day("formal", "s", days, f" {formal}") if wants_committee else "NULL::bigint[] AS formal"
    return [
        Sql(f"""head AS (SELECT s.org_id, {_by_day("members", "s", days)}, {formals}
            FROM members_membership s JOIN node USING (org_id) {joined} WHERE {overlap} GROUP BY s.org_id
            UNION ALL
            SELECT s.group_id, {_by_day("members", "s", days)}, NULL
            FROM members_membership s JOIN node g ON g.org_id = s.group_id WHERE {overlap} GROUP BY s.group_id)"""),
        Sql(f"""seat AS (SELECT s.org_id, {_by_day("seats", "s", days)}
            FROM members_post s JOIN node USING (org_id)
            WHERE s.role IN ({_SEATS}) AND {overlap} GROUP BY s.org_id)"""),
    ]  # fmt: skip


def timely(table: str, path: str) -> Sql:
    """Whether a record came in time, by what the nearest node above asked for on the day of the activity."""
    spec = registry[ENTRY_DAYS]
    own = sorted(
        Parameter.objects.filter(code=ENTRY_DAYS), key=lambda r: (len(r.org_path), r.since, r.pk), reverse=True
    )
    cases, params = "", []
    for row in own:
        cases += f" WHEN {table}.held_on >= %s AND starts_with({path}, %s) THEN %s"
        params += [row.since, row.org_path, int(row.value)]
    days = f"CASE{cases} ELSE {int(spec.default)} END" if cases else str(int(spec.default))
    return Sql(f"coalesce({table}.reported_on - {table}.held_on <= {days}, false)", tuple(params))


def _held(quarter: Period, prompt: Sql) -> Sql:
    """How often each kind was held by each organisation, month by month and in the year until the quarter's end."""
    start = Period.year_of(quarter.start).start
    months = [period for slot, _, period in periods_of(quarter) if slot in MONTHS]
    inside = [f"p.held_on >= '{m.start}' AND p.held_on < '{m.end}'" for m in months]
    counts = [f"count(*) FILTER (WHERE {each}) AS n{i}" for i, each in enumerate(inside, 1)]
    counts += [f"count(*) FILTER (WHERE p.timely AND {each}) AS t{i}" for i, each in enumerate(inside, 1)]
    return Sql(
        f"""held AS (SELECT p.org_id, k.kind_id, {", ".join(counts)}, count(*) AS n,
                count(*) FILTER (WHERE p.timely) AS t
            FROM (SELECT p.org_id, p.kind_id, p.second_kind_id, p.held_on, {prompt.text} AS timely
                  FROM activities_participation p JOIN node USING (org_id)
                  WHERE p.state IN ({_COUNTED}) AND p.held_on >= '{start}' AND p.held_on < '{quarter.end}') p
            CROSS JOIN LATERAL (VALUES (p.kind_id), (p.second_kind_id)) k (kind_id)
            WHERE k.kind_id IS NOT NULL GROUP BY p.org_id, k.kind_id)""",
        prompt.params,
    )


def _owed(asked: Sequence[Asked], days: Sequence[datetime.date]) -> Sql:
    """Which organisation owes what: of the right kind, at the right place, there in the whole period, condition met."""
    elsewhere = ", ".join(f"'{kind}'" for kind in ROSTER_ELSEWHERE)
    return Sql(f"""owed AS (SELECT n.org_id, n.path, a.*
        FROM asked a JOIN node n ON n.kind = a.org_kind
        LEFT JOIN head h ON h.org_id = n.org_id LEFT JOIN seat s ON s.org_id = n.org_id
        WHERE CASE
            WHEN NOT starts_with(n.path, a.root) THEN false
            WHEN a.without <> ''
                 AND EXISTS (SELECT 1 FROM unnest(string_to_array(a.without, ',')) w WHERE starts_with(n.path, w)) THEN false
            WHEN a.slot >= {_EACH}
            THEN (n.founded_on IS NULL OR n.founded_on < a.cut) AND (n.ended_on IS NULL OR n.ended_on >= a.cut)
            WHEN n.founded_on > a.start OR n.ended_on < a.until THEN false
            WHEN a.condition = '{DutyCondition.HAS_MEMBERS.value}'
            THEN n.kind IN ({elsewhere}) OR coalesce(h.members[a.day], 0) > 0
            WHEN a.condition = '{DutyCondition.HAS_COMMITTEE.value}'
            THEN coalesce(s.seats[a.day], 0) >= {COMMITTEE_MIN_SEATS}
                 OR coalesce(h.formal[a.day], 0) >= {COMMITTEE_MIN_FORMAL_MEMBERS}
            ELSE true END)""")  # fmt: skip


def _of_organisations() -> Sql:
    def by_slot(letter: str) -> str:
        months = " ".join(f"WHEN {slot.value} THEN h.{letter}{slot.value}" for slot in MONTHS)
        three = " + ".join(f"h.{letter}{slot.value}" for slot in MONTHS)
        return f"coalesce(CASE o.slot {months} WHEN {Slot.QUARTER.value} THEN {three} ELSE h.{letter} END, 0)"

    return Sql(f"""
        SELECT d.org_id, d.path, d.kind_id, d.slot, d.requirement_id, d.times, d.start, d.until, d.times AS expected,
               d.done::int AS actual, least(d.prompt, d.done)::int AS on_time, (d.done - least(d.prompt, d.done))::int AS late
        FROM (SELECT o.*, least({by_slot("n")}, o.times) AS done, {by_slot("t")} AS prompt
              FROM owed o LEFT JOIN held h ON h.org_id = o.org_id AND h.kind_id = o.kind_id
              WHERE o.slot < {_EACH}) d""")


def _members(quarter: Period, prompt: Sql, asked: Sequence[Asked], *, everybody: bool) -> list[Sql]:
    """Whoever is on a roster on the last day counted, and when they were at what is asked of each member.

    For `everybody` the few activities of these kinds lead to who was there, else the members to where they were.
    """
    of_these = "" if everybody else " AND t.member_id IN (SELECT e.member_id FROM enrolled e)"
    kinds = ", ".join(sorted({str(each.kind) for each in asked if each.subject == DutySubject.MEMBER}))
    last = quarter.last_day
    start = Period.year_of(quarter.start).start
    return [
        Sql(f"""enrolled AS (SELECT s.org_id, s.member_id FROM members_membership s
            WHERE {_in_force("s", last)} AND s.org_id IN (SELECT o.org_id FROM owed o WHERE o.slot >= {_EACH})
            UNION ALL
            SELECT s.group_id, s.member_id FROM members_membership s
            WHERE {_in_force("s", last)} AND s.group_id IN (SELECT o.org_id FROM owed o WHERE o.slot >= {_EACH}))"""),
        Sql(f"""present AS (SELECT t.member_id, p.kind_id, p.held_on, p.timely
            FROM (SELECT p.activity_id, k.kind_id, p.held_on, {prompt.text} AS timely
                  FROM activities_participation p CROSS JOIN LATERAL (VALUES (p.kind_id), (p.second_kind_id)) k (kind_id)
                  WHERE p.is_host AND (p.kind_id IN ({kinds}) OR p.second_kind_id IN ({kinds})) AND k.kind_id IN ({kinds})
                    AND p.held_on >= '{start}' AND p.held_on < '{quarter.end}') p
            JOIN activities_attendance t ON t.activity_id = p.activity_id
            WHERE t.counted AND t.presence = '{Presence.PRESENT.value}'{of_these})""", prompt.params),
    ]  # fmt: skip


def _of_members() -> Sql:
    """Each member on the roster is one to be met, by `times` attendances in the period."""
    return Sql(f"""
        SELECT d.org_id, d.path, d.kind_id, d.slot, d.requirement_id, d.times, d.start, d.until, count(*)::int AS expected,
               count(*) FILTER (WHERE d.n >= d.times)::int AS actual,
               count(*) FILTER (WHERE d.t >= d.times)::int AS on_time,
               count(*) FILTER (WHERE d.n >= d.times AND d.t < d.times)::int AS late
        FROM (SELECT o.org_id, o.path, o.kind_id, o.slot, o.requirement_id, o.times, o.start, o.until, e.member_id,
                     count(p.member_id) AS n, count(p.member_id) FILTER (WHERE p.timely) AS t
              FROM owed o JOIN enrolled e ON e.org_id = o.org_id
              LEFT JOIN present p ON p.member_id = e.member_id AND p.kind_id = o.kind_id
                                 AND p.held_on >= o.start AND p.held_on < o.cut
              WHERE o.slot >= {_EACH}
              GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9) d
        GROUP BY 1, 2, 3, 4, 5, 6, 7, 8""")


def figures(duty: Sql) -> Sql:
    """The relation (org_id, path, kind_id, slot, bound, met, expected, actual, on_time, late) of a relation `DUTY`.

    Months are also counted together, from the first of the quarter on: who met each of them met them all.
    """
    unit = Unit.MEMBERS.value
    pieces = ["SELECT org_id, path, kind_id, slot, 1 AS bound, (actual >= expected)::int AS met, expected, actual,"
              " on_time, late FROM duty"]  # fmt: skip
    for together, slots in ((Slot.TWO_MONTHS, MONTHS[:2]), (Slot.THREE_MONTHS, MONTHS)):
        inside = ", ".join(str(slot.value) for slot in slots)
        pieces.append(
            f"SELECT org_id, path, kind_id, {together.value} + slot / {unit} * {unit}, 1, bool_and(actual >= expected)::int,"
            " sum(expected)::int, sum(actual)::int, sum(on_time)::int, sum(late)::int"
            f" FROM duty WHERE mod(slot, {unit}) IN ({inside}) GROUP BY org_id, path, kind_id, slot / {unit}"
        )
    return Sql(f"WITH duty AS ({duty.text})\n" + "\nUNION ALL\n".join(pieces), duty.params)
