"""A transfer or departure whose day lies in a closed quarter becomes a correction; and two people at once."""

from __future__ import annotations

import datetime
from functools import partial

import pytest

from apps.census import services as census
from apps.core.errors import Conflict, DomainError
from apps.core.period_guard import PeriodClosed, first_open_day
from apps.core.periods import Period
from apps.core.scoping import unscoped
from apps.coverage.models import Correction, Snapshot, SnapshotRow
from apps.coverage.services import approve_correction, seal_holds
from apps.members.kinds import DepartureReason, TransferState
from apps.members.models import Member, Membership, Transfer
from apps.members.services import departures, transfers
from tests.members import transfers as walk
from tests.members.conftest import TODAY
from tests.racing import at_once

JUNE, SEPTEMBER = datetime.date(2026, 6, 18), datetime.date(2026, 9, 18)
OPEN_AGAIN = datetime.date(2026, 10, 1)


def close(cast, *periods, org=None):
    """Close these periods of the park, as its officer does."""
    with cast.within(org or cast.park_org):
        for period in periods:
            opened = census.open_round(
                org=org or cast.park_org, period=Period.parse(period), today=TODAY, actor=cast.users.park_officer
            )
            census.close_round(
                census_round=opened.round, today=TODAY, actor=cast.users.park_officer, confirmed=True
            )  # fmt: skip


def frozen(period, enterprise):
    with unscoped("test"):
        return SnapshotRow.objects.get(snapshot__period=period, enterprise=enterprise)


def corrections():
    with unscoped("test"):
        return list(Correction.objects.select_related("snapshot").order_by("snapshot__as_of"))


def waiting(cast, member, day):
    """A transfer from branch_a to branch_b of which every step was taken on the day, but for the acceptance."""
    row = walk.requested(cast, member, receiver=cast.branch_b, requested_on=day)
    return walk.approved(cast, walk.checked(cast, row, on=day, dues_paid_until=day), on=day)


class TestClosedQuarter:
    def test_the_rosters_change_on_the_first_open_day_and_the_quarter_gets_a_correction(self, cast, roster):
        row = waiting(cast, roster.worker_a1, SEPTEMBER)
        close(cast, "2026Q3")
        before = frozen("2026Q3", cast.enterprise_a).formal_members
        row = walk.accepted(cast, row, by=cast.branch_b, on=SEPTEMBER, enterprise=cast.enterprise_b)
        assert row.ended_on == SEPTEMBER
        assert "2026年第三季度已提出更正说明" in row.correction
        with unscoped("test"):
            ends = Membership.objects.filter(member=roster.worker_a1).order_by("since").values_list("since", "until")
            assert list(ends) == [(datetime.date(2020, 1, 1), OPEN_AGAIN), (OPEN_AGAIN, None)]
            assert seal_holds(Snapshot.objects.get())
        (correction,) = corrections()
        assert (correction.number, correction.author) == (None, cast.users.secretary_b)
        assert {(c["enterprise"], c["field"], c["before"], c["after"]) for c in correction.changes} == {
            (cast.enterprise_a.name, "正式党员", str(before), str(before - 1)),
            (cast.enterprise_b.name, "正式党员", "2", "3"),
        }
        assert frozen("2026Q3", cast.enterprise_a).formal_members == before

    def test_it_is_numbered_by_somebody_else(self, cast, roster):
        row = waiting(cast, roster.worker_a1, SEPTEMBER)
        close(cast, "2026Q3")
        walk.accepted(cast, row, by=cast.branch_b, on=SEPTEMBER)
        (correction,) = corrections()
        with cast.within(cast.park_org):
            with pytest.raises(DomainError, match="以外的人"):
                approve_correction(correction=correction, actor=cast.users.secretary_b)
            assert approve_correction(correction=correction, actor=cast.users.park_officer).number == 1

    def test_every_quarter_in_between_is_corrected(self, cast, roster):
        row = waiting(cast, roster.worker_a1, JUNE)
        close(cast, "2026Q2", "2026Q3")
        walk.accepted(cast, row, by=cast.branch_b, on=JUNE, enterprise=cast.enterprise_b)
        assert [each.snapshot.period for each in corrections()] == ["2026Q2", "2026Q3"]

    def test_a_probationary_member_counts_as_one(self, cast, roster):
        row = walk.requested(cast, roster.probationary_a, receiver=cast.branch_b, requested_on=SEPTEMBER)
        row = walk.checked(cast, row, on=SEPTEMBER, dues_paid_until=SEPTEMBER, papers=True)
        row = walk.approved(cast, row, on=SEPTEMBER)
        close(cast, "2026Q3")
        walk.accepted(cast, row, by=cast.branch_b, on=SEPTEMBER, enterprise=cast.enterprise_b)
        assert {change["field"] for change in corrections()[0].changes} == {"预备党员"}

    def test_an_open_day_proposes_nothing(self, cast, roster):
        close(cast, "2026Q3")
        row = walk.accepted(cast, walk.within(cast, roster.worker_a1), by=cast.branch_b)
        assert (row.correction, corrections()) == ("", [])

    def test_a_quarter_closed_today_is_open_tomorrow_and_the_sentence_names_nobody(self, cast, roster):
        row = walk.within(cast, roster.worker_a1)
        close(cast, "2026Q4")
        with pytest.raises(Conflict, match="2026-11-23 起可以变动") as refused:
            walk.accepted(cast, row, by=cast.branch_b)
        assert cast.users.park_officer.display_name not in refused.value.message
        assert walk.again(row).state == TransferState.APPROVED

    def test_the_closing_of_the_other_side_counts_as_well(self, cast, roster):
        row = walk.between(cast, roster.worker_a1)
        with unscoped("test"):
            Transfer.objects.filter(pk=row.pk).update(
                requested_on=SEPTEMBER, checked_on=SEPTEMBER, approved_on=SEPTEMBER, letter_on=SEPTEMBER
            )
        close(cast, "2026Q3", org=cast.sibling_org)
        row = walk.accepted(cast, row, by=cast.sibling_branch, on=SEPTEMBER, enterprise=cast.enterprise_sibling)
        with unscoped("test"):
            assert Membership.objects.open().get(member=roster.worker_a1).since == OPEN_AGAIN
        (correction,) = corrections()
        assert [change["enterprise"] for change in correction.changes] == [cast.enterprise_sibling.name]

    def test_a_departure_in_a_closed_quarter_is_corrected_likewise(self, cast, roster):
        close(cast, "2026Q3")
        with cast.within(cast.branch_b):
            row = departures.record_departure(
                member=roster.worker_b1, left_post_on=SEPTEMBER, reason=DepartureReason.RESIGNED, today=TODAY,
                actor=cast.users.secretary_b,
            )  # fmt: skip
            assert row.left_post_on == SEPTEMBER
            assert Membership.objects.open().get(member=roster.worker_b1).since == OPEN_AGAIN
            assert "名册自2026-10-01起变动" in row.note


