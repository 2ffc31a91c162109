"""Parks and buildings, and which branch is in charge of a building (一个支部分包一栋楼)."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Final

from apps.branches.models import PartyOrg
from apps.core.audit import record, write
from apps.core.errors import DomainError
from apps.core.versions import check_version

from ..models import Building, Enterprise, Park
from .common import assign, labels, locked, locked_all, store
from .responsibility import settle

PARK_FACTS: Final = ("code", "name", "level", "address", "org")
BUILDING_FACTS: Final = ("code", "name", "floors", "address", "instructor")


@write
def register_park(*, facts: Mapping[str, Any], actor: Any) -> Park:
    """登记园区; `org` is the organisation that answers for it."""
    park = Park()
    assign(park, facts, PARK_FACTS)
    store(park)
    record(actor, "park.registered", park, summary=f"登记园区「{park.name}」")
    return park


@write
def change_park(
    *, park: Park, facts: Mapping[str, Any], today: datetime.date, actor: Any, version: int | None = None
) -> Park:
    """修改园区. A new organisation takes over from the old one: buildings without a branch, uncovered enterprises."""
    row = locked(park)
    check_version(row, version, dict(facts))
    before = row.org
    changed = assign(row, facts, PARK_FACTS)
    if not changed:
        return row
    store(row)
    if "org" in changed:
        for building in Building.objects.filter(park=row, org=before):
            building.org = row.org
            store(building)
        _settle_enterprises(today, park=row)
    record(actor, "park.changed", row, summary=f"修改园区「{row.name}」的{labels(row, changed)}")
    return row


@write
def register_building(
    *, park: Park, facts: Mapping[str, Any], actor: Any, branch: PartyOrg | None = None
) -> Building:
    """登记楼栋 of a park; `branch` is in charge of it, else the park's organisation."""
    building = Building(park=park, org=branch or park.org)
    assign(building, facts, BUILDING_FACTS)
    _check_branch(building)
    store(building)
    record(actor, "building.registered", building, summary=f"登记{park}楼栋「{building.name}」")
    return building


@write
def change_building(
    *, building: Building, facts: Mapping[str, Any], branch: PartyOrg | None, today: datetime.date, actor: Any,
    version: int | None = None,
) -> Building:  # fmt: skip
    """修改楼栋. A new branch in charge becomes responsible for the enterprises there that nothing covers."""
    row = locked(building)
    check_version(row, version, dict(facts))
    changed = assign(row, {**facts, "org": branch or row.park.org}, (*BUILDING_FACTS, "org"))
    if not changed:
        return row
    _check_branch(row)
    store(row)
    if "org" in changed:
        _settle_enterprises(today, building=row)
    record(actor, "building.changed", row, summary=f"修改{row.park}楼栋「{row.name}」的{labels(row, changed)}")
    return row


def _check_branch(building: Building) -> None:
    if not building.org.path.startswith(building.park.org.path):
        raise DomainError(f"「{building.org}」不在{building.park}的党组织体系内。", field="branch")


def _settle_enterprises(today: datetime.date, **where: Any) -> None:
    rows = list(Enterprise.objects.filter(**where))
    if rows:
        settle(locked_all(rows), today=today)
