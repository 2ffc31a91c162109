"""Report SQL: the facts of every enterprise of a node, live as of a day or frozen in a snapshot.

Raw SQL past the scoped managers, so the paths are parameters: callers pass paths of nodes that were found
under the active scope. Both relations have the columns of `SHAPE`; `row_id` is the frozen row, NULL for a
live one. Where rows of a snapshot are shown, their old paths are put under the node's path of today
(`reroot`), so that live and frozen parts of one tree can be counted together.

`surveyed`: somebody has looked (the slice in force has a `checked_on`, which every form, census and roster
sets) or staff is known. Only an import of the registry leaves neither. A later look that finds nothing new
confirms the slice as a whole, so it holds from the first day of the slice.

`formal_members` come from the rosters where one is kept (`from_roster`), else from the census; `census_members` are
the 正式党员 that the census says, so that a disagreement can be listed.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from apps.core.sql import Sql, fetch
from apps.members.headcounts import enterprise_headcounts

SHAPE = (
    "enterprise_id", "row_id", "org_path", "park_id", "building_id", "industry", "status", "has_premises",
    "has_operations", "staff", "formal_members", "probationary_members", "from_roster", "census_members", "forms",
    "has_instructor", "has_mass", "surveyed",
)  # fmt: skip

DETAILS = (
    "scope_path", "enterprise_path", "initials", "name", "credit_code", "unit_kind", "org_id", "org_name", "org_line", "park_name",
    "park_level", "building_name", "members_elsewhere", "applicants", "unbuilt_reason",
    "unbuilt_note", "covering", "instructor_names", "mass_kinds", "return_state",
)  # fmt: skip
"""What a list of names shows beyond `SHAPE`."""

_IN_FORCE = "{0}.since <= %s AND ({0}.until IS NULL OR {0}.until > %s)"


_LINES = """
    SELECT o.id AS org_id, string_agg(coalesce(nullif(a.short_name, ''), a.name), ' / ' ORDER BY a.path) AS line
    FROM branches_partyorg o CROSS JOIN LATERAL generate_series(4, length(o.path), 4) AS n(width)
    JOIN branches_partyorg a ON a.path = left(o.path, n.width)
    GROUP BY o.id
