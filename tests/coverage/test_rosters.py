"""Members are counted from the roster where a branch keeps one, from the census where not; a difference is listed."""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from typing import Any

from apps.core.periods import Period
from apps.coverage import figures, services, snapshot_sql
from apps.coverage.basis import on_day
from apps.coverage.ledgers import NamesLedger
from apps.coverage.models import PendingChange, SnapshotRow
from apps.enterprises.models import Establishment
from apps.members.models import Member, Membership

from . import park

JOINED = datetime.date(2015, 7, 1)


def enrol(org: Any, dates: Sequence[datetime.date | None], *, enterprise: Any = None, until: Any = None) -> None:
    """One member for each 转正日期 (None: still on probation) on the roster of `org` since 2020."""
    for number, formal_on in enumerate(dates):
        code = f"{org.code}{enterprise.pk if enterprise else ''}-{number}-{until or ''}"
        member = Member.objects.create(code=code, name=f"党员{number}", org=org, joined_on=JOINED, formal_on=formal_on)
        Membership.objects.create(
            member=member, org=org, enterprise=enterprise, since=datetime.date(2020, 1, 1), until=until
        )


def counted(
    cast: Any, enterprise: Any, day: datetime.date = park.DAY, definition: Any = None
) -> tuple[int, int, bool, int]:
    row = figures.names(on_day(cast.authority, day), definition).get(enterprise_id=enterprise.pk)
    return row.formal_members, row.probationary_members, row.from_roster, row.census_members


def test_without_rosters_the_census_tells(cast, definition) -> None:
    with cast.within(cast.authority):
        assert counted(cast, cast.enterprise_a, definition=definition) == (5, 0, False, 5)


def test_a_branch_of_one_enterprise_tells_by_its_roster_and_probation_ends_on_its_day(cast, definition) -> None:
    with cast.within(cast.authority):
        enrol(cast.branch_a, [JOINED, JOINED, datetime.date(2026, 9, 30), None])
        before = counted(cast, cast.enterprise_a, datetime.date(2026, 9, 29), definition)
        after = counted(cast, cast.enterprise_a, park.DAY, definition)
    assert before == (2, 2, True, 5)
    assert after == (3, 1, True, 5)


def test_a_joint_branch_tells_by_the_enterprise_that_each_member_belongs_to(cast, definition) -> None:
    with cast.within(cast.authority):
        Establishment.objects.create(
            enterprise=cast.enterprise_uncovered, org=cast.branch_b, form="joint", since=datetime.date(2026, 1, 1)
        )
        enrol(cast.branch_b, [JOINED] * 3, enterprise=cast.enterprise_uncovered)
        enrol(cast.branch_b, [JOINED], enterprise=cast.enterprise_b)
        assert counted(cast, cast.enterprise_uncovered, definition=definition)[0] == 3
        assert counted(cast, cast.enterprise_b, definition=definition) == (1, 0, True, 2)
        total = figures.total(on_day(cast.authority, park.DAY), definition)
    assert total.should_build == 1  # grown to three in a joint branch


def test_a_roster_that_has_emptied_is_no_roster_on_the_day_after(cast, definition) -> None:
    with cast.within(cast.authority):
        enrol(cast.branch_a, [JOINED], until=park.DAY)
        assert counted(cast, cast.enterprise_a, park.DAY - datetime.timedelta(days=1), definition)[:3] == (1, 0, True)
        assert counted(cast, cast.enterprise_a, park.DAY, definition) == (5, 0, False, 5)


def test_the_list_of_disagreements_names_exactly_those_that_differ(cast, definition) -> None:
    with cast.within(cast.authority):
        enrol(cast.branch_a, [JOINED] * 5)
        enrol(cast.sibling_branch, [JOINED] * 2)
        ledger = NamesLedger({"figure": "disagreement", "org": "DD", "day": "2026-09-30"}, today=park.DAY)
        assert [row.name for row in ledger.queryset()] == [cast.enterprise_sibling.name]
        agreeing = NamesLedger({"figure": "from_roster", "org": "DD", "day": "2026-09-30"}, today=park.DAY)
        assert agreeing.queryset().count() == 2


def test_a_branch_counts_its_own_roster_as_the_whole_tree_does(cast, definition) -> None:
    with cast.within(cast.authority):
        enrol(cast.branch_a, [JOINED] * 2)
        whole = counted(cast, cast.enterprise_a, definition=definition)
    with cast.within(cast.branch_a):
        row = figures.names(on_day(cast.branch_a, park.DAY), definition).get()
    assert (row.formal_members, row.from_roster) == (whole[0], True) == (2, True)


def test_a_closed_quarter_keeps_the_number_and_its_source(cast) -> None:
    with cast.within(cast.authority):
        enrol(cast.branch_a, [JOINED] * 2)
        snapshot = services.take_snapshot(
            org=cast.authority, period=Period.parse("2026Q3"), as_of=park.DAY, actor=cast.users.authority_officer
        )
        enrol(cast.sibling_branch, [JOINED])
        Membership.objects.filter(org=cast.branch_a).delete()
        row = SnapshotRow.objects.get(snapshot=snapshot, enterprise=cast.enterprise_a)
        assert (row.formal_members, row.from_roster, row.census_members) == (2, True, 5)
        assert services.seal_holds(snapshot)


def test_the_seal_of_a_quarter_closed_before_there_were_rosters_still_holds(cast) -> None:
    with cast.within(cast.authority):
        new = snapshot_sql._line([*range(32), False, 5])
        old = snapshot_sql._line([*range(32), False, None])
    assert old == snapshot_sql._line([*range(32), True, None])
    assert new != old
    assert len(json.loads(old)) == 32


def test_a_roster_that_changes_makes_the_kept_figures_stale(cast) -> None:
    PendingChange.objects.all().delete()
    with cast.within(cast.authority):
        enrol(cast.branch_a, [JOINED])
    assert PendingChange.objects.exists()
