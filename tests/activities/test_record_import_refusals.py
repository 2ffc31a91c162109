"""What an import of records refuses, and how it says so: every fault at once, people told apart without numbers."""

from __future__ import annotations

import datetime

import pytest
from django.core.exceptions import PermissionDenied

from apps.activities.models import Activity, Attendance, Participation
from apps.core import period_guard
from apps.core.imports.commit import ChecksFailed
from apps.core.period_guard import PeriodClosed
from apps.members.models import Member, Membership

from .record_desk import Desk, meeting

D = datetime.date


@pytest.fixture
def desk(cast, roster, officer, today):
    return Desk(cast, officer, today)


@pytest.fixture
def namesakes(cast, roster):
    """Two 李明 in branch_a: one of the first group, one whom only the firm and the year tell apart."""
    Member.objects.filter(pk__in=[roster.worker_a1.pk, roster.worker_a2.pk]).update(name="李明")
    Membership.objects.filter(member=roster.worker_a1).update(group=cast.group_a)
    return roster.worker_a1, roster.worker_a2


def test_every_fault_is_told_at_once_with_its_row_and_nothing_is_saved(desk):
    rows = (
        meeting(类型="看电影"),
        meeting(日期="2026-12-01"),
        meeting(主题=None, 日期="2026-09-01"),
        meeting(缺席及原因="张无忌（病假）", 日期="2026-09-02"),
        meeting(缺席及原因="王建国", 日期="2026-09-03"),
        meeting(类型="主题党日", 同时作为="支委会", 日期="2026-09-04"),
        meeting(实到=9, 日期="2026-09-05"),
        meeting(日期="2026-09-06"),
    )
    assert desk.problems(*rows) == [
        (2, "类型", "unknown_reference"),
        (3, "日期", "date_future"),
        (4, "主题", "required"),
        (5, "缺席及原因", "not_on_roster"),
        (6, "缺席及原因", "no_reason"),
        (7, "同时作为", "kinds_apart"),
        (8, "实到", "present_over_expected"),
    ]
    with pytest.raises(ChecksFailed):
        desk.commit(*rows)
    assert not Activity.objects.exists()
    assert not Participation.objects.exists()
    assert not Attendance.objects.exists()


def test_two_people_of_one_name_are_told_apart_without_their_numbers(desk, namesakes):
    row = meeting(缺席及原因="李明（病假）")
    assert desk.problems(row) == [(2, "缺席及原因", "unclear_name")]
    said = desk.sentences(row)
    assert "李明（第一党小组，丹东子精密机械有限公司，2005年入党）" in said
    assert "李明（丹东子精密机械有限公司，2008年入党）" in said
    for person in namesakes:
        assert person.code not in said
        assert person.id_number not in said
        assert person.phone not in said


def test_square_brackets_say_which_of_them(desk, namesakes):
    desk.commit(
        meeting(缺席及原因="李明[2008]（病假）"), meeting(日期="2026-10-13", 缺席及原因="李明[第一党小组]（当班）")
    )
    absent = dict(Attendance.objects.filter(presence="absent").values_list("held_on", "member"))
    assert absent == {D(2026, 10, 12): namesakes[1].pk, D(2026, 10, 13): namesakes[0].pk}
    both = meeting(日期="2026-10-14", 缺席及原因="李明[2008]（病假）、李明[2005]（当班）")
    assert desk.problems(both) == []
    twice = meeting(日期="2026-10-14", 缺席及原因="李明[2008]（病假）、李明[2008]（当班）")
    assert desk.problems(twice) == [(2, "缺席及原因", "unclear_name")]
    nobody = meeting(日期="2026-10-14", 缺席及原因="李明[1999]（病假）")
    assert desk.problems(nobody) == [(2, "缺席及原因", "not_on_roster")]


@pytest.mark.parametrize(
    ("present", "codes"), [(6, ["present_differs"]), (5, []), (4, ["present_differs"]), (7, ["present_over_expected"])]
)
def test_present_fits_the_roster_and_the_absent(desk, present, codes):
    """Six on the roster, one absent: five were there."""
    row = meeting(实到=present, 缺席及原因="王建国（病假）")
    assert [code for _, _, code in desk.problems(row)] == codes
    if "present_over_expected" in codes:
        assert "陈一鸣" in desk.sentences(row)


def test_another_expected_number_is_a_warning_with_the_list(desk):
    report = desk.check(meeting(应到=7))
    assert report.errors == []
    assert [(w.column, w.code) for w in report.warnings if w.row] == [("应到", "expected_differs")]


def test_who_is_in_neither_list_is_named(desk):
    row = meeting(到会人员="陈一鸣、王建国", 缺席及原因="赵敏（事假）")
    assert desk.problems(row) == [(2, "到会人员", "unaccounted")]
    assert "李秀英" in desk.sentences(row)
    assert desk.problems(meeting(到会人员="陈一鸣", 缺席及原因="陈一鸣（事假）")) == [(2, "缺席及原因", "both")]


def test_a_committee_without_half_of_its_seats_held_no_meeting(desk, cast, roster, logbook):
    logbook.seat(cast.branch_a, roster.worker_a1, roster.worker_a2, roster.worker_a3)
    row = meeting(类型="支委会", 缺席及原因="陈一鸣（病假）、王建国（当班）")
    assert desk.problems(row) == [(2, "实到", "no_quorum")]


def test_a_closed_quarter_needs_a_correction_on_the_page(desk, monkeypatch, cast):
    """Only the branch whose quarter is closed is refused, and every row of it."""

    def closed(spans):
        for span in spans:
            if span.since < D(2026, 10, 1) and span.org_path == cast.branch_a.path:
                raise PeriodClosed(
                    "2026年第三季度已由李明于 2026-10-08 关闭，如需更正请发起更正说明。", open_from=D(2026, 10, 1)
                )

    monkeypatch.setattr(period_guard, "_guards", [closed])
    rows = (
        meeting(日期="2026-09-30"), meeting(日期="2026-10-01"), meeting(日期="2026-08-30"),
        meeting(日期="2026-09-30", 党组织="丑寅联合党支部"),
    )  # fmt: skip
    placed = [{"党组织": "JYA"} | row for row in rows]
    assert desk.problems(*placed, org=cast.park_org) == [(2, "日期", "period_closed"), (4, "日期", "period_closed")]
    assert "作为更正由上级批准" in desk.sentences(meeting(日期="2026-09-30"))


def test_a_number_that_is_not_here_a_stopped_kind_and_a_branch_without_a_roster(desk, cast, roster, logbook):
    logbook.kind("forum").__class__.objects.filter(code="assembly").update(active=False)
    assert desk.problems(meeting(记录编号="999")) == [(2, "记录编号", "unknown_number")]
    assert desk.problems(meeting()) == [(2, "类型", "kind_inactive")]
    assert desk.problems(meeting(类型="党小组会")) == [(2, "党组织", "group_needed")]
    assert desk.problems(meeting(类型="党课", 日期="2019-12-31")) == [(2, "日期", "org_young")]
    assert desk.problems(meeting(类型="主题党日")) == [(2, "类型", "other_book")]


def test_a_record_of_another_branch_is_not_named_by_its_number(desk, cast, logbook):
    foreign = logbook.log("assembly", org=cast.branch_b, day=D(2026, 10, 12))
    assert desk.problems(meeting(记录编号=str(foreign.pk))) == [(2, "记录编号", "unknown_number")]


def test_without_the_right_nothing_is_read(desk, cast):
    desk.actor = cast.users.secretary_b
    with pytest.raises(PermissionDenied):
        desk.check(meeting())
