"""The lines of the app in the sidebar: what a branch holds, and what study and merit come out of it."""

from __future__ import annotations

from typing import Any, Final

from apps.core.guard import may, resolve_scope
from apps.core.panels import NAV, NavItem, Panel, PanelContext, register

from .. import permissions
from ..permissions import CONFIGURE, KEEP, REVIEW, VIEW, VIEW_REVIEWS

LIFE: Final = "组织生活"
MERIT: Final = "教育和作用"

LINES: Final = (
    ("new", KEEP, LIFE, "记一次活动", "/activities/new/"),
    ("records", VIEW, LIFE, "组织生活记录", "/activities/"),
    ("review", REVIEW, LIFE, "待审核记录", "/activities/review/"),
    ("board", VIEW, LIFE, "完成情况", "/activities/board/"),
    ("calendar", VIEW, LIFE, "月历", "/activities/calendar/"),
    ("tip_sheets", VIEW, LIFE, "提示单", "/tip-sheets/"),
    ("follow_ups", VIEW, LIFE, "落实事项", "/follow-ups/"),
    ("books", VIEW, LIFE, "记录本", "/books/"),
    ("forms", VIEW, LIFE, "活动形式统计", "/activities/forms/"),
    ("settings", CONFIGURE, LIFE, "组织生活设置", "/activities/settings/"),
    ("training", VIEW, MERIT, "教育培训", "/training/"),
    ("themes", VIEW, MERIT, "月度专题", "/themes/"),
    ("materials", VIEW, MERIT, "学习材料", "/materials/"),
    ("lecturers", VIEW, MERIT, "红色讲师团", "/lecturers/"),
    ("points", VIEW, MERIT, "党员积分", "/points/"),
    ("pioneer_posts", VIEW, MERIT, "先锋岗", "/pioneer-posts/"),
    ("pledges", VIEW, MERIT, "公开承诺", "/pledges/"),
    ("suggestions", VIEW, MERIT, "合理化建议", "/suggestions/"),
    ("reviews", VIEW_REVIEWS, MERIT, "党员评议", "/reviews/"),
    ("venues", VIEW, MERIT, "阵地", "/venues/"),
)
"""Code, permission, group, label and address, in the order of the sidebar."""


def acts_for_a_branch(user: Any) -> bool:
    """Whether the user logs activities of an own branch, and is not the office that reviews them."""
    return may(user, permissions.KEEP) and not may(user, permissions.REVIEW)


def due(context: PanelContext) -> NavItem | None:
    return NavItem(LIFE, "我还差什么", "/activities/due/") if acts_for_a_branch(context.user) else None


def line(group: str, label: str, url: str) -> Any:
    """The office goes to the tip sheets that it has issued, a branch to those that it has received."""

    def item(context: PanelContext) -> NavItem:
        issues = url == "/tip-sheets/" and bool(resolve_scope(context.user, permissions.ISSUE))
        return NavItem(group, label, "/tip-sheets/issued/" if issues else url)

    return item


register(NAV, Panel("activities.due", VIEW, due, order=50))
for place, (code, permission, group, label, url) in enumerate(LINES, start=51):
    register(NAV, Panel(f"activities.{code}", permission, line(group, label, url), order=place))
