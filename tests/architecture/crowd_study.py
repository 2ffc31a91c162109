"""Forty of everything that study is made of: memberships, secretaries, classes, lecturers, rooms, and bookings of them."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from apps.activities.models import (
    Activity,
    ActivityKind,
    Attendance,
    Lecturer,
    LecturerBooking,
    Participation,
    Venue,
    VenueBooking,
)
from apps.branches.models import PartyOrg
from apps.members.models import Member, Membership, Post
from tests.cast import SINCE

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
