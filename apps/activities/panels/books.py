"""What the record books add to pages of others: the sidebar, and a line on the page of an organisation."""

from __future__ import annotations

from apps.core.panels import NAV, NavItem, Panel, register

from .. import permissions

register(
    NAV, Panel("activities.books", permissions.VIEW, lambda context: NavItem("组织生活", "记录本", "/books/"), order=58)
)
