"""What the organisation tree adds to pages of others: its lines in the sidebar, plans that did not take effect."""

from apps.core.panels import HOME_TODO, NAV, NavItem, Panel, PanelContext, TodoItem, register

from . import panels_terms as panels_terms
from .models import Restructuring
from .permissions import RESTRUCTURE, VIEW
from .relocation import register_relocation
from .rules.restructuring import ADJUSTMENT
from .services.merging import children_of, move_children


def failed_plans(context: PanelContext) -> list[TodoItem]:
    """Plans of restructuring whose day has come and that could not be carried out."""
    return [
        TodoItem(
            f"重组方案未能生效：{plan.name}", plan.failure, plan.get_absolute_url(), "处理", plan.on, str(ADJUSTMENT)
        )
        for plan in Restructuring.objects.failed().order_by("on", "pk")
    ]


register(NAV, Panel("branches.tree", VIEW, lambda context: NavItem("底数", "党组织", "/orgs/"), order=33))
register(
    NAV,
    Panel("branches.plans", RESTRUCTURE, lambda context: NavItem("底数", "组织重组", "/restructurings/"), order=34),
)
register(HOME_TODO, Panel("branches.failed_plans", RESTRUCTURE, failed_plans, order=5))
register_relocation("branches.children", "下级党组织", move_children, children_of, order=10)
