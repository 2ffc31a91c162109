"""The directory of branches of the whole portal: names only, for whoever transfers a member to one of them.

Everything else about another branch stays in its scope. The scope is lifted here, for names, kinds and paths.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from apps.branches.models import PartyOrg
from apps.branches.querysets import ancestor_paths
from apps.branches.rules import CAPABILITIES
from apps.core.scoping import unscoped

HOLDING: Final = [kind for kind, able in CAPABILITIES.items() if able.holds_members]
"""党支部、联合党支部: the kinds in which a relation can be."""
APPROVING: Final = [kind for kind, able in CAPABILITIES.items() if able.may_approve_probationary]
SHOWN: Final = 30


@dataclass(frozen=True)
class Committee:
    """基层党委 of a branch. `nationwide`: it may approve 预备党员, so its letters are good everywhere."""

    path: str
    name: str
    nationwide: bool

    def __str__(self) -> str:
        return self.name


def branches_named(text: str) -> list[tuple[int, str]]:
    """(id, full name) of living branches that match a typed text, in the order of their names."""
    with unscoped("the directory of branches: names only, for choosing the receiver of a transfer"):
        rows = PartyOrg.objects.filter(kind__in=HOLDING, ended_on=None)
        found = rows.named_like(text) if text else rows
        return list(found.order_by("name", "pk").values_list("pk", "name")[:SHOWN])


def branch(pk: int | None, *, name: str = "") -> list[PartyOrg]:
    """The living branch of an id, or of a full name or code that somebody typed; none, or several of one name."""
    with unscoped("the receiver of a transfer, named by whoever sends the member"):
        rows = PartyOrg.objects.filter(kind__in=HOLDING, ended_on=None)
        return list(rows.filter(pk=pk)) if pk is not None else rows.called(name)


def committees_above(paths: Iterable[str]) -> dict[str, Committee | None]:
    """The 基层党委 of each path: the nearest that may approve 预备党员, else the nearest of a kind that could."""
    wanted = set(paths)
    lines = {path: ancestor_paths(path) for path in wanted}
    above = {each for line in lines.values() for each in line}
    with unscoped("which 基层党委 stands above a branch: its name, and whether its letters are good nationwide"):
        rows = PartyOrg.objects.filter(path__in=above, kind__in=APPROVING)
        found = {path: Committee(path, name, able) for path, name, able in
                 rows.values_list("path", "name", "can_approve_probationary")}  # fmt: skip
    nearest = {path: [found[each] for each in reversed(line) if each in found] for path, line in lines.items()}
    return {
        path: next((each for each in line if each.nationwide), line[0] if line else None)
        for path, line in nearest.items()
    }


def committee_above(path: str) -> Committee | None:
    return committees_above([path])[path]
