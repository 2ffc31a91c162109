"""What records add to pages of others: the sidebar, the button of a secretary's home, what waits for a decision."""

from __future__ import annotations

from django.db.models import Q

from apps.branches.models import PartyOrg
from apps.branches.rules import BRANCH_KINDS, OrgKind
from apps.core.attachments import guard_attachments
from apps.core.panels import HOME_CARDS, HomeCard, Panel, PanelContext, register
from apps.core.scoping import required_scope

from .. import permissions


def quick(context: PanelContext) -> HomeCard | None:
    """记一次活动 in front of everything, for whoever answers for a branch directly; one query."""
    kinds = [str(kind.value) for kind in (*BRANCH_KINDS, OrgKind.GROUP)]
    own = Q(path__in=required_scope().paths)
    if not PartyOrg.objects.filter(own, kind__in=kinds, ended_on=None).exists():
        return None
    return HomeCard("activities/_home_quick.html", {}, "top")


guard_attachments("activities.activity", view=permissions.VIEW, change=permissions.KEEP)
register(HOME_CARDS, Panel("activities.quick", permissions.KEEP, quick, order=1))
