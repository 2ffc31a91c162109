"""组织关系转接: who takes each step, what blocks it, and what it leaves behind."""

from __future__ import annotations

import datetime

import pytest

from apps.core.errors import Conflict, DomainError
from apps.core.models import AuditEntry
from apps.core.scoping import unscoped
from apps.members.kinds import Relation, TransferKind, TransferState
from apps.members.models import Member, Membership, MobileRecord, Post, Transfer
from apps.members.services import acceptance, transfers
from tests.members import transfers as walk
from tests.members.conftest import TODAY

ACCEPTED = datetime.date(2026, 11, 10)


def slices(member):
    """(organisation, since, until, employer) of every membership, the oldest first."""
    with unscoped("test"):
        rows = Membership.objects.filter(member=member).order_by("since").select_related("org", "enterprise")
        return [(row.org.code, row.since, row.until, row.enterprise and row.enterprise.name) for row in rows]


class TestWithinOneCommittee:
    def test_it_needs_no_letter_and_goes_over_on_acceptance(self, cast, roster):
        row = walk.within(cast, roster.worker_a1)
        assert row.kind == TransferKind.WITHIN
        row = walk.accepted(cast, row, by=cast.branch_b, enterprise=cast.enterprise_b)
        member = walk.again(roster.worker_a1)
        assert row.state == TransferState.ACCEPTED
        assert (member.org, member.employer, member.relation) == (cast.branch_b, cast.enterprise_b, Relation.HERE)
        assert slices(member) == [
            ("JYA", datetime.date(2020, 1, 1), ACCEPTED, cast.enterprise_a.name),
            ("JYB", ACCEPTED, None, cast.enterprise_b.name),
        ]

    def test_the_sender_keeps_the_member_until_then(self, cast, roster):
        walk.within(cast, roster.worker_a1)
        member = walk.again(roster.worker_a1)
        assert member.org == cast.branch_a
        assert len(slices(member)) == 1

    def test_waiting_for_placement_is_over(self, cast, roster):
        with unscoped("test"):
            Member.objects.filter(pk=roster.worker_a1.pk).update(placement_since=datetime.date(2026, 9, 1))
        walk.accepted(cast, walk.within(cast, roster.worker_a1), by=cast.branch_b)
        assert walk.again(roster.worker_a1).placement_since is None

    def test_a_letter_cannot_be_issued_for_it(self, cast, roster):
        walk.empower(cast.park_org)
        with pytest.raises(Conflict, match="党委已批"):
            walk.lettered(cast, walk.within(cast, roster.worker_a1))


class TestBetweenCommittees:
    def test_it_needs_a_letter_of_a_committee_that_may_approve(self, cast, roster):
        walk.empower(cast.sibling_org)
        row = walk.approved(
            cast, walk.checked(cast, walk.requested(cast, roster.worker_a1, receiver=cast.sibling_branch))
        )
        assert row.kind == TransferKind.BETWEEN
        with pytest.raises(DomainError, match="没有审批预备党员的权限") as refused:
            walk.lettered(cast, row)
        assert refused.value.basis.rule_id == "ZZ-03"
        walk.empower(cast.park_org)
        row = walk.lettered(cast, row)
        assert (row.state, row.valid_until) == (TransferState.LETTER_ISSUED, walk.ISSUED + datetime.timedelta(days=30))

    def test_it_cannot_be_accepted_without_the_letter(self, cast, roster):
        walk.empower(cast.park_org, cast.sibling_org)
        row = walk.approved(
            cast, walk.checked(cast, walk.requested(cast, roster.worker_a1, receiver=cast.sibling_branch))
        )
        with pytest.raises(Conflict):
            walk.accepted(cast, row, by=cast.sibling_branch)

    def test_a_letter_of_more_than_ninety_days_is_refused(self, cast, roster):
        walk.empower(cast.park_org)
        row = walk.approved(cast, walk.checked(cast, walk.requested(cast, roster.worker_a1, outside="某党委")))
        with pytest.raises(DomainError, match="最长不超过90天") as refused:
            walk.lettered(cast, row, valid_until=walk.ISSUED + datetime.timedelta(days=91))
        assert refused.value.field == "valid_until"

    def test_acceptance_after_the_last_day_is_refused(self, cast, roster):
        row = walk.between(cast, roster.worker_a1)
        with unscoped("test"):
            Transfer.objects.filter(pk=row.pk).update(valid_until=datetime.date(2026, 11, 15))
        with pytest.raises(DomainError, match="已过期"):
            walk.accepted(cast, row, by=cast.sibling_branch, on=datetime.date(2026, 11, 16))
        assert walk.accepted(cast, row, by=cast.sibling_branch, on=datetime.date(2026, 11, 15)).ended_on

    def test_the_row_belongs_to_the_receiver_afterwards(self, cast, roster):
        row = walk.between(cast, roster.worker_a1)
        with cast.within(cast.sibling_branch):
            assert not Member.objects.filter(pk=roster.worker_a1.pk).exists()
        walk.accepted(cast, row, by=cast.sibling_branch)
        with cast.within(cast.sibling_branch):
            assert Member.objects.get(pk=roster.worker_a1.pk).id_number
        with cast.within(cast.branch_a):
            assert not Member.objects.filter(pk=roster.worker_a1.pk).exists()
            assert Transfer.objects.get(pk=row.pk).state == TransferState.ACCEPTED


