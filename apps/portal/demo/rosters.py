"""The members of the demo: on the rosters of their branches, or working here while the relation is elsewhere.

The numbers are those that the census of the demo reports: somebody joins a roster on the day on which a census found
one member more. So rosters and census agree on every day, and the published figures come out of the rosters.
"""

from __future__ import annotations

import datetime
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from apps.branches.models import PartyOrg
from apps.branches.rules import CAPABILITIES, OrgKind
from apps.core.codes import make_id_number
from apps.core.sealing import new_ids
from apps.core.text import pinyin_initials
from apps.enterprises.models import Enterprise
from apps.members.kinds import Education, Entry, LeavingReason, Occupation, Relation, Sex
from apps.members.models import Member, Membership
from apps.members.services.common import member_code

from .days import Days, between
from .firms import Cover, Firm
from .names import CITY, Names
from .parks import PARKS
from .register import Enterprises
from .tree import Orgs

POSITIONS: Final = (
    "车间主任", "技术员", "工程师", "班组长", "销售经理", "会计", "质检员", "人力资源专员", "仓储主管", "总经理助理",
    "部门经理", "操作工",
)  # fmt: skip
PLACES: Final = ("辽宁丹东", "辽宁鞍山", "吉林通化", "黑龙江绥化", "山东烟台", "河北唐山", "内蒙古赤峰")
SCHOOLS: Final = (
    "沈阳工业大学机械工程",
    "大连海事大学物流管理",
    "东北财经大学会计学",
    "辽东学院食品科学",
    "职业技术学院数控技术",
)
HOMES: Final = (
    "江湾街道滨河社区党支部", "五道口村党支部", "临江镇前山村党支部", "外省某建筑公司党委第二支部", "市人才服务中心党委",
    "某大学经济学院党支部", "四道河社区党委",
)  # fmt: skip
EDUCATIONS: Final = (
    Education.BACHELOR,
    Education.COLLEGE,
    Education.BACHELOR,
    Education.SENIOR,
    Education.MASTER,
    Education.SECONDARY,
)
OCCUPATIONS: Final = (
    Occupation.WORKER,
    Occupation.TECHNICIAN,
    Occupation.MANAGER,
    Occupation.TECHNICIAN,
    Occupation.WORKER,
)
ADULT: Final = datetime.timedelta(days=19 * 366)


