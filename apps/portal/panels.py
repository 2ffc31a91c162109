"""The first and the last line of the sidebar."""

from __future__ import annotations

from apps.core.guard import may
from apps.core.imports.spec import registry as importers
from apps.core.panels import NAV, NavItem, Panel, PanelContext, register
from apps.core.rights import IMPORT, OWN_WORK


def imports(context: PanelContext) -> NavItem | None:
    """导入 for whoever may import at least one ledger."""
    allowed = any(may(context.user, importer.permission) for importer in importers.values())
    return NavItem("工作", "导入", "/imports/") if allowed else None


register(NAV, Panel("portal.home", OWN_WORK, lambda context: NavItem("工作", "工作台", "/"), order=1))
register(NAV, Panel("portal.jobs", OWN_WORK, lambda context: NavItem("工作", "我的任务", "/jobs/"), order=16))
register(NAV, Panel("portal.imports", IMPORT, imports, order=17))
register(NAV, Panel("portal.help", OWN_WORK, lambda context: NavItem("系统", "帮助", "/help/"), order=99))
