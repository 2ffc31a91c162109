"""What the record books add to pages of others: the sidebar, and on the page of a record where it is bound."""

from __future__ import annotations

from typing import Any

from django.utils.html import format_html, format_html_join

from apps.branches.rules import OrgKind
from apps.core.panels import ACTIVITY_SECTIONS, Panel, PanelContext, register
from apps.core.scoping import required_scope

from .. import permissions
from ..kinds import COUNTED, Book


def bound_in(context: PanelContext) -> dict[str, Any]:
    """签到表 to print, and the 记录本 in which the record stands or will stand."""
    row = context.subject
    books = dict.fromkeys(Book(kind.book).label for kind in (row.kind, row.second_kind) if kind is not None)
    keeper = row.org.parent_id if row.org.kind == OrgKind.GROUP else row.org_id
    path = row.org_path[:-4] if row.org.kind == OrgKind.GROUP else row.org_path
    url = f"/books/{keeper}/?year={row.held_on.year}" if required_scope().covers(path) else ""
    names = format_html_join("、", '<a href="{}">{}</a>' if url else "{1}", ((url, label) for label in books))
    verb = "已归入" if row.state in COUNTED else "提交后归入"
    return {
        "id": "bound-in", "title": "签到表和记录本", "link": f"{row.get_absolute_url()}sheet/", "link_label": "签到表",
        "html": format_html('<p class="mb-0">{} {}年{}。</p>', verb, row.held_on.year, names),
    }  # fmt: skip


register(ACTIVITY_SECTIONS, Panel("activities.bound_in", permissions.VIEW, bound_in, order=90))
