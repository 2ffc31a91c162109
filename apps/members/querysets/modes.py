"""四种管理模式: the conditions that put each person into one mode, and what the mode still lacks. Nothing is stored.

Whoever has left the post and is not placed yet is 离职属地; of the others, a member of the roster who is registered
as mobile is 流动网络 and the rest of the roster 在职规范; who works here with the relation elsewhere is 流入双重.
Somebody who has left the portal has no mode. Conditions are on today's rows of members, under the active scope.
"""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Case, CharField, Exists, OuterRef, Q, Value, When

from apps.branches.models import PartyOrg
from apps.branches.rules import OrgKind
from apps.core.periods import Period

from ..kinds import ManagementMode, Relation
from ..rules.mobile import Lack

LACKS: dict[ManagementMode, tuple[Lack, ...]] = {
    ManagementMode.IN_POST: (Lack.PHONE, Lack.ID_NUMBER, Lack.GROUP, Lack.EMPLOYER),
    ManagementMode.INFLOW_DUAL: (Lack.AGREEMENT, Lack.EXPIRING, Lack.CONTACT),
    ManagementMode.MOBILE_NETWORK: (Lack.REPORT, Lack.CONTACT_PERSON, Lack.CONTACT),
    ManagementMode.DEPARTED_LOCAL: (Lack.PLACEMENT, Lack.CONTACT),
}
"""What is asked of each mode."""


def departed(on: datetime.date) -> Q:
    """Left the post, or the firm left the park, and the relation is not where the person now belongs.

    Few are: they are looked up in the two short lists, not asked of everybody.
    """
    from ..models import Member

    waiting = Member.objects.filter(placement_since__lte=on).order_by().values("pk")
    return ~Q(relation=Relation.LEFT) & Q(pk__in=waiting.union(_departures(on).order_by().values("member")))


def present(on: datetime.date) -> Q:
    """Neither departed nor gone: `~departed`, said so that the database may look at all departures at once."""
    settled = Q(placement_since__isnull=True) | Q(placement_since__gt=on)
    return ~Q(relation=Relation.LEFT) & settled & Q(~Exists(_departures(on).filter(member=OuterRef("pk"))))


def away(on: datetime.date) -> Q:
    """On a roster, and registered as mobile on the day: 流出 by the own branch, or 流入 by the branch of the other end."""
    return Q(relation=Relation.HERE) & Q(Exists(_records(on)))


def mode_is(mode: ManagementMode, on: datetime.date) -> Q:
    """The condition that puts members into `mode` on the day."""
    if mode is ManagementMode.DEPARTED_LOCAL:
        return departed(on)
    if mode is ManagementMode.INFLOW_DUAL:
        return Q(relation=Relation.ELSEWHERE) & present(on)
    if mode is ManagementMode.MOBILE_NETWORK:
        return away(on) & present(on)
    return Q(relation=Relation.HERE) & ~Exists(_records(on)) & present(on)


def mode_column(on: datetime.date) -> Any:
    """The mode of each member as an expression, "" for who has none; for annotate()."""
    return Case(
        When(departed(on), then=Value(ManagementMode.DEPARTED_LOCAL.value)),
        When(away(on), then=Value(ManagementMode.MOBILE_NETWORK.value)),
        When(relation=Relation.HERE, then=Value(ManagementMode.IN_POST.value)),
        When(relation=Relation.ELSEWHERE, then=Value(ManagementMode.INFLOW_DUAL.value)),
        default=Value(""), output_field=CharField(),
    )  # fmt: skip


def lacks(lack: Lack, on: datetime.date, *, notice_days: int = 0) -> Q:
    """The condition that something is missing about a member on the day; `notice_days` is for 协议即将到期."""
    from ..models import DualAgreement

    mine = {"member": OuterRef("pk")}
    agreements = DualAgreement.objects.as_of(on).filter(**mine)
    if lack is Lack.PHONE:
        return Q(phone_sealed__isnull=True)
    if lack is Lack.ID_NUMBER:
        return Q(id_number_sealed__isnull=True)
    if lack is Lack.GROUP:
        groups = PartyOrg.objects.filter(kind=OrgKind.GROUP.value, ended_on=None, parent__isnull=False)
        return Q(group__isnull=True, org__in=groups.values("parent"))
    if lack is Lack.EMPLOYER:
        return Q(employer__isnull=True)
    if lack is Lack.AGREEMENT:
        return Q(~Exists(agreements))
    if lack is Lack.EXPIRING:
        return Q(Exists(agreements.filter(until__lte=on + datetime.timedelta(days=notice_days))))
    if lack is Lack.REPORT:
        return Q(Exists(_records(on).filter(reported_on__isnull=True)))
    if lack is Lack.CONTACT_PERSON:
        return Q(Exists(_records(on).filter(contact_name="")))
    if lack is Lack.PLACEMENT:
        return departed(on)
    return Q(~contacted(on, member="pk", org="org_id"))


def contacted(on: datetime.date, *, member: str, org: str) -> Any:
    """Whether the branch `org` has been in touch with `member` in the quarter of the day; both name columns."""
    from ..models import ContactNote

    notes = ContactNote.objects.within(Period.quarter_of(on)).filter(on__lte=on)
    return Exists(notes.filter(member=OuterRef(member), org=OuterRef(org)))


def _departures(on: datetime.date) -> Any:
    from ..models import Departure

    unplaced = Q(placed_on__isnull=True) | Q(placed_on__gt=on)
    return Departure.objects.filter(unplaced, left_post_on__lte=on)


def _records(on: datetime.date) -> Any:
    from ..models import MobileRecord

    return MobileRecord.objects.as_of(on).filter(member=OuterRef("pk"))
