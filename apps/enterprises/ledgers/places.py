"""楼栋台账 and 园区台账: every place with who is in charge, and how many of its enterprises are covered."""

from __future__ import annotations

import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import F, Q

from apps.branches.ledgers.common import organization_filter
from apps.core.ledger import Column, Filter, Kind, Ledger, Ordering, register

from .. import permissions
from ..kinds import ParkLevel
from ..models import Building, Park
from .common import day_of, link_to, parks

OF_THE_PARK = Q(org=F("park__org"))


def share(row: Any) -> Decimal | None:
    return Decimal(row.covered) / row.enterprises if row.enterprises else None


class PlaceLedger(Ledger):
    """The base of both books: cover on the day asked about, search by name or code."""

    permission = permissions.VIEW

    @cached_property
    def on(self) -> datetime.date:
        return day_of(self)

    def search(self, rows: Any, text: str) -> Any:
        return rows.filter(Q(name__icontains=text) | Q(code__icontains=text))


@register
class BuildingLedger(PlaceLedger):
    """楼栋台账: the board of 楼栋党建网格."""

    code = "enterprises.buildings"
    title = "楼栋台账"
    lead = "在园企业、已有党组织覆盖的企业数，按楼栋。"
    columns = (
        Column("name", "楼栋", link=lambda row: row.get_absolute_url()),
        Column("code", "楼栋代码", default=False),
        Column("park", "园区", "park.name", link=link_to("park")),
        Column("floors", "层数", kind=Kind.INTEGER, default=False),
        Column("branch", "包楼党组织", "branch_in_charge.name", link=link_to("branch_in_charge")),
        Column("instructor", "楼栋指导员", "instructor.name"),
        Column("enterprises", "在园企业", kind=Kind.INTEGER, link=lambda row: here_url(row)),
        Column("covered", "已覆盖", kind=Kind.INTEGER, link=lambda row: here_url(row, covered=1)),
        Column("uncovered", "未覆盖", lambda row: row.enterprises - row.covered, kind=Kind.INTEGER,
               link=lambda row: here_url(row, covered=0)),
        Column("rate", "覆盖率（在园企业）", share, kind=Kind.PERCENT),
        Column("address", "地址", default=False),
    )  # fmt: skip
    filters = (
        Filter("park", "园区", lookup="park_id", choices=parks),
        organization_filter(),
        Filter("in_charge", "已定包楼党组织", kind="bool",
               apply=lambda rows, v, ledger: rows.exclude(OF_THE_PARK) if v else rows.filter(OF_THE_PARK)),
        Filter("gap", "有未覆盖企业", kind="bool",
               apply=lambda rows, v, ledger: rows.filter(covered__lt=F("enterprises")) if v
               else rows.filter(covered=F("enterprises"))),
        Filter("on", "截至日期", kind="date", apply=lambda rows, on, ledger: rows),
    )  # fmt: skip
    orderings = {
        "": Ordering("按园区和楼栋", ("park__code", "code", "pk")),
        "many": Ordering("企业多的在前", ("-enterprises", "-pk")),
    }
    search_hint = "楼栋名称或代码"
    empty_text = "还没有楼栋。先在园区页登记楼栋，再把企业放进去。"

    def rows(self) -> Any:
        return Building.objects.select_related("park", "park__org", "org", "instructor").with_coverage(self.on)


@register
class ParkLedger(PlaceLedger):
    """园区台账: every park with its level, and how many of its enterprises are covered."""

    code = "enterprises.parks"
    title = "园区台账"
    columns = (
        Column("name", "园区", link=lambda row: row.get_absolute_url()),
        Column("code", "园区代码"),
        Column("level", "级别", choices=dict(ParkLevel.choices())),
        Column("org", "责任党组织", "org.name", link=link_to("org")),
        Column("buildings", "楼栋", "building_count", kind=Kind.INTEGER, link=lambda row: f"/buildings/?park={row.pk}"),
        Column("enterprises", "在园企业", kind=Kind.INTEGER, link=lambda row: here_url(row, "park")),
        Column("covered", "已覆盖", kind=Kind.INTEGER, link=lambda row: here_url(row, "park", covered=1)),
        Column("uncovered", "未覆盖", lambda row: row.enterprises - row.covered, kind=Kind.INTEGER,
               link=lambda row: here_url(row, "park", covered=0)),
        Column("rate", "覆盖率（在园企业）", share, kind=Kind.PERCENT),
        Column("address", "地址", default=False),
    )  # fmt: skip
    filters = (
        Filter("level", "级别", choices=ParkLevel.choices()),
        organization_filter(),
        Filter("on", "截至日期", kind="date", apply=lambda rows, on, ledger: rows),
    )
    orderings = {"": Ordering("按代码", ("code", "pk")), "many": Ordering("企业多的在前", ("-enterprises", "-pk"))}
    search_hint = "园区名称或代码"
    empty_text = "还没有园区。点「登记园区」开始。"

    def rows(self) -> Any:
        return Park.objects.select_related("org").with_coverage(self.on)


def here_url(row: Any, name: str = "building", **more: int) -> str:
    """The names behind a number of the board: the enterprises that are there."""
    wanted = {name: row.pk, "status": "here", **more}
    return "/enterprises/?" + "&".join(f"{name}={value}" for name, value in wanted.items())
