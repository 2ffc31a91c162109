"""What a month holds for a node: plans, records, tip sheets that run out, bookings, things to be followed up.

The number of queries does not depend on how much there is; a day of a large node names a few and counts the rest.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, F, Min, OuterRef, Q, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from apps.branches.models import PartyOrg
from apps.core.periods import Period
from apps.core.scoping import required_scope

from .kinds import COUNTED, BookingState, State
from .models import FollowUp, LecturerBooking, Participation, TipSheetReceipt, VenueBooking

NAMED_A_DAY = 5
"""How many records of a day are named before the rest is only counted (appearance only)."""
OTHERS = 200
"""The most bookings, tip sheets and follow-ups of a month, and records of one day (appearance only)."""
THEME_DAY_KIND = "theme_day"

TONES = {
    State.PLANNED: "info", State.SUBMITTED: "success", State.CONFIRMED: "success", State.DRAFT: "neutral",
    State.RETURNED: "danger", State.CORRECTION: "warning",
}  # fmt: skip
LIVE_BOOKINGS = (BookingState.REQUESTED, BookingState.ACCEPTED, BookingState.DONE)


@dataclass(frozen=True)
class Event:
    """One thing on a day: what it is in a word, what exactly, and where it is opened."""

    on: datetime.date
    label: str
    text: str
    url: str
    tone: str
    time: str = ""


@dataclass
class Day:
    """A day of the month with what is on it; `more` records are not named."""

    day: datetime.date
    events: list[Event] = field(default_factory=list)
    more: int = 0


def days_of(org: PartyOrg, month: Period, whole: datetime.date | None = None) -> dict[datetime.date, Day]:
    """Every day of the month with what it holds for everything below the node; all of the day `whole`. Five queries."""
    first = month.start
    days = {day: Day(day) for day in (first + datetime.timedelta(days=n) for n in range((month.end - first).days))}
    counted: dict[datetime.date, int] = defaultdict(int)
    for row in _records(org, month, whole):
        days[row.held_on].events.append(_record_event(row, org))
        counted[row.held_on] = row.on_this_day
    for day, count in counted.items():
        days[day].more = count - len(days[day].events)
    for event in (*_tip_sheets(org, month), *_follow_ups(org, month), *_rooms(org, month), *_lecturers(org, month)):
        days[event.on].events.append(event)
    return days


def has_theme_day(org: PartyOrg, month: Period) -> bool:
    """Whether the branch itself has planned or recorded its 主题党日 of the month."""
    rows = Participation.objects.filter(org=org).held_in(month).exclude(state=State.CANCELLED)
    return bool(rows.filter(Q(kind__code=THEME_DAY_KIND) | Q(second_kind__code=THEME_DAY_KIND)).exists())


def _records(org: PartyOrg, month: Period, whole: datetime.date | None) -> Any:
    """The first records of each day, those of one day all; a joint activity of two branches below the node stands there once."""
    inside = Participation.objects.filter(org_path__startswith=org.path)
    host_inside = inside.filter(activity=OuterRef("activity"), is_host=True)
    rows = inside.held_in(month).exclude(state=State.CANCELLED).filter(Q(is_host=True) | ~Exists(host_inside))
    numbered = rows.annotate(
        place=Window(RowNumber(), partition_by=F("held_on"), order_by=F("pk").asc()),
        on_this_day=Window(Count("pk"), partition_by=F("held_on")),
    ).filter(Q(place__lte=NAMED_A_DAY) | Q(held_on=whole, place__lte=OTHERS))
    return numbered.select_related("activity", "kind", "org").order_by("held_on", "activity__starts_at", "pk")


def _record_event(row: Any, node: PartyOrg) -> Event:
    state = State(row.state)
    where = "" if row.org_id == node.pk else f"{row.org}："
    label = row.kind.name if state in COUNTED else f"{row.kind.name}·{state.label}"
    starts = timezone.localtime(row.activity.starts_at)
    return Event(
        row.held_on, label, f"{where}{row.activity.title}", row.get_absolute_url(), TONES[state], f"{starts:%H:%M}"
    )


def _tip_sheets(org: PartyOrg, month: Period) -> Iterator[Event]:
    """Tip sheets that are to be done by a day of the month, and by how many branches they are not."""
    rows = TipSheetReceipt.objects.filter(
        org_path__startswith=org.path, done_on=None, sheet__due_on__gte=month.start, sheet__due_on__lt=month.end
    ).values("sheet", "sheet__title", "sheet__due_on", "sheet__org_path")  # fmt: skip
    for row in rows.annotate(left=Count("pk"), one=Min("pk")).order_by("sheet__due_on", "sheet")[:OTHERS]:
        single = row["left"] == 1
        url = f"/tip-sheets/receipts/{row['one']}/" if single else f"/tip-sheets/{row['sheet']}/"
        seen = single or required_scope().covers(row["sheet__org_path"])
        text = row["sheet__title"] if single else f"{row['sheet__title']}（{row['left']} 个党组织未完成）"
        yield Event(row["sheet__due_on"], "提示单到期", text, url if seen else "", "warning")


def _follow_ups(org: PartyOrg, month: Period) -> Iterator[Event]:
    rows = FollowUp.objects.filter(
        org_path__startswith=org.path, done_on=None, due_on__gte=month.start, due_on__lt=month.end
    )
    for row in rows.order_by("due_on", "pk")[:OTHERS]:
        text = f"{row.content}（{row.owner_name}）"
        yield Event(row.due_on, "落实事项到期", text, f"/activities/{row.activity_id}/", "warning")


def _rooms(org: PartyOrg, month: Period) -> Iterator[Event]:
    """Bookings of the node's rooms, and of rooms of others by the node."""
    rows = VenueBooking.objects.filter(
        Q(org_path__startswith=org.path) | Q(other_path__startswith=org.path), state__in=LIVE_BOOKINGS,
        starts_at__gte=_midnight(month.start), starts_at__lt=_midnight(month.end),
    ).select_related("venue")  # fmt: skip
    for row in rows.order_by("starts_at", "pk")[:OTHERS]:
        starts, ends = timezone.localtime(row.starts_at), timezone.localtime(row.ends_at)
        time = f"{starts:%H:%M}–{ends:%H:%M}"
        yield Event(starts.date(), "阵地", f"{row.venue.name}：{row.purpose}", f"/venues/bookings/{row.pk}/", "neutral", time)


def _lecturers(org: PartyOrg, month: Period) -> Iterator[Event]:
    rows = LecturerBooking.objects.filter(
        Q(org_path__startswith=org.path) | Q(other_path__startswith=org.path), state__in=LIVE_BOOKINGS,
        on__gte=month.start, on__lt=month.end,
    ).select_related("lecturer")  # fmt: skip
    for row in rows.order_by("on", "pk")[:OTHERS]:
        yield Event(row.on, "讲师", f"{row.lecturer.name}：{row.topic}", "/lecturers/", "neutral")


def _midnight(day: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time()))
