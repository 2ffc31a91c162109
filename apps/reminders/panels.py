"""Where reminders show on others' pages: the sidebar."""

from __future__ import annotations

from apps.core.panels import NAV, NavItem, Panel, register

from .permissions import INBOX

register(NAV, Panel("reminders.inbox", INBOX, lambda context: NavItem("工作", "消息", "/messages/"), order=15))
