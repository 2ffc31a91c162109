"""Within the branch, from probation to full membership, off the roster and back, and when the firm leaves."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from apps.branches.services import upgrade_organization
from apps.core.errors import Conflict, DomainError
from apps.core.models import AuditEntry
from apps.core.scoping import unscoped
from apps.enterprises.kinds import Status
from apps.enterprises.services import change_status
from apps.members.kinds import Entry, HonourKind, LeavingReason, MobileReason, PostRole, Relation
from apps.members.models import DualAgreement, Honour, Member, Membership, MobileRecord, Post, Transfer
from apps.members.services.dates import correct_dates, extend_probation, make_formal
from apps.members.services.honours import add_honour, remove_honour
from apps.members.services.leaving import leave, restore
from apps.members.services.members import (
    assign_group,
    mark_found,
    mark_lost,
    move_in_branch,
    reveal,
    waive_placement,
)
from tests.cast import SINCE

DAY = datetime.date.fromisoformat
ONE_DAY = datetime.timedelta(days=1)


def slices(member: Member) -> list[Membership]:
    with unscoped("a test looks"):
        return list(Membership.objects.filter(member=member).order_by("since"))


def fresh(member: Member) -> Member:
    with unscoped("a test looks"):
        return Member.objects.get(pk=member.pk)


@pytest.fixture
def regroup(cast, secretary, roster, today):
    def move(on: str, **more: Any) -> Member:
        given = {"group": cast.group_a, "enterprise": cast.enterprise_a, **more}
        return move_in_branch(member=roster.worker_a1, on=DAY(on), today=today, actor=secretary, **given)

    return move


def test_another_group_ends_one_slice_and_begins_the_next_on_the_same_day(cast, roster, regroup):
    regroup("2026-10-20")
    before, after = slices(roster.worker_a1)
    assert (before.until, before.exit) == (DAY("2026-10-20"), LeavingReason.REGROUPED)
    assert (after.since, after.entry, after.group, after.until) == (
        DAY("2026-10-20"),
        Entry.REGROUPED,
        cast.group_a,
        None,
    )
    assert fresh(roster.worker_a1).group == cast.group_a


def test_a_slice_of_the_same_day_is_corrected_in_place(cast, roster, regroup):
    regroup("2026-10-20")
    regroup("2026-10-20", enterprise=None)
    assert len(slices(roster.worker_a1)) == 2
    assert slices(roster.worker_a1)[-1].enterprise is None


def test_nothing_new_a_day_before_the_slice_and_a_day_to_come_are_refused(cast, regroup):
    with pytest.raises(DomainError, match="没有变化"):
        regroup("2026-10-20", group=None)
    regroup("2026-10-20")
    with pytest.raises(DomainError, match="须晚于"):
        regroup("2026-10-19", group=None)
    with pytest.raises(DomainError, match="不能晚于今天"):
        regroup("2026-11-23", group=None)


def test_a_closed_quarter_keeps_its_groups(regroup, closed_until):
    closed_until(DAY("2026-10-01"))
    with pytest.raises(Conflict):
        regroup("2026-09-30")
    regroup("2026-10-01")


def test_members_of_an_upgraded_branch_are_still_kept_but_nobody_comes_back_to_it(cast, officer, roster, today):
    upgrade_organization(org=cast.branch_b, kind="general_branch", on=today, today=today, actor=officer)
    given = {"member": roster.worker_b1, "on": today, "today": today, "actor": officer}
    assert move_in_branch(group=None, enterprise=None, **given).org.pk == cast.branch_b.pk
    tomorrow = {**given, "on": today + ONE_DAY, "today": today + ONE_DAY}
    leave(reason=LeavingReason.DECEASED, **tomorrow)
    with pytest.raises(DomainError, match="不接收组织关系"):
        restore(reason="误报", **tomorrow)


def test_several_members_go_into_a_group_together_or_not_at_all(cast, officer, roster, today):
    mixed = [roster.worker_a1, roster.worker_b1]
    with pytest.raises(DomainError, match="不属于"):
        assign_group(members=mixed, group=cast.group_a, on=today, today=today, actor=officer)
    with unscoped("a test looks"):
        assert not Member.objects.filter(group=cast.group_a).exists()
    assign_group(members=roster.of_a[:3], group=cast.group_a, on=today, today=today, actor=officer)
    assert Member.objects.filter(group=cast.group_a).count() == 3


@pytest.mark.parametrize(("joined", "on", "fits"), [
    ("2025-11-22", "2026-11-21", False), ("2025-11-22", "2026-11-22", True), ("2025-11-21", "2026-11-22", True),
])  # fmt: skip
def test_nobody_becomes_a_full_member_before_a_year_is_over(joined, on, fits, cast, secretary, roster, today):
    member = roster.probationary_a
    Member.objects.filter(pk=member.pk).update(joined_on=DAY(joined))
    Membership.objects.filter(member=member).update(since=DAY(joined))
    if fits:
        make_formal(member=member, on=DAY(on), today=today, actor=secretary)
        assert Member.objects.formal(DAY(on)).filter(pk=member.pk).exists()
        assert not Member.objects.formal(DAY(on) - datetime.timedelta(days=1)).filter(pk=member.pk).exists()
    else:
        with pytest.raises(DomainError) as caught:
            make_formal(member=member, on=DAY(on), today=today, actor=secretary)
        assert (caught.value.code, caught.value.basis.rule_id) == ("probation_runs", "FZ-02")


def test_an_extended_probation_lasts_and_is_extended_once(cast, secretary, roster, today):
    member = roster.probationary_a
    Member.objects.filter(pk=member.pk).update(joined_on=DAY("2025-03-10"))
    extend_probation(member=member, until=DAY("2026-09-10"), reason="尚需考察", today=today, actor=secretary)
    with pytest.raises(DomainError, match="只能延长一次"):
        extend_probation(member=member, until=DAY("2026-10-10"), reason="再延", today=today, actor=secretary)
    with pytest.raises(DomainError, match="不能提前转正"):
        make_formal(member=member, on=DAY("2026-09-09"), today=today, actor=secretary)
    make_formal(member=member, on=DAY("2026-09-10"), today=today, actor=secretary)
    with pytest.raises(DomainError, match="转正"):
        extend_probation(member=member, until=DAY("2026-09-10"), reason="再延", today=today, actor=secretary)


def test_a_full_member_in_a_closed_quarter_is_not_made(cast, secretary, roster, today, closed_until):
    member = roster.probationary_a
    Member.objects.filter(pk=member.pk).update(joined_on=DAY("2025-03-10"))
    closed_until(DAY("2026-10-01"))
    with pytest.raises(Conflict):
        make_formal(member=member, on=DAY("2026-09-30"), today=today, actor=secretary)
    make_formal(member=member, on=DAY("2026-10-01"), today=today, actor=secretary)


def test_corrected_dates_ask_every_quarter_that_reads_differently(cast, secretary, roster, today, closed_until):
    member = roster.worker_a1  # joined 2005-06-30, full since 2006-06-30, on this roster since 2020
    given = {"member": member, "today": today, "actor": secretary, "reason": "档案记载"}
    closed_until(DAY("2026-10-01"))
    correct_dates(joined_on=DAY("2005-06-30"), formal_on=DAY("2006-07-01"), **given)  # before any roster here
    with pytest.raises(Conflict):
        correct_dates(joined_on=DAY("2005-06-30"), formal_on=DAY("2021-07-01"), **given)
    with pytest.raises(Conflict):
        correct_dates(joined_on=DAY("2005-06-30"), formal_on=DAY("2006-07-01"), since=DAY("2020-02-01"), **given)
    assert fresh(member).formal_on == DAY("2006-07-01")


def test_a_full_member_is_not_made_in_a_closed_quarter_of_the_branch_before(
    cast, secretary, roster, today, monkeypatch
):
    def guard(spans):
        if any(span.org_path == cast.sibling_branch.path and span.since < DAY("2026-10-01") for span in spans):
            raise Conflict("2026-10-01 之前的季度已关闭。")

    member = roster.probationary_a
    with unscoped("fixture"):
        Member.objects.filter(pk=member.pk).update(joined_on=DAY("2025-03-10"))
        Membership.objects.filter(member=member).update(since=DAY("2026-11-01"))
        Membership(member=member, org=cast.sibling_branch, since=DAY("2025-03-10"), until=DAY("2026-11-01")).save()
    monkeypatch.setattr("apps.core.period_guard._guards", [guard])
    with pytest.raises(Conflict):
        make_formal(member=member, on=DAY("2026-09-30"), today=today, actor=secretary)
    make_formal(member=member, on=DAY("2026-10-01"), today=today, actor=secretary)


def test_a_roster_may_begin_earlier_than_was_thought(cast, secretary, roster, today):
    given = {"member": roster.worker_a1, "today": today, "actor": secretary, "reason": "补登"}
    dates = {"joined_on": DAY("2005-06-30"), "formal_on": DAY("2006-06-30")}
    correct_dates(since=DAY("2019-12-01"), **dates, **given)
    assert slices(roster.worker_a1)[0].since == DAY("2019-12-01")
    with pytest.raises(DomainError, match="不能早于入党日期"):
        correct_dates(since=DAY("2005-06-29"), **dates, **given)
    with pytest.raises(DomainError, match="原因"):
        correct_dates(**dates, **{**given, "reason": " "})


def test_leaving_ends_the_roster_posts_records_and_agreements_on_the_day(cast, secretary, roster, today):
    member, on = roster.worker_a1, DAY("2026-11-01")
    common = {"member": member, "org": cast.branch_a, "since": DAY("2026-01-01")}
    Post(name=member.name, role=PostRole.COMMITTEE.value, **common).save()
    MobileRecord(direction="out", reason=MobileReason.WORK.value, **common).save()
    DualAgreement(until=DAY("2027-01-01"), signed_on=DAY("2026-01-01"), **common).save()
    leave(member=member, reason=LeavingReason.DECEASED, on=on, today=today, actor=secretary)
    gone = fresh(member)
    assert (gone.relation, gone.left_on, gone.leaving_reason) == (Relation.LEFT, on, LeavingReason.DECEASED)
    assert (slices(member)[-1].until, slices(member)[-1].exit) == (on, LeavingReason.DECEASED)
    assert {model.objects.get(member=member).until for model in (Post, MobileRecord, DualAgreement)} == {on}


@pytest.mark.parametrize(
    ("reason", "document", "code"),
    [
        (LeavingReason.EXPELLED, "", "document_needed"),
        (LeavingReason.REMOVED, " ", "document_needed"),
        (LeavingReason.CANCELLED, "甲委〔2026〕1号", "formal_already"),
        (LeavingReason.TRANSFERRED, "甲委〔2026〕1号", "needs_transfer"),
        (LeavingReason.EXPELLED, "甲委〔2026〕1号", ""),
    ],
)
def test_a_decision_names_its_document_and_a_transfer_goes_its_own_way(
    reason, document, code, cast, secretary, roster, today
):
    given = {"member": roster.worker_a1, "reason": reason, "on": today, "document": document}
    if not code:
        assert leave(**given, today=today, actor=secretary).relation == Relation.LEFT
        return
    with pytest.raises(DomainError) as caught:
        leave(**given, today=today, actor=secretary)
    assert caught.value.code == code


def test_nobody_leaves_while_a_transfer_is_under_way(cast, officer, roster, today):
    Transfer(member=roster.worker_a1, org=cast.branch_a, other_org=cast.branch_b, kind="within",
             requested_on=today).save()  # fmt: skip
    with pytest.raises(DomainError, match="正在转接"):
        leave(member=roster.worker_a1, reason=LeavingReason.DECEASED, on=today, today=today, actor=officer)


def test_a_closed_quarter_keeps_its_members(cast, secretary, roster, today, closed_until):
    closed_until(DAY("2026-10-01"))
    given = {"member": roster.worker_a1, "reason": LeavingReason.DECEASED, "today": today, "actor": secretary}
    with pytest.raises(Conflict):
        leave(on=DAY("2026-09-30"), **given)
    leave(on=DAY("2026-10-01"), **given)


def test_a_registration_by_mistake_is_taken_back_as_if_it_had_never_been(cast, secretary, roster, today):
    member = roster.probationary_a
    leave(member=member, reason=LeavingReason.MISTAKEN, on=DAY("2026-03-10"), today=today, actor=secretary)
    assert slices(member) == []
    assert fresh(member).relation == Relation.LEFT


def test_who_left_by_mistake_is_restored_and_who_was_expelled_is_not(cast, secretary, roster, today):
    given = {"today": today, "actor": secretary}
    leave(member=roster.worker_a1, reason=LeavingReason.DECEASED, on=DAY("2026-11-01"), **given)
    restore(member=roster.worker_a1, on=DAY("2026-11-02"), reason="登记有误", **given)
    assert slices(roster.worker_a1)[-1].entry == Entry.RESTORED
    assert fresh(roster.worker_a1).relation == Relation.HERE
    leave(
        member=roster.worker_a2,
        reason=LeavingReason.EXPELLED,
        on=DAY("2026-11-01"),
        document="甲纪〔2026〕3号",
        **given,
    )
    with pytest.raises(DomainError) as caught:
        restore(member=roster.worker_a2, on=DAY("2026-11-02"), reason="申诉", **given)
    assert caught.value.basis.rule_id == "DJ-05"


def test_nobody_is_restored_before_leaving_or_without_having_left(cast, secretary, roster, today):
    given = {"today": today, "actor": secretary, "reason": "登记有误"}
    with pytest.raises(DomainError, match="没有离开"):
        restore(member=roster.worker_a1, on=today, **given)
    leave(member=roster.worker_a1, reason=LeavingReason.DECEASED, on=DAY("2026-11-01"), today=today, actor=secretary)
    with pytest.raises(DomainError, match="不能早于离开日期"):
        restore(member=roster.worker_a1, on=DAY("2026-10-31"), **given)


def test_lost_contact_is_noted_once_and_ends_when_somebody_answers(cast, secretary, roster, today):
    given = {"member": roster.worker_a1, "today": today, "actor": secretary}
    mark_lost(since=DAY("2026-05-01"), **given)
    with pytest.raises(DomainError, match="已登记"):
        mark_lost(since=DAY("2026-06-01"), **given)
    with pytest.raises(DomainError, match="不能早于"):
        mark_found(on=DAY("2026-04-30"), **given)
    assert mark_found(on=DAY("2026-10-01"), **given).lost_since is None
    with pytest.raises(DomainError, match="没有登记"):
        mark_found(on=DAY("2026-10-01"), **given)


def test_an_original_is_shown_for_a_reason_that_stays_in_the_trail(cast, secretary, roster):
    member = roster.worker_a1
    with pytest.raises(DomainError, match="理由"):
        reveal(member=member, field="id_number", reason=" ", actor=secretary)
    assert not AuditEntry.objects.filter(action="member.viewed").exists()
    assert reveal(member=member, field="id_number", reason="核对档案", actor=secretary) == member.id_number
    entry = AuditEntry.objects.get(action="member.viewed")
    assert entry.data == {"reason": "核对档案", "field": "id_number"}
    assert member.id_number not in entry.summary
    with pytest.raises(TypeError):
        reveal(member=member, field="remark", reason="看看", actor=secretary)


def test_honours_are_kept_and_taken_back_with_a_reason(cast, secretary, roster, today):
    given = {"member": roster.worker_a1, "on": DAY("2026-07-01"), "today": today, "actor": secretary}
    honour = add_honour(kind=HonourKind.DELEGATE, title="市党代表", level="丹东市", **given)
    assert honour.org == cast.branch_a
    with pytest.raises(DomainError, match="文号"):
        add_honour(kind=HonourKind.DISCIPLINE, title="党内警告", **given)
    with pytest.raises(DomainError, match="原因"):
        remove_honour(honour=honour, reason="", actor=secretary)
    remove_honour(honour=honour, reason="重复登记", actor=secretary)
    assert not Honour.objects.exists()


@pytest.fixture
def moved_out(cast, officer, today):
    change_status(
        enterprise=cast.enterprise_a, status=Status.MOVED_OUT, on=DAY("2026-11-10"), today=today, actor=officer
    )


def test_members_of_a_firm_that_leaves_the_park_await_a_place(cast, roster, moved_out):
    for member in [*roster.of_a, roster.worker_elsewhere]:
        assert fresh(member).placement_since == DAY("2026-11-10")
        assert fresh(member).employer == cast.enterprise_a
        assert slices(member)[-1].until is None
    assert fresh(roster.worker_b1).placement_since is None


def test_another_employer_a_reason_or_leaving_ends_the_waiting_and_another_group_does_not(
    cast, officer, roster, moved_out, today
):
    given = {"today": today, "actor": officer}
    move_in_branch(member=roster.worker_a1, group=None, enterprise=cast.enterprise_uncovered, on=today, **given)
    move_in_branch(member=roster.worker_a2, group=cast.group_a, enterprise=cast.enterprise_a, on=today, **given)
    leave(member=roster.worker_a3, reason=LeavingReason.DECEASED, on=today, **given)
    with pytest.raises(DomainError, match="原因"):
        waive_placement(member=roster.worker_a4, reason=" ", **given)
    waive_placement(member=roster.worker_a4, reason="已退休，关系留在支部", **given)
    waiting = {member.name for member in roster.of_a if fresh(member).placement_since}
    assert waiting == {roster.worker_a2.name, roster.worker_a5.name, roster.probationary_a.name}
    with pytest.raises(DomainError, match="不在待安置"):
        waive_placement(member=roster.worker_a4, reason="再来一次", **given)


def test_a_roster_counts_its_full_and_probationary_members(cast, officer, roster, today):
    from apps.branches.headcount import headcounts

    found = headcounts([cast.branch_a, cast.branch_b, cast.station], today)
    assert (found[cast.branch_a.pk].formal, found[cast.branch_a.pk].probationary) == (5, 1)
    assert (found[cast.branch_b.pk].formal, found[cast.branch_b.pk].probationary) == (2, 0)
    assert cast.station.pk not in found
    before = headcounts([cast.branch_a], SINCE)
    assert (before[cast.branch_a.pk].formal, before[cast.branch_a.pk].probationary) == (5, 0)
    assert headcounts([cast.branch_a], SINCE - datetime.timedelta(days=1)) == {}
