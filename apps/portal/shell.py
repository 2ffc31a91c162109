"""What every page shows around its content: the sidebar, the badges, who is signed in where."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from apps.accounts.access import held_roles
from apps.branches.models import PartyOrg
from apps.core import parameters
from apps.core.panels import NAV, NavItem, PanelContext, rendered
from apps.core.permissions import ROLE_LABELS
from apps.core.scoping import unscoped

from .parameters import ENVIRONMENT_NOTE

GROUPS = ("工作", "底数", "组织生活", "评定", "报表", "系统")


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor. `shell` is None while nobody is signed in."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"shell": None}
    today = timezone.localdate()
    role, org_name = _where(user)
    return {
        "shell": {
            "nav": _nav(user, request.path, today),
            "todo_count": 0,
            "unread_count": 0,
            "org_name": org_name,
            "role_label": role,
            "user_name": user.display_name,
            "today": today,
            "environment_note": parameters.value(ENVIRONMENT_NOTE.code, on=today),
        }
    }


def _where(user: Any) -> tuple[str, str]:
    """(role, organisation) of the first assignment: what the top bar says the user is."""
    roles = held_roles(user, timezone.localdate())
    if not roles:
        return "", ""
    role, path = roles[0]
    with unscoped("the top bar names the user's own organisation"):
        org = PartyOrg.objects.filter(path=path).first()
    return ROLE_LABELS[role], str(org) if org else ""


def _nav(user: Any, path: str, today: Any) -> list[dict[str, Any]]:
    items: list[NavItem] = []
    for result in rendered(NAV, PanelContext(user, today)):
        items.extend(result if isinstance(result, list) else [result])
    around = [i.url for i in items if path == i.url or (i.url != "/" and path.startswith(i.url))]
    best = max(around, key=len, default="")
    groups = [*GROUPS, *dict.fromkeys(i.group for i in items if i.group not in GROUPS)]
    return [
        {"label": group, "items": [
            {"label": i.label, "url": i.url, "active": i.url == best, "badge": i.badge}
            for i in items if i.group == group
        ]}
        for group in groups if any(i.group == group for i in items)
    ]  # fmt: skip
