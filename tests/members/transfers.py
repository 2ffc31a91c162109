"""How tests of transfers walk one to a state: each side under its own scope."""

from __future__ import annotations

import datetime
from typing import Any

from apps.branches.models import PartyOrg
from apps.core.scoping import unscoped
from apps.members.models import Member, Transfer
from apps.members.services import acceptance, transfers
from tests.cast import Cast
from tests.members.conftest import TODAY

REQUESTED = datetime.date(2026, 11, 2)
CHECKED = datetime.date(2026, 11, 3)
APPROVED = datetime.date(2026, 11, 5)
ISSUED = datetime.date(2026, 11, 6)
PAID = datetime.date(2026, 10, 15)


def empower(*orgs: PartyOrg) -> None:
    """Let these 党委 approve 预备党员: their letters are good nationwide."""
    with unscoped("a test gives authority"):
        PartyOrg.objects.filter(pk__in=[org.pk for org in orgs]).update(can_approve_probationary=True)


def requested(cast: Cast, member: Member, *, sender: PartyOrg | None = None, **to: Any) -> Transfer:
    """A draft by the secretary of branch_a, or of `sender`."""
    with cast.within(sender or cast.branch_a):
        return transfers.request_transfer(
            member=member, today=TODAY, actor=cast.users.secretary_a, **{"requested_on": REQUESTED, **to}
        )


def checked(cast: Cast, row: Transfer, **facts: Any) -> Transfer:
    with cast.within(row.org):
        facts = {"on": CHECKED, "dues_paid_until": PAID, **facts}
        return transfers.check_transfer(transfer=row, today=TODAY, actor=cast.users.secretary_a, **facts)


def approved(cast: Cast, row: Transfer, **facts: Any) -> Transfer:
    with cast.within(cast.park_org):
        facts = {"on": APPROVED, **facts}
        return transfers.approve_transfer(transfer=row, today=TODAY, actor=cast.users.park_officer, **facts)


def lettered(cast: Cast, row: Transfer, **facts: Any) -> Transfer:
    with cast.within(cast.park_org):
        facts = {"on": ISSUED, "number": "第0012号", **facts}
        return transfers.issue_letter(transfer=row, today=TODAY, actor=cast.users.park_officer, **facts)


def accepted(cast: Cast, row: Transfer, *, by: PartyOrg, **facts: Any) -> Transfer:
    with cast.within(by):
        facts = {"on": datetime.date(2026, 11, 10), **facts}
        return acceptance.accept_transfer(transfer=row, today=TODAY, actor=cast.users.secretary_b, **facts)


def within(cast: Cast, member: Member) -> Transfer:
    """A transfer from branch_a to branch_b that waits for its acceptance."""
    return approved(cast, checked(cast, requested(cast, member, receiver=cast.branch_b)))


def between(cast: Cast, member: Member) -> Transfer:
    """A transfer from branch_a to the branch of another park, its letter issued."""
    empower(cast.park_org, cast.sibling_org)
    return lettered(cast, approved(cast, checked(cast, requested(cast, member, receiver=cast.sibling_branch))))


def outward(cast: Cast, member: Member) -> Transfer:
    """A transfer to the outside, its letter issued."""
    empower(cast.park_org)
    row = requested(cast, member, outside="中共沈阳市浑南区某街道工作委员会")
    return lettered(cast, approved(cast, checked(cast, row)))


def again(row: Any) -> Any:
    """The row as it is in the database, whoever may see it."""
    with unscoped("a test looks"):
        return type(row).objects.get(pk=row.pk)
