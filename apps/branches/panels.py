"""What the organisation tree adds to pages of others: its lines in the sidebar."""

from apps.core.panels import NAV, NavItem, Panel, register

from .permissions import VIEW

register(NAV, Panel("branches.tree", VIEW, lambda context: NavItem("底数", "党组织", "/orgs/"), order=33))
