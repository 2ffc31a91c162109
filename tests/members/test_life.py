"""The life of a park against the oracle: whatever happens in whatever order, both say the same of every day."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from apps.branches.models import PartyOrg
from apps.branches.services import found_organization, move_organization
from apps.branches.services.merging import Part, dissolve_into, merge_organizations, split_organization
from apps.census.services import close_round, open_round
from apps.core.codes import make_id_number
from apps.core.periods import Period
from apps.core.scoping import unscoped
from apps.coverage.models import Correction, Snapshot, SnapshotRow
from apps.coverage.services import seal_holds
from apps.enterprises.kinds import Form
from apps.enterprises.models import Enterprise
from apps.enterprises.services import establish, record_condition, register_enterprise
from apps.members.kinds import LeavingReason
from apps.members.models import Member, Membership, MobileRecord
from apps.members.services import acceptance, leaving, members, mobile, transfers
from apps.members.services.restructuring import HELD
from tests.cast import Cast

from .oracle import Oracle

START = datetime.date(2025, 1, 6)
BORN = datetime.date(1980, 1, 1)
JOINED, FORMAL = datetime.date(2005, 7, 1), datetime.date(2006, 7, 1)
ONE_DAY = datetime.timedelta(days=1)
picks = st.integers(0, 10_000)
NODES = ("station", "committee", "sibling_org")


class Life(RuleBasedStateMachine):
    """Every rule lets some days pass, does one thing through the services, and tells the oracle."""

    cast: Cast
    late = 0  # how often a fact came after the closing

    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.oracle, self.day, self.number, self.corrections = Oracle(), START, 0, 0
        self.actor = self.cast.users.authority_officer
        for branch, node in (("branch_a", "station"), ("branch_b", "station"), ("sibling_branch", "sibling_org")):
            self.oracle.found(branch, node)
        self.orgs: dict[str, int] = {name: getattr(self.cast, name).pk for name in (*self.oracle.parents, *NODES)}
        firms = {"enterprise_a": "branch_a", "enterprise_b": "branch_b", "enterprise_sibling": "sibling_branch"}
        self.oracle.firms |= firms
        self.firm_ids = {name: getattr(self.cast, name).pk for name in firms}
        self.people: dict[str, int] = {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    @contextmanager
    def passing(self, days: int) -> Iterator[dict[str, Any]]:
        """Some days later, with the scope of everything; yields what every service takes."""
        self.day += datetime.timedelta(days=days)
        with unscoped("the life of a park is played by the whole tree"):
            yield {"today": self.day, "actor": self.actor}

    def org(self, name: str) -> PartyOrg:
        return PartyOrg.objects.get(pk=self.orgs[name])

    def member(self, name: str) -> Member:
        return Member.objects.get(pk=self.people[name])

    def firm_of(self, branch: str, pick: int) -> str | None:
        return chosen([None, *sorted(f for f, by in self.oracle.firms.items() if by == branch)], pick)

    @initialize(count=st.integers(2, 5))
    def begin_with_members(self, count: int) -> None:
        for pick in range(count):
            self.join(days=1, where=pick, firm=pick)

    @rule(days=st.integers(1, 20), where=picks, firm=picks)
    def join(self, days: int, where: int, firm: int) -> None:
        branch = chosen(self.oracle.living(), where)
        through = self.firm_of(branch, firm)
        self.number += 1
        name = f"党员{self.number}"
        with self.passing(days) as who:
            facts = {"name": name, "id_number": make_id_number("210602", BORN, self.number)}
            row = members.register_member(
                facts=facts, org=self.org(branch), on=self.day, joined_on=JOINED, formal_on=FORMAL,
                enterprise=self.enterprise(through), **who,
            )  # fmt: skip
        self.people[name] = row.pk
        self.oracle.join(name, branch, through, self.day)

    def enterprise(self, firm: str | None) -> Enterprise | None:
        return Enterprise.objects.get(pk=self.firm_ids[firm]) if firm else None

    @precondition(lambda self: self.oracle.present() and len(self.oracle.living()) > 1)
    @rule(days=st.integers(1, 20), pick=picks, where=picks)
    def transfer(self, days: int, pick: int, where: int) -> None:
        name = chosen(self.oracle.present(), pick)
        target = chosen([b for b in self.oracle.living() if b != self.oracle.spells[name][-1].branch], where)
        with self.passing(days) as who:
            self.hand_over(name, target, self.day, who)
        self.oracle.transfer(name, target, self.day)

    def hand_over(self, name: str, target: str, on: datetime.date, who: dict[str, Any]) -> Any:
        row = transfers.request_transfer(member=self.member(name), receiver=self.org(target), requested_on=on, **who)
        row = transfers.check_transfer(transfer=row, on=on, dues_paid_until=on, **who)
        row = transfers.approve_transfer(transfer=row, on=on, **who)
        if row.kind != "within":
            row = transfers.issue_letter(transfer=row, number="001", on=on, valid_until=on + 30 * ONE_DAY, **who)
        return acceptance.accept_transfer(transfer=row, on=on, **who)

    @precondition(lambda self: self.oracle.frozen and len(self.oracle.living()) > 1)
    @rule(days=st.integers(1, 5), pick=picks, where=picks, ago=st.integers(1, 20))
    def transfer_into_a_closed_quarter(self, days: int, pick: int, where: int, ago: int) -> None:
        """The fact lies before the closing: the rosters change on the first open day, a correction is proposed."""
        late = self.oracle.closed_until - ago * ONE_DAY
        able = [
            m for m in self.oracle.present() if self.oracle.spells[m][-1].since < late and m not in self.oracle.away
        ]
        old = [b for b in self.oracle.living() if b in ("branch_a", "branch_b", "sibling_branch")]
        name = chosen(able, pick)
        target = chosen([b for b in old if name and b != self.oracle.spells[name][-1].branch], where)
        if not (name and target) or self.oracle.closed_until > self.day + days * ONE_DAY:
            return
        counted = self.counts_somewhere(name)
        with self.passing(days) as who:
            row = self.hand_over(name, target, late, who)
        assert row.ended_on == late
        assert row.correction
        type(self).late += 1
        self.oracle.transfer(name, target, self.oracle.closed_until)
        self.corrections += counted

    def counts_somewhere(self, name: str) -> bool:
        """Whether the closed quarter counted the member at a firm."""
        last = self.oracle.spells[name][-1]
        return last.firm is not None

    @precondition(lambda self: self.oracle.present())
    @rule(days=st.integers(1, 20), pick=picks)
    def leave(self, days: int, pick: int) -> None:
        name = chosen(self.oracle.present(), pick)
        with self.passing(days) as who:
            leaving.leave(member=self.member(name), reason=LeavingReason.DECEASED, on=self.day, document="文", **who)
        self.oracle.end(name, self.day)

    @precondition(lambda self: self.oracle.present())
    @rule(days=st.integers(1, 20), pick=picks)
    def go_away_or_come_back(self, days: int, pick: int) -> None:
        name = chosen(self.oracle.present(), pick)
        with self.passing(days) as who:
            open_record = MobileRecord.objects.open().filter(member=self.people[name]).first()
            if open_record:
                mobile.close_record(mobile=open_record, on=self.day, **who)
                self.oracle.come_back(name, self.day)
            else:
                facts = {"reason": "work", "counterpart": "外地支部", "place": "大连"}
                mobile.register_outflow(member=self.member(name), facts=facts, since=self.day, reason="测试", **who)
                self.oracle.go_away(name, self.day)

    @rule(days=st.integers(1, 20), where=picks)
    def firm_arrives(self, days: int, where: int) -> None:
        branch = chosen(self.oracle.living(), where)
        self.number += 1
        firm = f"企业{self.number}"
        with self.passing(days) as who:
            row = register_enterprise(
                facts={"name": firm}, condition={"staff": 30}, on=self.day, org=self.cast.authority, **who
            )
            establish(
                enterprises=[row], org=self.org(branch), form=Form.AFFILIATED, since=self.day, reason="测试", **who
            )
        self.firm_ids[firm] = row.pk
        self.oracle.firms[firm] = branch

    @precondition(lambda self: any(self.oracle.firms.values()))
    @rule(days=st.integers(1, 20), pick=picks)
    def firm_leaves(self, days: int, pick: int) -> None:
        firm = chosen(sorted(f for f, by in self.oracle.firms.items() if by), pick)
        with self.passing(days) as who:
            record_condition(
                enterprise=self.enterprise(firm), on=self.day, changes={"status": "moved_out"}, source="登记", **who
            )
        self.oracle.firm_leaves(firm, self.day)

    @rule(days=st.integers(1, 20), node=st.sampled_from(NODES))
    def branch_is_founded(self, days: int, node: str) -> None:
        self.number += 1
        name = f"第{self.number}联合党支部"
        with self.passing(days) as who:
            row = found_organization(name=name, kind="joint_branch", parent=self.org(node), founded_on=self.day, **who)
        self.orgs[name] = row.pk
        self.oracle.found(name, node)

    @precondition(lambda self: len(self.oracle.living()) > 1)
    @rule(days=st.integers(1, 20), pick=picks, where=picks, dissolves=st.booleans())
    def branch_merges_into_another(self, days: int, pick: int, where: int, dissolves: bool) -> None:
        source = chosen(self.oracle.living(), pick)
        target = chosen([b for b in self.oracle.living() if b != source], where)
        with self.passing(days) as who:
            if dissolves:
                dissolve_into(org=self.org(source), target=self.org(target), on=self.day, **who)
            else:
                merge_organizations(sources=[self.org(source)], target=self.org(target), on=self.day, **who)
        self.oracle.merge(source, target, self.day)

    @precondition(lambda self: self.oracle.present())
    @rule(days=st.integers(1, 20), pick=picks)
    def branch_splits(self, days: int, pick: int) -> None:
        source = self.oracle.spells[chosen(self.oracle.present(), pick)][-1].branch
        there = [m for m in self.oracle.present() if self.oracle.spells[m][-1].branch == source]
        taken = there[: 1 + pick % len(there)]
        self.number += 1
        name = f"第{self.number}联合党支部"
        with self.passing(days) as who:
            part = Part(name, "joint_branch", {HELD: frozenset(self.people[m] for m in taken)})
            (row,) = split_organization(org=self.org(source), parts=[part], on=self.day, **who)
        self.orgs[name] = row.pk
        self.oracle.found(name, self.oracle.parents[source])
        self.oracle.relocate(taken, name, self.day)

    @rule(days=st.integers(1, 20), pick=picks, node=st.sampled_from(NODES))
    def branch_moves(self, days: int, pick: int, node: str) -> None:
        branch = chosen(self.oracle.living(), pick)
        if self.oracle.parents[branch] == node:
            return
        with self.passing(days) as who:
            move_organization(org=self.org(branch), parent=self.org(node), on=self.day, **who)
        self.oracle.parents[branch] = node

    @rule()
    def quarter_closes(self) -> None:
        """On the first day of the next quarter, with what held on the last day of this one."""
        period = Period.quarter_of(self.day)
        with self.passing((period.end - self.day).days) as who:
            opened = open_round(org=self.cast.authority, period=period, **who).round
            close_round(census_round=opened, confirmed=True, **who)
            self.oracle.close(period.last_day, self.day)
            self.check_snapshot(Snapshot.objects.get(period=str(period)), self.oracle.frozen[-1][1])

    def check_snapshot(self, snapshot: Snapshot, counts: dict[str, int]) -> None:
        rows = {row.enterprise_id: row for row in SnapshotRow.objects.filter(snapshot=snapshot)}
        for firm, count in counts.items():
            row = rows.get(self.firm_ids[firm])
            if row is not None and self.oracle.firms[firm] and (count or row.from_roster):
                assert (row.from_roster, row.formal_members) == (True, count), firm

    @invariant()
    def rosters_of_every_day_are_the_same(self) -> None:
        days = [self.day, self.oracle.closed_until, START + (self.day - START) / 2]
        with unscoped("the oracle compares every branch"):
            for day in days:
                held = list(Membership.objects.as_of(day).values_list("org_id", "member_id"))
                for branch in self.oracle.parents:
                    told = {pk for org, pk in held if org == self.orgs[branch]}
                    assert told == {self.people[m] for m in self.oracle.roster(branch, day)}, (branch, day)

    @invariant()
    def sums_agree_at_every_level(self) -> None:
        with unscoped("the oracle counts every level"):
            for node in NODES:
                path = self.org(node).path
                under = {n for n in NODES if self.org(n).path.startswith(path)}
                said = set().union(*(self.oracle.below(n, self.day) for n in under))
                found = Membership.objects.as_of(self.day).filter(org_path__startswith=path)
                assert found.count() == len(said), node
            everybody = Membership.objects.as_of(self.day).count()
            assert everybody == len(self.oracle.present())
            assert Member.objects.on_roster().count() == everybody

    @invariant()
    def nobody_is_left_without_an_organisation(self) -> None:
        with unscoped("the oracle looks for orphans"):
            for name in self.oracle.present():
                member = self.member(name)
                row = Membership.objects.open().select_related("org").get(member=member)
                assert row.org.ended_on is None
                assert (row.org_id, row.org_path, row.enterprise_id) == (
                    member.org_id,
                    row.org.path,
                    member.employer_id,
                )
                assert (member.placement_since is not None) == (name in self.oracle.waiting), name
                away = MobileRecord.objects.as_of(self.day).filter(member=member).exists()
                assert away == self.oracle.away_on(name, self.day), name
            answering = Enterprise.objects.filter(pk__in=self.firm_ids.values()).select_related("org")
            assert all(row.org.ended_on is None for row in answering)

    @invariant()
    def closed_quarters_stay_as_they_were(self) -> None:
        with unscoped("the oracle reads what was closed"):
            assert all(seal_holds(snapshot) for snapshot in Snapshot.objects.all())
            assert Correction.objects.count() >= self.corrections


def chosen(options: list[Any], pick: int) -> Any:
    return options[pick % len(options)] if options else None


@pytest.mark.slow
@pytest.mark.django_db
def test_the_portal_and_the_oracle_tell_the_same_life(cast: Cast) -> None:
    class Played(Life):
        pass

    Played.cast = cast
    with unscoped("the authority may send nationwide"):
        PartyOrg.objects.filter(pk__in=[cast.park_org.pk, cast.sibling_org.pk]).update(can_approve_probationary=True)
    run_state_machine_as_test(
        Played,
        settings=settings(
            max_examples=15, stateful_step_count=25, deadline=None, derandomize=True,
            suppress_health_check=list(HealthCheck), database=None, phases=[Phase.generate],
        ),
    )  # fmt: skip
    assert Played.late > 0, "no fact came after the closing of its quarter: play longer"


def test_the_oracle_notices_a_membership_that_somebody_moved_by_hand(cast: Cast, db: None) -> None:
    class Played(Life):
        pass

    Played.cast = cast
    life = Played()
    life.begin_with_members(count=3)
    life.rosters_of_every_day_are_the_same()
    with unscoped("somebody writes past the services"):
        row = Membership.objects.first()
        Membership.objects.filter(pk=row.pk).update(since=row.since + 400 * ONE_DAY)
    with pytest.raises(AssertionError):
        life.rosters_of_every_day_are_the_same()
    life.teardown()
