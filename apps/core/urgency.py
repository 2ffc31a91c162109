"""How urgency is said and ordered, and how things to do look on a page. Pure functions."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from .panels import TodoItem

SOON_DAYS = 7


def due_label(due: datetime.date | None, today: datetime.date) -> str:
    """逾期 3 天, 今天, 7 天内, 28 天内; without a date 待办."""
    if due is None:
        return "待办"
    days = (due - today).days
    if days < 0:
        return f"逾期 {-days} 天"
    return "今天" if days == 0 else f"还有 {days} 天"


def tone(due: datetime.date | None, today: datetime.date) -> str:
    """Colour of the due label: danger when overdue, warning within a week, success later, neutral undated."""
    if due is None:
        return "neutral"
    days = (due - today).days
    if days < 0:
        return "danger"
    return "warning" if days <= SOON_DAYS else "success"


def in_order(items: list[TodoItem]) -> list[TodoItem]:
    """The earliest due first, undated last."""
    return sorted(items, key=lambda item: (item.due_on is None, item.due_on or datetime.date.max, item.title))


def as_rows(items: Iterable[TodoItem], today: datetime.date) -> list[dict[str, Any]]:
    """The items as `components/todo_row.html` shows them."""
    return [
        {
            "title": item.title, "reason": item.reason, "basis": item.basis, "url": item.url,
            "button_label": item.button, "due_label": due_label(item.due_on, today), "tone": tone(item.due_on, today),
        }
        for item in items
    ]  # fmt: skip
