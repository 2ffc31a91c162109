"""The four levels of the demo: 社会工作部, 园区党工委, 驻区企业党委 and 党建指导站, 企业党组织."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Any

from apps.branches.models import PartyOrg
from apps.branches.rules import OrgKind, Staffing
from apps.branches.services import (
    dissolve_organization,
    found_organization,
    move_organization,
    rename_organization,
    upgrade_organization,
)
from apps.enterprises.kinds import Form

from .days import QUARTERS, Days
from .firms import LEADERS, Firm
from .names import CITY, Names
from .parks import PARKS, DemoPark

AUTHORITY = "DL"
FOUNDED = datetime.date(2006, 9, 4)
DEPARTMENT = datetime.date(2024, 3, 18)
"""The day on which the city set up its 社会工作部."""

Orgs = dict[str, PartyOrg]


@dataclass
class Founder:
    """Founds organisations one after the other, through the services, and keeps them by key."""

    days: Days
    names: Names
    actor: Any
    orgs: Orgs = field(default_factory=dict)
    _numbers: dict[tuple[str, int], int] = field(default_factory=dict)

    def found(
        self, key: str, under: str | None, *, code: str, name: str, short: str, kind: OrgKind, on: datetime.date,
        issuer: str = "", **facts: Any,
    ) -> PartyOrg:  # fmt: skip
        facts.setdefault("contact_name", self.names.person())
        facts.setdefault("contact_phone", self.names.phone())
        org = found_organization(
            name=name, short_name=short, kind=kind, parent=self.orgs[under] if under else None, founded_on=on, code=code,
            document=self.document(issuer, on) if issuer else "", today=self.days.today, actor=self.actor, **facts,
        )  # fmt: skip
        self.orgs[key] = org
        return org

    def document(self, issuer: str, on: datetime.date) -> str:
        """The next document number that this body gave out in that year."""
        number = self._numbers[issuer, on.year] = self._numbers.get((issuer, on.year), 0) + 1
        return f"{issuer}〔{on.year}〕{number}号"


def lay_tree(founder: Founder, firms: list[Firm]) -> Orgs:
    """Found everything in order, and let some of it have a history."""
    _found_city(founder)
    for index, park in enumerate(PARKS):
        _found_park(founder, index, park)
    for firm in firms:
        _found_own(founder, firm)
    _found_shared(founder, firms)
    _found_groups(founder)
    _end_project_branch(founder)
    _move_a_branch(founder)
    return founder.orgs


def _found_city(founder: Founder) -> None:
    founder.found(
        "authority", None, code=AUTHORITY, name=f"中共{CITY}市委非公有制经济组织和社会组织工作委员会",
        short=f"{CITY}市委两新工委", kind=OrgKind.AUTHORITY, on=FOUNDED, issuer=f"{CITY[0]}委发", address=f"{CITY}市江湾区府前街 1 号",
    )  # fmt: skip
    founder.orgs["authority"] = rename_organization(
        org=founder.orgs["authority"], name=f"中共{CITY}市委社会工作部", short_name=f"{CITY}市委社会工作部", on=DEPARTMENT,
        today=founder.days.today, actor=founder.actor, document=founder.document(f"{CITY[0]}编发", DEPARTMENT),
        note="机构改革，职能划入社会工作部",
    )  # fmt: skip
    for key, code, name, on in (
        ("industry.social", "DLS", "社会组织综合党委", datetime.date(2010, 5, 12)),
        ("industry.trade", "DLH", "商贸物流行业党委", datetime.date(2011, 8, 30)),
    ):
        founder.found(
            key, "authority", code=code, name=f"中共{CITY}市{name.removesuffix('党委')}委员会", short=f"市{name}",
            kind=OrgKind.COMMITTEE, on=on, issuer=f"{CITY[0]}两新发", can_approve_probationary=True,
        )  # fmt: skip


def _found_park(founder: Founder, index: int, park: DemoPark) -> None:
    staffing = Staffing.FULL_TIME if park.staffed_full_time else Staffing.PART_TIME
    founder.found(
        f"park.{index}", "authority", code=park.code, name=f"中共{CITY}市{park.name}工作委员会", short=f"{park.short}党工委",
        kind=OrgKind.WORK_COMMITTEE, on=park.founded, issuer=f"{CITY[0]}委发", staffing=staffing,
        can_approve_probationary=True, address=f"{CITY}市{park.street} 1 号",
    )  # fmt: skip
    first = index == 0
    founder.found(
        f"committee.{index}", f"park.{index}", code=f"{park.code}W",
        name=f"中共{park.name}{'企业总支部' if first else '驻区企业'}委员会",
        short=f"{park.short}{'企业党总支' if first else '驻区企业党委'}",
        kind=OrgKind.GENERAL_BRANCH if first else OrgKind.COMMITTEE, on=park.founded + datetime.timedelta(days=160),
        issuer=issuer(park), staffing=staffing, can_approve_probationary=not first and park.staffed_full_time,
    )  # fmt: skip
    if first:
        _raise_to_committee(founder, park)
    for number, station in enumerate(park.stations):
        founder.found(
            f"station.{index}.{number}", f"committee.{index}", code=f"{park.code}Z{number + 1}",
            name=f"{park.short}{station}", short="", kind=OrgKind.GUIDANCE_STATION,
            on=park.founded + datetime.timedelta(days=1130 if first else 190), issuer=issuer(park),
        )  # fmt: skip


def _raise_to_committee(founder: Founder, park: DemoPark) -> None:
    """报请上级党工委将园区党总支升级为党委."""
    on = park.founded + datetime.timedelta(days=1120)
    founder.orgs["committee.0"] = upgrade_organization(
        org=founder.orgs["committee.0"], kind=OrgKind.COMMITTEE, on=on, today=founder.days.today, actor=founder.actor,
        name=f"中共{park.name}驻区企业委员会", short_name=f"{park.short}驻区企业党委",
        document=founder.document(issuer(park), on), note="党员人数增加，报上级批准升格",
    )  # fmt: skip


def issuer(park: DemoPark) -> str:
    return f"{park.short.removesuffix('园区')}党工发"


def station_of(firm: Firm) -> str:
    return f"station.{firm.park}.{firm.place[2] % len(PARKS[firm.park].stations)}"


def _found_own(founder: Founder, firm: Firm) -> None:
    """A firm's own organisation: a branch, or with many members a 总支 or 党委 with branches below."""
    cover = next((c for c in firm.covers if c.form is Form.SINGLE), None)
    if cover is None:
        return
    park = PARKS[firm.park]
    _, members = LEADERS.get(firm.place, (0, 0))
    kind = OrgKind.COMMITTEE if members >= 100 else OrgKind.GENERAL_BRANCH if members >= 50 else OrgKind.BRANCH
    body = {OrgKind.COMMITTEE: ("委员会", "党委"), OrgKind.GENERAL_BRANCH: ("总支部委员会", "党总支")}.get(
        kind, ("支部委员会", "党支部")
    )
    code = f"{park.code}B{firm.place[2] + 1:02d}"
    founder.found(
        cover.by, station_of(firm), code=code, name=f"中共{firm.name}{body[0]}", short=f"{firm.short}{body[1]}",
        kind=kind, on=cover.since, issuer=issuer(park),
    )  # fmt: skip
    for number, part in enumerate(("生产", "研发", "综合")[: 3 if kind is OrgKind.COMMITTEE else 2] if members else ()):
        founder.found(
            f"{cover.by}.{number}", cover.by, code=f"{code}-{number + 1}", name=f"中共{firm.name}{part}支部委员会",
            short=f"{firm.short}{part}支部", kind=OrgKind.BRANCH, on=cover.since, issuer=f"{firm.short}党发",
        )  # fmt: skip


