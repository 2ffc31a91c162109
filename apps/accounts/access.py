"""From a user and a permission to a scope: the resolver named by `SCOPE_RESOLVER`."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from apps.core.dated import in_force
from apps.core.permissions import roles_with
from apps.core.scoping import Scope, unscoped

from .models import RoleAssignment


def scope_for(user: Any, permission: str, *, on: datetime.date | None = None) -> Scope:
    """The subtrees in which `user` holds `permission` on `on` (default: today).

    The roles are read once per user object, that is once per request or task, so that a changed role
    holds from the next request on. Inactive users hold nothing.
    """
    if user is None or not getattr(user, "is_active", False) or not user.pk:
        return Scope(frozenset())
    roles = roles_with(permission)
    return Scope(frozenset(path for role, path in held_roles(user, on or timezone.localdate()) if role in roles))


def held_roles(user: Any, on: datetime.date) -> list[tuple[str, str]]:
    """(role code, node path) of every assignment in force on the day, on living organisations only."""
    return [(role, path) for role, path, _ in _held(user, on)]


def home_of(user: Any, on: datetime.date) -> tuple[str, str]:
    """(role code, name of the organisation) of the first role on the day: what the top bar says; empty without any."""
    held = _held(user, on)
    return (held[0][0], held[0][2]) if held else ("", "")


def _held(user: Any, on: datetime.date) -> list[tuple[str, str, str]]:
    cached: dict[datetime.date, list[tuple[str, str, str]]] = user.__dict__.setdefault("_held_roles", {})
    if on not in cached:
        with unscoped("roles decide the scope, so they are read before there is one"):
            rows = RoleAssignment.objects.filter(in_force(on), user_id=user.pk).exclude(org__ended_on__lte=on)
            found = rows.order_by("org__path", "pk").values_list("role", "org__path", "org__short_name", "org__name")
            cached[on] = [(role, path, short or name) for role, path, short, name in found]
    return cached[on]


def home_path(user: Any) -> str:
    """The node that a user's own acts (sign-in, new password) are filed under: the first of today's roles."""
    held = held_roles(user, timezone.localdate()) if user is not None and user.pk else []
    return held[0][1] if held else ""


def grants_from(user: Any, on: datetime.date) -> list[tuple[str, str]]:
    """(role code, node path) of every assignment that holds on the day or later."""
    with unscoped("who may change an account depends on everything that the other person holds"):
        rows = RoleAssignment.objects.filter(Q(until__isnull=True) | Q(until__gt=on), user_id=user.pk)
        return list(rows.values_list("role", "org__path"))
