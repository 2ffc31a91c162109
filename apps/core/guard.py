"""The guard that every page and every API endpoint passes: a named permission becomes a scope."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils.module_loading import import_string

from . import audit, permissions
from .scoping import Scope, use_scope


def resolve_scope(user: Any, permission: str) -> Scope:
    """The subtrees in which `user` holds `permission` today. An undeclared permission is a KeyError."""
    permissions.registry[permission]
    return import_string(settings.SCOPE_RESOLVER)(user, permission)


def may(user: Any, permission: str) -> bool:
    """Whether the user holds the permission anywhere: decides links and buttons, never rows."""
    return bool(resolve_scope(user, permission))


@lru_cache(maxsize=1000)
def _permission_of(path: str) -> str:
    """What the page at a path asks for; empty when it is no page of the portal."""
    page: Any
    try:
        page = resolve(path).func
    except Resolver404:
        return ""
    named = getattr(page, "view_initkwargs", {}).get("permission")
    wanted = named or getattr(getattr(page, "view_class", None), "permission", "")
    return str(wanted["GET"] if isinstance(wanted, dict) else wanted)


def may_open(user: Any, url: str) -> bool:
    """Whether the page behind a link is one that the user holds the permission for: decides links, like `may`."""
    wanted = _permission_of(re.sub(r"\d+", "0", url.split("?")[0]))
    return not wanted or may(user, wanted)


def scope_or_denied(user: Any, permission: str) -> Scope:
    """The scope, or PermissionDenied with an entry in the trail when the permission is held nowhere."""
    scope = resolve_scope(user, permission)
    if not scope:
        audit.record(user, "access.denied", summary=f"无权访问：{permissions.registry[permission].label}",
                     data={"permission": permission})  # fmt: skip
        raise PermissionDenied
    return scope


class Guarded:
    """What names a permission: every page and every endpoint. Without one the process does not start.

    `permission` may differ by method: {"GET": VIEW, "POST": CHANGE}.
    """

    permission: str | dict[str, str] = ""

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        wanted = initkwargs.get("permission") or cls.permission
        if not wanted:
            raise ImproperlyConfigured(f"{cls.__name__} must name a permission")
        for code in wanted.values() if isinstance(wanted, dict) else [wanted]:
            permissions.registry[code]
        return super().as_view(**initkwargs)  # type: ignore[misc]

    def needed(self, method: str) -> str:
        if isinstance(self.permission, dict):
            return self.permission.get("GET" if method in ("HEAD", "OPTIONS") else method, self.permission["GET"])
        return self.permission


class GuardedView(Guarded, LoginRequiredMixin):
    """Mixin of every page: signed in, and under the scope of its permission."""

    request: HttpRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        with use_scope(scope_or_denied(request.user, self.needed(request.method or "GET"))):
            response: Any = super().dispatch(request, *args, **kwargs)
            if hasattr(response, "render") and not response.is_rendered:
                response = response.render()
        return response
