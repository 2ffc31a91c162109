"""A year of organisational life by the million, for measuring: a few set-based statements.

Each branch holds the same programme, some of it late or not at all; who is on its roster is there or absent. The
triggers that watch single writes are put aside for the load (which needs the owner of the database, as the services
of the portal are), and the summaries are counted afterwards.
"""

# ruff: noqa: S608 - names and numbers of this module
from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any, Final

from django.db import connection

from apps.activities.models import Activity, ActivityKind, Attendance, Participation

from .scale_rows import insert_select

Place = tuple[int, str, int, int, bool]

LAST_DAY: Final = datetime.date(2026, 11, 22)
PROGRAMME: Final = (
    ("theme_day", "2026-10-15"), ("theme_day", "2026-11-15"), ("assembly", "2026-10-20"), ("lecture", "2026-11-05"),
    ("theme_day", "2026-09-15"), ("theme_day", "2026-08-15"), ("theme_day", "2026-07-15"), ("assembly", "2026-07-20"),
    ("lecture", "2026-08-05"), ("talk", "2026-09-25"), ("theme_day", "2026-06-15"), ("assembly", "2026-05-20"),
    ("theme_day", "2026-05-15"), ("theme_day", "2026-04-15"), ("lecture", "2026-04-05"), ("theme_day", "2026-03-15"),
    ("theme_day", "2026-02-15"), ("theme_day", "2026-01-15"), ("assembly", "2026-02-20"), ("lecture", "2026-03-05"),
)  # fmt: skip
"""Kinds and days, the newest quarter first: how far a branch comes depends on how many activities there are."""

MINUTES: Final = (
    "会议学习了有关文件，传达了上级党组织的工作部署，党员结合岗位实际交流了体会，并就下一步工作提出了意见。" * 4
)


def write_activities(branches: Sequence[Place], count: int, attendances: int, seed: int) -> None:
    """`count` activities over the branches, with about so many attendances of their members."""
    if not count or not branches:
        return
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        _plan(cursor, branches, count, seed)
        _log(cursor)
        _attend(cursor, attendances)
        cursor.execute("SET LOCAL session_replication_role = origin")


def _plan(cursor: Any, branches: Sequence[Place], count: int, seed: int) -> None:
    """A temporary table with one row for each activity: branch, kind, day, and the day on which it was reported."""
    kinds = dict(ActivityKind.objects.values_list("code", "pk"))
    cursor.execute(
        "CREATE TEMP TABLE scale_branch ON COMMIT DROP AS SELECT row_number() OVER () - 1 AS n, org_id, path"
        " FROM unnest(%s::bigint[], %s::text[]) AS b (org_id, path)",
        [[place[0] for place in branches], [place[1] for place in branches]],
    )
    cursor.execute(
        "CREATE TEMP TABLE scale_programme ON COMMIT DROP AS SELECT row_number() OVER () - 1 AS n, kind_id, held_on"
        " FROM unnest(%s::bigint[], %s::date[]) AS p (kind_id, held_on)",
        [[kinds[code] for code, _ in PROGRAMME], [day for _, day in PROGRAMME]],
    )
    cursor.execute(
        """
        CREATE TEMP TABLE scale_activity ON COMMIT DROP AS
        SELECT nextval(pg_get_serial_sequence('activities_activity', 'id')) AS id, b.org_id, b.path, p.kind_id,
               p.held_on, h, p.held_on + CASE WHEN h %% 11 = 0 THEN 9 ELSE h %% 6 END AS reported_on,
               CASE WHEN h %% 13 = 0 THEN 'draft' WHEN h %% 3 = 0 THEN 'submitted' ELSE 'confirmed' END AS state
        FROM (SELECT g, (hashint8extended(g, %(seed)s) & 1073741823)::int AS h FROM generate_series(0, %(count)s - 1) g) s
        JOIN scale_branch b ON b.n = s.g %% %(branches)s
        JOIN scale_programme p ON p.n = s.g / %(branches)s %% %(programme)s
        """,
        {"seed": seed, "count": count, "branches": len(branches), "programme": len(PROGRAMME)},
    )
    cursor.execute("ANALYZE scale_activity")


def _log(cursor: Any) -> None:
    own = {"org_id": "a.org_id", "org_path": "a.path", "kind_id": "a.kind_id", "held_on": "a.held_on", "state": "a.state",
           "reported_on": "CASE WHEN a.state <> 'draft' THEN a.reported_on END"}  # fmt: skip
    activity = {
        **own, "id": "a.id", "title": "'规模测试活动' || a.id", "key": "gen_random_uuid()",
        "starts_at": "(a.held_on + time '14:00') AT TIME ZONE 'Asia/Shanghai'", "minutes": f"'{MINUTES}'",
        "place": "'党员活动室'", "chair": "'书记'", "recorder": "'组织委员'", "recorded_by_name": "'规模测试'",
    }  # fmt: skip
    insert_select(cursor, Activity, activity, "scale_activity a")
    insert_select(cursor, Participation, {**own, "activity_id": "a.id"}, "scale_activity a")


def _attend(cursor: Any, attendances: int) -> None:
    """The members on the roster of each branch, thinned out to the wanted number; one of nine was absent."""
    cursor.execute(
        """
        CREATE TEMP TABLE scale_roster ON COMMIT DROP AS
        SELECT s.org_id, s.member_id, s.since FROM members_membership s JOIN scale_branch b ON b.org_id = s.org_id
        WHERE s.until IS NULL
        """
    )
    cursor.execute("ANALYZE scale_roster")
    cursor.execute(
        "SELECT count(*) FROM scale_activity a JOIN scale_roster r ON r.org_id = a.org_id AND r.since <= a.held_on"
    )
    share = min(1000, attendances * 1000 // max(1, cursor.fetchone()[0]))
    if not share:
        return
    absent = "(a.h + r.member_id) % 9 = 0"
    insert_select(
        cursor, Attendance,
        {
            "activity_id": "a.id", "member_id": "r.member_id", "org_id": "a.org_id", "org_path": "a.path",
            "held_on": "a.held_on", "presence": f"CASE WHEN {absent} THEN 'absent' ELSE 'present' END",
            "reason": f"CASE WHEN {absent} THEN 'shift' ELSE '' END", "counted": "a.state <> 'draft'",
            "hours": f"CASE WHEN {absent} THEN 0 ELSE 1 END",
        },
        "(SELECT * FROM scale_activity ORDER BY id) a JOIN scale_roster r ON r.org_id = a.org_id AND r.since <= a.held_on"
        f" WHERE (a.h::bigint * 31 + r.member_id * 17) % 1000 < {share}",
    )  # fmt: skip