"""
"""Each organisation with the names from the root down to it."""


@dataclass(frozen=True)
class FrozenPart:
    """A subtree of a snapshot: `old_path` is its root as it was, `new_path` where that organisation is today."""

    snapshot_id: int
    old_path: str
    new_path: str


@dataclass(frozen=True)
class LivePart:
    """The subtrees `paths` as of a day, without the subtrees and the enterprises that a snapshot answers for."""

    paths: tuple[str, ...]
    on: datetime.date
    without_paths: tuple[str, ...] = ()
    without_snapshots: tuple[int, ...] = ()


Part = FrozenPart | LivePart


def facts(parts: Sequence[Part]) -> Sql:
    """The relation `SHAPE` of all parts; of no part, a relation without rows."""
    pieces = [_live(part) if isinstance(part, LivePart) else _frozen(part) for part in parts]
    return _union(pieces or [_live(LivePart((), datetime.date.min))])


def with_details(classified: Sql, parts: Sequence[Part]) -> Sql:
    """The rows of `classified` (facts, with whatever was added to them) with the columns of `DETAILS`.

    Outside of the counting, so that names are looked up for the rows that are shown and for no others.
    """
    pieces = []
    live = next((part for part in parts if isinstance(part, LivePart)), None)
    if live is not None or not parts:
        pieces.append(_live_details(classified, live.on if live else datetime.date.min, mixed=len(parts) > 1))
    pieces += [_frozen_details(classified, part) for part in parts if isinstance(part, FrozenPart)]
    return _union(pieces)


def _union(pieces: Sequence[Sql]) -> Sql:
    text = "\nUNION ALL\n".join(piece.text for piece in pieces)
    return Sql(text, tuple(value for piece in pieces for value in piece.params))


def _under(column: str, paths: Sequence[str]) -> Sql:
    """The condition that a path lies in one of the subtrees; false for none."""
    if "" in paths:
        return Sql("true")
    if not paths:
        return Sql("false")
    return Sql("(" + " OR ".join([f"{column} LIKE %s"] * len(paths)) + ")", tuple(f"{path}%" for path in paths))


def _live(part: LivePart) -> Sql:
    """One pass over each table, joined by hash; small subtrees come in by their index."""
    where, own = [], _under("e.org_path", part.paths)
    where.append(own.text)
    params = list(own.params)
    if part.without_paths:
        closed = _under("e.org_path", part.without_paths)
        where.append(f"NOT {closed.text}")
        params += closed.params
    if part.without_snapshots:
        where.append(
            "NOT EXISTS (SELECT 1 FROM coverage_snapshotrow f WHERE f.enterprise_id = e.id AND f.snapshot_id = ANY(%s))"
        )
        params.append(list(part.without_snapshots))
    nearby = _nearby(part.paths)
    near = Sql(f"AND b.enterprise_id IN ({nearby.text})", nearby.params) if nearby else Sql("")
    rosters = enterprise_headcounts(part.on, nearby)
    days = (part.on, part.on)
    return Sql(
        f"""
        SELECT e.id AS enterprise_id, NULL::bigint AS row_id, e.org_path, e.park_id, e.building_id, e.industry,
               c.status, c.has_premises, c.has_operations, c.staff,
               coalesce(r.formal, c.formal_members) AS formal_members,
               coalesce(r.probationary, c.probationary_members) AS probationary_members,
               r.enterprise_id IS NOT NULL AS from_roster, c.formal_members AS census_members,
               coalesce(b.forms, '{{}}') AS forms,
               i.enterprise_id IS NOT NULL AS has_instructor, m.enterprise_id IS NOT NULL AS has_mass,
               c.checked_on IS NOT NULL OR c.staff > 0 AS surveyed
        FROM enterprises_enterprise e
        JOIN enterprises_condition c ON c.enterprise_id = e.id AND {_IN_FORCE.format("c")}
        LEFT JOIN (SELECT b.enterprise_id, array_agg(b.form::text) AS forms
                   FROM enterprises_establishment b JOIN branches_partyorg o ON o.id = b.org_id
                   WHERE {_IN_FORCE.format("b")} AND (o.ended_on IS NULL OR o.ended_on > %s) {near.text}
                   GROUP BY b.enterprise_id) b ON b.enterprise_id = e.id
        LEFT JOIN (SELECT DISTINCT b.enterprise_id FROM enterprises_instructorassignment b
                   WHERE {_IN_FORCE.format("b")} {near.text}) i ON i.enterprise_id = e.id
        LEFT JOIN (SELECT DISTINCT b.enterprise_id FROM enterprises_massorganization b
                   WHERE {_IN_FORCE.format("b")} {near.text}) m ON m.enterprise_id = e.id
        LEFT JOIN ({rosters.text}) r ON r.enterprise_id = e.id
        WHERE {" AND ".join(where)}
        """,  # noqa: S608 - pieces of this module
        (*days, *days, part.on, *near.params, *days, *near.params, *days, *near.params, *rosters.params, *params),
    )


def _nearby(paths: Sequence[str]) -> Sql | None:
    """Keeps the covering tables to the enterprises of a small subtree; a whole tree is read anyway."""
    if not paths or any(len(path) <= 4 for path in paths):
        return None
    own = _under("n.org_path", paths)
    return Sql(f"SELECT n.id FROM enterprises_enterprise n WHERE {own.text}", own.params)  # noqa: S608


def _frozen(part: FrozenPart) -> Sql:
    """The frozen rows of one subtree. The old path below its root is kept: old reports keep the old shape."""
    return Sql(
        """
        SELECT f.enterprise_id, f.id AS row_id, (%s || substr(f.org_path, %s))::varchar COLLATE "C" AS org_path,
               f.park_id, f.building_id, f.industry, f.status, f.has_premises, f.has_operations, f.staff,
               f.formal_members, f.probationary_members, f.from_roster,
               coalesce(f.census_members, f.formal_members) AS census_members,
               f.forms::text[] AS forms, f.has_instructor, f.has_mass, f.surveyed
        FROM coverage_snapshotrow f
        WHERE f.snapshot_id = %s AND f.org_path LIKE %s
        """,
        (part.new_path, len(part.old_path) + 1, part.snapshot_id, f"{part.old_path}%"),
    )


def _live_details(classified: Sql, on: datetime.date, *, mixed: bool) -> Sql:
    """Names of today's rows. The lists of a row are asked for one row at a time, by index.

    Only a `mixed` report has frozen rows to leave out; the planner takes the condition for a rare one.
    """
    days = (on, on)
    return Sql(
        f"""
        SELECT k.*, e.org_path AS scope_path, e.org_path AS enterprise_path, e.initials, e.name,
               coalesce(e.credit_code, '') AS credit_code, e.kind AS unit_kind, e.org_id, o.name AS org_name,
               l.line AS org_line,
               coalesce(p.name, '') AS park_name, coalesce(p.level, '') AS park_level,
               coalesce(h.name, '') AS building_name, c.members_elsewhere, c.applicants,
               c.unbuilt_reason, c.unbuilt_note,
               coalesce((SELECT jsonb_agg(jsonb_build_object(
                                    'form', b.form, 'org', g.name, 'org_code', g.code, 'since', b.since)
                                ORDER BY b.form, g.code)
                         FROM enterprises_establishment b JOIN branches_partyorg g ON g.id = b.org_id
                         WHERE b.enterprise_id = e.id AND {_IN_FORCE.format("b")}
                           AND (g.ended_on IS NULL OR g.ended_on > %s)), '[]') AS covering,
               coalesce((SELECT left(string_agg(i.name, '、' ORDER BY i.name), 500)
                         FROM enterprises_instructorassignment b JOIN enterprises_instructor i ON i.id = b.instructor_id
                         WHERE b.enterprise_id = e.id AND {_IN_FORCE.format("b")}), '') AS instructor_names,
               coalesce((SELECT array_agg(DISTINCT b.kind::text ORDER BY b.kind::text)
                         FROM enterprises_massorganization b
                         WHERE b.enterprise_id = e.id AND {_IN_FORCE.format("b")}), '{{}}') AS mass_kinds,
               '' AS return_state
        FROM ({classified.text}) k
        JOIN enterprises_enterprise e ON e.id = k.enterprise_id
        JOIN enterprises_condition c ON c.enterprise_id = e.id AND {_IN_FORCE.format("c")}
        JOIN branches_partyorg o ON o.id = e.org_id
        JOIN ({_LINES}) l ON l.org_id = e.org_id
        LEFT JOIN enterprises_park p ON p.id = e.park_id
        LEFT JOIN enterprises_building h ON h.id = e.building_id
        {"WHERE k.row_id IS NULL" if mixed else ""}
        """,  # noqa: S608 - pieces of this module
        (*days, on, *days, *days, *classified.params, *days),
    )


def _frozen_details(classified: Sql, part: FrozenPart) -> Sql:
    """Names as they were. The row is seen through the node of the report, whose report it is."""
    return Sql(
        f"""
        SELECT k.*, %s::varchar AS scope_path, e.org_path AS enterprise_path, e.initials, f.name, f.credit_code, f.unit_kind,
               f.org_id, f.org_name, f.org_line, f.park_name, f.park_level, f.building_name,
               f.members_elsewhere, f.applicants, f.unbuilt_reason, f.unbuilt_note, f.covering, f.instructor_names,
               f.mass_kinds::text[] AS mass_kinds, f.return_state
        FROM ({classified.text}) k
        JOIN coverage_snapshotrow f ON f.id = k.row_id AND f.snapshot_id = %s
        JOIN enterprises_enterprise e ON e.id = k.enterprise_id
        """,  # noqa: S608 - pieces of this module
        (part.new_path, *classified.params, part.snapshot_id),
    )


def place_names(what: str, ids: Sequence[int], parts: Sequence[Part]) -> dict[int, str]:
    """Names of parks or buildings in the order of their codes: those of the snapshots where there are any."""
    assert what in ("park", "building")
    found = fetch(Sql(f"SELECT id, name FROM enterprises_{what} WHERE id = ANY(%s) ORDER BY code, id", (list(ids),)))  # noqa: S608
    names = {row["id"]: row["name"] for row in found}
    snapshots = [part.snapshot_id for part in parts if isinstance(part, FrozenPart)]
    if snapshots:
        frozen = fetch(
            Sql(
                f"SELECT DISTINCT f.{what}_id AS id, f.{what}_name AS name FROM coverage_snapshotrow f"  # noqa: S608
                f" WHERE f.snapshot_id = ANY(%s) AND f.{what}_id = ANY(%s)",
                (snapshots, list(ids)),
            )
        )
        names |= {row["id"]: row["name"] for row in frozen}
    return names
