"""What every page shows around its content: the sidebar, the badges, who is signed in where."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from apps.accounts.access import home_of
from apps.core import parameters
from apps.core.guard import may
from apps.core.panels import NAV, NavItem, PanelContext, rendered
from apps.core.permissions import ROLE_LABELS
from apps.reminders.inbox import unread_groups
from apps.reminders.permissions import INBOX

from .parameters import ENVIRONMENT_NOTE

GROUPS = ("工作", "底数", "党员", "组织生活", "教育和作用", "评定", "报表", "系统")
TODO_COUNT = "todo_count"
"""Session key: how many things were due when the user last saw 工作台 or 待办, so that no other page has to count."""


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor. `shell` is None while nobody is signed in."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"shell": None}
    today = timezone.localdate()
    role, org_name = home_of(user, today)
    return {
        "shell": {
            "nav": _nav(user, request.path, today),
            "todo_count": request.session.get(TODO_COUNT, 0),
            "unread_count": unread_groups(user) if may(user, INBOX) else None,
            "org_name": org_name,
            "role_label": ROLE_LABELS.get(role, ""),
            "user_name": user.display_name,
            "today": today,
            "environment_note": request.session.get(ENVIRONMENT_NOTE.code, ""),
        }
    }


def keep_environment_note(sender: Any, request: HttpRequest, **_: Any) -> None:
    """At sign-in: what every page of this session says about the installation, so that no page has to ask for it."""
    request.session[ENVIRONMENT_NOTE.code] = parameters.value(ENVIRONMENT_NOTE.code, on=timezone.localdate())


def _nav(user: Any, path: str, today: Any) -> list[dict[str, Any]]:
    items: list[NavItem] = []
    for result in rendered(NAV, PanelContext(user, today)):
        items.extend(result if isinstance(result, list) else [result])
    pages = [i.url.partition("?")[0] for i in items]
    around = [page for page in pages if path == page or (page != "/" and path.startswith(page))]
    best = max(around, key=len, default="")
    groups = [*GROUPS, *dict.fromkeys(i.group for i in items if i.group not in GROUPS)]
    return [
        {"label": group, "items": [
            {"label": i.label, "url": i.url, "active": i.url.partition("?")[0] == best, "badge": i.badge}
            for i in items if i.group == group
        ]}
        for group in groups if any(i.group == group for i in items)
    ]  # fmt: skip
