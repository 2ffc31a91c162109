"""The cast: one small tree of organisations, the people in it, their enterprises and, where asked for (`roster`),
their members. The same in every test.

    社会工作部 authority
    ├─ 甲园区党工委 park_org ─ 党委 committee ─ 党建指导站 station ─┬─ branch_a ─ 党小组 group_a
    │                                                               └─ 联合党支部 branch_b
    └─ 乙园区党工委 sibling_org ─ sibling_branch

Everything holds since 2020-01-01. `cast.users.secretary_a` signs in with `PASSWORD`.
"""

from __future__ import annotations

import datetime
from contextlib import AbstractContextManager
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password

from apps.accounts.models import RoleAssignment, User
from apps.branches.models import PartyOrg
from apps.branches.tree import segment
from apps.core.codes import make_credit_code, make_id_number
from apps.core.scoping import Scope, unscoped, use_scope
from apps.core.sealing import new_ids
from apps.core.text import pinyin_initials
from apps.enterprises.models import Building, Condition, Enterprise, Establishment, Park
from apps.members.models import Member, Membership

PASSWORD = "correct-horse-2026"
SINCE = datetime.date(2020, 1, 1)

ORGS = {
    # attribute: (parent, place under it, code, name, short name, kind)
    "authority": (None, 1, "DD", "中共丹东市委社会工作部", "市委社会工作部", "authority"),
    "park_org": ("authority", 1, "JY", "中共甲园区工作委员会", "甲园区党工委", "work_committee"),
    "sibling_org": ("authority", 2, "YY", "中共乙园区工作委员会", "乙园区党工委", "work_committee"),
    "committee": ("park_org", 1, "JYW", "中共甲园区驻区企业委员会", "甲园区企业党委", "committee"),
    "sibling_branch": ("sibling_org", 1, "YYZ1", "中共丁公司支部委员会", "丁公司党支部", "branch"),
    "station": ("committee", 1, "JYZ", "甲园区党建指导站", "", "guidance_station"),
    "branch_a": ("station", 1, "JYA", "中共子公司支部委员会", "子公司党支部", "branch"),
    "branch_b": ("station", 2, "JYB", "中共丑寅联合支部委员会", "丑寅联合党支部", "joint_branch"),
    "group_a": ("branch_a", 1, "JYA1", "子公司党支部第一党小组", "第一党小组", "group"),
}

PEOPLE = {
    # username: (display name, role, organisation)
    "authority_officer": ("周部长", "authority_officer", "authority"),
    "park_officer": ("李明", "park_officer", "park_org"),
    "secretary_a": ("王书记", "branch_secretary", "branch_a"),
    "clerk_a1": ("孙委员", "branch_clerk", "branch_a"),
    "secretary_b": ("赵书记", "branch_secretary", "branch_b"),
    "instructor": ("钱指导员", "instructor", "station"),
    "auditor": ("吴审计", "auditor", "authority"),
    "system_admin": ("郑管理", "system_admin", "authority"),
    "visitor": ("冯访客", None, None),
}

ENTERPRISES = {
    # attribute: (name, org, park, building, staff, formal members, establishment form)
    "enterprise_a": ("丹东子精密机械有限公司", "branch_a", "park", "building", 120, 5, "single"),
    "enterprise_b": ("丹东丑电子有限公司", "branch_b", "park", "building", 30, 2, "joint"),
    "enterprise_uncovered": ("丹东卯软件有限公司", "park_org", "park", None, 60, 4, None),
    "enterprise_sibling": ("丹东丁仪表有限公司", "sibling_branch", "sibling_park", None, 40, 3, "single"),
}


MEMBERS = {
    # attribute: (name, branch, employer, joined, formal from): 组织关系 since the later of SINCE and joining
    "worker_a1": ("陈一鸣", "branch_a", "enterprise_a", "2005-06-30", "2006-06-30"),
    "worker_a2": ("孙·阿依古丽", "branch_a", "enterprise_a", "2008-06-30", "2009-06-30"),
    "worker_a3": ("王建国", "branch_a", "enterprise_a", "2011-06-30", "2012-06-30"),
    "worker_a4": ("李秀英", "branch_a", "enterprise_a", "2014-06-30", "2015-06-30"),
    "worker_a5": ("赵敏", "branch_a", "enterprise_a", "2017-06-30", "2018-06-30"),
    "probationary_a": ("周小满", "branch_a", "enterprise_a", "2026-03-10", None),
    "worker_b1": ("吴刚", "branch_b", "enterprise_b", "2009-06-30", "2010-06-30"),
    "worker_b2": ("郑爽", "branch_b", "enterprise_b", "2013-06-30", "2014-06-30"),
    "sibling_1": ("冯涛", "sibling_branch", "enterprise_sibling", "2007-06-30", "2008-06-30"),
    "sibling_2": ("卫国", "sibling_branch", "enterprise_sibling", "2010-06-30", "2011-06-30"),
    "sibling_3": ("蒋欣", "sibling_branch", "enterprise_sibling", "2016-06-30", "2017-06-30"),
    "worker_elsewhere": ("韩梅梅", "sibling_branch", "enterprise_a", "2012-06-30", "2013-06-30"),
}


