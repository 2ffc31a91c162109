"""Puts the demo park into the database: everything or nothing, once."""

from __future__ import annotations

import datetime
import random
from dataclasses import dataclass

from django.db import connection

from apps.accounts.models import RoleAssignment, User
from apps.activities.compliance.summary import tend
from apps.branches.models import PartyOrg
from apps.branches.rules import BRANCH_KINDS
from apps.core import parameters
from apps.core import permissions as p
from apps.core.audit import record, writing
from apps.core.errors import DomainError
from apps.core.models import AuditEntry
from apps.core.scoping import unscoped
from apps.enterprises.models import Enterprise
from apps.patrol.patrolling import run_patrol
from apps.reminders import planning, sending

from ..parameters import ENVIRONMENT_NOTE
from .census import Census
from .corrections import tell_corrections
from .days import SHANGHAI, Days, moment
from .firms import invent
from .logbook import Logbook
from .merits import Merits
from .names import Names
from .parks import PARKS
from .people import ACCOUNTS, appoint, first_administrator, open_accounts
from .register import write_register
from .rosters import Rosters
from .story import Story
from .teaching import Teaching
from .ties import Ties
from .tree import Founder, Orgs, lay_tree

MARK = "portal.demo_loaded"
"""The entry of the audit trail that marks a database with the demo: nobody can add or remove it by hand."""
NOTE = "演示环境，数据均为虚构"
SEED = 811


@dataclass(frozen=True)
class Loaded:
    organisations: int
    enterprises: int
    accounts: int


def is_loaded() -> bool:
    return AuditEntry.objects.filter(action=MARK).exists()


def load(today: datetime.date, *, force: bool = False) -> Loaded:
    """Load the demo as of `today`. Raises DomainError in a database with other people's data, unless `force`."""
    with unscoped("the demo park is laid out as a whole"):
        if not force and (PartyOrg.objects.exists() or Enterprise.objects.exists() or User.objects.exists()):
            raise DomainError("数据库中已有其他数据，不载入演示园区；确需载入请加 --force。", code="foreign_data")
        with writing(intent="load_demo"):
            loaded = _write(Days(today))
    _weigh()
    with unscoped("the figures of the demo are counted once"):
        tend(today)
    _patrol(Days(today))
    _remind(Days(today))
    return loaded


def _write(days: Days) -> Loaded:
    rng = random.Random(SEED)
    names = Names(rng)
    firms = invent(days, rng, names)
    administrator = first_administrator()
    founder = Founder(days, names, administrator)
    orgs = lay_tree(founder, firms)
    appoint(administrator, orgs["authority"], days)
    users = open_accounts(orgs, administrator, days)
    officers = _officers(orgs, users, names, days)
    secretaries = _secretaries(orgs, users, names, days)
    rows = write_register(founder, firms, names, rng)
    rosters = Rosters(days, rng, names, orgs, rows)
    rosters.write(firms)
    Ties(days, rng, rosters, secretaries).tell()
    Story(days, rng, names, orgs, users, rows, officers).tell(firms)
    _weigh()
    teaching = Teaching(days, rng, rosters, officers)
    logbook = Logbook(days, rng, rosters, secretaries, officers, teaching.write_themes())
    logbook.tell()
    _weigh()
    teaching.tell()
    Merits(days, rng, rosters, administrator).tell()
    Census(days, rng, orgs, firms, rows, officers, secretaries).tell()
    logbook.remember_late()
    tell_corrections(days, orgs, rows, officers, users["city"])
    parameters.set_parameter(
        code=ENVIRONMENT_NOTE.code, value=NOTE, since=days.today, source="演示园区", actor=administrator
    )
    count = PartyOrg.objects.count()
    record(
        None, MARK, summary=f"载入演示园区：{count} 个党组织、{len(rows)} 家企业，均为虚构", org_path="",
        data={"day": days.today.isoformat(), "accounts": [a.username for a in ACCOUNTS]},
    )  # fmt: skip
    return Loaded(count, len(rows), len(ACCOUNTS) + 1)


def _weigh() -> None:
    """Let the database know how much has been written: without it, it plans the next statements for empty tables."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _officers(orgs: Orgs, users: dict[str, User], names: Names, days: Days) -> list[User]:
    """One officer for each park: those of the demo accounts, and colleagues who cannot sign in."""
    found = {account.org: users[account.username] for account in ACCOUNTS if account.role == p.PARK_OFFICER}
    others = {
        f"park.{index}": _colleague(f"officer-{park.code.lower()}", names)
        for index, park in enumerate(PARKS) if f"park.{index}" not in found
    }  # fmt: skip
    _appoint(others, p.PARK_OFFICER, orgs, days)
    return [(found | others)[f"park.{index}"] for index in range(len(PARKS))]


def _secretaries(orgs: Orgs, users: dict[str, User], names: Names, days: Days) -> dict[int, User]:
    """The secretary of every branch, by organisation."""
    found = {account.org: users[account.username] for account in ACCOUNTS if account.role == p.BRANCH_SECRETARY}
    others = {
        key: _colleague(f"secretary-{org.code.lower()}", names)
        for key, org in orgs.items() if org.kind in BRANCH_KINDS and key not in found and org.ended_on is None
    }  # fmt: skip
    _appoint(others, p.BRANCH_SECRETARY, orgs, days)
    return {orgs[key].pk: user for key, user in (found | others).items()}


def _colleague(username: str, names: Names) -> User:
    user = User(username=username, display_name=names.person(), must_change_password=False)
    user.set_unusable_password()
    return user


def _appoint(people: dict[str, User], role: str, orgs: Orgs, days: Days) -> None:
    User.objects.bulk_create(people.values())
    RoleAssignment.objects.bulk_create(
        [
            RoleAssignment(user=user, role=role, org=orgs[key], since=max(days.ago(500), orgs[key].founded_on or days.today))
            for key, user in people.items()
        ]
    )


def _patrol(days: Days) -> None:
    """Let the patrol have looked each week of the last ten, so that findings have stood for a while or been mended."""
    for weeks in range(10, -1, -1):
        run_patrol(days.ago(7 * weeks))


def _remind(days: Days) -> None:
    """Let the inboxes have what nine o'clock of each morning has told since the census was opened."""
    day = days.round_opens(0)
    while day <= days.today and moment(day, 9) <= datetime.datetime.now(SHANGHAI):
        planning.plan(moment(day, 9))
        sending.send(moment(day, 9))
        day += datetime.timedelta(days=1)
