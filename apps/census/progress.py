"""The progress of a round: 应报, 已报, 按时, 退回, 已审, in total and by park, building or organisation.

Figures are counted from the returns of the active scope: a park sees its part of the city's round.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, fields
from typing import Any, NamedTuple

from django.db.models import Count, F, Q
from django.db.models.functions import Substr

from apps.branches.models import PartyOrg
from apps.branches.querysets import LEVEL

from .models import CensusReturn, CensusRound
from .rules import REPORTED, State

NOWHERE = "none"
"""What a filter takes for enterprises without a park or building."""


@dataclass(frozen=True)
class Counts:
    """How many returns stand where. The five states add up to `expected` (应报)."""

    expected: int = 0
    not_started: int = 0
    draft: int = 0
    submitted: int = 0
    returned: int = 0
    approved: int = 0
    on_time: int = 0

    @property
    def reported(self) -> int:
        """已报: submitted, whether checked or not."""
        return self.submitted + self.approved

    @property
    def outstanding(self) -> int:
        """未报: still to be answered."""
        return self.expected - self.reported

    @property
    def open_ends(self) -> str:
        """What a closing would cut off, in words; empty when everything is approved."""
        parts = {"未开始": self.not_started, "草稿": self.draft, "退回未重报": self.returned, "待审核": self.submitted}
        return "、".join(f"{label} {count} 份" for label, count in parts.items() if count)

    def as_json(self) -> dict[str, int]:
        return {**asdict(self), "reported": self.reported, "outstanding": self.outstanding}


class Group(NamedTuple):
    """One line of the cockpit: `query` are the filters that list its returns, `path` a node that has more below."""

    label: str
    query: dict[str, str]
    counts: Counts
    path: str = ""


_COUNTED: dict[str, Any] = {
    "expected": Count("pk"),
    **{
        state.value: Count("pk", filter=Q(stand=state.value))
        for state in (State.NOT_STARTED, State.DRAFT, State.SUBMITTED, State.RETURNED, State.APPROVED)
    },
    "on_time": Count("pk", filter=Q(stand__in=REPORTED, is_on_time=True)),
}


def totals(*rounds: CensusRound, today: datetime.date) -> Counts:
    """The figures of one round, or of several together, as far as the scope sees them. One query."""
    return Counts(**_asked(rounds, today).aggregate(**_COUNTED))


def summed(groups: Iterable[Group]) -> Counts:
    """The figures of all groups together."""
    each = [asdict(group.counts) for group in groups]
    return Counts(**{field.name: sum(counts[field.name] for counts in each) for field in fields(Counts)})


def of_rounds(rounds: Collection[CensusRound], *, today: datetime.date) -> dict[int, Counts]:
    """The figures of several rounds by id. One query."""
    found = _asked(rounds, today).values("round_id").annotate(**_COUNTED)
    counted = {row.pop("round_id"): Counts(**row) for row in found}
    return {each.pk: counted.get(each.pk, Counts()) for each in rounds}


def by_park(*rounds: CensusRound, today: datetime.date) -> list[Group]:
    rows = _asked(rounds, today).values(park=F("enterprise__park"), label=F("enterprise__park__name"))
    found = rows.annotate(**_COUNTED).order_by("enterprise__park__code")
    return [Group(row.pop("label") or "未入园区", {"park": _key(row.pop("park"))}, Counts(**row)) for row in found]


def by_building(census_round: CensusRound, *, today: datetime.date) -> list[Group]:
    rows = _asked([census_round], today).values(
        park=F("enterprise__park"), building=F("enterprise__building"),
        place=F("enterprise__park__name"), label=F("enterprise__building__name"),
    )  # fmt: skip
    found = rows.annotate(**_COUNTED).order_by("enterprise__park__code", "enterprise__building__code")
    groups = []
    for row in found:
        name = f"{row.pop('place') or '未入园区'} {row.pop('label') or '（未入楼栋）'}"
        query = {"park": _key(row.pop("park")), "building": _key(row.pop("building"))}
        groups.append(Group(name, query, Counts(**row)))
    return groups


def by_organisation(census_round: CensusRound, node: PartyOrg, *, today: datetime.date) -> list[Group]:
    """One line for each organisation directly below `node`, and one for what `node` answers for itself."""
    width = len(node.path) + LEVEL
    rows = _asked([census_round], today).filter(enterprise__org_path__startswith=node.path)
    found = list(
        rows.values(path=Substr("enterprise__org_path", 1, width)).annotate(**_COUNTED).order_by("path")
    )
    orgs = {org.path: org for org in PartyOrg.objects.filter(path__in=[line["path"] for line in found])}
    groups = []
    for line in found:
        org = orgs[line.pop("path")]
        if org.path == node.path:
            groups.append(Group(f"{org}（直接负责）", {"org": org.code, "own": "1"}, Counts(**line)))
        else:
            groups.append(Group(str(org), {"org": org.code}, Counts(**line), org.path))
    return groups


def _key(pk: int | None) -> str:
    return str(pk) if pk else NOWHERE


def by_day(census_round: CensusRound, *, today: datetime.date) -> list[tuple[datetime.date, int]]:
    """How many returns were submitted on each day of the round."""
    rows = _asked([census_round], today).filter(stand__in=REPORTED, submitted_on__isnull=False)
    return [(row["submitted_on"], row["n"]) for row in
            rows.values("submitted_on").annotate(n=Count("pk")).order_by("submitted_on")]  # fmt: skip


def _asked(rounds: Collection[CensusRound], today: datetime.date) -> Any:
    return CensusReturn.objects.filter(round__in=[row.pk for row in rounds]).asked(today).order_by()
