"""List pages: how many queries each ledger's page takes, whatever it shows, and how long a subtree's page takes."""

from __future__ import annotations

import random
import time
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from .park import officer, signed_in
from .result import Result

MAX_QUERIES = 12
FEW, MANY = 10, 500
REQUESTS = 60
P95_MILLISECONDS = 300


def measure() -> list[Result]:
    from apps.core.ledger import registry

    client = signed_in(officer())
    client.get("/ledgers/")
    counted = {code: _queries(client, ledger) for code, ledger in sorted(registry.items())}
    worst = max(max(pair) for pair in counted.values())
    over = [f"{code} {max(pair)}" for code, pair in counted.items() if max(pair) > MAX_QUERIES]
    uneven = [f"{code} {few}→{many}" for code, (few, many) in counted.items() if few != many]
    return [
        Result(f"queries of a list page, worst of {len(counted)} ledgers", worst, MAX_QUERIES, "", "，".join(over)),
        Result(f"ledgers whose queries differ at {FEW} and {MANY} rows", len(uneven), 0, "", "，".join(uneven)),
        _subtree_page(),
    ]


def _queries(client: Any, ledger: Any) -> tuple[int, int]:
    """Queries of the page with few rows and with many."""
    usual = ledger.page_size
    found = []
    try:
        for rows in (FEW, MANY):
            ledger.page_size = rows
            with CaptureQueriesContext(connection) as captured:
                answer = client.get(f"/ledgers/{ledger.code}/")
            if answer.status_code != 200:
                raise RuntimeError(f"the page of {ledger.code} answers {answer.status_code}")
            found.append(len(captured))
    finally:
        ledger.page_size = usual
    return found[0], found[1]


def _subtree_page() -> Result:
    """The enterprises of nodes of every level, each as the officer of that node sees them."""
    from apps.accounts.models import RoleAssignment
    from apps.branches.models import PartyOrg
    from apps.core.permissions import PARK_OFFICER
    from apps.core.scoping import unscoped

    user = officer("bench-node", roots=("GM",))
    client = signed_in(user)
    post = RoleAssignment.objects.filter(user=user, role=PARK_OFFICER)
    RoleAssignment.objects.filter(user=user).exclude(pk__in=post).delete()
    with unscoped("nodes of every level"):
        root = PartyOrg.objects.get(code="GM")
        nodes = list(PartyOrg.objects.filter(path__startswith=root.path).values_list("pk", flat=True))
    chosen = [root.pk, *nodes[1:21], *random.Random(1).sample(nodes, REQUESTS - 21)]
    seconds = []
    for pk in chosen:
        post.update(org_id=pk)
        start = time.perf_counter()
        answer = client.get("/ledgers/enterprises.roster/")
        seconds.append(time.perf_counter() - start)
        assert answer.status_code == 200
    seconds.sort()
    p95 = seconds[int(len(seconds) * 0.95)] * 1000
    median = seconds[len(seconds) // 2] * 1000
    return Result("page of a subtree's enterprises, p95", round(p95), P95_MILLISECONDS, "ms", f"median {median:.0f} ms")
