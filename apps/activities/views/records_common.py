"""What the pages of records share: the way back, finding one that somebody may read, and whose it is."""

from __future__ import annotations

from typing import Any, Final

from django.http import Http404

from apps.branches.models import PartyOrg
from apps.branches.rules import OrgKind
from apps.core.guard import resolve_scope
from apps.core.scoping import required_scope
from apps.core.text import row_id

from .. import permissions
from ..kinds import State
from ..models import Activity, Attendance, Participation

RECORDS: Final = {"label": "组织生活记录", "url": "/activities/"}
TONES: Final = {
    State.PLANNED: "info", State.DRAFT: "neutral", State.SUBMITTED: "warning", State.CONFIRMED: "success",
    State.RETURNED: "danger", State.CORRECTION: "warning", State.CANCELLED: "neutral",
}  # fmt: skip
_WITH: Final = ("activity__org", "activity__kind", "activity__second_kind", "activity__form", "activity__venue",
                "activity__theme", "activity__lecturer", "activity__author", "activity__replaces")  # fmt: skip


def readable_record(pk: int) -> Activity:
    """The record for whoever answers for a branch that held it, or for the home branch of somebody who took part."""
    held = Participation.objects.filter(activity=pk).select_related(*_WITH).order_by("-is_host").first()
    row = held or Attendance.objects.filter(activity=pk).select_related(*_WITH).first()
    if row is None:
        raise Http404
    return row.activity  # type: ignore[no-any-return]


def own_record(wanted: str) -> Activity:
    """A record that an organisation of the scope held as host, named by its id. 404 otherwise."""
    found = Activity.objects.filter(pk=row_id(wanted) or 0).first()
    if found is None:
        raise Http404
    return found  # type: ignore[no-any-return]


def is_host(activity: Activity) -> bool:
    """Whether the active scope answers for the organisation that held it."""
    return required_scope().covers(activity.org_path)


def stands_close(org: PartyOrg, paths: frozenset[str]) -> bool:
    """Whether one of the nodes is the organisation itself, or the branch of a 党小组: its own people, not an office."""
    return org.path in paths or (org.kind == OrgKind.GROUP and org.path[:-4] in paths)


def keeps(user: Any, activity: Activity) -> bool:
    """Whether the reader writes the record: of the organisation itself, or whoever entered it."""
    scope = resolve_scope(user, permissions.KEEP)
    own = stands_close(activity.org, scope.paths) or activity.author_id == user.pk
    return scope.covers(activity.org_path) and own


def reviews(user: Any, activity: Activity) -> bool:
    """Whether the reader decides about the record: an office above, never the person who submitted it."""
    return resolve_scope(user, permissions.REVIEW).covers(activity.org_path) and activity.author_id != user.pk