class Cast(SimpleNamespace):
    """Everybody and everything by name."""

    users: SimpleNamespace
    authority: PartyOrg
    park_org: PartyOrg
    sibling_org: PartyOrg
    committee: PartyOrg
    sibling_branch: PartyOrg
    station: PartyOrg
    branch_a: PartyOrg
    branch_b: PartyOrg
    group_a: PartyOrg
    park: Park
    building: Building
    sibling_park: Park
    enterprise_a: Enterprise
    enterprise_b: Enterprise
    enterprise_uncovered: Enterprise
    enterprise_sibling: Enterprise

    def within(self, *orgs: PartyOrg) -> AbstractContextManager[None]:
        """The scope of whoever answers for these organisations."""
        return use_scope(Scope(frozenset(org.path for org in orgs)))


@pytest.fixture
def cast(db: None) -> Cast:
    """The small park that tests play in. Rows are read again under the scope that a test chooses."""
    found = Cast(users=SimpleNamespace())
    with unscoped("the cast is laid before there is a scope"):
        _found_organisations(found)
        _appoint_people(found)
        _settle_enterprises(found)
    return found


@pytest.fixture
def roster(cast: Cast) -> SimpleNamespace:
    """The members of the cast on their rosters."""
    return enrol_members(cast)


def _found_organisations(found: Any) -> None:
    depths: dict[str, int] = {}
    for name, (parent, *_) in ORGS.items():
        depths[name] = depths[parent] + 1 if parent else 0
    for depth in range(max(depths.values()) + 1):
        level = []
        for name, (parent, place, code, full, short, kind) in ORGS.items():
            if depths[name] == depth:
                above = getattr(found, parent) if parent else None
                org = PartyOrg(
                    code=code, name=full, short_name=short, kind=kind, parent=above, founded_on=SINCE,
                    path=(above.path if above else "") + segment(place), initials=pinyin_initials(full),
                )  # fmt: skip
                setattr(found, name, org)
                level.append(org)
        PartyOrg.objects.bulk_create(level)


def _appoint_people(found: Any) -> None:
    password = make_password(PASSWORD)
    users = [
        User(username=username, display_name=display, password=password, must_change_password=False)
        for username, (display, _, _) in PEOPLE.items()
    ]
    User.objects.bulk_create(users)
    for user in users:
        setattr(found.users, user.username, user)
    RoleAssignment.objects.bulk_create(
        [
            RoleAssignment(user=getattr(found.users, username), role=role, org=getattr(found, org), since=SINCE)
            for username, (_, role, org) in PEOPLE.items()
            if role and org
        ]
    )


def _settle_enterprises(found: Any) -> None:
    found.park = Park(code="A", name="甲园区", level="provincial", org=found.park_org)
    found.sibling_park = Park(code="B", name="乙园区", level="city", org=found.sibling_org)
    Park.objects.bulk_create([found.park, found.sibling_park])
    found.building = Building(park=found.park, code="A1", name="A1 栋", org=found.park_org)
    found.building.save()
    for serial, (name, (title, org, park, building, *_)) in enumerate(ENTERPRISES.items()):
        enterprise = Enterprise(
            name=title, initials=pinyin_initials(title), credit_code=make_credit_code(serial=serial),
            org=getattr(found, org), park=getattr(found, park), building=getattr(found, building) if building else None,
            registered_on=SINCE, arrived_on=SINCE,
        )  # fmt: skip
        setattr(found, name, enterprise)
    Enterprise.objects.bulk_create([getattr(found, name) for name in ENTERPRISES])
    Condition.objects.bulk_create(
        [
            Condition(enterprise=getattr(found, name), since=SINCE, staff=staff, formal_members=members)
            for name, (*_, staff, members, _form) in ENTERPRISES.items()
        ]
    )
    Establishment.objects.bulk_create(
        [
            Establishment(enterprise=getattr(found, name), org=getattr(found, org), form=form, since=SINCE)
            for name, (_, org, *_, form) in ENTERPRISES.items()
            if form
        ]
    )


def enrol_members(found: Any) -> SimpleNamespace:
    """Put the members of MEMBERS on the rosters of the cast and return them by name, with lists by branch.

    `of_a`, `of_b` and `of_sibling` are in the order of MEMBERS; `worker_elsewhere` works in enterprise_a and has
    the relation in sibling_branch.
    """
    roster = SimpleNamespace()
    rows = []
    with unscoped("the rosters are laid before there is a scope"):
        for serial, (pk, (name, facts)) in enumerate(
            zip(new_ids(Member, len(MEMBERS)), MEMBERS.items(), strict=True), start=1
        ):
            title, branch, employer, joined, formal = facts
            born = datetime.date(1980 + serial, 3, 15)
            member = Member(
                pk=pk, code=f"DY9{serial:07d}", name=title, initials=pinyin_initials(title), born_on=born,
                sex=str(2 - serial % 2), nation="01", org=getattr(found, branch), employer=getattr(found, employer),
                education="21", joined_on=datetime.date.fromisoformat(joined),
                formal_on=formal and datetime.date.fromisoformat(formal),
            )  # fmt: skip
            member.id_number = make_id_number("210602", born, serial)
            member.phone = f"139{serial:08d}"
            setattr(roster, name, member)
            rows.append(member)
        Member.objects.bulk_create(rows)
        Membership.objects.bulk_create(
            Membership(member=row, org=row.org, enterprise=row.employer, since=max(SINCE, row.joined_on))
            for row in rows
        )
    roster.of_a = [row for row in rows if row.org == found.branch_a]
    roster.of_b = [row for row in rows if row.org == found.branch_b]
    roster.of_sibling = [row for row in rows if row.org == found.sibling_branch]
    return roster