class TestOut:
    def test_the_sender_records_the_receipt_and_the_member_has_left(self, cast, roster):
        row = walk.accepted(cast, walk.outward(cast, roster.worker_a2), by=cast.branch_a)
        member = walk.again(roster.worker_a2)
        assert (member.relation, member.left_on, member.destination) == (Relation.LEFT, ACCEPTED, row.outside)
        assert slices(member)[-1][2] == ACCEPTED

    def test_who_goes_on_working_here_is_kept_as_a_relation_elsewhere(self, cast, roster):
        row = walk.accepted(cast, walk.outward(cast, roster.worker_a2), by=cast.branch_a, stays=True)
        member = walk.again(roster.worker_a2)
        assert (member.relation, member.home_text) == (Relation.ELSEWHERE, row.outside)
        assert member.employer == cast.enterprise_a
        assert slices(member)[-1][2] == ACCEPTED


class TestWhatFollows:
    def hold_post(self, org, member):
        with unscoped("test"):
            return Post.objects.create(
                org=org, member=member, name=member.name, role="secretary", since=datetime.date(2024, 1, 1)
            )

    @pytest.mark.parametrize(("out", "kept"), [(False, True), (True, False)])
    def test_posts_of_the_branch_that_is_left_end_and_of_the_portal_when_that_is_left(self, cast, roster, out, kept):
        here = self.hold_post(cast.branch_a, roster.worker_a1)
        above = self.hold_post(cast.committee, roster.worker_a1)
        if out:
            walk.accepted(cast, walk.outward(cast, roster.worker_a1), by=cast.branch_a)
        else:
            walk.accepted(cast, walk.within(cast, roster.worker_a1), by=cast.branch_b)
        assert walk.again(here).until == ACCEPTED
        assert (walk.again(above).until is None) is kept

    def test_being_registered_as_away_from_the_former_branch_is_over(self, cast, roster):
        with unscoped("test"):
            away = MobileRecord.objects.create(
                org=cast.branch_a, member=roster.worker_a1, direction="out", since=datetime.date(2026, 1, 5),
                reason="work",
            )  # fmt: skip
        walk.accepted(cast, walk.within(cast, roster.worker_a1), by=cast.branch_b)
        assert walk.again(away).until == ACCEPTED


class TestIn:
    LETTER = {"letter_number": "沈0031", "letter_on": datetime.date(2026, 10, 28)}

    def arrival(self, cast, member, **facts):
        with cast.within(cast.branch_a):
            return transfers.request_arrival(
                member=member, org=cast.branch_a, outside="中共沈阳市某公司委员会", requested_on=walk.REQUESTED,
                today=TODAY, actor=cast.users.secretary_a, **{**self.LETTER, **facts},
            )  # fmt: skip

    @pytest.fixture
    def newcomer(self, cast, roster):
        """Works in enterprise_a, the relation outside the portal."""
        with unscoped("test"):
            member = roster.worker_elsewhere
            Membership.objects.filter(member=member).delete()
            member.org, member.relation, member.home_text = cast.branch_a, Relation.ELSEWHERE.value, "某公司党委"
            member.save()
        return member

    def test_the_person_comes_onto_the_roster(self, cast, newcomer):
        row = self.arrival(cast, newcomer)
        assert row.valid_until == datetime.date(2026, 11, 27)
        row = walk.approved(cast, walk.checked(cast, row))
        walk.accepted(cast, row, by=cast.branch_a, enterprise=cast.enterprise_a)
        member = walk.again(newcomer)
        assert (member.relation, member.org, member.home_text) == (Relation.HERE, cast.branch_a, "")
        assert slices(member) == [("JYA", ACCEPTED, None, cast.enterprise_a.name)]

    def test_an_expired_letter_is_refused(self, cast, newcomer):
        with pytest.raises(DomainError, match="已过期") as refused:
            self.arrival(cast, newcomer, letter_on=datetime.date(2026, 9, 1))
        assert refused.value.field == "valid_until"

    def test_somebody_on_a_roster_of_the_portal_needs_a_transfer_and_the_branch_is_not_named(self, cast, roster):
        with pytest.raises(DomainError) as refused:
            self.arrival(cast, roster.worker_b1)
        assert refused.value.code == "needs_transfer"
        assert "丑" not in refused.value.message

    def test_who_comes_in_is_found_by_name_and_id_number_only(self, cast, newcomer, roster):
        number = newcomer.id_number
        with cast.within(cast.branch_b):
            assert transfers.person_named("韩梅梅", number, today=TODAY) == newcomer
            with pytest.raises(DomainError, match="都相符") as wrong_name:
                transfers.person_named("韩雪", number, today=TODAY)
            with pytest.raises(DomainError) as registered:
                transfers.person_named("陈一鸣", roster.worker_a1.id_number, today=TODAY)
        assert number not in wrong_name.value.message
        assert registered.value.code == "needs_transfer"
        assert "子公司" not in registered.value.message


