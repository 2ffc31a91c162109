"""Figures of a node and the names behind them, for one definition: the one place that pages, API and workbook ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.branches.models import PartyOrg
from apps.core.sql import Sql, fetch

from . import summaries
from .basis import Basis
from .count_sql import EXCLUDED_COLUMNS, classified, counts, one_level_down
from .facts_sql import FrozenPart, LivePart, facts, place_names, with_details
from .models import Fact
from .models.summaries import COUNTS
from .rules import Definition, Totals
from .snapshot_sql import frozen_nodes

UNSETTLED = "未填写"
OWN = "本级直接负责"


@dataclass(frozen=True)
class Group:
    """The figures of one row of a table. `key` is an organisation's path, or the id of a park or building."""

    key: str
    label: str
    totals: Totals
    org_id: int | None = None


@dataclass(frozen=True)
class Level:
    """A node and what lies directly below it; the total is the sum of the rows."""

    total: Totals
    rows: tuple[Group, ...]


def level(basis: Basis, definition: Definition) -> Level:
    """The figures of the node, and of each organisation one level below."""
    whole, by_path = _counted(basis, definition)
    return Level(whole, tuple(_named_nodes(basis, by_path)))


def total(basis: Basis, definition: Definition) -> Totals:
    return _counted(basis, definition)[0]


def _counted(basis: Basis, definition: Definition) -> tuple[Totals, dict[str, Totals]]:
    """The node's figures, and by path those of the level below and of the node's own enterprises."""
    root = basis.org.path
    found = summaries.kept(basis, definition)
    if found is None:
        rows = one_level_down(classified(facts(basis.parts), definition), root)
        by_path = {row["child"]: _totals(row) for row in fetch(counts(rows, ["child"]))}
        return summaries.add(list(by_path.values())), by_path
    whole = found.pop(root)
    return whole, {**found, root: summaries.subtract(whole, list(found.values()))}


def by_park(basis: Basis, definition: Definition) -> list[Group]:
    """Parks in the order of their codes; what belongs to none comes last."""
    return _by_place(basis, definition, "park")


def by_building(basis: Basis, definition: Definition) -> list[Group]:
    """Buildings in the order of their codes."""
    return _by_place(basis, definition, "building")


def names(basis: Basis, definition: Definition) -> Any:
    """Every enterprise of the report with where it counts and why: a queryset of `Fact`."""
    return Fact.objects.of(names_sql(basis, definition))


def names_sql(basis: Basis, definition: Definition) -> Sql:
    return with_details(classified(facts(basis.parts), definition), basis.parts)


def _totals(row: Mapping[str, Any]) -> Totals:
    return Totals(
        excluded={reason: row[column] for column, reason in EXCLUDED_COLUMNS.items() if row[column]},
        **{name: row[name] for name in COUNTS},
    )


def _by_place(basis: Basis, definition: Definition, what: str) -> list[Group]:
    """Groups in the order of their names' codes, those without one last."""
    rows = fetch(counts(classified(facts(basis.parts), definition), [f"{what}_id"]))
    key = f"{what}_id"
    names = place_names(what, [row[key] for row in rows if row[key]], basis.parts)
    places = {pk: place for place, pk in enumerate(names)}
    ordered = sorted(rows, key=lambda row: (row[key] is None, places.get(row[key], len(places)), row[key]))
    return [
        Group(str(row[key] or ""), names.get(row[key], "") if row[key] else UNSETTLED, _totals(row)) for row in ordered
    ]


def _named_nodes(basis: Basis, by_path: Mapping[str, Totals]) -> list[Group]:
    """Children in tree order with the names of their time, the node's own enterprises last; empty own is left out."""
    root, depth = basis.org.path, len(basis.org.path) + 4
    known: dict[str, tuple[str, int]] = {}
    if any(isinstance(part, LivePart) for part in basis.parts) or len(basis.parts) > 1:
        children = PartyOrg.objects.filter(parent=basis.org)
        if basis.period is None:
            children = children.living(basis.as_of) | children.filter(path__in=list(by_path))
        known |= {org.path: (str(org), org.pk) for org in children}
    for part in basis.parts:
        if isinstance(part, FrozenPart) and len(part.new_path) <= depth:
            known |= {node["path"]: (node["name"], node["org_id"]) for node in frozen_nodes(part, depth)}
    empty = summaries.add([])
    groups = [
        Group(
            path,
            known[path][0] if path in known else path[-4:],
            by_path.get(path, empty),
            known.get(path, ("", None))[1],
        )
        for path in sorted({*known, *by_path} - {root})
    ]
    own = by_path.get(root, empty)
    if own.enterprises or own.excluded:
        groups.append(Group(root, OWN if groups else str(basis.org), own, basis.org.pk))
    return groups
