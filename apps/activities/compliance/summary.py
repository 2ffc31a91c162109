"""Figures of every node and quarter, kept up to date by counting again what was noted as changed.

Whoever reads first counts again the few organisations that changed, so that a figure is right at the moment at which
it is read, with or without the queue. Where too much has changed for a page to wait (a load of data, a requirement of
the whole portal), the figures are counted from the records instead and the nightly rebuild catches up.
"""

# ruff: noqa: S608 - the pieces of SQL are written in this house, values are parameters
from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.db import connection, transaction

from apps.core.periods import Period
from apps.core.sql import Sql, execute, fetch

from ..rules.compliance import Figures, Tally, unpacked
from .duty_sql import Which, asks, duties, figures

LOCK: Final = 0x636F6D70
KEPT_QUARTERS: Final = 8
"""Quarters of which summaries are kept, the running one among them; older ones are counted when asked for."""

AT_ONCE: Final = 400
"""So many organisations are counted again while a reader waits."""

MEMORY: Final = "128MB"
"""For each hash of a rebuild, so that a million memberships are not sorted on disk."""

LEVEL: Final = 4
"""Characters of a path for one level of the tree."""

_SUMS: Final = ("bound", "met", "expected", "actual", "on_time", "late")
_SUM = ", ".join(f"sum({name})::int AS {name}" for name in _SUMS)
_ROW = f"ARRAY[kind_id, slot, {', '.join(_SUMS)}]::int[]"


def kept_quarters(today: datetime.date) -> list[Period]:
    """The quarters of which summaries are kept, the oldest first."""
    running = Period.quarter_of(today)
    return [running.shift(-n) for n in range(KEPT_QUARTERS - 1, -1, -1)]


def read(ids: Sequence[int], quarter: Period) -> dict[int, Figures] | None:
    """The figures of these organisations with everything below them; None where they are not kept and up to date."""
    if not _fresh():
        return None
    found = _stored(ids, quarter)
    if len(found) < len(set(ids)):
        if not _is_small():
            return None
        rebuild(quarter)
        found = _stored(ids, quarter)
    return found if len(found) == len(set(ids)) else None


def live(nodes: Sequence[tuple[int, str]], quarter: Period) -> dict[int, Figures]:
    """The figures of these organisations (id, path) with everything below them, counted from the records."""
    found: dict[int, Figures] = {pk: {} for pk, _ in nodes}
    for length in {len(path) for _, path in nodes}:
        level = {path: pk for pk, path in nodes if len(path) == length}
        inner = figures(duties(Which.below(list(level)), quarter))
        rows = fetch(Sql(
            f"SELECT left(path, {length}) AS root, kind_id, slot, {_SUM} FROM ({inner.text}) f GROUP BY 1, 2, 3",
            inner.params,
        ))  # fmt: skip
        for row in rows:
            key = (row["kind_id"], row["slot"])
            found[level[row["root"]]][key] = Tally(*(row[name] for name in _SUMS))
    return found


def _stored(ids: Sequence[int], quarter: Period) -> dict[int, Figures]:
    rows = fetch(Sql(
        "SELECT org_id, figures FROM activities_compliancesummary WHERE quarter = %s AND org_id = ANY(%s)",
        (str(quarter), list(ids)),
    ))  # fmt: skip
    return {row["org_id"]: unpacked(row["figures"]) for row in rows}


def _fresh() -> bool:
    """Whether nothing waits to be counted again; counts at once what is little."""
    waiting = {row["org_id"] for row in fetch(Sql(
        f"SELECT org_id FROM activities_compliancechange LIMIT {AT_ONCE + 1}"
    ))}  # fmt: skip
    if not waiting:
        return True
    if _is_small():
        freshen()
        return True
    if None in waiting or len(waiting) > AT_ONCE:
        return False
    freshen()
    return True


def _is_small() -> bool:
    """Whether all of the tree can be counted while a reader waits."""
    rows = fetch(Sql(f"SELECT count(*) AS n FROM (SELECT 1 FROM branches_partyorg LIMIT {5 * AT_ONCE + 1}) o"))
    return bool(rows[0]["n"] <= 5 * AT_ONCE)


def freshen() -> int:
    """Count again whatever was noted as changed, and every node above. Returns how many organisations were noted.

    What is noted while this runs stays noted: notes are taken away before the counting begins.
    """
    with transaction.atomic():
        _lock()
        noted = {row["org_id"] for row in fetch(Sql("DELETE FROM activities_compliancechange RETURNING org_id"))}
        if not noted:
            return 0
        quarters = _quarters_kept()
        if None in noted or len(noted) > 5 * AT_ONCE:
            for quarter in quarters:
                _rebuild(quarter)
            return len(noted)
        chain = _with_those_above([pk for pk in noted if pk is not None])
        rows = asks()
        for quarter in quarters:
            _count_again(chain, quarter, rows)
    return len(noted)


def rebuild(*quarters: Period) -> None:
    """Count every node of these quarters from the records."""
    with transaction.atomic():
        _lock()
        for quarter in quarters:
            _rebuild(quarter)


def tend(today: datetime.date) -> None:
    """Count every kept quarter again and forget the others: the nightly rebuild."""
    quarters = kept_quarters(today)
    with transaction.atomic():
        _lock()
        execute(Sql("DELETE FROM activities_compliancechange"))
        execute(
            Sql("DELETE FROM activities_compliancesummary WHERE NOT quarter = ANY(%s)", ([str(q) for q in quarters],))
        )
        for quarter in quarters:
            _rebuild(quarter)


