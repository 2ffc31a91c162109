"""The rows of an import of records into the tables, and out again when the batch is taken back.

COPY for new records with their participation and attendance, one UPDATE for changed facts. What follows from
records (points, tip sheets, summaries) is told once for all of them.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from django.utils import timezone

from apps.core.bulk import insert_rows, update_rows
from apps.core.imports import Change, Row
from apps.core.period_guard import guard_spans
from apps.core.scoping import unscoped
from apps.core.sealing import new_ids

from ..kinds import Presence, State
from ..models import Activity, ActivityKind, Attendance, Participation
from ..services.following import Change as Followed
from ..services.following import Touched, tell_followers
from .record_cells import moments
from .record_checks import RowSheet, span_of

TEXTS: Final = ("place", "chair", "recorder", "speaker", "guests", "units", "agenda", "minutes", "resolution")
FACTS: Final = (*TEXTS, "form", "hours", "others_present")
"""Columns that an import may change in a record that was submitted and not yet confirmed."""

NOTHING_LEFT: Final = Decimal(0)


def insert_records(rows: Sequence[Row], kinds: Mapping[int, ActivityKind], *, actor: Any, today: datetime.date) -> None:
    """Log every row as submitted today by whoever imports: past days show as 迟报, in the period of their date."""
    ids = new_ids(Activity, len(rows))
    guard_spans({span_of(row.values["sheet"].org.path, row.values["held_on"]) for row in rows})
    activities, sides, seats = [], [], []
    for pk, row in zip(ids, rows, strict=True):
        hours = _study_hours(row, kinds)
        activities.append(_activity(pk, row, hours))
        sides.append(_side(pk, row))
        seats += _seats(pk, row, hours)
    handed_in = {"state": State.SUBMITTED.value, "reported_on": today}
    insert_rows(Activity, activities, {**handed_in, "author_id": actor.pk, "recorded_by_name": actor.display_name})
    insert_rows(Participation, sides, handed_in)
    insert_rows(Attendance, seats, {"counted": True, "is_visitor": False})
    _follow(ids, actor=actor, today=today)


def _study_hours(row: Row, kinds: Mapping[int, ActivityKind]) -> Decimal:
    given = row.values.get("study_hours")
    if given is not None:
        return Decimal(given)
    named = [row.values[name] for name in ("kind", "second_kind") if row.values.get(name)]
    return max(Decimal(kinds[pk].study_hours) for pk in named)


def _activity(pk: int, row: Row, hours: Decimal) -> dict[str, Any]:
    values, sheet = row.values, row.values["sheet"]
    starts_at, ends_at = moments(values["held_on"], values.get("hours"), timezone.get_default_timezone())
    return {
        "id": pk, "key": uuid.uuid4(), "org_id": sheet.org.pk, "org_path": sheet.org.path, "kind_id": values["kind"],
        "second_kind_id": values.get("second_kind"), "form_id": values.get("form"), "title": values["title"],
        "held_on": values["held_on"], "starts_at": _moment(starts_at), "ends_at": _moment(ends_at),
        "study_hours": hours, "expected": sheet.expected, "present": sheet.present,
        "others_present": values.get("others_present") or 0, **{name: values.get(name) or "" for name in TEXTS},
    }  # fmt: skip


def _moment(moment: datetime.datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _side(pk: int, row: Row) -> dict[str, Any]:
    values, sheet = row.values, row.values["sheet"]
    return {
        "activity_id": pk, "org_id": sheet.org.pk, "org_path": sheet.org.path, "kind_id": values["kind"],
        "second_kind_id": values.get("second_kind"), "held_on": values["held_on"], "expected": sheet.expected,
        "present": sheet.present,
    }  # fmt: skip


def _seats(pk: int, row: Row, hours: Decimal) -> list[dict[str, Any]]:
    """A line for everybody expected; the home branch is named where it would not see the line otherwise."""
    sheet: RowSheet = row.values["sheet"]
    lines = []
    for person in sheet.everybody:
        absence = sheet.absent.get(person.member)
        elsewhere = not sheet.org.path.startswith(person.home)
        lines.append({
            "activity_id": pk, "member_id": person.member, "org_id": sheet.org.pk, "org_path": sheet.org.path,
            "other_org_id": person.org_id if elsewhere else None, "other_path": person.home if elsewhere else "",
            "held_on": row.values["held_on"],
            "presence": (Presence.ABSENT if absence else Presence.PRESENT).value,
            "reason": absence.reason if absence else "", "note": absence.note if absence else "",
            "hours": NOTHING_LEFT if absence else hours,
        })  # fmt: skip
    return lines


def _follow(ids: Collection[int], *, actor: Any, today: datetime.date) -> None:
    activities = list(Activity.objects.filter(pk__in=ids).select_related("org", "kind", "second_kind"))
    sides = Participation.objects.filter(activity__in=ids).values_list("org_id", "org_path", "held_on")
    tell_followers(Followed(activities, frozenset(Touched(*side) for side in sides), today, actor))


def update_records(changes: Sequence[Change], *, actor: Any, today: datetime.date) -> None:
    """Change facts of records that wait for review. Who was there, and what counts, stays."""
    ids = [change.pk for change in changes]
    rows = Activity.objects.filter(pk__in=ids).select_for_update(of=("self",), no_key=True)
    places = {row.pk: (row.org_path, row.held_on) for row in rows}
    guard_spans({span_of(*place) for place in places.values()})
    update_rows(Activity, {change.pk: _facts(change, places[change.pk][1]) for change in changes})
    _follow(ids, actor=actor, today=today)


def _facts(change: Change, held_on: datetime.date) -> dict[str, Any]:
    facts = {name: value for name, value in change.after.items() if name in FACTS}
    if "form" in facts:
        facts["form_id"] = facts.pop("form")
    if "hours" in facts:
        starts_at, ends_at = moments(held_on, facts.pop("hours"), timezone.get_default_timezone())
        facts |= {"starts_at": starts_at, **({"ends_at": ends_at} if ends_at else {})}
    if "minutes" in facts:
        facts["minutes_rich"] = False
    return facts


def take_back_records(ids: Collection[int], *, actor: Any, today: datetime.date) -> None:
    """What hangs on records that are about to be deleted goes before them, and what followed from them.

    Participation and attendance have no history of their own: nobody but the record services writes them, and those
    write the record as well.
    """
    rows = Activity.objects.filter(pk__in=ids)
    guard_spans({span_of(*place) for place in rows.values_list("org_path", "held_on")})
    rows.update(state=State.CANCELLED)
    with unscoped("the participation and attendance of records that an undone import made"):
        Attendance.objects.filter(activity__in=ids).update(counted=False)
        Participation.objects.filter(activity__in=ids).update(state=State.CANCELLED)
    _follow(ids, actor=actor, today=today)
    with unscoped("the participation and attendance of records that an undone import made"):
        Attendance.objects.filter(activity__in=ids).delete()
        Participation.objects.filter(activity__in=ids).delete()
