"""岗位交接 of a post that gives write: the old account loses it at once, the new one has it from the same day."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Q

from apps.branches.models import PartyOrg
from apps.core.audit import record, write
from apps.core.errors import Conflict, DomainError
from apps.core.permissions import BRANCH_CLERK, BRANCH_SECRETARY, ROLE_LABELS
from apps.core.text import clean_name

from .models import Handover, RoleAssignment, User
from .services import disable_user, end_grant, grant_role

HANDED_OVER = (BRANCH_SECRETARY, BRANCH_CLERK)
"""Roles that go from hand to hand in a branch."""


def holders(org: PartyOrg, day: datetime.date) -> list[RoleAssignment]:
    """Who holds a post that can be handed over at the organisation on the day."""
    running = Q(until__isnull=True) | Q(until__gt=day)
    rows = RoleAssignment.objects.filter(running, org=org, role__in=HANDED_OVER, since__lte=day)
    return list(rows.select_related("user").order_by("role", "user__username"))


@write
def hand_over(
    *, org: PartyOrg, grant: RoleAssignment, incoming: User | None, today: datetime.date, actor: Any, note: str = "",
    disable: bool = False,
) -> Handover:  # fmt: skip
    """交接 today: the role of `grant` ends for its holder and begins for `incoming` (None: nobody yet).

    With `disable` the account of the outgoing person is closed where it holds nothing else. Raises DomainError for
    a role that the actor may not give, Conflict when the post was handed over meanwhile.
    """
    row = RoleAssignment.objects.select_for_update(of=("self",)).select_related("user").filter(pk=grant.pk, org=org).first()
    if row is None or (row.until is not None and row.until <= today):
        raise Conflict("这个岗位刚刚已办理交接，请刷新页面。")
    if incoming is not None and incoming.pk == row.user_id:
        raise DomainError("接手人不能是交出人本人。", field="incoming")
    outgoing, role = row.user, row.role
    end_grant(grant=row, until=today, today=today, actor=actor)
    if incoming is not None:
        grant_role(user=incoming, role=role, org=org, since=today, today=today, actor=actor)
    handover = Handover(
        org=org, role=role, on=today, outgoing=outgoing, outgoing_name=outgoing.display_name, incoming=incoming,
        incoming_name=incoming.display_name if incoming else "", note=clean_name(note), handled_by_name=actor.display_name,
    )  # fmt: skip
    handover.save()
    if disable and not _holds_anything(outgoing, today):
        disable_user(user=outgoing, today=today, actor=actor)
    to = f"「{incoming.display_name}」" if incoming else "待定人员"
    record(actor, "handover.done", handover, data={"role": role, "outgoing": outgoing.pk},
           summary=f"「{org}」{ROLE_LABELS[role]}由「{outgoing.display_name}」交接给{to}")  # fmt: skip
    return handover


def _holds_anything(user: User, day: datetime.date) -> bool:
    running = Q(until__isnull=True) | Q(until__gt=day)
    return bool(RoleAssignment.objects.filter(running, user=user).exists())
