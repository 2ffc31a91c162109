"""The first and the last line of the sidebar."""

from __future__ import annotations

from apps.core.panels import NAV, NavItem, Panel, register
from apps.core.rights import OWN_WORK

register(NAV, Panel("portal.home", OWN_WORK, lambda context: NavItem("工作", "工作台", "/"), order=1))
register(NAV, Panel("portal.jobs", OWN_WORK, lambda context: NavItem("工作", "我的任务", "/jobs/"), order=16))
register(NAV, Panel("portal.help", OWN_WORK, lambda context: NavItem("系统", "帮助", "/help/"), order=99))
