"""What an organisation that is merged, split or dissolved had under way goes on in another one; the past stays.

Registered with `branches.relocation`; the restructuring calls it inside its own transaction, after the rosters have
moved. A fixed number of statements, however many rows. Records of days before the change stay with the organisation
that held them: they are in its books, and their rosters are of those days.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Final

from django.db import models
from django.db.models import Q

from apps.branches.dependents import EXAMPLES, Dependents
from apps.branches.models import PartyOrg
from apps.branches.relocation import Relocation
from apps.core.attachments import hand_on
from apps.core.audit import record
from apps.core.bulk import insert_rows, update_rows
from apps.core.scoping import unscoped
from apps.members.services.restructuring import HELD

from ..kinds import BookingState, PledgeState, PointState, ReviewState, State, SuggestionState, TipSheetState
from ..models import (
    Activity,
    Attendance,
    FollowUp,
    Lecturer,
    LecturerBooking,
    Participation,
    PioneerPost,
    Pledge,
    PointEntry,
    PostMember,
    ReviewResult,
    ReviewRound,
    SignInCode,
    StudyMaterial,
    Suggestion,
    Theme,
    TipSheet,
    TipSheetReceipt,
    Venue,
    VenueBooking,
)

POSTS: Final = "activities.posts"
VENUES: Final = "activities.venues"
"""The codes under which a split picks 先锋岗 and 阵地."""

UNFINISHED: Final = (State.PLANNED, State.DRAFT, State.RETURNED)
WAITING: Final = (BookingState.REQUESTED, BookingState.ACCEPTED)


def posts_of(org: PartyOrg, today: datetime.date) -> list[tuple[int, str]]:
    """What a split may pick: the living posts."""
    rows = PioneerPost.objects.as_of(today).filter(org=org).order_by("kind", "pk")
    return [(row.pk, f"{row.name}（{row.get_kind_display()}）") for row in rows]


def venues_of(org: PartyOrg, today: datetime.date) -> list[tuple[int, str]]:
    """What a split may pick: the venues in use."""
    return [(row.pk, row.name) for row in Venue.objects.as_of(today).filter(org=org).order_by("name", "pk")]


def venues_left(org: PartyOrg, today: datetime.date) -> Dependents | None:
    """阵地 that somebody has to run after the organisation is dissolved."""
    rows = Venue.objects.as_of(today).filter(org=org).order_by("name", "pk")
    names = [(row.name, row.get_absolute_url()) for row in rows[:EXAMPLES]]
    return Dependents("阵地", rows.count(), names, "请先移交给别的党组织，或停用。", "/venues/") if names else None


def nothing_to_pick(org: PartyOrg, today: datetime.date) -> list[tuple[int, str]]:
    """What is under way follows the organisation, or the members whom a split picks; it is not picked itself."""
    return []


def move_posts(relocation: Relocation) -> int:
    """先锋岗 end in the source and begin anew in the target on the day, with who sits in them and the open pledges."""
    on, target = relocation.on, relocation.target
    rows = list(relocation.picked(POSTS, PioneerPost.objects.filter(_later(on), org=relocation.source)))
    begun = [row for row in rows if row.since < on]
    new = insert_rows(PioneerPost, [_copied(row, {**_home(target), "since": on, "version": 1}) for row in begun])
    successors = dict(zip((row.pk for row in begun), new, strict=True))
    seats = list(PostMember.objects.filter(_later(on), post__in=list(successors)))
    insert_rows(
        PostMember,
        [
            _copied(seat, {**_home(target), "since": max(seat.since, on), "post_id": successors[seat.post_id]})
            for seat in seats
        ],
    )
    PostMember.objects.filter(pk__in=[seat.pk for seat in seats if seat.since >= on]).delete()
    PostMember.objects.filter(_later(on), post__in=list(successors)).update(until=on)
    PioneerPost.objects.filter(pk__in=list(successors)).update(
        until=on, ended_reason=f"随组织调整转到「{target}」"[:100]
    )
    open_pledges = Pledge.objects.filter(post__in=list(successors), state__in=_PLEDGED)
    update_rows(Pledge, {pk: {"post_id": successors[post]} for pk, post in open_pledges.values_list("pk", "post_id")})
    hand_on(PioneerPost, successors, target.path)
    late = [row.pk for row in rows if row.since >= on]
    _move(PioneerPost, Q(pk__in=late), target)
    _move(PostMember, Q(post__in=late), target)
    return len(rows)


def move_venues(relocation: Relocation) -> int:
    """阵地 are run by the target from now on; whoever has booked one keeps the booking."""
    rows = relocation.picked(VENUES, Venue.objects.filter(_later(relocation.on), org=relocation.source))
    ids = list(rows.values_list("pk", flat=True))
    _move(Venue, Q(pk__in=ids), relocation.target)
    coming = Q(venue__in=ids, state__in=WAITING, starts_at__date__gte=relocation.on)
    with unscoped("bookings of a venue go with it to whoever runs it now; these rows only"):
        _move(VenueBooking, coming, relocation.target)
    return len(ids)


def move_life(relocation: Relocation) -> int:
    """Plans and drafts of coming days, and whatever waits to be done; of a split, what belongs to the members it picks."""
    source, target = relocation.source, relocation.target
    mine = Q(org=source)
    if relocation.picks is not None:
        picked = Q(member__in=relocation.picks.get(HELD, frozenset()))
        return _move_of_members(mine & picked, target)
    moved = _move_unfinished(relocation) + _move_of_members(mine, target)
    moved += _move(FollowUp, mine & Q(done_on__isnull=True), target)
    moved += _move(Suggestion, mine & Q(state__in=(SuggestionState.PROPOSED, SuggestionState.ADOPTED)), target)
    moved += _move_rounds(source, target) + _move_receipts(source, target)
    moved += _move_offers(relocation) + _move_bookings(relocation)
    if moved:
        record(relocation.actor, "activity.relocated", target, data={"from": source.pk},
               summary=f"{moved} 项计划和未办结事项自 {relocation.on:%Y-%m-%d} 起由「{source}」转到「{target}」")  # fmt: skip
    return moved


def end_life(org: PartyOrg, on: datetime.date, today: datetime.date, actor: Any) -> None:
    """What nobody takes over ends with the organisation: posts, lecturers, plans, bookings."""
    PostMember.objects.filter(_later(on), org=org, since__lt=on).update(until=on)
    for model in (PioneerPost, Venue, Lecturer):
        model.objects.filter(_later(on), org=org, since__lt=on).update(until=on)
    plans = list(Activity.objects.filter(org=org, state__in=UNFINISHED, held_on__gte=on).values_list("pk", flat=True))
    over = {"state": State.CANCELLED.value}
    note = f"「{org}」已于 {on:%Y-%m-%d} 撤销"[:300]
    Activity.objects.filter(pk__in=plans).update(**over, review_note=note)
    with unscoped("co-hosts of a plan that is over read it as over; these rows only"):
        Participation.objects.filter(activity__in=plans).update(**over)
        Participation.objects.filter(org=org, is_host=False, state__in=UNFINISHED, held_on__gte=on).delete()
    for bookings in _bookings(org, on):
        bookings.update(state=BookingState.CANCELLED.value, answer=note[:200])


_PLEDGED: Final = (PledgeState.PROMISED, PledgeState.KEEPING)


def _move_unfinished(relocation: Relocation) -> int:
    """Plans and drafts of days from the change on; each is held by the target then."""
    source, target = relocation.source, relocation.target
    coming = Q(state__in=UNFINISHED, held_on__gte=relocation.on)
    ids = list(Activity.objects.filter(coming, org=source).values_list("pk", flat=True))
    with unscoped("the rows of plans that go to another branch, its own and those of co-hosts; these rows only"):
        sides = Participation.objects.filter(coming, org=source)
        both = set(sides.values_list("activity", flat=True))
        known = set(Participation.objects.filter(activity__in=both, org=target).values_list("activity", flat=True))
        sides.filter(activity__in=known).delete()
        named = Q(activity__in=both, org=source)
        _move(Participation, named, target)
        _move(Attendance, named, target)
        Participation.objects.filter(activity__in=ids, org=target).update(is_host=True)
        _move(SignInCode, Q(activity__in=ids), target)
    return _move(Activity, Q(pk__in=ids), target) + len(both - set(ids))


def _move_of_members(mine: Q, target: PartyOrg) -> int:
    return _move(Pledge, mine & Q(state__in=_PLEDGED), target) + _move(
        PointEntry, mine & Q(state=PointState.ENTERED), target
    )


def _move_rounds(source: PartyOrg, target: PartyOrg) -> int:
    """Open reviews, but for those that the target has of its own."""
    there = set(ReviewRound.objects.filter(org=target).values_list("kind", "year"))
    rows = ReviewRound.objects.filter(org=source, state=ReviewState.OPEN).values_list("pk", "kind", "year")
    ids = [pk for pk, kind, year in rows if (kind, year) not in there]
    _move(ReviewResult, Q(round__in=ids), target)
    return _move(ReviewRound, Q(pk__in=ids), target)


def _move_receipts(source: PartyOrg, target: PartyOrg) -> int:
    """Tip sheets that are not done, but for those that the target has received too; and sheets that the source issued."""
    there = set(TipSheetReceipt.objects.filter(org=target).values_list("sheet", flat=True))
    rows = TipSheetReceipt.objects.filter(org=source, done_on__isnull=True, sheet__state=TipSheetState.ISSUED)
    moved = _move(TipSheetReceipt, Q(pk__in=list(rows.exclude(sheet__in=there).values_list("pk", flat=True))), target)
    numbers = set(TipSheet.objects.filter(org=target).values_list("number", flat=True))
    sheets = TipSheet.objects.filter(org=source).exclude(state=TipSheetState.CLOSED).exclude(number__in=numbers)
    ids = list(sheets.values_list("pk", flat=True))
    issued = TipSheetReceipt.objects.filter(sheet__in=ids).values_list("pk", flat=True)
    update_rows(TipSheetReceipt, dict.fromkeys(issued, _other(target)))
    return moved + _move(TipSheet, Q(pk__in=ids), target)


def _move_offers(relocation: Relocation) -> int:
    """What the source offers those below it: themes of coming months, lecturers, materials."""
    source, target = relocation.source, relocation.target
    month = relocation.on.replace(day=1)
    taken = set(Theme.objects.filter(org=target, month__gte=month).values_list("month", "title"))
    rows = Theme.objects.filter(org=source, month__gte=month).values_list("pk", "month", "title")
    themes = [pk for pk, when, title in rows if (when, title) not in taken]
    moved = _move(Theme, Q(pk__in=themes), target) + _move(StudyMaterial, Q(org=source), target)
    return moved + _move(Lecturer, _later(relocation.on) & Q(org=source), target)


def _move_bookings(relocation: Relocation) -> int:
    """Invitations and bookings of coming days: those of the source's lecturers, and those that it made."""
    moved = 0
    for rows in _bookings(relocation.source, relocation.on):
        ids = list(rows.filter(other_org=relocation.source).values_list("pk", flat=True))
        moved += update_rows(rows.model, dict.fromkeys(ids, _other(relocation.target)))
    pool = Q(org=relocation.source, state__in=WAITING, on__gte=relocation.on)
    return moved + _move(LecturerBooking, pool, relocation.target)


