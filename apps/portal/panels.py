"""The first and the last line of the sidebar, and the handovers of an organisation."""

from __future__ import annotations

from typing import Any

from apps.accounts.models import Handover
from apps.accounts.permissions import HAND_OVER, HANDOVERS
from apps.branches.rules import BRANCH_KINDS, OrgKind
from apps.core.guard import may, resolve_scope
from apps.core.imports.spec import registry as importers
from apps.core.panels import NAV, ORG_PANELS, NavItem, Panel, PanelContext, register
from apps.core.rights import IMPORT, OWN_WORK
from apps.enterprises.views.tables import section, table

HANDOVERS_SHOWN = 5


def imports(context: PanelContext) -> NavItem | None:
    """导入 for whoever may import at least one ledger."""
    allowed = any(may(context.user, importer.permission) for importer in importers.values())
    return NavItem("工作", "导入", "/imports/") if allowed else None


def handovers(context: PanelContext) -> dict[str, Any] | None:
    """On the page of an organisation: who handed the post to whom, and the way to hand it over."""
    org = context.subject
    if org is None or OrgKind(org.kind) not in BRANCH_KINDS:
        return None
    rows = [
        [{"text": f"{row.on:%Y-%m-%d}", "url": row.get_absolute_url(), "nowrap": True}, {"text": row.get_role_display()},
         {"text": f"{row.outgoing_name} → {row.incoming_name or '待定'}"}]
        for row in Handover.objects.filter(org=org)[:HANDOVERS_SHOWN]
    ]  # fmt: skip
    allowed = org.ended_on is None and resolve_scope(context.user, HAND_OVER).covers(org.path)
    link = ("办理交接", f"/orgs/{org.pk}/handover/") if allowed else None
    if not rows and link is None:
        return None
    return section("handovers", "岗位交接", table(("日期", "岗位", "交接"), rows, "没有交接记录。"), link)


register(NAV, Panel("portal.home", OWN_WORK, lambda context: NavItem("工作", "工作台", "/"), order=1))
register(NAV, Panel("portal.jobs", OWN_WORK, lambda context: NavItem("工作", "我的任务", "/jobs/"), order=16))
register(NAV, Panel("portal.imports", IMPORT, imports, order=17))
register(NAV, Panel("portal.help", OWN_WORK, lambda context: NavItem("系统", "帮助", "/help/"), order=99))
register(ORG_PANELS, Panel("portal.handovers", HANDOVERS, handovers, order=60))
