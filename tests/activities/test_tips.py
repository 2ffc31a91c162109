"""提示单 from the draft to its end: issued to every branch below, signed for, answered by records, closed."""

from __future__ import annotations

import datetime

import pytest

from apps.activities.kinds import State, TipSheetState
from apps.activities.models import TipSheet, TipSheetLink, TipSheetReceipt
from apps.activities.services import tips
from apps.activities.services.records_review import cancel_activity, confirm_activities, return_activity
from apps.branches.models import PartyOrg
from apps.branches.tree import segment
from apps.core.errors import Conflict, DomainError
from apps.core.scoping import unscoped
from tests.activities.conftest import MORNING, TODAY

ISSUED = datetime.date(2026, 10, 8)
DUE = datetime.date(2026, 12, 31)
FACTS = {
    "number": "2026Q4-01", "title": "学习二十届四中全会精神", "quarter": "2026Q4", "due_on": DUE,
    "content": "一、组织一次专题学习\n二、联系岗位讨论",
}  # fmt: skip


def drafted(cast, org=None, **facts):
    return tips.draft_sheet(org=org or cast.park_org, facts={**FACTS, **facts}, actor=cast.users.park_officer)


def issued(cast, today=ISSUED, **facts):
    with cast.within(cast.park_org):
        return tips.issue_sheet(sheet=drafted(cast, **facts), today=today, actor=cast.users.park_officer)


def receipt(sheet, org):
    with unscoped("the test looks"):
        return TipSheetReceipt.objects.select_related("sheet", "org").get(sheet=sheet, org=org)


def link(cast, row, *activities):
    with cast.within(row.org):
        return tips.link_records(receipt=row, activities=activities, now=MORNING, actor=cast.users.secretary_a)


def test_every_branch_below_the_issuer_gets_its_receipt_and_nobody_else(cast, roster):
    sheet = issued(cast)
    with unscoped("the test looks"):
        rows = list(TipSheetReceipt.objects.filter(sheet=sheet).order_by("org_path"))
    assert [row.org for row in rows] == [cast.branch_a, cast.branch_b]
    assert {row.other_org for row in rows} == {cast.park_org}
    assert (sheet.state, sheet.issued_on) == (TipSheetState.ISSUED, ISSUED)


def test_a_sheet_is_issued_once_and_then_stays_as_it_is(cast, roster):
    sheet = issued(cast)
    with cast.within(cast.park_org):
        for again in (
            lambda: tips.issue_sheet(sheet=sheet, today=ISSUED, actor=cast.users.park_officer),
            lambda: tips.change_sheet(sheet=sheet, facts={"title": "另一题"}, actor=cast.users.park_officer),
            lambda: tips.discard_sheet(sheet=sheet, actor=cast.users.park_officer),
        ):
            with pytest.raises(DomainError) as refused:
                again()
            assert refused.value.code == "issued"


def test_a_draft_is_changed_by_one_hand_at_a_time_and_may_be_thrown_away(cast, roster):
    with cast.within(cast.park_org):
        sheet = drafted(cast)
        tips.change_sheet(sheet=sheet, facts={"title": "新题目"}, actor=cast.users.park_officer, version=1)
        with pytest.raises(Conflict):
            tips.change_sheet(sheet=sheet, facts={"title": "旧题目"}, actor=cast.users.park_officer, version=1)
        tips.discard_sheet(sheet=sheet, actor=cast.users.park_officer)
        assert not TipSheet.objects.exists()


def test_two_sheets_of_one_issuer_do_not_share_a_number(cast, roster):
    with cast.within(cast.park_org):
        drafted(cast)
        with pytest.raises(DomainError, match="编号"):
            drafted(cast)


@pytest.mark.parametrize("quarter", ["2026", "2026-10", "第四季度"])
def test_a_sheet_is_for_a_quarter(cast, roster, quarter):
    with cast.within(cast.park_org), pytest.raises(DomainError) as refused:
        drafted(cast, quarter=quarter)
    assert refused.value.field == "quarter"


def test_an_issuer_without_branches_issues_to_nobody(cast, roster):
    with cast.within(cast.branch_b):
        sheet = drafted(cast, org=cast.branch_b)
        with pytest.raises(DomainError) as refused:
            tips.issue_sheet(sheet=sheet, today=ISSUED, actor=cast.users.park_officer)
    assert refused.value.code == "nobody"


