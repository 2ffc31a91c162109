"""`make bench [modules]`: the table of speeds and memory, measured in one run on a database of its own.

A module has `measure()`, which gives one result or a list of them. The data is the demo park and a generated one,
made once.
"""

import importlib
import os
import pkgutil
import shutil
import sys
from collections.abc import Iterator

import django
from django.conf import settings
from django.core.management import call_command

import bench
from parkparty import embedded

from .result import Result

PARKS = {
    "GM": {"orgs": 2_177, "enterprises": 100_000},
    "GN": {"orgs": 97_000, "enterprises": 20_000, "members": 1_000_000, "activities": 1_500_000, "attendances": 20_000_000},
}
"""Many enterprises for coverage; with the demo's, a hundred thousand organisations and a million members for rosters,
and what they did in a year."""

ROOMY = 40 * 10**9
"""Bytes that have to be free for all activities; where there are fewer, a tenth of them is measured."""

LINE = "{:<62} {:>9} {:>9}  {:<5} {}"


def results(wanted: list[str]) -> Iterator[Result]:
    """The results of the modules that are asked for by name, or of all."""
    for found in pkgutil.iter_modules(bench.__path__):
        module = importlib.import_module(f"bench.{found.name}")
        if not hasattr(module, "measure") or (wanted and found.name not in wanted):
            continue
        measured = module.measure()
        yield from measured if isinstance(measured, list) else [measured]


def prepare() -> None:
    """A database of the bench's own with both parks in it, and the static files that pages name."""
    from apps.branches.models import PartyOrg
    from apps.core.scoping import unscoped
    from parkparty.run import collect_static

    call_command("migrate", interactive=False, verbosity=0)
    collect_static()
    call_command("load_demo")
    with unscoped("the bench asks which of its parks are there"):
        generated = set(PartyOrg.objects.filter(code__in=PARKS).values_list("code", flat=True))
    for root, size in PARKS.items():
        if root not in generated:
            call_command("generate_scale", root=root, **_fitting(size))


def _fitting(size: dict[str, int]) -> dict[str, int]:
    """The size with a tenth of the activities where the disk is small."""
    if shutil.disk_usage(settings.VAR).free > ROOMY:
        return size
    return {name: count // 10 if name in ("activities", "attendances") else count for name, count in size.items()}


def shown(value: float, unit: str) -> str:
    return f"{value:.2f} {unit}" if value % 1 else f"{value:.0f} {unit}"


def main() -> int:
    """Exit code 1 when something is over its target."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parkparty.settings")
    started = embedded.ensure()
    try:
        django.setup()
        prepare()
        print(LINE.format("what", "measured", "target", "", ""))
        passed = True
        for each in results(sys.argv[1:]):
            passed = passed and each.ok
            numbers = (shown(each.measured, each.unit), shown(each.target, each.unit))
            print(LINE.format(each.name, *numbers, "ok" if each.ok else "OVER", each.detail), flush=True)
        return 0 if passed else 1
    finally:
        if started:
            embedded.services().stop()


if __name__ == "__main__":
    sys.exit(main())
