"""Law 1: every URL passes the guard, or is public for a reason that is written here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, path, resolve
from django.views import View

from apps.branches.permissions import VIEW
from apps.core.api import GuardedAPI
from apps.core.guard import GuardedView

from .source import ROOT

PUBLIC = {
    "healthz": "the load balancer asks before anybody has signed in; it tells nothing but well or not",
    "signin/": "signing in comes before any right",
    "check-in/<str:token>/": "members at the door of an activity have no account; it takes a name and tells of nobody",
}
OWN_ACCOUNT = {
    "signout/": "whoever is signed in may leave; it ends one's own session and shows nothing",
    "password/": "whoever is signed in may change the own password, also before any role is granted",
}
LINK = re.compile(r'(?:href|action|hx-get|hx-post)="(/[^"{}?#]*)(?:[?#][^"]*)?"')

EXEMPT = {**PUBLIC, **OWN_ACCOUNT}


def routes(patterns: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every route with its callback."""
    for each in patterns:
        route = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from routes(each.url_patterns, route)
        elif isinstance(each, URLPattern):
            yield route, each.callback


def is_guarded(callback: Any) -> bool:
    view = getattr(callback, "view_class", None) or getattr(callback, "cls", None)
    return isinstance(view, type) and issubclass(view, GuardedView | GuardedAPI)


def unguarded(patterns: Any) -> set[str]:
    return {route for route, callback in routes(patterns) if not is_guarded(callback)}


def test_every_url_passes_the_guard_or_is_listed_with_its_reason():
    assert unguarded(get_resolver().url_patterns) - set(EXEMPT) == set()


def test_no_exemption_outlives_its_url():
    assert set(EXEMPT) - unguarded(get_resolver().url_patterns) == set()


def test_the_law_notices_a_view_and_a_function_without_a_guard():
    class Guarded(GuardedView, View):
        permission = VIEW

    plain = [path("a/", View.as_view()), path("b/", lambda request: HttpResponse()), path("c/", Guarded.as_view())]
    assert unguarded(plain) == {"a/", "b/"}


def dead_links(texts: dict[str, str]) -> set[str]:
    """Addresses of ours that a template names in full and that lead nowhere."""
    dead = set()
    for name, text in texts.items():
        for address in LINK.findall(text):
            try:
                resolve(address)
            except Resolver404:
                dead.add(f"{name}: {address}")
    return dead


def test_every_link_in_a_template_leads_somewhere():
    templates = {str(path.relative_to(ROOT)): path.read_text() for path in (ROOT / "templates").rglob("*.html")}
    assert dead_links(templates) == set()


def test_the_law_notices_a_dead_link():
    texts = {"a.html": '<a href="/orgs/list/?q=1"><a href="/orgz/"><a href="/orgs/{{ pk }}/"><form action="/x/">'}
    assert dead_links(texts) == {"a.html: /orgz/", "a.html: /x/"}


def test_every_route_is_served_by_one_view():
    seen: dict[str, Any] = {}
    for route, callback in routes(get_resolver().url_patterns):
        assert route not in seen, f"{route} is routed twice"
        seen[route] = callback