@pytest.mark.parametrize(("night", "delivered"), [(DUE, 1), (DUE + datetime.timedelta(days=1), 0)])
def test_a_branch_founded_while_the_sheet_is_out_gets_it_the_next_night(cast, roster, night, delivered):
    sheet = issued(cast)
    with unscoped("a branch is founded"):
        PartyOrg.objects.create(code="NEW", name="中共新公司支部委员会", kind="branch", parent=cast.station,
                                founded_on=datetime.date(2026, 11, 1), path=cast.station.path + segment(9))  # fmt: skip
    assert tips.deliver_to_new_branches(today=night) == delivered
    assert tips.deliver_to_new_branches(today=night) == 0
    with unscoped("the test looks"):
        assert TipSheetReceipt.objects.filter(sheet=sheet).count() == 2 + delivered


def test_the_branch_signs_with_one_tap_and_a_second_tap_changes_nothing(cast, roster):
    row = receipt(issued(cast), cast.branch_a)
    with cast.within(cast.branch_a):
        first = tips.sign_receipt(receipt=row, now=MORNING, actor=cast.users.secretary_a)
        later = MORNING + datetime.timedelta(hours=1)
        second = tips.sign_receipt(receipt=row, now=later, actor=cast.users.clerk_a1)
    assert (first.signed_at, first.signed_by_name) == (MORNING, "王书记")
    assert (second.signed_at, second.signed_by_name) == (MORNING, "王书记")


def test_a_record_of_the_branch_answers_the_sheet_and_signs_for_it(cast, roster, logbook):
    row = receipt(issued(cast), cast.branch_a)
    record = logbook.log("theme_day", day=datetime.date(2026, 11, 15))
    done = link(cast, row, record)
    assert done.done_on == datetime.date(2026, 11, 15)
    assert done.signed_by_name == "王书记"


def test_the_earliest_record_that_counts_says_when_it_was_done(cast, roster, logbook):
    row = receipt(issued(cast), cast.branch_a)
    late, early = (logbook.log("study", day=datetime.date(2026, 11, day)) for day in (20, 10))
    assert link(cast, row, late).done_on == late.held_on
    assert link(cast, row, late, early).done_on == early.held_on


def test_a_draft_answers_nothing_until_it_is_submitted(cast, roster, logbook):
    row = receipt(issued(cast), cast.branch_a)
    draft = logbook.log("theme_day", day=datetime.date(2026, 11, 15), submit=False)
    assert link(cast, row, draft).done_on is None


def test_a_record_that_is_returned_or_cancelled_opens_the_sheet_again(cast, roster, logbook):
    row = receipt(issued(cast), cast.branch_a)
    record = logbook.log("theme_day", day=datetime.date(2026, 11, 15))
    link(cast, row, record)
    with cast.within(cast.park_org):
        confirm_activities(activities=[record], actor=cast.users.park_officer, today=TODAY)
        assert receipt(row.sheet, cast.branch_a).done_on == record.held_on
        record.refresh_from_db()
        return_activity(activity=record, reason="缺少内容", actor=cast.users.park_officer, today=TODAY)
    assert receipt(row.sheet, cast.branch_a).done_on is None
    with cast.within(cast.branch_a):
        record.refresh_from_db()
        cancel_activity(activity=record, reason="误记", actor=cast.users.secretary_a, today=TODAY)
    assert receipt(row.sheet, cast.branch_a).done_on is None


def test_another_record_keeps_the_sheet_done_when_one_is_taken_off(cast, roster, logbook):
    row = receipt(issued(cast), cast.branch_a)
    records = [logbook.log("study", day=datetime.date(2026, 11, day)) for day in (10, 20)]
    link(cast, row, *records)
    with cast.within(cast.branch_a):
        first, second = TipSheetLink.objects.order_by("activity__held_on")
        assert tips.unlink_record(link=first, actor=cast.users.secretary_a).done_on == records[1].held_on
        assert tips.unlink_record(link=second, actor=cast.users.secretary_a).done_on is None


