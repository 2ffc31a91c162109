"""From the record of a 民主评议 meeting to the review of members that was held at it."""

from __future__ import annotations

from typing import Any, Final

from apps.core.guard import resolve_scope
from apps.core.scoping import use_scope

from .. import permissions
from ..models import Activity, ReviewRound

HELD_AT: Final = "appraisal"
"""The kind of activity at which members are reviewed."""


def review_ways(user: Any, activity: Activity) -> list[dict[str, Any]]:
    """The button of a record: to the review that is linked, or to beginning one; for who may keep reviews. One query."""
    codes = (activity.kind.code, activity.second_kind.code if activity.second_kind else "")
    scope = resolve_scope(user, permissions.KEEP_REVIEWS)
    if HELD_AT not in codes or not scope.covers(activity.org_path):
        return []
    with use_scope(scope):
        found = ReviewRound.objects.filter(activity=activity).first()
    if found is not None:
        return [{"label": "评议结果", "url": found.get_absolute_url()}]
    return [{"label": "登记评议结果", "url": f"/reviews/new/?activity={activity.pk}", "primary": True}]
