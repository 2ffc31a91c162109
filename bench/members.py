"""Rosters of a million members: pages of every level with filters and searches, the patrol, a move of a large subtree.

The tree `GN` of the generator: 97,000 organisations, 20,000 enterprises, 1,000,000 members.
"""

from __future__ import annotations

import datetime
import itertools
import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from .result import Result, best_of, ratio

DAY = datetime.date(2026, 11, 1)
PAGE_MILLISECONDS = 20
SEARCH_FASTER = 100
PATROL_SCANS = 3
MOVE_SECONDS = 10
MOVED_MEMBERS = 10_000

FILTERS: tuple[dict[str, str], ...] = (
    {}, {"stage": "probationary"}, {"sex": "2"}, {"education": "11"}, {"nation": "11"},
    {"occupation": "worker", "sex": "1"}, {"order": "name"},
)  # fmt: skip
SEARCHES = ("", "王", "闫", "王伟", "雪松", "志文", "王建国", "闫秀霞", "wjg")
TWO = ("王伟", "雪松", "志文", "闫涛", "梓涵", "建国", "李娜", "秦浩")


def measure() -> list[Result]:
    """Measured on the database of the bench; nothing of it stays."""
    return [_pages(), _search(), _patrol(), _move()]


@contextmanager
def _sql_seconds() -> Iterator[list[float]]:
    """The seconds that each statement inside took."""
    spent: list[float] = []

    def clock(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        start = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            spent.append(time.perf_counter() - start)

    with connection.execute_wrapper(clock):
        yield spent


def _levels() -> list[str]:
    """Paths of every level: the root, and some nodes of each level below it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT o.path FROM branches_partyorg o JOIN branches_partyorg r ON o.path LIKE r.path || '%%'"
            " WHERE r.code = 'GN' ORDER BY length(o.path), md5(o.path)"
        )
        paths = [path for (path,) in cursor.fetchall()]
    chance = random.Random(7)
    levels = [list(level) for _, level in itertools.groupby(paths, key=len)]
    return [path for level in levels for path in chance.sample(level, min(3, len(level)))]


def _roster(path: str, **params: str) -> Any:
    from apps.members.ledgers.roster import MemberRoster

    return MemberRoster({name: value for name, value in params.items() if value}, today=DAY)


def _pages() -> Result:
    """Page and capped count of the roster, as the list page asks for them."""
    from apps.core.scoping import Scope, use_scope

    spent, slowest = [], (0.0, "")
    for path, chosen, text in itertools.product(_levels(), FILTERS, SEARCHES):
        with use_scope(Scope(frozenset({path}))):
            for _ in range(2):  # the second one finds the pages of the index in memory, as in a running portal
                with _sql_seconds() as seconds:
                    ledger = _roster(path, q=text, **chosen)
                    ledger.page()
                    ledger.count()
        spent.append(sum(seconds) * 1000)
        slowest = max(slowest, (spent[-1], f"{len(path) // 4} {chosen} {text}"))
    p95 = statistics.quantiles(spent, n=20)[-1]
    detail = f"{len(spent)} pages, median {statistics.median(spent):.1f} ms, worst {slowest[0]:.0f} ms ({slowest[1]})"
    return Result("SQL of a roster page among 1,000,000 members, p95", round(p95, 1), PAGE_MILLISECONDS, "ms", detail)


def _search() -> Result:
    """A search by two characters through the index, as a part of the same search by a sequential scan."""
    from apps.core.scoping import Scope, use_scope
    from apps.members.models import Member

    ratios = []
    with transaction.atomic(), use_scope(Scope(frozenset({""}))):
        for text in TWO:
            rows = Member.objects.on_roster().matching(text).order_by("org_path", "pk").values_list("pk", "name")[:51]
            fast = best_of(3, lambda rows=rows: list(rows.all()))
            with connection.cursor() as cursor:
                scan = "SELECT id, name FROM members_member WHERE name LIKE %s ORDER BY org_path, id LIMIT 51"
                cursor.execute("SET LOCAL enable_indexscan = off")
                cursor.execute("SET LOCAL enable_bitmapscan = off")
                cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
                slow = best_of(2, lambda scan=scan, text=text, cursor=cursor: cursor.execute(scan, [f"%{text}%"]))
                cursor.execute("RESET enable_indexscan")
                cursor.execute("RESET enable_bitmapscan")
            ratios.append(fast / slow)
    share = statistics.median(ratios)
    return Result(
        "search by 2 characters, part of a sequential scan", share, 1 / SEARCH_FASTER, "×",
        f"median {1 / share:.0f}× faster, worst {1 / max(ratios):.0f}×",
    )  # fmt: skip


def _rolled_back(act: Callable[[], object]) -> float:
    """Seconds of one run, all of it rolled back."""
    with transaction.atomic():
        start = time.perf_counter()
        act()
        spent = time.perf_counter() - start
        transaction.set_rollback(True)
    return spent


def _patrol() -> Result:
    """Every rule about organisations and members over the whole tree, against one scan of the members."""
    from apps.core.scoping import unscoped
    from apps.patrol.patrolling import run_patrol

    def scan() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*), sum(hashtext(t::text)) FROM members_member t")

    def patrol() -> None:
        with unscoped("the bench patrols the whole tree"):
            run_patrol(DAY)

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
        yardstick = best_of(2, scan)
        work = _rolled_back(patrol)
    return ratio("patrol of the whole tree / one scan of the members", work, yardstick, PATROL_SCANS)


def _move() -> Result:
    """A subtree with ten thousand members goes under another parent, with every row that repeats its path."""
    from apps.branches.models import PartyOrg
    from apps.core.scoping import unscoped

    from .park import officer

    actor = officer("bench-mover", roots=("GN",))
    with transaction.atomic(), unscoped("the bench moves a subtree"):
        parks = list(PartyOrg.objects.filter(code__startswith="GN", kind="work_committee").order_by("path")[:40])
        moved, parent, *others = parks
        while (members := _members_below(moved)) < MOVED_MEMBERS:  # parks of the generator are smaller: hang some together
            _hang(others.pop(), moved, actor)
        seconds = best_of(1, lambda: _hang(moved, parent, actor))
        transaction.set_rollback(True)
    return Result(f"move of a subtree with {members:,} members", round(seconds, 2), MOVE_SECONDS, "s", str(moved))


def _hang(org: Any, parent: Any, actor: Any) -> None:
    from apps.branches.services import move_organization

    move_organization(org=org, parent=parent, on=DAY, today=DAY, actor=actor, document="")
    org.refresh_from_db()


def _members_below(org: Any) -> int:
    from apps.members.models import Member

    return int(Member.objects.filter(org_path__startswith=org.path).count())
