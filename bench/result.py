"""One line of the table, and how time is taken."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """What was measured against what it may reach; `detail` says where the number comes from."""

    name: str
    measured: float
    target: float
    unit: str = "×"
    detail: str = ""

    @property
    def ok(self) -> bool:
        return self.measured <= self.target


def ratio(name: str, work: float, yardstick: float, target: float) -> Result:
    """Seconds of the work over seconds of its yardstick: holds on any machine."""
    return Result(name, work / yardstick, target, detail=f"{work:.3f} s / {yardstick:.3f} s")


def best_of(times: int, act: Callable[[], object]) -> float:
    """Seconds of the fastest of several runs."""
    measured = []
    for _ in range(times):
        start = time.perf_counter()
        act()
        measured.append(time.perf_counter() - start)
    return min(measured)
