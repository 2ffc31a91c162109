"""What a report stands on: the node, the day, and which parts of its tree are frozen and which are live.

A report of a day is live. A report of a period takes each subtree from the snapshot in which it was closed,
and what nobody has closed yet from the facts as of the period's last day; so the figures of a node are always
the sum of the figures of its children, however far the closing has come.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from apps.branches.models import PartyOrg
from apps.core.errors import DomainError
from apps.core.periods import Period
from apps.enterprises.models import Park

from . import snapshot_sql
from .facts_sql import FrozenPart, LivePart, Part
from .models import Snapshot, SnapshotOrg
from .models.definitions import Thresholds


@dataclass(frozen=True)
class Basis:
    """`parts` answer for the whole subtree of `org` and do not overlap.

    `thresholds` are those of the snapshot, None for the ones in force on the day. `unclosed` names parks still live.
    """

    org: PartyOrg
    as_of: datetime.date
    parts: tuple[Part, ...]
    thresholds: Thresholds | None = None
    period: Period | None = None
    snapshots: tuple[Snapshot, ...] = ()
    unclosed: tuple[str, ...] = ()

    @property
    def frozen(self) -> bool:
        """Every part comes from a snapshot: the report will never change."""
        return self.period is not None and not any(isinstance(part, LivePart) for part in self.parts)

    @property
    def live(self) -> bool:
        return not self.snapshots

    @property
    def label(self) -> str:
        return self.period.label if self.period else f"{self.as_of:%Y-%m-%d} 实时"

    def describe(self) -> str:
        """The sentence that says where the numbers come from."""
        day = f"{self.as_of.year}年{self.as_of.month}月{self.as_of.day}日"
        if self.period is None:
            return f"数据截至{day}，按当前台账实时计算。"
        if self.frozen:
            return f"{self.period.label}已封存，数据截至{day}，此后的变动不影响本表。"
        if self.live:
            return f"{self.period.label}尚未封存，按{day}的台账实时计算，封存前可能变化。"
        names = f"（{'、'.join(self.unclosed)}）" if self.unclosed else ""
        return f"{self.period.label}部分封存；尚未封存的部分{names}按{day}的台账实时计算。"


def on_day(org: PartyOrg, day: datetime.date) -> Basis:
    """The live facts of a node as of a day."""
    return Basis(org, day, (LivePart((org.path,), day),))


def of_period(org: PartyOrg, period: Period, *, today: datetime.date) -> Basis:
    """The facts of a node for a period. Raises DomainError for a period that has not begun."""
    if period.start > today:
        raise DomainError(f"{period.label}尚未开始，还没有数据。", code="future_period", field="period")
    day = min(period.last_day, today)
    closed = snapshot_sql.closed_for(org.pk, org.path, str(period))
    if not closed:
        return _of_closed_children(org, period, day)
    pk, old_path = closed[0]
    if old_path is None:  # founded after the closing
        return Basis(org, day, (), period=period)
    snapshot = SnapshotOrg.objects.select_related("snapshot").get(snapshot=pk, org=org).snapshot
    part = FrozenPart(pk, old_path, org.path)
    return Basis(org, snapshot.as_of, (part,), _thresholds(snapshot), period, (snapshot,))


def _of_closed_children(org: PartyOrg, period: Period, day: datetime.date) -> Basis:
    """The snapshots below a node that is not closed itself, and live facts for the rest."""
    closed = closed_below(org, [period])
    if not closed:
        return Basis(org, day, (LivePart((org.path,), day),), period=period)
    roots = tuple(snapshot.org.path for snapshot in closed)
    ids = tuple(snapshot.pk for snapshot in closed)
    old = dict(SnapshotOrg.objects.filter(snapshot__in=ids).filter(org_id__in=[s.org_id for s in closed])
               .values_list("snapshot_id", "path"))  # fmt: skip
    parts: list[Part] = [FrozenPart(s.pk, old[s.pk], s.org.path) for s in closed]
    open_parks = unclosed(parks_below(org), roots)
    if open_parks or snapshot_sql.anything_live(org.path, roots, ids, day):
        parts.append(LivePart((org.path,), day, roots, ids))
    return Basis(org, day, tuple(parts), _thresholds(closed[0]), period, tuple(closed), open_parks)


def closed_below(org: PartyOrg, periods: Sequence[Period]) -> list[Snapshot]:
    """The snapshots of these periods below a node, without those that lie inside another one of their period."""
    rows = list(
        Snapshot.objects.filter(period__in=[str(p) for p in periods], org__path__startswith=org.path)
        .select_related("org")
        .order_by("org__path")
    )

    def inside(row: Snapshot) -> bool:
        return any(o is not row and o.period == row.period and row.org.path.startswith(o.org.path) for o in rows)

    return [row for row in rows if not inside(row)]


def parks_below(org: PartyOrg) -> list[Park]:
    return list(Park.objects.filter(org_path__startswith=org.path).order_by("code"))


def unclosed(parks: Sequence[Park], closed_paths: Sequence[str]) -> tuple[str, ...]:
    """Names of the parks that no snapshot answers for yet."""
    return tuple(p.name for p in parks if not any(p.org_path.startswith(path) for path in closed_paths))


def _thresholds(snapshot: Snapshot) -> Thresholds:
    return Thresholds(**snapshot.thresholds)
