"""The board: what was expected and done of each kind, by organisation and period. The public face of compliance.

Screen, API, export, reminders and the command read here and nowhere else. Every function takes an organisation that
was found under the active scope, and the day as `today`: a month that has not begun is not yet asked for.

`period` is a quarter or one of its months. A yearly duty stands in every quarter with what was done until the
quarter's end. A closed quarter shows what was frozen, with the number of corrections approved since beside it.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from apps.branches.models import PartyOrg
from apps.core.periods import Period
from apps.core.sql import fetch

from ..kinds import DutySubject, Rhythm
from ..models import Activity, ActivityKind, Requirement
from ..rules.compliance import MONTHS, TOGETHER, Figures, Slot, Tally, Unit, added, period_of, slot_of, without
from . import freezing, summary
from .due import Duty, duties_of, duties_of_member, members_without, missed_by
from .duty_sql import duties

__all__ = [
    "Board", "Cell", "Column", "Duty", "Line", "Owing", "board", "cells_below", "column_of", "corrections", "duties_of",
    "duties_of_member", "members_without", "missed_by", "missing", "owing",
]  # fmt: skip


@dataclass(frozen=True)
class Column:
    """One sort of duty: a kind, how often, asked of the organisation or of each member. Addresses name it by `key`."""

    kind: ActivityKind
    rhythm: Rhythm
    subject: DutySubject

    @property
    def key(self) -> str:
        return f"{self.kind.code}-{self.rhythm.value}-{self.subject.value}"

    @property
    def label(self) -> str:
        each = "每名党员" if self.subject == DutySubject.MEMBER else ""
        return f"{self.kind.name}（{each}{self.rhythm.label}）"

    def place(self, period: Period, today: datetime.date) -> tuple[int, int] | None:
        """Where its figures stand for the period."""
        slot = slot_of(self.rhythm, period, today)
        unit = Unit.MEMBERS if self.subject == DutySubject.MEMBER else Unit.TIMES
        return None if slot is None else (self.kind.pk, slot + unit)


@dataclass(frozen=True)
class Cell:
    """One kind of duty at one organisation with everything below it.

    `expected`, `actual`, `on_time` and `late` are times (members, where each member is asked); `missing` are the
    organisations that have not met it, as many as `missing()` names. `is_open`: its period is not over yet.
    """

    org_id: int
    kind: ActivityKind
    column: Column
    period: Period
    tally: Tally
    is_open: bool
    requirement: Requirement | None = None

    @property
    def expected(self) -> int:
        return self.tally.expected

    @property
    def actual(self) -> int:
        return self.tally.actual

    @property
    def on_time(self) -> int:
        return self.tally.on_time

    @property
    def late(self) -> int:
        return self.tally.late

    @property
    def missing(self) -> int:
        return self.tally.missing

    @property
    def bound(self) -> int:
        """Organisations of which it is asked."""
        return self.tally.bound

    @property
    def due_on(self) -> datetime.date:
        """The last day on which it can be done in time."""
        return self.period.last_day


@dataclass(frozen=True)
class Line:
    """An organisation on a board with its cells by column key. `is_own`: what is asked of the node itself."""

    org_id: int
    name: str
    path: str
    cells: dict[str, Cell]
    is_own: bool = False


@dataclass(frozen=True)
class Board:
    """`total` is the sum of `lines`, column by column."""

    org: PartyOrg
    period: Period
    columns: tuple[Column, ...]
    total: Line
    lines: tuple[Line, ...]
    as_of: datetime.date
    is_frozen: bool = False
    corrections: int = 0
    frozen_below: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Owing:
    """One organisation of which a duty is asked, with what it did. Member duties count members."""

    org_id: int
    name: str
    path: str
    expected: int
    actual: int
    on_time: int
    late: int
    periods: tuple[Period, ...]
    """Periods of the duty, those lacking something; empty for who met it."""

    @property
    def is_met(self) -> bool:
        return self.actual >= self.expected

    @property
    def url(self) -> str:
        return f"/orgs/{self.org_id}/"


class Catalogue:
    """Kinds and requirements, asked for once."""

    @cached_property
    def kinds(self) -> dict[int, ActivityKind]:
        return {kind.pk: kind for kind in ActivityKind.objects.all()}

    @cached_property
    def requirements(self) -> list[Requirement]:
        return list(Requirement.objects.all())

    def columns(self, figures: Figures) -> tuple[Column, ...]:
        """The columns that figures speak of, in the order of the kinds."""
        found = {
            Column(self.kinds[kind], _rhythm(slot), DutySubject.MEMBER if slot >= Unit.MEMBERS else DutySubject.ORGANISATION)
            for kind, slot in figures
        }  # fmt: skip
        rhythms = list(Rhythm)
        return tuple(sorted(found, key=lambda c: (c.kind.order, c.kind.pk, c.subject.value, rhythms.index(c.rhythm))))

    def requirement(self, column: Column, path: str, day: datetime.date) -> Requirement | None:
        """What speaks for a column at a node: the nearest row at or above it, else the first below it."""
        rows = [
            row for row in self.requirements
            if row.kind_id == column.kind.pk and row.rhythm == column.rhythm and row.subject == column.subject
            and row.times and row.holds_on(day) and (path.startswith(row.org_path) or row.org_path.startswith(path))
        ]  # fmt: skip
        above = [row for row in rows if path.startswith(row.org_path)]
        return max(above, key=lambda row: (len(row.org_path), row.since, row.pk), default=next(iter(rows), None))


def board(org: PartyOrg, period: Period, *, today: datetime.date, catalogue: Catalogue | None = None) -> Board:
    """The board of an organisation: a line for each organisation directly below it, and their sum."""
    known = catalogue or Catalogue()
    quarter = Period.quarter_of(period.start)
    closed = freezing.closed(org, quarter)
    roots: list[freezing.Root] = []
    if closed is not None:
        today = min(today, closed.as_of)
        nodes, figures = closed.nodes, closed.figures
    else:
        children = PartyOrg.objects.filter(parent=org).only("name", "short_name", "path").order_by("path")
        nodes = [(each.pk, str(each), each.path) for each in (org, *children)]
        roots = freezing.closed_below(org, quarter)
        figures = figures_of([(pk, path) for pk, _, path in nodes], quarter, roots)
    total = figures.get(org.pk, {})
    own = without(total, added(figures[pk] for pk, _, _ in nodes[1:]))
    columns = tuple(c for c in known.columns(total) if c.place(period, today) in total)
    lines = [_line(node, figures[node[0]], columns, period, known, today) for node in nodes[1:]]
    if own and lines:
        lines.insert(0, _line(nodes[0], own, columns, period, known, today, is_own=True))
    return Board(
        org, period, columns, _line(nodes[0], total, columns, period, known, today),
        tuple(line for line in lines if line.cells), min(today, period.last_day),
        closed is not None, corrections(org, quarter) if closed else 0,
        tuple(root.name for root in roots),
    )  # fmt: skip


def figures_of(nodes: Sequence[tuple[int, str]], quarter: Period, roots: Sequence[freezing.Root]) -> dict[int, Figures]:
    """The figures of organisations (id, path) that are not closed themselves; what is closed below them is frozen."""
    kept = summary.read([pk for pk, _ in nodes], quarter)
    found = summary.live(nodes, quarter) if kept is None else kept
    return freezing.with_closed_below(nodes, found, quarter, roots)


def cells_below(
    org: PartyOrg, period: Period, column: Column, *, today: datetime.date, only_missing: bool = False
) -> list[Owing]:
    """Every organisation of the subtree of which the duty is asked, in tree order: the names behind a figure."""
    found = owing(org, period, (column,), today=today)[column.key]
    return [each for each in found if not each.is_met] if only_missing else found


def owing(org: PartyOrg, period: Period, columns: Sequence[Column], *, today: datetime.date) -> dict[str, list[Owing]]:
    """The names behind the figures of several columns, by column key."""
    quarter = Period.quarter_of(period.start)
    closed = freezing.closed(org, quarter)
    today = min(today, closed.as_of) if closed else today
    places = {column.key: column.place(period, today) for column in columns}
    rows = _duty_rows(org, quarter, columns, closed)
    return {
        column.key: _owing([row for row in rows if row["kind"] == column.kind.code], place[1], quarter) if place else []
        for column in columns for place in [places[column.key]]
    }  # fmt: skip


def _duty_rows(
    org: PartyOrg, quarter: Period, columns: Sequence[Column], closed: freezing.Closed | None
) -> list[dict[str, Any]]:
    """The duties of these kinds below a node: as they were frozen, where its quarter is closed, else as they are."""
    codes = {column.kind.pk: column.kind.code for column in columns}
    if closed is not None:
        return freezing.rows_under(closed, codes.values())
    roots = freezing.closed_below(org, quarter)
    only = next(iter(codes)) if len(codes) == 1 else None
    live = fetch(duties(freezing.open_part(org, roots), quarter, kind=only))
    names = freezing.names_of([row["org_id"] for row in live])
    rows = [
        {**row, "name": names[row["org_id"]], "kind": codes[row["kind_id"]]} for row in live if row["kind_id"] in codes
    ]
    return rows + freezing.rows_of(roots, codes.values())


def missing(org: PartyOrg, period: Period, column: Column, *, today: datetime.date) -> list[Owing]:
    """The organisations that have not met a duty: exactly as many as the cell says, in tree order."""
    return cells_below(org, period, column, today=today, only_missing=True)


def column_of(key: str) -> Column | None:
    """The column that an address names by its key; None for what names none."""
    code, _, rest = key.rpartition("-")
    code, _, rhythm = code.rpartition("-")
    kind = ActivityKind.objects.filter(code=code).first()
    try:
        return Column(kind, Rhythm(rhythm), DutySubject(rest)) if kind else None
    except ValueError:
        return None


def corrections(org: PartyOrg, quarter: Period) -> int:
    """更正: records that were approved into the closed quarter afterwards. They count in no frozen figure."""
    rows = Activity.objects.filter(org_path__startswith=org.path, correction_number__isnull=False).counted()
    return int(rows.held_in(quarter).count())


def _line(
    node: tuple[int, str, str], figures: Figures, columns: Sequence[Column], period: Period, known: Catalogue,
    today: datetime.date, *, is_own: bool = False,
) -> Line:  # fmt: skip
    pk, name, path = node
    quarter = Period.quarter_of(period.start)
    cells = {}
    for column in columns:
        place = column.place(period, today)
        tally = figures.get(place, Tally()) if place else Tally()
        if tally:
            span = period if column.rhythm == Rhythm.MONTH else period_of(place[1], quarter)  # type: ignore[index]
            requirement = known.requirement(column, path, span.start)
            cells[column.key] = Cell(pk, column.kind, column, span, tally, span.end > today, requirement)
    return Line(pk, name, path, cells, is_own)


def _rhythm(slot: int) -> Rhythm:
    plain = slot % Unit.MEMBERS
    return {Slot.QUARTER: Rhythm.QUARTER, Slot.YEAR: Rhythm.YEAR}.get(Slot(plain), Rhythm.MONTH)


def _owing(rows: Sequence[dict[str, Any]], slot: int, quarter: Period) -> list[Owing]:
    """Duty rows of the slots that a column stands for, together for each organisation."""
    wanted = _parts(slot)
    found: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        if row["slot"] in wanted:
            found.setdefault(row["org_id"], []).append(row)
    result = []
    for org_id, own in found.items():
        sums = {name: sum(row[name] for row in own) for name in ("expected", "actual", "on_time", "late")}
        lacking = tuple(sorted(period_of(row["slot"], quarter) for row in own if row["actual"] < row["expected"]))
        result.append(Owing(org_id, own[0]["name"], own[0]["path"], **sums, periods=lacking))
    return sorted(result, key=lambda each: each.path)


def _parts(slot: int) -> set[int]:
    """The slots of single periods that stand together in a slot."""
    unit = slot - slot % Unit.MEMBERS
    plain = slot % Unit.MEMBERS
    if plain in MONTHS or plain not in TOGETHER:
        return {slot}
    return {month + unit for month in MONTHS[: TOGETHER.index(plain)]}  # type: ignore[arg-type]
