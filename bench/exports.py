"""Memory of an export: the whole generated park against one station of it, each in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from io import StringIO
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from .park import officer
from .result import Result

TARGET = 1.2
LEDGER = "enterprises.roster"


def measure() -> list[Result]:
    from apps.branches.models import PartyOrg
    from apps.core.scoping import unscoped

    user = officer()
    with unscoped("a small node and the largest one"):
        station = PartyOrg.objects.filter(code__startswith="GM001W", kind="guidance_station").order_by("path")[0].code
    results = []
    for suffix in ("xlsx", "csv"):
        small, few, _ = _export(station, user.username, suffix)
        large, many, seconds = _export("GM", user.username, suffix)
        detail = f"{small:.0f} MB for {few} rows, {large:.0f} MB for {many} rows in {seconds:.0f} s"
        results.append(Result(f"peak memory of a large {suffix} export / of a small one", large / small, TARGET, detail=detail))
    return results


def _export(org: str, username: str, suffix: str) -> tuple[float, int, float]:
    """Peak memory in MB, rows and seconds of one export."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "bench.exports", org, username, f"{folder}/out.{suffix}"]
        start = time.perf_counter()
        done = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, check=True)
        seconds = time.perf_counter() - start
    said = json.loads(done.stdout)
    return said["peak_kb"] / 1024, said["rows"], seconds


def _child(org: str, username: str, out: str) -> None:
    """The command itself, and what the process has used: the kernel's mark belongs to this program alone."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parkparty.settings")
    django.setup()
    said = StringIO()
    call_command("export_ledger", LEDGER, org=org, username=username, out=out, json=True, stdout=said)
    status = Path("/proc/self/status").read_text().splitlines()
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))
    print(json.dumps({"rows": json.loads(said.getvalue())["rows"], "peak_kb": peak}))


if __name__ == "__main__":
    _child(*sys.argv[1:])
