"""What ties a person to another organisation follows the relation: called when it has arrived somewhere."""

from __future__ import annotations

import datetime

from django.db.models import Q

from apps.branches.models import PartyOrg
from apps.core.scoping import unscoped

from ..kinds import Direction
from ..models import DualAgreement, Member, MobileRecord
from .common import store
from .people import home_of

ARRIVED = "组织关系已转入"


def settle_ties(member: Member, *, on: datetime.date) -> None:
    """The relation of `member` changed on `on`: end what it has overtaken, and tell the rest where home is now.

    An agreement with the branch that received the relation ends, as does every record of having left the former
    one; other agreements and records of having come keep running and are seen from the new home.
    """
    home = home_of(member)
    with unscoped("agreements and mobile records follow the relation into another branch; rows of one member"):
        for agreement in DualAgreement.objects.filter(member=member, until__gt=on):
            overtaken = home is not None and agreement.org_id == home.pk
            _follow(agreement, home, on if overtaken else None)
        running = Q(until__isnull=True) | Q(until__gt=on)
        for mobile in MobileRecord.objects.filter(running, member=member):
            left = mobile.direction == Direction.OUT and (home is None or mobile.org_id != home.pk)
            arrived = home is not None and home.pk == (mobile.other_org_id if left else mobile.org_id)
            _follow(mobile, home, on if left or arrived else None)


def _follow(row: DualAgreement | MobileRecord, home: PartyOrg | None, end: datetime.date | None) -> None:
    """End a row on a day (one that had not begun ends the day after), or name the new home on its other side."""
    if end is not None:
        row.until = max(end, row.since + datetime.timedelta(days=1))
        if isinstance(row, DualAgreement):
            row.ended_reason = ARRIVED
    elif isinstance(row, DualAgreement):
        row.other_org = home
        row.home_text = row.home_text or row.member.home_text or row.member.destination
    elif row.direction == Direction.IN:
        row.other_org = home
    store(row)
