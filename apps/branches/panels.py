"""What the organisation tree adds to pages of others: its lines in the sidebar."""

from apps.core.panels import NAV, NavItem, Panel, register

from .permissions import VIEW
from .relocation import register_relocation
from .services.merging import children_of, move_children

register(NAV, Panel("branches.tree", VIEW, lambda context: NavItem("底数", "党组织", "/orgs/"), order=33))
register_relocation("branches.children", "下级党组织", move_children, children_of, order=10)