class TestChecks:
    def test_owed_dues_ask_for_a_reason(self, cast, roster):
        row = walk.requested(cast, roster.worker_a1, receiver=cast.branch_b)
        with pytest.raises(DomainError, match="还有2个月未交") as asked:
            walk.checked(cast, row, dues_paid_until=datetime.date(2026, 8, 1))
        assert asked.value.field == "reason"
        row = walk.checked(cast, row, dues_paid_until=datetime.date(2026, 8, 1), reason="单位代扣，下月补交")
        assert row.dues_paid_until == datetime.date(2026, 8, 31)
        assert "下月补交" in row.note

    def test_a_probationary_member_takes_the_papers_along(self, cast, roster):
        row = walk.requested(cast, roster.probationary_a, receiver=cast.branch_b)
        with pytest.raises(DomainError, match="移交"):
            walk.checked(cast, row)
        assert walk.checked(cast, row, papers=True).state == TransferState.BRANCH_CHECKED

    @pytest.mark.parametrize("day", [datetime.date(2026, 11, 1), TODAY + datetime.timedelta(days=1)])
    def test_a_step_is_not_before_the_last_one_and_not_to_come(self, cast, roster, day):
        row = walk.requested(cast, roster.worker_a1, receiver=cast.branch_b)
        with pytest.raises(DomainError):
            walk.checked(cast, row, on=day)

    def test_the_own_branch_and_a_branch_with_an_outside_are_refused(self, cast, roster):
        for to in ({"receiver": cast.branch_a}, {"receiver": cast.branch_b, "outside": "某党委"}, {}):
            with pytest.raises(DomainError) as refused:
                walk.requested(cast, roster.worker_a1, **to)
            assert refused.value.field == "receiver"

    def test_a_committee_does_not_receive(self, cast, roster):
        with pytest.raises(DomainError, match="不接收组织关系"):
            walk.requested(cast, roster.worker_a1, receiver=cast.committee)


class TestSides:
    def test_a_branch_does_not_approve_its_own_transfer(self, cast, roster):
        row = walk.checked(cast, walk.requested(cast, roster.worker_a1, receiver=cast.branch_b))
        for scope in (cast.branch_a, cast.branch_b):
            with cast.within(scope), pytest.raises(DomainError, match="由基层党委办理") as refused:
                transfers.approve_transfer(transfer=row, on=walk.APPROVED, today=TODAY, actor=None)
            assert refused.value.code == "not_yours"

    def test_the_sender_does_not_accept_for_the_receiver(self, cast, roster):
        row = walk.within(cast, roster.worker_a1)
        with pytest.raises(DomainError, match="由接收党支部办理"):
            walk.accepted(cast, row, by=cast.branch_a)
        assert walk.again(row).state == TransferState.APPROVED

    def test_the_receiver_does_not_cancel_and_the_sender_does(self, cast, roster):
        row = walk.within(cast, roster.worker_a1)
        with cast.within(cast.branch_b), pytest.raises(DomainError, match="由经办党支部办理"):
            transfers.cancel_transfer(transfer=row, reason="不要", today=TODAY, actor=None)
        with cast.within(cast.branch_a):
            row = transfers.cancel_transfer(transfer=row, reason="本人留任", today=TODAY, actor=None)
        assert row.state == TransferState.CANCELLED

    def test_a_third_branch_does_not_know_of_it(self, cast, roster):
        row = walk.within(cast, roster.worker_a1)
        with cast.within(cast.sibling_branch):
            assert not Transfer.objects.filter(pk=row.pk).exists()
            with pytest.raises(DomainError, match="已不在您的范围内"):
                acceptance.accept_transfer(transfer=row, on=ACCEPTED, today=TODAY, actor=None)

    def test_returning_takes_a_reason_and_leaves_the_member(self, cast, roster):
        row = walk.within(cast, roster.worker_a1)
        with cast.within(cast.branch_b):
            facts = {"transfer": row, "on": ACCEPTED, "today": TODAY, "actor": cast.users.secretary_b}
            with pytest.raises(DomainError) as refused:
                transfers.return_transfer(reason=" ", **facts)
            assert refused.value.basis.rule_id == "ZZ-05"
            row = transfers.return_transfer(reason="档案缺转正材料", **facts)
        assert (row.state, row.return_reason) == (TransferState.RETURNED, "档案缺转正材料")
        assert walk.again(roster.worker_a1).org == cast.branch_a

    def test_bulk_approval_is_all_or_nothing(self, cast, roster):
        rows = [
            walk.checked(cast, walk.requested(cast, member, receiver=cast.branch_b))
            for member in (roster.worker_a1, roster.worker_a2)
        ]
        draft = walk.requested(cast, roster.worker_a3, receiver=cast.branch_b)
        facts = {"on": walk.APPROVED, "today": TODAY, "actor": cast.users.park_officer}
        with cast.within(cast.park_org):
            with pytest.raises(Conflict):
                transfers.approve_transfers(transfers=[*rows, draft], **facts)
            assert {walk.again(row).state for row in rows} == {TransferState.BRANCH_CHECKED}
            transfers.approve_transfers(transfers=rows, **facts)
        assert {walk.again(row).state for row in rows} == {TransferState.APPROVED}