def _found_shared(founder: Founder, firms: list[Firm]) -> None:
    """Joint branches of neighbours, and those of an area."""
    groups: dict[str, list[tuple[Firm, datetime.date]]] = {}
    for firm in firms:
        for cover in firm.covers:
            if cover.by.startswith(("joint.", "regional.")):
                groups.setdefault(cover.by, []).append((firm, cover.since))
    for key in sorted(groups):
        sort, index, number = (*key.split("."), "0")[:3]
        park = PARKS[int(index)]
        members = [firm for firm, _ in groups[key]]
        area = f"{park.short}中心片区" if sort == "regional" else _joint_title(members)
        founder.found(
            key, station_of(members[0]), code=f"{park.code}{'Q' if sort == 'regional' else 'L'}{int(number) + 1}",
            name=f"中共{CITY}市{area}联合支部委员会", short=f"{area}联合党支部", kind=OrgKind.JOINT_BRANCH,
            on=min(since for _, since in groups[key]), issuer=issuer(park),
        )  # fmt: skip


def _joint_title(members: list[Firm]) -> str:
    """Joint branches are called after their first two firms."""
    return "".join(firm.short[:2] for firm in members[:2])


def _found_groups(founder: Founder) -> None:
    """A 党小组 of the largest branch in the first park: the fifth level that some places have."""
    largest = founder.orgs["single.0.0"]
    for number, title in enumerate(("第一党小组", "第二党小组")):
        founder.found(
            f"group.{number}", "single.0.0", code=f"{largest.code}-{number + 1}", name=f"{largest.short_name}{title}",
            short=title, kind=OrgKind.GROUP, on=largest.founded_on or FOUNDED,
        )  # fmt: skip


def _end_project_branch(founder: Founder) -> None:
    """A temporary branch of a building project: set up, done, dissolved."""
    founder.found(
        "project", "committee.2", code="DL03T1", name="白沙口园区二期码头工程项目临时党支部", short="二期码头项目临时党支部",
        kind=OrgKind.TEMPORARY_BRANCH, on=datetime.date(2022, 4, 11), issuer=issuer(PARKS[2]),
    )  # fmt: skip
    dissolve_organization(
        org=founder.orgs["project"], on=datetime.date(2023, 11, 20), today=founder.days.today, actor=founder.actor,
        document=founder.document(issuer(PARKS[2]), datetime.date(2023, 11, 20)), note="工程竣工，党员转回原组织",
    )  # fmt: skip


def _move_a_branch(founder: Founder) -> None:
    """整建制划转: a branch goes over from one station of its park to the other."""
    on = founder.days.period(QUARTERS + 1).last_day - datetime.timedelta(days=10)
    founder.orgs["single.1.4"] = move_organization(
        org=founder.orgs["single.1.4"], parent=founder.orgs["station.1.1"], on=on, today=founder.days.today,
        actor=founder.actor, document=founder.document(issuer(PARKS[1]), on), note="企业厂区搬至西区，党组织整建制划转",
    )  # fmt: skip
