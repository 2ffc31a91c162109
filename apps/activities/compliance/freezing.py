"""A quarter is closed: what was asked and done is frozen, organisation by organisation, and never changes again.

What an organisation below has frozen already is taken over as it is. A board above several closings adds up what is
frozen below and what is still open, so that the figure of a node is always the sum of its children's.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from apps.branches.models import PartyOrg
from apps.core.audit import record
from apps.core.closing import Closing
from apps.core.periods import Period
from apps.core.sql import Sql, execute, fetch

from ..models import ActivityKind, ComplianceFrozen, ComplianceSnapshot
from ..rules.compliance import Figures, added, packed, period_of, unpacked, without
from .duty_sql import Which, duties, figures
from .summary import LEVEL, live

_KEPT = ("slot", "times", "expected", "actual", "on_time", "late")


@dataclass(frozen=True)
class Closed:
    """The frozen board of one organisation: itself first, then those directly below it as they were."""

    snapshot_id: int
    as_of: datetime.date
    nodes: list[tuple[int, str, str]]
    figures: dict[int, Figures]


@dataclass(frozen=True)
class Root:
    """An organisation that closed a quarter, where it is today."""

    snapshot_id: int
    org_id: int
    name: str
    path: str


def freeze(closing: Closing) -> None:
    """Part of closing a period (see `core.closing`). Closing a quarter again gives the same snapshot."""
    if closing.period.kind != "quarter":
        return
    execute(Sql("SELECT pg_advisory_xact_lock(hashtextextended('compliance ' || %s, 0))", (str(closing.period),)))
    if ComplianceSnapshot.objects.filter(org=closing.org, quarter=str(closing.period)).exists():
        return
    snapshot = ComplianceSnapshot.objects.create(
        org=closing.org, quarter=str(closing.period), as_of=closing.as_of,
        closed_by_name=getattr(closing.actor, "display_name", "系统"),
    )  # fmt: skip
    snapshot.rows = _write_rows(snapshot, closing.period)
    snapshot.sha256 = seal(snapshot)
    snapshot.save(update_fields=["rows", "sha256"])
    record(
        closing.actor, "compliance.frozen", snapshot, org_path=closing.org.path,
        summary=f"封存{closing.org}{closing.period.label}的组织生活数据，共 {snapshot.rows} 个党组织",
        data={"period": str(closing.period), "sha256": snapshot.sha256},
    )  # fmt: skip


def _write_rows(snapshot: ComplianceSnapshot, quarter: Period) -> int:
    orgs = list(PartyOrg.objects.filter(path__startswith=snapshot.org.path).order_by("path"))
    codes = dict(ActivityKind.objects.values_list("pk", "code"))
    earlier = {row.org_id: row for row in ComplianceFrozen.objects.filter(
        snapshot__quarter=str(quarter), org__in=[org.pk for org in orgs]
    )}  # fmt: skip
    which = Which.below([snapshot.org.path])
    duty = duties(which, quarter)
    own: dict[int, list[dict[str, Any]]] = {}
    for row in fetch(duty):
        own.setdefault(row["org_id"], []).append({
            "kind": codes[row["kind_id"]], "period": str(period_of(row["slot"], quarter)),
            "requirement": row["requirement_id"], **{name: row[name] for name in _KEPT},
        })  # fmt: skip
    sums = _own_figures(figures(duty))
    kinds = {code: pk for pk, code in codes.items()}
    for pk, row in earlier.items():
        own[pk] = row.own
        sums[pk] = _from_own(row.own, kinds)
    totals = _carried_up([(org.pk, org.path) for org in orgs], sums)
    ComplianceFrozen.objects.bulk_create(
        [
            ComplianceFrozen(
                snapshot=snapshot, org=org, path=org.path, name=earlier[org.pk].name if org.pk in earlier else str(org),
                own=sorted(own.get(org.pk, []), key=lambda each: (each["kind"], each["slot"])),
                figures=packed(totals[org.pk]),
            )
            for org in orgs
        ],
        batch_size=2000,
    )  # fmt: skip
    return len(orgs)


def _own_figures(sql: Sql) -> dict[int, Figures]:
    found: dict[int, list[list[int]]] = {}
    for row in fetch(sql):
        found.setdefault(row["org_id"], []).append([
            row[name] for name in ("kind_id", "slot", "bound", "met", "expected", "actual", "on_time", "late")
        ])  # fmt: skip
    return {pk: unpacked(rows) for pk, rows in found.items()}


def _from_own(own: Sequence[dict[str, Any]], kinds: dict[str, int]) -> Figures:
    """The figures of an organisation from its frozen duties, the months together as `duty_sql.figures` has them."""
    values = [
        (kinds[each["kind"]], each["slot"], each["expected"], each["actual"], each["on_time"], each["late"])
        for each in own
    ]
    columns = [list(column) for column in zip(*values, strict=True)] or [[] for _ in range(6)]
    duty = Sql(
        "SELECT 0::bigint AS org_id, ''::text AS path, * FROM unnest(%s::bigint[], %s::int[], %s::int[], %s::int[], %s::int[],"
        " %s::int[]) AS d (kind_id, slot, expected, actual, on_time, late)", tuple(columns),
    )  # fmt: skip
    return _own_figures(figures(duty)).get(0, {})


def _carried_up(nodes: Sequence[tuple[int, str]], own: dict[int, Figures]) -> dict[int, Figures]:
    """The figures of each node with everything below it; `nodes` are (id, path) of one subtree."""
    totals = {path: dict(own.get(pk, {})) for pk, path in nodes}
    for path in sorted(totals, key=len, reverse=True):
        above = path[:-LEVEL]
        if above in totals:
            totals[above] = added([totals[above], totals[path]])
    return {pk: totals[path] for pk, path in nodes}


def seal(snapshot: ComplianceSnapshot) -> str:
    """The sha256 of the frozen rows: one line of JSON for each organisation, by its path then."""
    digest = hashlib.sha256()
    for row in ComplianceFrozen.objects.filter(snapshot=snapshot).order_by("path").iterator(chunk_size=2000):
        line = [row.org_id, row.path, row.name, row.own, row.figures]
        digest.update((json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n").encode())
    return digest.hexdigest()


def seal_holds(snapshot: ComplianceSnapshot) -> bool:
    """Whether the rows are still those that were sealed."""
    return seal(snapshot) == snapshot.sha256


def closed(org: PartyOrg, quarter: Period) -> Closed | None:
    """The frozen board of an organisation; None where the quarter is still open for it.

    An organisation that came below a closed one afterwards has no figures in that quarter.
    """
    rows = fetch(Sql(
        """
        SELECT s.id, s.as_of, f.path FROM activities_compliancesnapshot s JOIN branches_partyorg o ON o.id = s.org_id
        LEFT JOIN activities_compliancefrozen f ON f.snapshot_id = s.id AND f.org_id = %s
        WHERE s.quarter = %s AND s.sha256 <> '' AND (f.id IS NOT NULL OR starts_with(%s, o.path))
        ORDER BY f.id IS NULL, s.id LIMIT 1
        """,
        (org.pk, str(quarter), org.path),
    ))  # fmt: skip
    if not rows:
        return None
    found = rows[0]
    if found["path"] is None:
        return Closed(found["id"], found["as_of"], [(org.pk, str(org), org.path)], {org.pk: {}})
    own = fetch(Sql(
        "SELECT org_id, name, path, figures FROM activities_compliancefrozen WHERE snapshot_id = %s AND path LIKE %s"
        " AND length(path) <= %s ORDER BY path",
        (found["id"], f"{found['path']}%", len(found["path"]) + LEVEL),
    ))  # fmt: skip
    return Closed(
        found["id"], found["as_of"], [(row["org_id"], row["name"], row["path"]) for row in own],
        {row["org_id"]: unpacked(row["figures"]) for row in own},
    )  # fmt: skip


def closed_below(org: PartyOrg, quarter: Period) -> list[Root]:
    """The organisations below that closed the quarter, without those that lie inside another one of them."""
    rows = fetch(Sql(
        "SELECT s.id, s.org_id, coalesce(nullif(o.short_name, ''), o.name) AS name, o.path"
        " FROM activities_compliancesnapshot s JOIN branches_partyorg o ON o.id = s.org_id"
        " WHERE s.quarter = %s AND s.sha256 <> '' AND o.path LIKE %s ORDER BY o.path",
        (str(quarter), f"{org.path}%"),
    ))  # fmt: skip
    found: list[Root] = []
    for row in rows:
        if not (found and row["path"].startswith(found[-1].path)):
            found.append(Root(row["id"], row["org_id"], row["name"], row["path"]))
    return found


def with_closed_below(
    nodes: Sequence[tuple[int, str]], counted: dict[int, Figures], quarter: Period, roots: Sequence[Root]
) -> dict[int, Figures]:
    """Figures of nodes (id, path), with what is closed below them as it was frozen and not as it reads today."""
    if not roots:
        return counted
    frozen = {row["org_id"]: unpacked(row["figures"]) for row in fetch(Sql(
        "SELECT f.org_id, f.figures FROM activities_compliancefrozen f JOIN activities_compliancesnapshot s"
        " ON s.id = f.snapshot_id AND s.org_id = f.org_id WHERE s.id = ANY(%s)", ([root.snapshot_id for root in roots],),
    ))}  # fmt: skip
    today = live([(root.org_id, root.path) for root in roots], quarter)
    strays = _strays(roots)
    moved = _own_figures(figures(duties(Which.these([pk for pk, _ in strays]), quarter))) if strays else {}
    result = {}
    for pk, path in nodes:
        inside = [root for root in roots if root.path.startswith(path)]
        gone = [today[root.org_id] for root in inside] + [
            moved.get(s, {}) for s, where in strays if where.startswith(path)
        ]
        result[pk] = added([without(counted.get(pk, {}), added(gone)), *(frozen[root.org_id] for root in inside)])
    return {pk: {key: tally for key, tally in figures.items() if tally} for pk, figures in result.items()}


def _strays(roots: Sequence[Root]) -> list[tuple[int, str]]:
    """Organisations (id, path) that were frozen where they were and hang under a node that is still open today."""
    rows = fetch(Sql(
        "SELECT DISTINCT o.id, o.path FROM activities_compliancefrozen f JOIN branches_partyorg o ON o.id = f.org_id"
        " WHERE f.snapshot_id = ANY(%s)", ([root.snapshot_id for root in roots],),
    ))  # fmt: skip
    paths = tuple(root.path for root in roots)
    return [(row["id"], row["path"]) for row in rows if not row["path"].startswith(paths)]


def open_part(org: PartyOrg, roots: Sequence[Root]) -> Which:
    """The organisations of a subtree that no closing answers for."""
    condition, params = "n.path LIKE %s", [f"{org.path}%"]
    for root in roots:
        condition += " AND n.path NOT LIKE %s"
        params.append(f"{root.path}%")
    strays = [pk for pk, _ in _strays(roots)] if roots else []
    return Which(f"({condition} AND NOT n.id = ANY(%s))", (*params, strays))


def rows_under(closed: Closed, kinds: Collection[str]) -> list[dict[str, Any]]:
    """The frozen duties of kinds (by code) of a closed organisation and everything that was below it."""
    rows = fetch(
        Sql(
            "SELECT org_id, name, path, own FROM activities_compliancefrozen WHERE snapshot_id = %s AND path LIKE %s",
            (closed.snapshot_id, f"{closed.nodes[0][2]}%"),
        )
    )
    return _flat(rows, kinds)


def rows_of(roots: Iterable[Root], kinds: Collection[str]) -> list[dict[str, Any]]:
    """The frozen duties of kinds (by code) of all these closings."""
    rows = fetch(Sql(
        "SELECT org_id, name, path, own FROM activities_compliancefrozen WHERE snapshot_id = ANY(%s)",
        ([root.snapshot_id for root in roots],),
    ))  # fmt: skip
    return _flat(rows, kinds)


def _flat(rows: Sequence[dict[str, Any]], kinds: Collection[str]) -> list[dict[str, Any]]:
    found = []
    for row in rows:
        own = json.loads(row["own"]) if isinstance(row["own"], str) else row["own"]
        found += [
            {**each, "org_id": row["org_id"], "name": row["name"], "path": row["path"]}
            for each in own
            if each["kind"] in kinds
        ]
    return found


def names_of(ids: Sequence[int]) -> dict[int, str]:
    """The names of organisations found by report SQL below a node of the scope."""
    rows = fetch(Sql(
        "SELECT id, coalesce(nullif(short_name, ''), name) AS name FROM branches_partyorg WHERE id = ANY(%s)", (list(ids),)
    ))  # fmt: skip
    return {row["id"]: row["name"] for row in rows}
