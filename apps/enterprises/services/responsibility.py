"""Who answers for an enterprise today: kept on the row, because it scopes the row."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Sequence

from apps.branches.models import PartyOrg
from apps.branches.rules import BRANCH_KINDS, OrgKind
from apps.core.attachments import follow
from apps.core.bulk import update_rows

from ..kinds import Form
from ..models import Enterprise, Establishment
from ..rules import responsible_org


def settle(enterprises: Sequence[Enterprise], *, today: datetime.date) -> list[Enterprise]:
    """Give each (locked) enterprise the organisation responsible today; returns those that moved.

    A fixed number of queries, however many enterprises. Raises ScopeViolation when one would leave the scope.
    """
    covering: dict[int, list[tuple[Form, PartyOrg]]] = defaultdict(list)
    in_force = Establishment.objects.as_of(today).filter(enterprise__in=enterprises, org__ended_on=None)
    for row in in_force.select_related("org"):  # newest first
        covering[row.enterprise_id].append((Form(row.form), row.org))
    moved = []
    for enterprise in enterprises:
        building = enterprise.building.branch_in_charge if enterprise.building else None
        org = responsible_org(covering=covering[enterprise.pk], building=building, home=home_of(enterprise))
        if org.pk != enterprise.org_id:
            _entrust(enterprise, org)
            moved.append(enterprise)
    _write(moved)
    return moved


def hand_over(enterprises: Sequence[Enterprise], org: PartyOrg) -> None:
    """Let `org` answer for (locked) enterprises that nothing covers and that lie in no park."""
    for enterprise in enterprises:
        _entrust(enterprise, org)
    _write(enterprises)


def _entrust(enterprise: Enterprise, org: PartyOrg) -> None:
    enterprise.org = org
    enterprise.version += 1
    enterprise.prepare_row()
    enterprise.check_scope()


def _write(moved: Sequence[Enterprise]) -> None:
    follow(moved)  # while the scope still sees the files where they are
    update_rows(Enterprise, {each.pk: {"org_id": each.org_id, "org_path": each.org_path} for each in moved})


def home_of(enterprise: Enterprise) -> PartyOrg:
    """The organisation of its park; without a park the nearest one above that is no branch."""
    if enterprise.park is not None:
        return enterprise.park.org
    org = enterprise.org
    while OrgKind(org.kind) in BRANCH_KINDS | {OrgKind.GROUP} and org.parent is not None:
        org = org.parent
    return org
