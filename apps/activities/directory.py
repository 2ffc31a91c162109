"""What offices above a branch offer it, and which rooms of others are open to it.

A branch reads themes, lecturers and materials of the organisations above it, and finds every open venue of the
portal; none of that lies in its scope. The scope is lifted here, for such rows only; everything else about another
organisation stays in its own. A row is handed out as a value: its links are followed nowhere else.
"""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Q

from apps.branches.querysets import ancestor_paths
from apps.core.attachments import attachments_of
from apps.core.models import Attachment
from apps.core.scoping import Scope, required_scope, unscoped

from .models import Lecturer, StudyMaterial, Theme, Venue, VenueBooking

SHOWN = 300
"""How many rows a list offers, the newest or nearest first (appearance only)."""


def concerns(scope: Scope) -> Q:
    """Rows at, below or above the scope."""
    above = {path for root in scope.paths for path in ancestor_paths(root)}
    return scope.as_q("org_path") | Q(org_path__in=above) if above else scope.as_q("org_path")


def themes_seen(since: datetime.date, until: datetime.date) -> list[Theme]:
    """Themes of the months [since, until) of the active scope and of the offices above it."""
    seen = concerns(required_scope())
    with unscoped("the themes of an office are for every branch below it"):
        rows = Theme.objects.filter(seen, month__gte=since, month__lt=until).select_related("org")
        return list(rows.order_by("month", "org_path", "pk")[:SHOWN])


def themes_for(org_path: str, day: datetime.date) -> list[Theme]:
    """The themes of the month of the day that an organisation has to study: its own, and those from above."""
    with unscoped("the themes of an office are for every branch below it"):
        rows = Theme.objects.of_month(day).filter(org_path__in=[*ancestor_paths(org_path), org_path])
        return list(rows.select_related("org").order_by("org_path", "pk"))


def theme(pk: int) -> Theme | None:
    """One theme that the active scope may read."""
    seen = concerns(required_scope())
    with unscoped("the themes of an office are for every branch below it"):
        return next(iter(Theme.objects.filter(seen, pk=pk).select_related("org")), None)


def lecturers_seen(on: datetime.date) -> list[Lecturer]:
    """The lecturers of the day of the active scope and of the pools above it."""
    seen = concerns(required_scope())
    with unscoped("the pool of an office is for every branch below it"):
        rows = Lecturer.objects.as_of(on).filter(seen).select_related("org")
        return list(rows.order_by("org_path", "name", "pk")[:SHOWN])


def lecturer(pk: int, on: datetime.date) -> Lecturer | None:
    """One lecturer of the day whom the active scope may invite."""
    seen = concerns(required_scope())
    with unscoped("the pool of an office is for every branch below it"):
        rows = Lecturer.objects.as_of(on).filter(seen, pk=pk).select_related("org")
        return next(iter(rows), None)


def materials_seen(text: str = "") -> list[StudyMaterial]:
    """Materials of the active scope and of the offices above it, the newest first; `text` is a word of the title."""
    seen = concerns(required_scope())
    with unscoped("the materials of an office are for every branch below it"):
        rows = StudyMaterial.objects.filter(seen).select_related("org", "theme")
        if text:
            rows = rows.filter(Q(title__icontains=text) | Q(keywords__contains=[text]))
        return list(rows.order_by("-published_on", "-pk")[:SHOWN])


def material(pk: int) -> StudyMaterial | None:
    """One piece of material that the active scope may read."""
    seen = concerns(required_scope())
    with unscoped("the materials of an office are for every branch below it"):
        return next(iter(StudyMaterial.objects.filter(seen, pk=pk).select_related("org", "theme")), None)


def materials_about(theme: Theme) -> list[StudyMaterial]:
    """What was published for a theme that the active scope may read, by offices at or above it."""
    seen = concerns(required_scope())
    with unscoped("the materials of an office are for every branch below it"):
        rows = StudyMaterial.objects.filter(seen, theme=theme)
        return list(rows.order_by("-published_on", "-pk")[:SHOWN])


def files_of(material: StudyMaterial) -> list[Attachment]:
    """The files of material that the active scope may read, which `material` has found."""
    with unscoped("the materials of an office are for every branch below it, with their files"):
        return list(attachments_of(material).order_by("pk"))


def venues_offered(on: datetime.date) -> list[Venue]:
    """What the active scope may book: its own venues, and every open one of the portal; its own first."""
    scope = required_scope()
    with unscoped("an open venue is open to every branch of the portal"):
        rows = Venue.objects.bookable(on).filter(scope.as_q("org_path") | Q(open_to_others=True))
        found = list(rows.select_related("org", "park", "part_of").order_by("org_path", "pk")[:SHOWN])
    return sorted(found, key=lambda row: not scope.covers(row.org_path))


def venue_offered(pk: int | None) -> Venue | None:
    """One venue that the active scope may book, whether or not it is free or still there."""
    scope = required_scope()
    with unscoped("an open venue is open to every branch of the portal"):
        rows = Venue.objects.filter(scope.as_q("org_path") | Q(open_to_others=True), pk=pk)
        return next(iter(rows.select_related("org", "park", "part_of")), None)


def locked_venue(pk: int) -> Venue:
    """The venue as it is now, locked until the transaction ends: bookings of one venue are made one after another."""
    with unscoped("whoever books an open venue of another organisation waits for whoever books it now"):
        return Venue.objects.select_for_update(of=("self",), no_key=True).select_related("org").get(pk=pk)


def is_booked_itself(venue: Venue, on: datetime.date) -> bool:
    """Whether the venue itself is booked on the day, and not the rooms in it."""
    with unscoped("the rooms of an open venue; yes or no"):
        return Venue.objects.bookable(on).filter(pk=venue.pk).exists()


def taken_hours(
    venue: Venue, since: datetime.datetime, until: datetime.datetime, *, besides: int | None = None
) -> list[tuple[datetime.datetime, datetime.datetime]]:
    """The hours of the venue between two moments that are asked for or granted; not whose they are."""
    with unscoped("the taken hours of an open venue, without who takes them"):
        rows: Any = VenueBooking.objects.holding().within(since, until).filter(venue=venue).exclude(pk=besides)
        return list(rows.order_by("starts_at").values_list("starts_at", "ends_at"))
