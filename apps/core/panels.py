"""What an upper app contributes to a lower app's page.

A page names a slot; any app registers a panel for it. A panel declares the permission it needs; the page
asks for the panels that the user may see and calls each one under the scope of that permission.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from .scoping import use_scope

NAV = "nav"
HOME_TODO = "home.todo"
HOME_CARDS = "home.cards"
ENTERPRISE_TABS = "enterprise.tabs"
ENTERPRISE_STORY = "enterprise.story"
ORG_PANELS = "org.panels"
ACTIVITY_SECTIONS = "activity.sections"
MEMBER_PANELS = "member.panels"
SEARCH = "search"


@dataclass(frozen=True)
class Panel:
    """`render(context)` returns what the slot documents; None means nothing to show today."""

    code: str
    permission: str
    render: Callable[[PanelContext], Any]
    order: int = 50


@dataclass(frozen=True)
class PanelContext:
    """Who looks, on which day, at what (`subject` is the page's object or None)."""

    user: Any
    today: datetime.date
    subject: Any = None


@dataclass(frozen=True)
class NavItem:
    """One line of the sidebar (slot `nav`)."""

    group: str
    label: str
    url: str
    badge: str = ""


@dataclass(frozen=True)
class HomeCard:
    """One part of the home page (slot `home.cards`): `template` gets `card` with `data`.

    `place` is top (a row of figures above everything), side (beside 我要做的事) or below.
    """

    template: str
    data: dict[str, Any]
    place: str = "below"


@dataclass(frozen=True)
class SearchHits:
    """What one kind of thing answers to the search box (slot `search`; the context's subject is the text)."""

    label: str
    hits: list[tuple[str, str, str]]  # (name, hint, url)
    more_url: str = ""


@dataclass(frozen=True)
class TodoItem:
    """One thing to do (slot `home.todo`): what, by when, why, and the one button that does it."""

    title: str
    reason: str
    url: str
    button: str
    due_on: datetime.date | None = None
    basis: str = ""
    count: int = 1


@dataclass(frozen=True)
class StoryEvent:
    """One dated event in the story of an enterprise or organisation (slots `*.story`)."""

    on: datetime.date
    title: str
    text: str = ""
    url: str = ""
    kind: str = ""


_slots: dict[str, dict[str, Panel]] = defaultdict(dict)


def register(slot: str, panel: Panel) -> None:
    if panel.code in _slots[slot]:
        raise ValueError(f"panel {panel.code} is registered twice for {slot}")
    _slots[slot][panel.code] = panel


def panels(slot: str) -> list[Panel]:
    return sorted(_slots[slot].values(), key=lambda p: (p.order, p.code))


def rendered(slot: str, context: PanelContext) -> list[Any]:
    """The results of the slot's panels that this user may see, each run under its own permission's scope."""
    resolve = import_string(settings.SCOPE_RESOLVER)
    results = []
    for panel in panels(slot):
        scope = resolve(context.user, panel.permission)
        if scope:
            with use_scope(scope):
                result = panel.render(context)
            if result is not None:
                results.append(result)
    return results
