"""Report SQL: writing, reading and comparing frozen rows. Paths and snapshot ids are parameters."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from apps.core.sql import Sql, execute, fetch

from .facts_sql import FrozenPart, LivePart, Part, facts, with_details

ROW_COLUMNS = (
    "enterprise_id", "name", "credit_code", "unit_kind", "industry", "org_id", "org_path", "org_name", "org_line",
    "park_id", "park_name", "park_level", "building_id", "building_name", "status", "has_premises", "has_operations",
    "staff", "formal_members", "probationary_members", "members_elsewhere", "applicants", "unbuilt_reason",
    "unbuilt_note", "forms", "covering", "has_instructor", "instructor_names", "has_mass", "mass_kinds", "return_state",
    "surveyed", "from_roster", "census_members",
)  # fmt: skip
"""The facts of a frozen row, in the order in which they are sealed."""

SINCE_ROSTERS = 2
"""The last columns came with the rosters. A row frozen before has no `census_members`; its seal is without them."""


def closed_for(org_id: int, path: str, period: str) -> list[tuple[int, str | None]]:
    """The snapshots of the period that answer for a node, oldest first, each with the node's path in its tree.

    That path is None where an organisation above closed the period before this one was there.
    """
    above = [path[:n] for n in range(4, len(path) + 1, 4)]
    rows = fetch(Sql(
        """
        SELECT s.id, n.path FROM coverage_snapshot s JOIN branches_partyorg o ON o.id = s.org_id
        LEFT JOIN coverage_snapshotorg n ON n.snapshot_id = s.id AND n.org_id = %s
        WHERE s.period = %s AND (n.id IS NOT NULL OR o.path = ANY(%s))
        ORDER BY n.id IS NULL, s.id
        """,
        (org_id, period, above),
    ))  # fmt: skip
    return [(row["id"], row["path"]) for row in rows]


def anything_live(path: str, closed: Sequence[str], snapshots: Sequence[int], on: datetime.date) -> bool:
    """Whether an enterprise of the subtree is in none of the snapshots."""
    rest = facts([LivePart((path,), on, tuple(closed), tuple(snapshots))])
    return bool(fetch(Sql(f"SELECT 1 FROM ({rest.text}) f LIMIT 1", rest.params)))  # noqa: S608


def lock_closing(period: str) -> None:
    """Become the one who closes this period anywhere in the tree, until the transaction ends."""
    execute(Sql("SELECT pg_advisory_xact_lock(hashtextextended('coverage ' || %s, 0))", (period,)))


def freeze_rows(snapshot_id: int, parts: Sequence[Part], states: Mapping[int, str]) -> int:
    """Write the facts of all parts as rows of a snapshot; returns how many."""
    source = with_details(facts(parts), parts)
    values = {column: f"d.{column}" for column in ROW_COLUMNS}
    values["forms"] = "coalesce((SELECT array_agg(DISTINCT form ORDER BY form) FROM unnest(d.forms) form), '{}')"
    values["return_state"] = "coalesce(r.state, d.return_state)"
    return execute(Sql(
        f"""
        INSERT INTO coverage_snapshotrow (snapshot_id, {", ".join(values)})
        SELECT %s, {", ".join(values.values())}
        FROM ({source.text}) d
        LEFT JOIN unnest(%s::bigint[], %s::text[]) AS r(id, state) ON r.id = d.enterprise_id
        """,  # noqa: S608 - columns of this module
        (snapshot_id, *source.params, list(states), list(states.values())),
    ))  # fmt: skip


def freeze_orgs(snapshot_id: int, parts: Sequence[Part]) -> None:
    """Write the tree of a snapshot: today's organisations for live parts, the frozen ones for the others."""
    for part in parts:
        if isinstance(part, FrozenPart):
            execute(Sql(
                """
                INSERT INTO coverage_snapshotorg (snapshot_id, org_id, path, code, name, short_name, kind)
                SELECT %s, o.org_id, %s || substr(o.path, %s), o.code, o.name, o.short_name, o.kind
                FROM coverage_snapshotorg o WHERE o.snapshot_id = %s AND o.path LIKE %s
                ON CONFLICT DO NOTHING
                """,
                (snapshot_id, part.new_path, len(part.old_path) + 1, part.snapshot_id, f"{part.old_path}%"),
            ))  # fmt: skip
    for part in parts:
        if isinstance(part, LivePart):
            execute(Sql(
                """
                INSERT INTO coverage_snapshotorg (snapshot_id, org_id, path, code, name, short_name, kind)
                SELECT %s, o.id, o.path, o.code, o.name, o.short_name, o.kind FROM branches_partyorg o
                WHERE o.path LIKE ANY(%s) AND NOT o.path LIKE ANY(%s)
                  AND ((o.ended_on IS NULL OR o.ended_on > %s)
                       OR EXISTS (SELECT 1 FROM coverage_snapshotrow f WHERE f.snapshot_id = %s AND f.org_id = o.id))
                ON CONFLICT DO NOTHING
                """,
                (snapshot_id, [f"{path}%" for path in part.paths], [f"{path}%" for path in part.without_paths],
                 part.on, snapshot_id),
            ))  # fmt: skip


def seal(snapshot_id: int) -> str:
    """The sha256 of the rows of a snapshot: one line of JSON for each, by enterprise."""
    digest = hashlib.sha256()
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(ROW_COLUMNS)} FROM coverage_snapshotrow"  # noqa: S608 - columns of this module
            " WHERE snapshot_id = %s ORDER BY enterprise_id", [snapshot_id],
        )  # fmt: skip
        while rows := cursor.fetchmany(2000):
            for row in rows:
                digest.update(_line(row))
    return digest.hexdigest()


def _line(row: Sequence[Any]) -> bytes:
    values = [json.loads(v) if name == "covering" and isinstance(v, str) else v
              for name, v in zip(ROW_COLUMNS, row, strict=True)]  # fmt: skip
    if values[-1] is None:
        del values[-SINCE_ROSTERS:]
    return (json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n").encode()


def frozen_nodes(part: FrozenPart, depth: int) -> list[dict[str, Any]]:
    """The organisations of a frozen subtree whose path, under today's root, is `depth` characters long."""
    return fetch(Sql(
        """
        SELECT o.org_id, o.code, coalesce(nullif(o.short_name, ''), o.name) AS name, o.kind, %s || substr(o.path, %s) AS path
        FROM coverage_snapshotorg o
        WHERE o.snapshot_id = %s AND o.path LIKE %s AND length(o.path) = %s
        ORDER BY o.path
        """,
        (part.new_path, len(part.old_path) + 1, part.snapshot_id, f"{part.old_path}%",
         depth - len(part.new_path) + len(part.old_path)),
    ))  # fmt: skip