class TestFirstOpenDay:
    def test_an_open_day_is_itself_and_a_closed_one_the_day_after_what_was_closed(self, cast):
        close(cast, "2026Q2", "2026Q3")
        with cast.within(cast.park_org):
            assert first_open_day([cast.branch_a.path], TODAY, today=TODAY) == TODAY
            assert first_open_day([cast.branch_a.path], JUNE, today=TODAY) == OPEN_AGAIN
            assert first_open_day([cast.sibling_branch.path], JUNE, today=TODAY) == JUNE
            with pytest.raises(PeriodClosed):
                first_open_day([cast.branch_a.path], JUNE, today=datetime.date(2026, 9, 30))


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
class TestTwoAtOnce:
    def outcome(self, results):
        return (
            len([each for each in results if isinstance(each, Transfer)]),
            len([each for each in results if isinstance(each, Conflict)]),
        )

    def test_two_secretaries_request_the_same_member(self, cast, roster):
        to = [{"receiver": cast.branch_b}, {"outside": "中共某街道工作委员会"}]
        results = at_once(*(partial(walk.requested, cast, roster.worker_a1, **each) for each in to))
        assert self.outcome(results) == (1, 1)
        with unscoped("test"):
            assert Transfer.objects.open().filter(member=roster.worker_a1).count() == 1

    def test_two_secretaries_accept_the_same_transfer(self, cast, roster):
        row = walk.within(cast, roster.worker_a1)
        results = at_once(*[lambda: walk.accepted(cast, row, by=cast.branch_b)] * 2)
        assert self.outcome(results) == (1, 1)
        with unscoped("test"):
            assert Membership.objects.filter(member=roster.worker_a1).count() == 2

    def test_the_receiver_accepts_while_the_sender_cancels(self, cast, roster):
        row = walk.within(cast, roster.worker_a1)

        def cancel():
            with cast.within(cast.branch_a):
                return transfers.cancel_transfer(transfer=row, reason="留任", today=TODAY, actor=None)

        results = at_once(lambda: walk.accepted(cast, row, by=cast.branch_b), cancel)
        assert self.outcome(results) == (1, 1)
        with unscoped("test"):
            member = Member.objects.get(pk=roster.worker_a1.pk)
            was_accepted = Transfer.objects.get(pk=row.pk).state == TransferState.ACCEPTED
            assert (member.org == cast.branch_b) is was_accepted