class TestOneAtATime:
    def test_a_member_has_one_open_transfer(self, cast, roster):
        row = walk.requested(cast, roster.worker_a1, receiver=cast.branch_b)
        with pytest.raises(Conflict, match="正在转接"):
            walk.requested(cast, roster.worker_a1, outside="某党委")
        with cast.within(cast.branch_a):
            transfers.cancel_transfer(transfer=row, reason="重新填写", today=TODAY, actor=None)
        assert walk.requested(cast, roster.worker_a1, outside="某党委").kind == TransferKind.OUT

    def test_a_step_taken_twice_meets_a_conflict(self, cast, roster):
        row = walk.within(cast, roster.worker_a1)
        walk.accepted(cast, row, by=cast.branch_b)
        with pytest.raises(Conflict, match="已接收"):
            walk.accepted(cast, row, by=cast.branch_b)
        assert len(slices(roster.worker_a1)) == 2

    def test_an_old_version_meets_a_conflict(self, cast, roster):
        row = walk.requested(cast, roster.worker_a1, receiver=cast.branch_b)
        with pytest.raises(Conflict):
            walk.checked(cast, row, version=row.version + 1)
        assert walk.checked(cast, row, version=row.version).version == row.version + 1

    def test_a_member_who_is_gone_in_between_is_not_accepted(self, cast, roster):
        row = walk.within(cast, roster.worker_a1)
        with unscoped("test"):
            Member.objects.filter(pk=roster.worker_a1.pk).update(relation="left", left_on=ACCEPTED)
        with pytest.raises(Conflict, match="已有变动"):
            walk.accepted(cast, row, by=cast.branch_b)


class TestExpiry:
    @pytest.mark.parametrize(("offset", "state"), [(0, TransferState.LETTER_ISSUED), (1, TransferState.EXPIRED)])
    def test_the_night_after_the_last_day_the_letter_expires(self, cast, roster, offset, state):
        row = walk.between(cast, roster.worker_a1)
        transfers.expire_letters(today=row.valid_until + datetime.timedelta(days=offset))
        assert walk.again(row).state == state

    def test_the_member_stays_and_a_new_request_takes_a_proof(self, cast, roster):
        row = walk.between(cast, roster.worker_a1)
        after = row.valid_until + datetime.timedelta(days=1)
        assert transfers.expire_letters(today=after) == 1
        assert transfers.expire_letters(today=after) == 0
        assert walk.again(row).ended_on == after
        assert walk.again(roster.worker_a1).org == cast.branch_a
        with pytest.raises(DomainError, match="出具证明") as refused:
            walk.requested(cast, roster.worker_a1, receiver=cast.sibling_branch)
        assert refused.value.field == "note"
        new = walk.requested(cast, roster.worker_a1, receiver=cast.sibling_branch, note="本人出差，支部已出具证明")
        assert new.state == TransferState.DRAFT


def test_every_step_is_in_the_trail_without_a_number(cast, roster):
    walk.accepted(cast, walk.between(cast, roster.worker_a1), by=cast.sibling_branch)
    entries = AuditEntry.objects.filter(action__startswith="transfer.").order_by("id")
    assert [entry.action.partition(".")[2] for entry in entries] == [
        "requested", "checked", "approved", "letter_issued", "accepted",
    ]  # fmt: skip
    assert all(roster.worker_a1.id_number not in entry.summary + str(entry.data) for entry in entries)
