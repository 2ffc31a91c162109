"""Forty of everything that study is made of: memberships, secretaries, classes, lecturers, rooms, and bookings of them."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from apps.activities.models import (
    Activity,
    ActivityKind,
    Attendance,
    Lecturer,
    LecturerBooking,
    Participation,
    StudyMaterial,
    Theme,
    Venue,
    VenueBooking,
)
from apps.branches.models import PartyOrg
from apps.members.models import Member, Membership, Post
from tests.cast import SINCE, Cast

BEGIN = datetime.datetime(2026, 9, 16, 9, tzinfo=datetime.UTC)


def crowd_study(people: Sequence[Member], orgs: Sequence[PartyOrg]) -> None:
    """Each member is on the roster and secretary of the branch, came to a class, teaches, and has booked a neighbour."""
    Membership.objects.bulk_create(Membership(member=each, org=each.org, since=SINCE) for each in people)
    Post.objects.bulk_create(
        Post(org=each.org, member=each, name=each.name, role="secretary", since=SINCE) for each in people
    )
    kind = ActivityKind.objects.get(code="training")
    lecturers = Lecturer.objects.bulk_create(
        Lecturer(org=each.org, member=each, name=each.name, since=SINCE) for each in people
    )
    venues = Venue.objects.bulk_create(
        Venue(org=org, name=f"{org}活动室", kind="centre", since=SINCE, area=30) for org in orgs
    )
    rows = {"kind": kind, "held_on": BEGIN.date(), "state": "submitted"}
    classes = Activity.objects.bulk_create(
        Activity(org=org, title=f"{org}培训班", starts_at=BEGIN, venue=venues[n], lecturer=lecturers[n], **rows)
        for n, org in enumerate(orgs)
    )
    Participation.objects.bulk_create(Participation(org=each.org, activity=each, **rows) for each in classes)
    Attendance.objects.bulk_create(
        Attendance(activity=classes[n], org=orgs[n], member=each, held_on=BEGIN.date(), presence="present", hours=8,
                   counted=True) for n, each in enumerate(people)
    )  # fmt: skip
    sides = [{"org": org, "other_org": orgs[n - 1]} for n, org in enumerate(orgs)]
    hours = {"starts_at": BEGIN, "ends_at": BEGIN + datetime.timedelta(hours=2), "purpose": "主题党日"}
    VenueBooking.objects.bulk_create(VenueBooking(venue=venues[n], **hours, **each) for n, each in enumerate(sides))
    LecturerBooking.objects.bulk_create(
        LecturerBooking(lecturer=lecturers[n], on=BEGIN.date(), topic="党章", **each) for n, each in enumerate(sides)
    )


def lay_study(cast: Cast, roster: Any) -> None:
    """A room, a lecturer, a theme, material and a class of own, sibling and parent nodes, booked by one another."""
    orgs = [cast.branch_a, cast.branch_b, cast.sibling_branch, cast.park_org]
    kind = ActivityKind.objects.get(code="training")
    rows = {"kind": kind, "held_on": BEGIN.date(), "state": "submitted"}
    for n, org in enumerate(orgs):
        sides = {"org": org, "other_org": orgs[n - 1]}
        venue = Venue.objects.create(org=org, name=f"{org}活动室", kind="centre", since=SINCE)
        ends = BEGIN + datetime.timedelta(hours=2)
        VenueBooking.objects.create(venue=venue, starts_at=BEGIN, ends_at=ends, purpose="主题党日", **sides)
        lecturer = Lecturer.objects.create(org=org, name="何教授", since=SINCE)
        LecturerBooking.objects.create(lecturer=lecturer, on=BEGIN.date(), topic="党章", **sides)
        theme = Theme.objects.create(org=org, month=datetime.date(2026, 9, 1), title="安全生产")
        StudyMaterial.objects.create(org=org, title="读本", theme=theme, published_on=BEGIN.date())
        course = Activity.objects.create(org=org, title=f"{org}培训班", starts_at=BEGIN, venue=venue, **rows)
        Participation.objects.create(org=org, activity=course, **rows)
    Attendance.objects.create(
        activity=course, org=cast.park_org, other_org=cast.branch_a, member=roster.worker_a1, held_on=BEGIN.date(),
        presence="present", hours=8, counted=True,
    )  # fmt: skip
