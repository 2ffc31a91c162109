"""Figures of a node and the names behind them, for one definition: the one place that pages, API and workbook ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.branches.models import PartyOrg
from apps.enterprises.models import Building, Park

from . import summaries
from .basis import Basis
from .count_sql import EXCLUDED_COLUMNS, classified, counts, one_level_down
from .facts_sql import FrozenPart, LivePart, facts, with_details
from .models import Fact
from .models.summaries import COUNTS
from .rules import Definition, Totals
from .snapshot_sql import frozen_nodes
from .sql import Sql, fetch

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
    found = summaries.kept(basis, definition)
    root = basis.org.path
    if found is None:
        rows = one_level_down(classified(facts(basis.parts), definition), root)
        by_path = {row["child"]: _totals(row) for row in fetch(counts(rows, ["child"]))}
        total = summaries.add(list(by_path.values()))
    else:
        total = found.pop(root)
        by_path = {**found, root: summaries.subtract(total, list(found.values()))}
    return Level(total, tuple(_named_nodes(basis, by_path)))


def total(basis: Basis, definition: Definition) -> Totals:
    return level(basis, definition).total


def by_park(basis: Basis, definition: Definition) -> list[Group]:
    """Parks in the order of their codes; what belongs to none comes last."""
    rows = fetch(counts(classified(facts(basis.parts), definition), ["park_id"]))
    ids = [row["park_id"] for row in rows if row["park_id"]]
    today = {park.pk: park.name for park in Park.objects.filter(pk__in=ids).order_by("code")}
    return _named(rows, "park_id", {**today, **_frozen_names(basis, "park")})


def by_building(basis: Basis, definition: Definition) -> list[Group]:
    """Buildings with their park's name before them."""
    rows = fetch(counts(classified(facts(basis.parts), definition), ["building_id"]))
    ids = [row["building_id"] for row in rows if row["building_id"]]
    found = Building.objects.filter(pk__in=ids).select_related("park").order_by("park__code", "code")
    today = {building.pk: f"{building.park.name} {building.name}" for building in found}
    return _named(rows, "building_id", {**today, **_frozen_names(basis, "building")})


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


def _named(rows: Sequence[Mapping[str, Any]], key: str, names: Mapping[int, str]) -> list[Group]:
    """Groups in the order of `names`, those without one last."""
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


def _frozen_names(basis: Basis, what: str) -> dict[int, str]:
    """Names of parks or buildings as the snapshots have them."""
    ids = [part.snapshot_id for part in basis.parts if isinstance(part, FrozenPart)]
    if not ids:
        return {}
    label = "f.park_name" if what == "park" else "concat_ws(' ', nullif(f.park_name, ''), f.building_name)"
    rows = fetch(Sql(
        f"SELECT DISTINCT ON (f.{what}_id) f.{what}_id AS id, {label} AS name FROM coverage_snapshotrow f"  # noqa: S608
        f" WHERE f.snapshot_id = ANY(%s) AND f.{what}_id IS NOT NULL", (ids,),
    ))  # fmt: skip
    return {row["id"]: row["name"] for row in rows}