@dataclass
class Rosters:
    """Writes people and keeps them by branch: `here` are members on a roster today, `guests` those of elsewhere."""

    days: Days
    rng: random.Random
    names: Names
    orgs: Orgs
    rows: Enterprises
    here: dict[int, list[Member]] = field(default_factory=lambda: defaultdict(list))
    guests: list[Member] = field(default_factory=list)
    waiting: list[Member] = field(default_factory=list)
    _ids: Iterator[int] = field(default_factory=lambda: iter(()))
    _number: int = 0
    _memberships: list[Membership] = field(default_factory=list)

    def write(self, firms: list[Firm]) -> None:
        """Everybody of every firm, and the dated memberships."""
        self._ids = iter(new_ids(Member, 4000))
        members = [member for firm in firms for member in (*self._of_firm(firm), *self._from_elsewhere(firm))]
        Member.objects.bulk_create(members)
        Membership.objects.bulk_create(self._memberships)

    def person(self, org: PartyOrg, enterprise: Enterprise | None, region: str, joined: datetime.date) -> Member:
        """Somebody who joined the Party on that day, invented with everything that a roster asks for."""
        rng, pk = self.rng, next(self._ids)
        self._number += 1
        female = self._number % 5 < 2
        born = joined - ADULT - datetime.timedelta(days=rng.randrange(200, 7000))
        member = Member(
            pk=pk, code=member_code(pk), name=self.names.anybody(), org=org, employer=enterprise, born_on=born,
            sex=(Sex.FEMALE if female else Sex.MALE).value, nation=rng.choice(("01", "01", "01", "11")),
            native_place=rng.choice(PLACES), education=rng.choice(EDUCATIONS).value, school=rng.choice(SCHOOLS),
            work_since=born + datetime.timedelta(days=22 * 365 + rng.randrange(900)), joined_on=joined,
            occupation=rng.choice(OCCUPATIONS).value, position=rng.choice(POSITIONS),
            address=f"{CITY}市江湾区滨河路 {rng.randint(2, 199)} 号", household=f"{CITY}市",
        )  # fmt: skip
        member.initials = pinyin_initials(member.name)
        member.id_number = make_id_number(region, born, 1 + self._number % 499 * 2 + female)
        member.phone = self.names.phone()
        return member

    def branch_for(self, by: str, turn: int) -> PartyOrg | None:
        """The organisation of a cover that holds members: itself, or one of the branches below it in turn."""
        org = self.orgs[by]
        if CAPABILITIES[OrgKind(org.kind)].holds_members:
            return org
        below = [self.orgs[key] for key in (f"{by}.{number}" for number in range(3)) if key in self.orgs]
        return below[turn % len(below)] if by.startswith("single.") and below else None

    def _of_firm(self, firm: Firm) -> Iterator[Member]:
        """正式党员 in the order in which the census found them, then 预备党员."""
        most = max(facts["formal_members"] for _, facts in firm.slices)
        for turn in range(most + firm.facts["probationary_members"]):
            formal = turn < most
            known = (
                [since for since, facts in firm.slices if facts["formal_members"] > turn] if formal else [firm.arrived]
            )
            spells = [spell for spell in self._spells(firm, turn, known[0]) if formal or spell[2] is None]
            if spells:
                yield self._member(firm, spells, formal=formal)

    def _spells(
        self, firm: Firm, turn: int, known: datetime.date
    ) -> Iterator[tuple[PartyOrg, datetime.date, datetime.date | None]]:
        for cover in firm.covers:
            org = self.branch_for(cover.by, turn)
            if org is None:
                continue
            since = max(cover.since, known, org.founded_on or cover.since)
            until = self._until(firm, cover)
            if until is None or since < until:
                yield org, since, until

    def _until(self, firm: Firm, cover: Cover) -> datetime.date | None:
        """Members of a firm that has left the park stay with their branch until somebody places them."""
        return None if firm.gone else cover.until

    def _member(
        self, firm: Firm, spells: list[tuple[PartyOrg, datetime.date, datetime.date | None]], *, formal: bool
    ) -> Member:
        enterprise, region = self.rows[firm.place], PARKS[firm.park].region
        org, since, until = spells[-1]
        first = min(spells[0][1], self.days.today - datetime.timedelta(days=800))
        joined = first - datetime.timedelta(days=self.rng.randrange(500, 6500)) if formal else self._lately(since)
        member = self.person(org, enterprise, region, joined)
        member.formal_on = joined + datetime.timedelta(days=366) if formal else None
        if until is not None:
            member.relation, member.left_on = Relation.LEFT.value, until
            member.leaving_reason, member.destination = LeavingReason.TRANSFERRED.value, self.rng.choice(HOMES)
        elif firm.gone:
            member.placement_since = firm.slices[-1][0]
            self.waiting.append(member)
        if until is None:
            self.here[org.pk].append(member)
        for branch, begins, ends in spells:
            self._memberships.append(Membership(
                member=member, org=branch, enterprise=enterprise, since=max(begins, joined), until=ends,
                entry=(Entry.INITIAL if formal else Entry.ADMITTED).value,
                exit=LeavingReason.TRANSFERRED.value if ends else "",
            ))  # fmt: skip
        return member

    def _lately(self, since: datetime.date) -> datetime.date:
        """A 预备党员 was admitted within the last year, at the earliest when the branch could."""
        return between(max(since, self.days.ago(330)), self.days.today, self.rng.uniform(0.1, 0.7))

    def _from_elsewhere(self, firm: Firm) -> Iterator[Member]:
        """关系未转入: looked after by the branch that covers the firm, else by the committee of its park."""
        if firm.gone:
            return
        cover = next((c for c in reversed(firm.covers) if c.until is None), None)
        for turn in range(firm.facts["members_elsewhere"]):
            branch = self.branch_for(cover.by, turn) if cover else None
            joined = self.days.today - datetime.timedelta(days=self.rng.randrange(900, 9000))
            keeper = branch or self.orgs[f"committee.{firm.park}"]
            member = self.person(keeper, self.rows[firm.place], PARKS[firm.park].region, joined)
            member.formal_on = joined + datetime.timedelta(days=366)
            member.relation, member.home_text = Relation.ELSEWHERE.value, self.rng.choice(HOMES)
            self.guests.append(member)
            yield member
