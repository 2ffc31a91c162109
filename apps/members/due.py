"""Who has to be contacted in a quarter, by whom, and who was: people away, under agreement, or not yet placed.

Asked of one day: today in the running quarter, the last day of one that is over. One person may be the duty of two
branches, the home of somebody who is away and the branch that manages by an agreement; each makes its own contact.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from apps.branches.models import PartyOrg
from apps.core.periods import Period

from .kinds import ManagementMode
from .models import DualAgreement, Member, MobileRecord
from .querysets.mobile import last_contact
from .querysets.modes import contacted, departed


@dataclass(frozen=True)
class Due:
    """One person whom `org` has to contact; `url` leads to the form."""

    mode: ManagementMode
    name: str
    where: str
    contact_name: str
    last_on: datetime.date | None
    done: bool
    url: str


@dataclass
class Progress:
    """How many people an organisation has to contact in the quarter, and how many it has."""

    org: PartyOrg
    due: int = 0
    done: int = 0

    @property
    def missing(self) -> int:
        return self.due - self.done


def day_of(quarter: Period, today: datetime.date) -> datetime.date:
    """The day on which the quarter is looked at."""
    return min(quarter.last_day, today)


def unplaced(on: datetime.date) -> Any:
    """Members of the scope in 离职属地. Adds `contacted`."""
    return Member.objects.filter(departed(on)).annotate(contacted=contacted(on, member="pk", org="org_id"))


def sources(on: datetime.date) -> list[tuple[Any, str, str]]:
    """(rows with `contacted`, column of the person, column of the organisation) of the three kinds of duty."""
    return [
        (DualAgreement.objects.to_contact(on), "member_id", "org_id"),
        (MobileRecord.objects.to_contact(on), "member_id", "home_id"),
        (unplaced(on), "pk", "org_id"),
    ]


def progress(on: datetime.date) -> list[Progress]:
    """Each organisation of the scope that has somebody to contact, in tree order. Four statements."""
    found: dict[int, list[int]] = {}
    for rows, person, org in sources(on):
        counted = rows.order_by().values(org).annotate(
            due=Count(person, distinct=True), done=Count(person, Q(contacted=True), distinct=True)
        )  # fmt: skip
        for row in counted:
            sums = found.setdefault(row[org], [0, 0])
            sums[0] += row["due"]
            sums[1] += row["done"]
    orgs = PartyOrg.objects.in_bulk(list(found))
    lines = [Progress(orgs[pk], *sums) for pk, sums in found.items() if pk in orgs]
    return sorted(lines, key=lambda line: line.org.path)


def people(org: PartyOrg, on: datetime.date) -> list[Due]:
    """Whom the organisation has to contact, those not yet contacted first, then by how long ago it was."""
    agreements, mobile, left = (rows for rows, _, _ in sources(on))
    found = [
        *(
            _due(ManagementMode.INFLOW_DUAL, row.member, row, f"/agreements/{row.pk}/contact/",
                 row.enterprise.name if row.enterprise else "")
            for row in _seen(agreements.filter(org=org), on).select_related("member", "enterprise")
        ),
        *(
            _due(ManagementMode.MOBILE_NETWORK, row.member, row, f"/members/{row.member_id}/contact/", row.place)
            for row in _seen(mobile.filter(home_id=org.pk), on).select_related("member")
        ),
        *(
            _due(ManagementMode.DEPARTED_LOCAL, row, row, f"/members/{row.pk}/contact/", row.destination)
            for row in _seen(left.filter(org=org), on, member="pk")
        ),
    ]  # fmt: skip
    never = datetime.date.min
    return sorted(found, key=lambda due: (due.done, due.last_on or never, due.name))


def _seen(rows: Any, on: datetime.date, *, member: str = "member_id") -> Any:
    return rows.annotate(last_contact_on=last_contact(on, member=member)).order_by("pk")


def _due(mode: ManagementMode, member: Member, row: Any, url: str, where: str) -> Due:
    contact = getattr(row, "contact_name", "")
    return Due(mode, member.name, where, contact, row.last_contact_on, row.contacted, url)