def _bookings(org: PartyOrg, on: datetime.date) -> list[Any]:
    """Bookings of coming days that the organisation made, or has to answer."""
    either = Q(org=org) | Q(other_org=org)
    waiting = {"state__in": WAITING}
    return [
        VenueBooking.objects.filter(either, **waiting, starts_at__date__gte=on),
        LecturerBooking.objects.filter(either, **waiting, on__gte=on),
    ]


def _later(on: datetime.date) -> Q:
    """Dated rows that hold on the day or after it."""
    return Q(until__isnull=True) | Q(until__gt=on)


def _move(model: type[models.Model], which: Q, target: PartyOrg) -> int:
    """Let rows, and their files, belong to the target; returns how many."""
    manager: Any = model._default_manager
    ids = list(manager.filter(which).values_list("pk", flat=True))
    hand_on(model, {pk: pk for pk in ids}, target.path)
    return update_rows(model, dict.fromkeys(ids, _home(target)))


def _copied(row: Any, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a row with changes, for a row that goes on elsewhere."""
    fields = [field for field in row._meta.concrete_fields if not (field.primary_key or field.has_db_default())]
    return {**{field.attname: getattr(row, field.attname) for field in fields}, **changes}


def _home(org: PartyOrg) -> Mapping[str, Any]:
    return {"org_id": org.pk, "org_path": org.path}


def _other(org: PartyOrg) -> Mapping[str, Any]:
    return {"other_org_id": org.pk, "other_path": org.path}