def test_a_joint_record_answers_the_sheet_of_each_of_its_branches(cast, roster, logbook):
    sheet = issued(cast)
    record = logbook.log("theme_day", day=datetime.date(2026, 11, 15), co_hosts=[cast.branch_b])
    row = receipt(sheet, cast.branch_b)
    with cast.within(cast.branch_b):
        tips.link_records(receipt=row, activities=[record], now=MORNING, actor=cast.users.secretary_b)
    assert receipt(sheet, cast.branch_b).done_on == record.held_on
    with cast.within(cast.branch_a):
        cancel_activity(activity=record, reason="误记", actor=cast.users.secretary_a, today=TODAY)
    assert receipt(sheet, cast.branch_b).done_on is None


def test_a_record_answers_only_the_sheets_of_its_branch_and_of_its_quarter(cast, roster, logbook):
    sheet = issued(cast)
    before = logbook.log("study", day=datetime.date(2026, 9, 30))
    strange = logbook.log("study", org=cast.branch_b, day=datetime.date(2026, 11, 15))
    plan = logbook.log("study", day=TODAY + datetime.timedelta(days=3), submit=False)
    row = receipt(sheet, cast.branch_a)
    for record, code in ((before, "too_early"), (strange, "stranger"), (plan, "not_held")):
        with pytest.raises(DomainError) as refused:
            link(cast, row, record)
        assert refused.value.code == code
    assert receipt(sheet, cast.branch_a).done_on is None


def test_the_form_of_a_record_names_the_sheets_that_it_answers(cast, roster, logbook):
    sheet, other = issued(cast), issued(cast, number="2026Q4-02", title="警示教育")
    record = logbook.log("theme_day", day=datetime.date(2026, 11, 15))
    mine, second = receipt(sheet, cast.branch_a), receipt(other, cast.branch_a)
    with cast.within(cast.branch_a):
        tips.answer_sheets(activity=record, receipts=[mine, second], now=MORNING, actor=cast.users.secretary_a)
        tips.answer_sheets(activity=record, receipts=[second], now=MORNING, actor=cast.users.secretary_a)
    assert receipt(sheet, cast.branch_a).done_on is None
    assert receipt(other, cast.branch_a).done_on == record.held_on


def test_after_the_end_nothing_is_signed_or_linked(cast, roster, logbook):
    sheet = issued(cast)
    with cast.within(cast.park_org):
        tips.close_sheet(sheet=sheet, today=TODAY, actor=cast.users.park_officer)
    row = receipt(sheet, cast.branch_a)
    record = logbook.log("theme_day", day=datetime.date(2026, 11, 15))
    with cast.within(cast.branch_a), pytest.raises(DomainError, match="办结"):
        tips.sign_receipt(receipt=row, now=MORNING, actor=cast.users.secretary_a)
    with pytest.raises(DomainError, match="办结"):
        link(cast, row, record)


def test_the_issuer_does_not_sign_in_place_of_a_branch_that_is_not_its_own(cast, roster):
    with cast.within(cast.authority):
        sheet = drafted(cast, org=cast.authority)
        tips.issue_sheet(sheet=sheet, today=ISSUED, actor=cast.users.authority_officer)
    row = receipt(sheet, cast.sibling_branch)
    with cast.within(cast.park_org), pytest.raises(DomainError):
        tips.sign_receipt(receipt=row, now=MORNING, actor=cast.users.park_officer)


def test_an_ended_branch_is_no_longer_asked_but_what_it_did_counts(cast, roster, logbook):
    sheet = issued(cast)
    with unscoped("a branch has ended"):
        PartyOrg.objects.filter(pk=cast.branch_a.pk).update(ended_on=TODAY)
        asked = TipSheetReceipt.objects.asked().filter(sheet=sheet)
        assert [row.org for row in asked] == [cast.branch_b]
        TipSheetReceipt.objects.filter(org=cast.branch_a).update(done_on=TODAY)
        assert asked.all().count() == 2


def test_records_follow_in_one_go_however_many_there_are(cast, roster, logbook, django_assert_max_num_queries):
    sheet = issued(cast)
    records = [logbook.log("study", day=datetime.date(2026, 11, day)) for day in range(2, 12)]
    link(cast, receipt(sheet, cast.branch_a), *records)
    from apps.activities.services.following import Change

    with cast.within(cast.branch_a), django_assert_max_num_queries(3):
        tips.follow_records(Change(records, frozenset(), TODAY, cast.users.secretary_a))
    assert {record.state for record in records} == {State.SUBMITTED}
