"""`make bench`: the table of speeds. Each module of this package measures one thing as a ratio to a yardstick.

A module has `measure()`, which gives one result or a list of them: name, seconds of the work, seconds of its yardstick,
and the ratio it may reach. Ratios hold on any machine; seconds do not. The data is a park generated once.
"""

import importlib
import os
import pkgutil
import resource
import sys
from collections.abc import Iterator
from typing import Protocol

import django
from django.core.management import call_command

import bench
from parkparty import embedded


class Result(Protocol):
    name: str
    work: float
    yardstick: float
    limit: float

    @property
    def ratio(self) -> float: ...

    @property
    def ok(self) -> bool: ...


def results(wanted: list[str]) -> Iterator[Result]:
    """The results of the modules that are asked for by name, or of all."""
    for found in pkgutil.iter_modules(bench.__path__):
        module = importlib.import_module(f"bench.{found.name}")
        if not hasattr(module, "measure") or (wanted and found.name not in wanted):
            continue
        measured = module.measure()
        yield from measured if isinstance(measured, list) else [measured]


def prepare() -> None:
    """A database of the bench's own with the generated park in it."""
    from django.db import connection

    call_command("migrate", interactive=False, verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM enterprises_enterprise)")
        (generated,) = cursor.fetchone()
    if not generated:
        print("generating the park", flush=True)
        call_command("generate_scale")


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parkparty.settings")
    started = embedded.ensure()
    try:
        django.setup()
        prepare()
        line = "{:<64} {:>9} {:>9} {:>7} {:>6}  {}"
        print(line.format("what", "work s", "yard s", "ratio", "limit", ""))
        passed = True
        for result in results(sys.argv[1:]):
            passed = passed and result.ok
            word = "ok" if result.ok else "TOO SLOW"
            seconds = (f"{result.work:.3f}", f"{result.yardstick:.3f}")
            print(line.format(result.name, *seconds, f"{result.ratio:.2f}", f"{result.limit:g}", word), flush=True)
        print(f"peak memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")
        return 0 if passed else 1
    finally:
        if started:
            embedded.services().stop()


if __name__ == "__main__":
    sys.exit(main())
