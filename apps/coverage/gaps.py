"""The way to full coverage: partners near by, five enterprises to visit first, and what ticking some would bring."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.db.models import Count

from apps.enterprises.kinds import Form
from apps.enterprises.models import Establishment

from . import changes, figures
from .ledgers import STEP_TONES
from .reading import Reading
from .rules import Place, Step, Totals, partner_distance, what_if

SUGGESTED: Final = 5
SHARED_FORMS: Final = (Form.JOINT.value, Form.REGIONAL.value, Form.INDUSTRY.value)
CANDIDATES: Final = 5_000
NEARNESS = {0: "同楼栋", 1: "同园区同行业", 2: "同园区"}


@dataclass(frozen=True)
class Partner:
    """Whom an enterprise with one or two 正式党员 could join: a joint branch near by, else another such enterprise."""

    label: str
    distance: int
    url: str = ""

    @property
    def nearness(self) -> str:
        return NEARNESS[self.distance]


@dataclass(frozen=True)
class Simulation:
    """Both rates before and after the ticked enterprises are covered along their cheapest path."""

    ticked: int
    organisation: Decimal | None
    organisation_after: Decimal | None
    work: Decimal | None
    work_after: Decimal | None


def simulate(totals: Totals, ticked: Sequence[Any]) -> Simulation:
    """`ticked` are rows of the gap list. Source of the steps: `rules.cheapest_step`."""
    joined = sum(row.step in (Step.BUILD.value, Step.JOIN.value) for row in ticked)
    reached = sum(not row.work_covered for row in ticked)
    return Simulation(
        ticked=len(ticked),
        organisation=totals.organisation_rate,
        organisation_after=what_if(totals.organisation_covered, totals.enterprises, joined),
        work=totals.work_rate,
        work_after=what_if(totals.work_covered, totals.enterprises, reached),
    )


def partners(rows: Sequence[Any], everybody: Any, on: datetime.date) -> dict[int, Partner]:
    """The nearest partner of each row that should join, by enterprise. `everybody` are all rows of the report."""
    wanting = [row for row in rows if row.step == Step.JOIN.value and row.park_id]
    if not wanting:
        return {}
    parks = {row.park_id for row in wanting}
    branches = _joint_branches(parks, on)
    fields = ("enterprise_id", "name", "park_id", "building_id", "industry")
    alone = list(everybody.filter(step=Step.JOIN.value, park_id__in=parks).values(*fields)[:CANDIDATES])
    found = {row.enterprise_id: _nearest(row, branches, alone) for row in wanting}
    return {pk: partner for pk, partner in found.items() if partner is not None}


def _joint_branches(parks: Collection[int], on: datetime.date) -> list[dict[str, Any]]:
    """Where the joint organisations of these parks have enterprises, and how many each has there."""
    rows = (
        Establishment.objects.as_of(on)
        .filter(form__in=SHARED_FORMS, enterprise__park_id__in=parks, org__ended_on__isnull=True)
        .values("org_id", "org__name", "org__short_name", "enterprise__park_id", "enterprise__building_id",
                "enterprise__industry")
        .annotate(units=Count("enterprise", distinct=True))
        .order_by("org_id")[:CANDIDATES]
    )  # fmt: skip
    found = list(rows)
    units: dict[int, int] = {}
    for each in found:
        units[each["org_id"]] = units.get(each["org_id"], 0) + each["units"]
    return [
        {
            "org": each["org__short_name"] or each["org__name"],
            "place": Place(each["enterprise__park_id"], each["enterprise__building_id"], each["enterprise__industry"]),
            "units": units[each["org_id"]],
        }
        for each in found
    ]


def _nearest(row: Any, branches: Sequence[dict[str, Any]], alone: Sequence[dict[str, Any]]) -> Partner | None:
    """The smallest distance wins; at the same distance a branch that exists, and among those the smaller one."""
    mine = Place(row.park_id, row.building_id, row.industry)
    options: list[tuple[tuple[int, int, int], Partner]] = []
    for branch in branches:
        distance = partner_distance(mine, branch["place"])
        if distance is not None:
            label = f"并入{branch['org']}（现{branch['units']}家）"
            options.append(((distance, 0, branch["units"]), Partner(label, distance)))
    for other in alone:
        distance = partner_distance(mine, Place(other["park_id"], other["building_id"], other["industry"]))
        if distance is not None and other["enterprise_id"] != row.enterprise_id:
            partner = Partner(f"与{other['name']}联建", distance, f"/enterprises/{other['enterprise_id']}/")
            options.append(((distance, 1, other["enterprise_id"]), partner))
    return min(options, key=lambda option: option[0])[1] if options else None


def as_shown(rows: Sequence[Any], reading: Reading, ticked: Sequence[Any]) -> list[dict[str, Any]]:
    """Rows of the gap list as the template shows them, with partner and tick."""
    chosen = {row.pk for row in ticked}
    everybody = figures.names(reading.basis, reading.definition)
    near = partners(rows, everybody, reading.basis.as_of)
    return [
        {"row": row, "partner": near.get(row.pk), "ticked": row.pk in chosen, "tone": STEP_TONES[row.step],
         "step": Step(row.step).label, "reason": changes.unbuilt(row), "joins": row.step != Step.SEND.value}
        for row in rows
    ]  # fmt: skip
