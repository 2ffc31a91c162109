"""Who signs in to the demo, with which role and where. One password for all: it opens nothing but invented data."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from apps.accounts.models import RoleAssignment, User
from apps.accounts.services import create_user
from apps.branches.models import PartyOrg
from apps.core import permissions as p

from .days import Days

PASSWORD: Final = "Demo-Park-2026"


@dataclass(frozen=True)
class Account:
    username: str
    name: str
    role: str
    org: str
    years: int = 2


ADMIN: Final = Account("admin", "郑维安", p.SYSTEM_ADMIN, "authority", 3)

ACCOUNTS: Final = (
    Account("city", "周明远", p.AUTHORITY_OFFICER, "authority", 3),
    Account("park1", "李文静", p.PARK_OFFICER, "park.0"),
    Account("park2", "孙海波", p.PARK_OFFICER, "park.3"),
    Account("park3", "陈柳青", p.PARK_OFFICER, "park.7"),
    Account("secretary1", "王立新", p.BRANCH_SECRETARY, "joint.0.0"),
    Account("secretary2", "赵国栋", p.BRANCH_SECRETARY, "single.0.0"),
    Account("secretary3", "吴桂芳", p.BRANCH_SECRETARY, "single.1.0"),
    Account("clerk1", "徐若曦", p.BRANCH_CLERK, "joint.0.0", 1),
    Account("instructor1", "高振宇", p.INSTRUCTOR, "park.0", 1),
    Account("auditor", "何守义", p.AUDITOR, "authority"),
)
"""In the order in which they are printed, after which comes the administrator."""


def open_accounts(orgs: Mapping[str, PartyOrg], administrator: User, days: Days) -> dict[str, User]:
    """Give every account of the demo its role; returns the users by name. Nobody must change the password."""
    users = {ADMIN.username: administrator}
    for account in ACCOUNTS:
        users[account.username] = create_user(
            username=account.username, display_name=account.name, password=PASSWORD, role=account.role,
            org=orgs[account.org], since=_since(account, days), today=days.today, actor=administrator,
        )  # fmt: skip
    User.objects.filter(pk__in=[user.pk for user in users.values()]).update(must_change_password=False)
    return users


def first_administrator() -> User:
    """The account that founds everything else; it has no role before there is an organisation."""
    user = User(username=ADMIN.username, display_name=ADMIN.name, must_change_password=False)
    user.set_password(PASSWORD)
    user.save()
    return user


def appoint(administrator: User, authority: PartyOrg, days: Days) -> None:
    RoleAssignment.objects.create(user=administrator, role=ADMIN.role, org=authority, since=_since(ADMIN, days))


def _since(account: Account, days: Days) -> datetime.date:
    return days.ago(account.years * 365 + 40)
