"""What venues, lecturers, training and study add to pages of others."""

from __future__ import annotations

from typing import Any, Final

from apps.core.attachments import guard_attachments
from apps.core.panels import HOME_TODO, NAV, NavItem, Panel, PanelContext, TodoItem, register
from apps.core.scoping import required_scope

from .. import permissions
from ..models import VenueBooking
from ..rules.venues import BOOKING

NAMED: Final = 3
"""How many names a line on another page says before it only counts (appearance only)."""


def nav(label: str, url: str) -> Any:
    return lambda context: NavItem("组织生活", label, url)


def waiting_bookings(context: PanelContext) -> TodoItem | None:
    """Requests for one's own venues that wait for an answer."""
    rows = VenueBooking.objects.waiting().filter(required_scope().as_q("org_path"), starts_at__date__gte=context.today)
    found = list(rows.select_related("venue").order_by("starts_at", "pk")[: NAMED + 1])
    if not found:
        return None
    count = len(found) if len(found) <= NAMED else rows.count()
    names = "、".join(f"{row.venue.name}（{row.purpose}）" for row in found[:NAMED]) + ("等" if count > NAMED else "")
    url = f"/venues/bookings/{found[0].pk}/answer/" if count == 1 else "/venues/bookings/?state=requested"
    return TodoItem(f"{count} 个阵地预约等待答复", names, url, "去答复", found[0].starts_at.date(), str(BOOKING), count)


guard_attachments("activities.venue", view=permissions.VIEW, change=permissions.KEEP_VENUES)
register(NAV, Panel("activities.venues", permissions.VIEW, nav("阵地", "/venues/"), order=66))
register(HOME_TODO, Panel("activities.bookings", permissions.KEEP_VENUES, waiting_bookings, order=42))
