"""Figures of every node, kept: of a snapshot for good, of a day for as long as nothing that counts has changed."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Length

from apps.core.periods import Period
from apps.core.sql import Sql, execute

from .basis import Basis, closed_below, parks_below, unclosed
from .count_sql import EXCLUDED_COLUMNS, classified, counts, rolled_up
from .definitions import offered
from .facts_sql import FrozenPart, LivePart, facts
from .models import DefinitionVersion, NodeSummary, PendingChange, Snapshot, SnapshotOrg
from .models.definitions import Thresholds
from .models.summaries import COUNTS
from .rules import Definition, Totals
from .snapshot_sql import frozen_nodes

REBUILD_LOCK = 0x636F7665

Kept = dict[str, Totals]


def kept(basis: Basis, definition: Definition) -> Kept | None:
    """Figures by path of the node and of the level below it, if they are kept and still true; else None."""
    if basis.frozen and len(basis.parts) == 1 and len(basis.snapshots) == 1:
        return _kept_of_snapshot(basis, definition)
    if basis.period is None and not PendingChange.objects.exists():
        return _kept_of_day(basis, definition)
    return None


def _kept_of_day(basis: Basis, definition: Definition) -> Kept | None:
    depth = len(basis.org.path) + 4
    rows = (
        NodeSummary.objects.filter(snapshot__isnull=True, definition__code=definition.code, as_of=basis.as_of)
        .filter(org__path__startswith=basis.org.path).alias(depth=Length("org__path")).filter(depth__lte=depth)
        .select_related("org")
    )  # fmt: skip
    found = {row.org.path: row.totals() for row in rows}
    return found if basis.org.path in found else None


def _kept_of_snapshot(basis: Basis, definition: Definition) -> Kept | None:
    """None also when a node of the old shape has left the scope since: then the rows are counted instead."""
    part: Any = basis.parts[0]
    nodes = {node["org_id"]: node["path"] for node in frozen_nodes(part, len(part.new_path) + 4)}
    nodes[basis.org.pk] = basis.org.path
    rows = NodeSummary.objects.filter(
        snapshot_id=part.snapshot_id, definition__code=definition.code, org_id__in=list(nodes)
    )
    found = {nodes[row.org_id]: row.totals() for row in rows}
    return found if len(found) == len(nodes) else None


def trend(basis: Basis, definition: Definition, *, quarters: int = 8) -> list[tuple[Period, Totals]]:
    """The node's figures in the last closed quarters, oldest first; one without a complete closing is left out."""
    last = basis.period or Period.quarter_of(basis.as_of)
    wanted = [last.shift(-n) for n in range(quarters - 1, -1, -1)]
    found = _own_history(basis, definition, wanted)
    missing = [period for period in wanted if str(period) not in found]
    found |= _history_of_children(basis, definition, missing) if missing else {}
    return [(period, found[str(period)]) for period in wanted if str(period) in found]


def _own_history(basis: Basis, definition: Definition, periods: Sequence[Period]) -> dict[str, Totals]:
    rows = (
        NodeSummary.objects.filter(org=basis.org, definition__code=definition.code)
        .filter(snapshot__period__in=[str(p) for p in periods])
        .select_related("snapshot")
        .order_by("-snapshot_id")
    )
    return {row.snapshot.period: row.totals() for row in rows}


def _history_of_children(basis: Basis, definition: Definition, periods: Sequence[Period]) -> dict[str, Totals]:
    """Sums of the closings below a node, for the periods in which every park below it was closed."""
    closed = closed_below(basis.org, periods)
    if not closed:
        return {}
    parks = parks_below(basis.org)
    rows = NodeSummary.objects.filter(
        snapshot__in=[s.pk for s in closed], org__in={s.org_id for s in closed}, definition__code=definition.code
    )
    totals = {(row.snapshot_id, row.org_id): row.totals() for row in rows}
    result = {}
    for period in {s.period for s in closed}:
        own = [s for s in closed if s.period == period]
        figures = [totals[s.pk, s.org_id] for s in own if (s.pk, s.org_id) in totals]
        if len(figures) == len(own) and not unclosed(parks, [s.org.path for s in own]):
            result[period] = add(figures)
    return result


def rebuild(day: datetime.date) -> int:
    """Count every node again as of `day`, under every definition in force. Returns the number of rows.

    Changes noted before the count begins are forgotten with it; those that come later stay noted.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [REBUILD_LOCK])
        cursor.execute("DELETE FROM coverage_pendingchange")
        cursor.execute("DELETE FROM coverage_nodesummary WHERE snapshot_id IS NULL")
        offer = offered(day)
        return sum(_summarise(row, row.filled(offer.thresholds), day) for row in offer.rows)


def summarise_snapshot(snapshot: Snapshot) -> None:
    """Count every node of a snapshot under each definition in force on its day that it does not have yet."""
    done = set(
        NodeSummary.objects.filter(snapshot=snapshot, org=snapshot.org_id).values_list("definition_id", flat=True)
    )
    thresholds = Thresholds(**snapshot.thresholds)
    for row in offered(snapshot.as_of).rows:
        if row.pk not in done:
            _summarise(row, row.filled(thresholds), snapshot.as_of, snapshot)


def _summarise(
    row: DefinitionVersion, definition: Definition, day: datetime.date, snapshot: Snapshot | None = None
) -> int:
    """Group the enterprises by their node, roll up, and write one row for each node."""
    if snapshot is None:
        source, nodes = facts([LivePart(("",), day)]), Sql("SELECT id AS org_id, path FROM branches_partyorg")
    else:
        source = facts([FrozenPart(snapshot.pk, "", "")])
        nodes = Sql("SELECT org_id, path FROM coverage_snapshotorg WHERE snapshot_id = %s", (snapshot.pk,))
    root = "" if snapshot is None else str(SnapshotOrg.objects.get(snapshot=snapshot, org=snapshot.org_id).path)
    figures = rolled_up(counts(classified(source, definition), ["org_path"]), root)
    excluded = ", ".join(f"'{reason.value}', coalesce(r.{column}, 0)" for column, reason in EXCLUDED_COLUMNS.items())
    return execute(Sql(
        f"""
        INSERT INTO coverage_nodesummary (definition_id, snapshot_id, as_of, org_id, excluded, {", ".join(COUNTS)})
        SELECT %s, %s, %s, o.org_id, jsonb_build_object({excluded}),
               {", ".join(f"coalesce(r.{name}, 0)" for name in COUNTS)}
        FROM ({nodes.text}) o LEFT JOIN ({figures.text}) r ON r.path = o.path
        """,  # noqa: S608 - pieces of the report modules
        (row.pk, snapshot.pk if snapshot else None, day, *nodes.params, *figures.params),
    ))  # fmt: skip


def add(many: Sequence[Totals]) -> Totals:
    """The sum of figures of disjoint sets of enterprises."""
    excluded: dict[Any, int] = {}
    for each in many:
        for reason, count in each.excluded.items():
            excluded[reason] = excluded.get(reason, 0) + count
    return Totals(excluded=excluded, **{name: sum(getattr(each, name) for each in many) for name in COUNTS})


def subtract(whole: Totals, parts: Sequence[Totals]) -> Totals:
    """What remains of the whole beside its disjoint parts."""
    taken = add(parts)
    excluded = {reason: count - taken.excluded.get(reason, 0) for reason, count in whole.excluded.items()}
    return Totals(
        excluded={reason: count for reason, count in excluded.items() if count},
        **{name: getattr(whole, name) - getattr(taken, name) for name in COUNTS},
    )
