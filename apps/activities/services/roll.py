"""名册 of a day: who is expected at an activity of a kind, who may be chosen for it, who may vote."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from apps.branches.models import PartyOrg
from apps.branches.rules import CAPABILITIES, OrgKind
from apps.core.errors import DomainError
from apps.core.scoping import unscoped
from apps.members.kinds import Relation, Standing
from apps.members.models import DualAgreement, Member, Membership, MobileRecord, Post

from ..kinds import Audience
from ..models import ActivityKind
from ..rules.catalogue import COMMITTEE_MEETING, GROUP_MEETING
from ..rules.records import audience_of


@dataclass(frozen=True)
class Expected:
    """Somebody on the roster of a day. `org` is the branch of the relation on that day, None where it is outside."""

    member: Member
    org: PartyOrg | None
    group: PartyOrg | None = None

    @property
    def name(self) -> str:
        return str(self.member.name)


def audience_at(org: PartyOrg, kind: ActivityKind, second_kind: ActivityKind | None = None) -> Audience:
    """Who is expected when this organisation holds an activity of these kinds.

    A 党小组 gathers its own members. Where no relation is kept (党委, 党建指导站, 临时党支部) whoever takes part is
    chosen. Raises DomainError for a 党小组会 that is not a group's, and for a 支委会 of a group.
    """
    wanted = audience_of(Audience(kind.audience), Audience(second_kind.audience) if second_kind else None)
    if org.kind == OrgKind.GROUP:
        if wanted is Audience.COMMITTEE:
            message = f"党小组不设班子，“{kind}”请由党支部记录。"
            raise DomainError(message, basis=COMMITTEE_MEETING, code="group_has_no_committee", field="org")
        return Audience.CHOSEN if wanted is Audience.CHOSEN else Audience.GROUP
    if wanted is Audience.GROUP:
        message = f"“{kind}”由党小组召开，请选择党小组；没有设党小组的支部不用记录。"
        raise DomainError(message, basis=GROUP_MEETING, code="group_needed", field="org")
    if wanted is Audience.MEMBERS and not CAPABILITIES[OrgKind(org.kind)].holds_members:
        return Audience.CHOSEN
    return wanted


def expected_on(
    org: PartyOrg, kind: ActivityKind, day: datetime.date, second_kind: ActivityKind | None = None
) -> list[Expected]:
    """Everybody who is expected, by name; nobody where whoever takes part is chosen. At most two queries.

    The committee are the holders of its posts on the day; a holder whom the portal does not keep as a member stands
    on no roster and is named among those who sit in (列席).
    """
    audience = audience_at(org, kind, second_kind)
    if audience is Audience.CHOSEN:
        return []
    return _committee(org, day) if audience is Audience.COMMITTEE else _members(org, day)


def candidates_on(org: PartyOrg, day: datetime.date, among: Collection[int] | None = None) -> list[Expected]:
    """Whom one may choose for an activity of the organisation: the rosters of its subtree on the day, by name.

    `among` are ids of members to which the answer is narrowed. A 临时党支部 or 流动党员党支部, which keeps no
    relations, chooses among those whom it looks after.
    """
    below = {"group": org} if org.kind == OrgKind.GROUP else {"org_path__startswith": org.path}
    rows = Membership.objects.as_of(day).filter(**below)
    found = [_as_expected(row) for row in _by_name(rows if among is None else rows.filter(member__in=among))]
    if org.kind in (OrgKind.TEMPORARY_BRANCH, OrgKind.MOBILE_BRANCH):
        known = {each.member.pk for each in found}
        guests = [each for each in looked_after(org, day) if each.member.pk not in known]
        found += [each for each in guests if among is None or each.member.pk in among]
    return found


def looked_after(org: PartyOrg, day: datetime.date) -> list[Expected]:
    """Who takes part here although the relation is elsewhere: offered as visitors, never counted in 应到.

    Registered here with the relation outside, by a 双重管理协议, or as 流入 of the day. Three queries.
    """
    agreements = DualAgreement.objects.as_of(day).filter(org=org).values_list("member_id", flat=True)
    arrived = MobileRecord.objects.as_of(day).arriving().filter(Q(org=org) | Q(other_org=org))
    ids = {*agreements, *arrived.values_list("member_id", flat=True)}
    with unscoped("whom the branch looks after by agreement or as 流入; their names and home branches"):
        here = Q(org=org, relation=Relation.ELSEWHERE) | Q(pk__in=ids)
        people = list(Member.objects.filter(here).exclude(relation=Relation.LEFT).order_by("initials", "pk"))
        homes = homes_on([person.pk for person in people], day)
    found = [Expected(person, homes.get(person.pk)) for person in people]
    return [each for each in found if each.org is None or each.org.pk != org.pk]


def eligible_voters(org: PartyOrg, day: datetime.date) -> list[Expected]:
    """应到会有表决权党员 of the organisation on the day, by name: 正式党员 whose 党籍 is not suspended."""
    rows = _memberships(org, day).formal(day).exclude(member__standing=Standing.SUSPENDED)
    return [_as_expected(row) for row in _by_name(rows)]


def holders_without_file(org: PartyOrg, day: datetime.date) -> list[str]:
    """Names of committee members on the day whom the portal does not keep as members (派驻的书记)."""
    rows = Post.objects.as_of(day).committee().filter(org=org, member=None)
    return sorted(set(rows.values_list("name", flat=True)))


def homes_on(members: Iterable[int], day: datetime.date) -> dict[int, PartyOrg]:
    """The branch of each person's relation on the day, wherever it is; nobody whose relation is outside. One query."""
    with unscoped("the home branch of people who take part elsewhere; names and paths of branches"):
        rows = Membership.objects.as_of(day).filter(member__in=list(members)).select_related("org")
        return {row.member_id: row.org for row in rows}


def _committee(org: PartyOrg, day: datetime.date) -> list[Expected]:
    posts = Post.objects.as_of(day).committee().filter(org=org, member__isnull=False)
    people = {post.member_id: post.member for post in posts.select_related("member").order_by("pk")}
    homes = homes_on(people, day)
    found = [Expected(person, homes.get(pk)) for pk, person in people.items()]
    return sorted(found, key=lambda each: (each.member.initials, each.member.pk))


def _members(org: PartyOrg, day: datetime.date) -> list[Expected]:
    return [_as_expected(row) for row in _by_name(_memberships(org, day))]


def _memberships(org: PartyOrg, day: datetime.date) -> Any:
    held = {"group": org} if org.kind == OrgKind.GROUP else {"org": org}
    return Membership.objects.as_of(day).filter(**held)


def _by_name(rows: Any) -> Any:
    return rows.select_related("member", "org", "group").order_by("member__initials", "member__pk")


def _as_expected(row: Membership) -> Expected:
    return Expected(row.member, row.org, row.group)
