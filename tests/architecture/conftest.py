"""The matrices see every noun: the cast of these tests has its members on their rosters."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from apps.core.scoping import unscoped
from apps.members.models import ContactNote, DualAgreement, LostContact, MobileRecord, Visitor
from tests.cast import SINCE, Cast, enrol_members

from .crowd_pioneers import lay_pioneers
from .crowd_study import lay_study
from .crowd_tips import lay_tips


@pytest.fixture
def cast(db: None, cast: Cast) -> Cast:
    """Names `db` itself: of a fixture that stands in for another pytest sees only what it names."""
    roster = enrol_members(cast)
    tie_members(cast, roster)
    with unscoped("rows for the matrices"):
        lay_tips(cast, roster)
        lay_study(cast, roster)
        lay_pioneers(roster)
    return cast


def tie_members(cast: Cast, roster: Any) -> None:
    """Rows between two organisations and beside them: own, child, sibling and parent sides all occur."""
    day = {"since": SINCE, "until": datetime.date(2030, 1, 1)}
    with unscoped("rows for the matrices"):
        for member, org, other in (
            (roster.worker_elsewhere, cast.branch_a, cast.sibling_branch),
            (roster.worker_b1, cast.branch_a, cast.branch_b),
            (roster.worker_a1, cast.sibling_branch, cast.branch_a),
        ):
            sides = {"member": member, "org": org, "other_org": other}
            DualAgreement.objects.create(**sides, **day, signed_on=SINCE, enterprise=cast.enterprise_a)
            MobileRecord.objects.create(**sides, **day, direction="in", reason="work")
            Visitor.objects.create(**sides, name=member.name, on=SINCE)
            ContactNote.objects.create(
                member=member,
                org=org,
                on=SINCE,
                method="phone",
                contact_name="孙",
                thoughts="稳",
                study="学",
                conduct="好",
            )
            LostContact.objects.create(member=member, org=other, stage="searching", since=SINCE, opened_on=SINCE)
