"""What accounts puts into the sidebar; core's own administration pages are listed here too, as core has no panels.

Roles end with the organisation at which they are held.
"""

from __future__ import annotations

from apps.branches.relocation import register_ending
from apps.core.panels import NAV, NavItem, Panel, PanelContext, register
from apps.core.rights import AUDIT_VIEW, CALENDAR_VIEW, PARAMETERS_VIEW

from .permissions import GRANT
from .services import end_grants_at

GROUP = "系统"


def _item(code: str, permission: str, label: str, url: str, order: int) -> None:
    def render(context: PanelContext) -> NavItem:
        return NavItem(GROUP, label, url)

    register(NAV, Panel(code, permission, render, order))


_item("accounts.users", GRANT, "用户与授权", "/accounts/", 90)
_item("core.parameters", PARAMETERS_VIEW, "参数", "/settings/parameters/", 91)
_item("core.calendar", CALENDAR_VIEW, "工作日历", "/settings/calendar/", 92)
_item("core.audit", AUDIT_VIEW, "审计", "/audit/", 93)
register_ending(
    "accounts.grants", lambda org, on, today, actor: end_grants_at(org=org, on=on, today=today, actor=actor)
)
