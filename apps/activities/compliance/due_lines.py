"""我还差什么 beyond the duties: lines that any module adds about one organisation.

A module registers a panel in the slot `DUE_LINES`. Its `render(context)` is called under the scope of the panel's
permission, with the organisation as `context.subject`, and returns `TodoItem`s (or one, or None): each with its
date, its reason, its 依据 and the one button that settles it. The page 我还差什么 and the home page of the branch
show them, so that such a module registers nothing in `home.todo` for the branch.
"""

from __future__ import annotations

import datetime
from typing import Any

from apps.branches.models import PartyOrg
from apps.core.panels import PanelContext, TodoItem, rendered

DUE_LINES = "activities.due"


def due_lines(org: PartyOrg, *, user: Any, today: datetime.date) -> list[TodoItem]:
    """What the modules say that the organisation has to do, as far as the user may do it."""
    found: list[TodoItem] = []
    for result in rendered(DUE_LINES, PanelContext(user, today, org)):
        found.extend(result if isinstance(result, list) else [result])
    return found