def differences(today: datetime.date) -> list[str]:
    """Where the kept figures differ from those counted from the records: nothing, unless something is broken."""
    found = []
    nodes = [(row["id"], row["path"]) for row in fetch(Sql("SELECT id, path FROM branches_partyorg ORDER BY path"))]
    for quarter in _quarters_kept():
        stored, counted = _stored([pk for pk, _ in nodes], quarter), live(nodes, quarter)
        found += [f"{quarter} {pk}" for pk, figures in counted.items() if stored.get(pk, {}) != figures]
    return found


def _lock() -> None:
    execute(Sql("SELECT pg_advisory_xact_lock(%s)", (LOCK,)))


def _quarters_kept() -> list[Period]:
    """The quarters of which there are summaries. All nodes have the same, so a root tells."""
    rows = fetch(Sql(
        "SELECT DISTINCT s.quarter FROM activities_compliancesummary s JOIN branches_partyorg o ON o.id = s.org_id"
        " WHERE o.parent_id IS NULL"
    ))  # fmt: skip
    return sorted(Period.parse(row["quarter"]) for row in rows)


def _with_those_above(ids: Iterable[int]) -> list[int]:
    rows = fetch(Sql(
        f"""SELECT DISTINCT a.id FROM branches_partyorg o
            CROSS JOIN LATERAL generate_series({LEVEL}, length(o.path), {LEVEL}) AS n (width)
            JOIN branches_partyorg a ON a.path = left(o.path, n.width) WHERE o.id = ANY(%s)""",
        (list(ids),),
    ))  # fmt: skip
    return [row["id"] for row in rows]


def _count_again(ids: list[int], quarter: Period, rows: Sequence[Any]) -> None:
    """The own figures of these organisations from the records; each with what its children add up to, from below."""
    inner = figures(duties(Which.these(ids), quarter, rows=rows))
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS own_figures")
        cursor.execute(f"CREATE TEMP TABLE own_figures ON COMMIT DROP AS {inner.text}", inner.params)
        cursor.execute("ANALYZE own_figures")
        cursor.execute(
            "SELECT length(path), array_agg(id) FROM branches_partyorg WHERE id = ANY(%s) GROUP BY 1 ORDER BY 1 DESC",
            [ids],
        )
        for _, level in cursor.fetchall():
            cursor.execute(
                f"""
                INSERT INTO activities_compliancesummary (org_id, quarter, figures)
                SELECT n.id, %s, coalesce((SELECT array_agg({_ROW} ORDER BY kind_id, slot) FROM (
                    SELECT kind_id, slot, {_SUM} FROM (
                        SELECT kind_id, slot, {", ".join(_SUMS)} FROM own_figures WHERE org_id = n.id
                        UNION ALL
                        SELECT {", ".join(f"s.figures[i][{place}]" for place in range(1, 9))}
                        FROM branches_partyorg c
                        JOIN activities_compliancesummary s ON s.org_id = c.id AND s.quarter = %s
                        CROSS JOIN LATERAL generate_subscripts(s.figures, 1) AS i WHERE c.parent_id = n.id
                    ) f GROUP BY kind_id, slot) g), '{{}}')
                FROM unnest(%s::bigint[]) AS n (id)
                ON CONFLICT (org_id, quarter) DO UPDATE SET figures = excluded.figures
                """,
                [str(quarter), str(quarter), level],
            )


def _rebuild(quarter: Period) -> None:
    """Count every organisation once, carry the sums up level by level, write one row for each node."""
    inner = figures(duties(Which(), quarter))
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL work_mem TO '{MEMORY}'")
        cursor.execute("DROP TABLE IF EXISTS own_figures, sums_above")
        cursor.execute(f"CREATE TEMP TABLE own_figures ON COMMIT DROP AS {inner.text}", inner.params)
        cursor.execute(
            f"CREATE TEMP TABLE sums_above ON COMMIT DROP AS SELECT left(path, length(path) - {LEVEL}) AS path, kind_id, slot,"
            f" {_SUM} FROM own_figures WHERE length(path) > {LEVEL} GROUP BY 1, 2, 3"
        )
        cursor.execute("ANALYZE own_figures, sums_above")
        cursor.execute("SELECT coalesce(max(length(path)), 0) FROM sums_above")
        for width in range(cursor.fetchone()[0], LEVEL, -LEVEL):
            cursor.execute(
                f"INSERT INTO sums_above SELECT left(path, {width - LEVEL}), kind_id, slot, {_SUM} FROM sums_above"
                f" WHERE length(path) = {width} GROUP BY 1, 2, 3"
            )
        cursor.execute("DELETE FROM activities_compliancesummary WHERE quarter = %s", [str(quarter)])
        cursor.execute(
            f"""
            INSERT INTO activities_compliancesummary (org_id, quarter, figures)
            SELECT o.id, %s, coalesce(f.figures, '{{}}') FROM branches_partyorg o LEFT JOIN (
                SELECT path, array_agg({_ROW} ORDER BY kind_id, slot) AS figures FROM (
                    SELECT path, kind_id, slot, {", ".join(_SUMS)} FROM own_figures w
                    WHERE NOT EXISTS (SELECT 1 FROM sums_above s WHERE s.path = w.path)
                    UNION ALL
                    SELECT path, kind_id, slot, {_SUM} FROM (
                        SELECT path, kind_id, slot, {", ".join(_SUMS)} FROM sums_above
                        UNION ALL
                        SELECT path, kind_id, slot, {", ".join(_SUMS)} FROM own_figures w
                        WHERE EXISTS (SELECT 1 FROM sums_above s WHERE s.path = w.path)) u
                    GROUP BY path, kind_id, slot) b
                GROUP BY path) f ON f.path = o.path
            """,
            [str(quarter)],
        )
