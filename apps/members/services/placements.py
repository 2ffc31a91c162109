"""待安置: the firm left the park, its members are still on their rosters. Called by the register of enterprises."""

from __future__ import annotations

from django.db.models import F

from apps.core.audit import record, write
from apps.core.scoping import unscoped
from apps.enterprises.departures import EnterpriseLeft

from ..models import Member


@write
def await_placement(left: EnterpriseLeft) -> int:
    """Note of every member on a roster who works there that a place is to be found; returns how many.

    The employer stays as the last one known. Who has the relation in a branch outside the scope of whoever
    records the leaving waits as well: that branch has to act.
    """
    with unscoped("whoever worked there waits, in whichever branch the relation is; a number"):
        waiting = Member.objects.on_roster().filter(employer=left.enterprise, placement_since=None)
        ids = list(waiting.values_list("pk", flat=True))
        Member.objects.filter(pk__in=ids).update(placement_since=left.on, version=F("version") + 1)
    if ids:
        record(left.actor, "member.placement_awaited", left.enterprise, data={"members": ids},
               summary=f"「{left.enterprise.name}」自 {left.on:%Y-%m-%d} 起离开园区，其党员转为待安置")  # fmt: skip
    return len(ids)
