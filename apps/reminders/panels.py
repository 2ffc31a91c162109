"""Where reminders show on others' pages: the sidebar."""

from __future__ import annotations

from apps.core.panels import NAV, NavItem, Panel, PanelContext, register

from .inbox import unread_groups
from .permissions import INBOX


def _nav(context: PanelContext) -> NavItem:
    unread = unread_groups(context.user)
    return NavItem("工作", "消息", "/messages/", str(unread) if unread else "")


register(NAV, Panel("reminders.inbox", INBOX, _nav, order=15))
