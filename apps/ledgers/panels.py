from apps.core.panels import NAV, NavItem, Panel, register
from apps.core.rights import OWN_WORK

register(NAV, Panel("ledgers.index", OWN_WORK, lambda context: NavItem("报表", "台账", "/ledgers/"), order=75))
