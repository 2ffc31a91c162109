"""Tip sheets, points, votes and follow-ups of many branches, for the laws that count queries and for the matrices."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from apps.accounts.models import User
from apps.activities.models import (
    Activity,
    ActivityKind,
    FollowUp,
    Participation,
    PointEntry,
    PointPublication,
    PointRule,
    TipSheet,
    TipSheetLink,
    TipSheetReceipt,
    Vote,
)
from apps.branches.models import PartyOrg
from apps.members.models import Member

DAY = datetime.date(2026, 9, 10)
DUE = datetime.date(2026, 9, 30)


def crowd_tips(issuer: PartyOrg, people: Sequence[Member], orgs: Sequence[PartyOrg]) -> None:
    """A sheet for each branch, answered by a meeting with a vote and something to do; points for each member."""
    kind, rule = ActivityKind.objects.get(code="assembly"), PointRule.objects.filter(kind=None).first()
    author = User.objects.order_by("pk").first()
    begin = datetime.datetime(2026, 9, 10, 9, tzinfo=datetime.UTC)
    numbers = range(len(orgs))
    sheets = TipSheet.objects.bulk_create(
        TipSheet(org=issuer, number=f"CT{n}", title=f"第{n}号", quarter="2026Q3", content="学习", due_on=DUE, state="issued",
                 issued_on=DAY) for n in numbers
    )  # fmt: skip
    receipts = TipSheetReceipt.objects.bulk_create(
        TipSheetReceipt(sheet=sheets[n], org=orgs[n], other_org=issuer) for n in numbers
    )
    held = Activity.objects.bulk_create(
        Activity(org=org, kind=kind, title=f"{org}大会", starts_at=begin, held_on=DAY, state="submitted")
        for org in orgs
    )
    Participation.objects.bulk_create(
        Participation(org=each.org, activity=each, kind=kind, held_on=DAY, state=each.state) for each in held
    )
    TipSheetLink.objects.bulk_create(TipSheetLink(receipt=receipts[n], activity=held[n], org=orgs[n]) for n in numbers)
    Vote.objects.bulk_create(
        Vote(activity=each, org=each.org, kind="ordinary", matter="计划", expected=3, present=3, yes=3, is_passed=True)
        for each in held
    )
    FollowUp.objects.bulk_create(
        FollowUp(activity=each, org=each.org, content="落实", owner_name="王书记", due_on=DUE) for each in held
    )
    PointEntry.objects.bulk_create(
        PointEntry(member=each, org=each.org, rule=rule, on=DAY, points=2, author=author) for each in people
    )
    PointPublication.objects.bulk_create(
        PointPublication(org=org, year=2025, published_on=DAY, published_by_name="李明", lines=[]) for org in orgs
    )


def lay_tips(cast: Any, roster: Any) -> None:
    """The same for the branches of the cast, own and sibling, with the sheets of the park and of the department."""
    for issuer, org, member in (
        (cast.park_org, cast.branch_a, roster.worker_a1), (cast.park_org, cast.branch_b, roster.worker_b1),
        (cast.authority, cast.sibling_branch, roster.sibling_1),
    ):  # fmt: skip
        with_number = TipSheet.objects.count()
        crowd_tips(issuer, [member], [org])
        TipSheet.objects.filter(number="CT0").update(number=f"LT{with_number}")
