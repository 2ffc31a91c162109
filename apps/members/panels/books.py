"""The lines of the sidebar for what is counted and compared on the rosters."""

from __future__ import annotations

from apps.core.panels import NAV, NavItem, Panel, PanelContext, register

from .. import permissions


def statistics(context: PanelContext) -> NavItem:
    return NavItem("党员", "党员统计", "/members/statistics/")


def reconciliation(context: PanelContext) -> NavItem:
    return NavItem("党员", "全国系统核对", "/members/reconciliation/")


register(NAV, Panel("members.statistics", permissions.VIEW, statistics, 48))
register(NAV, Panel("members.reconciliation", permissions.RECONCILE, reconciliation, 49))
