"""积分台账 comes in for the committee to confirm; its export comes in again without a change."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from apps.activities.kinds import PointState
from apps.activities.models import PointEntry, PointPublication
from apps.activities.services.records_review import confirm_activities
from apps.core.scoping import unscoped
from apps.core.sealing import new_ids
from apps.members.models import Member, Membership
from tests.activities.conftest import TODAY
from tests.activities.record_desk import Desk

ROW = {"姓名": "陈一鸣", "党组织": "子公司党支部", "日期": "2026-10-12", "积分事项": "讲党课", "分值": 5}


@pytest.fixture
def desk(cast, roster, secretary, today):
    return Desk(cast, secretary, today, "activities.points")


def test_deeds_of_past_months_come_in_and_wait_for_the_committee(cast, roster, desk):
    desk.commit(ROW, {**ROW, "姓名": "王建国", "分值": "2.5", "说明": "车间微党课"})
    rows = {row.member: row for row in PointEntry.objects.select_related("member")}
    assert {row.state for row in rows.values()} == {PointState.ENTERED}
    assert rows[roster.worker_a1].points == Decimal(5)
    assert rows[roster.worker_a3].note == "车间微党课"
    assert {row.author for row in rows.values()} == {cast.users.secretary_a}


def test_an_export_comes_in_again_without_a_change(cast, roster, desk, logbook):
    desk.commit(ROW, {**ROW, "说明": "第二次"})
    record = logbook.log("theme_day", day=datetime.date(2026, 11, 15))
    with cast.within(cast.park_org):
        confirm_activities(activities=[record], actor=cast.users.park_officer, today=TODAY)
    report = desk.check(data=desk.export())
    assert (report.created, report.updated, report.errors) == (0, 0, [])
    assert report.unchanged == 8


def test_an_undone_import_leaves_nothing(cast, roster, desk):
    desk.undo(desk.commit(ROW))
    assert not PointEntry.objects.exists()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"积分事项": "每日签到"}, ("积分事项", "unknown_rule")),
        ({"积分事项": "参加党课"}, ("积分事项", "derived")),
        ({"活动": "十月党课"}, ("活动", "derived")),
        ({"姓名": "没有这人"}, ("姓名", "unknown_member")),
        ({"姓名": "周小满", "日期": "2026-03-09"}, ("姓名", "not_on_roster")),
        ({"分值": "5.5"}, ("分值", "wrong_amount")),
        ({"分值": 0}, ("分值", "wrong_amount")),
        ({"日期": "2026-11-23"}, ("日期", "date_future")),
    ],
)
def test_what_gives_no_points_is_refused_at_its_cell(desk, change, problem):
    assert [(column, code) for _, column, code in desk.problems({**ROW, **change})] == [problem]


def test_a_file_reaches_the_limit_of_the_year_and_does_not_pass_it(desk):
    rows = [{**ROW, "说明": f"第{n}次"} for n in (1, 2)]
    assert desk.problems(*rows) == []
    [(_, column, code)] = desk.problems(*rows, {**ROW, "说明": "第3次"})
    assert (column, code) == ("分值", "over_the_year")


def test_a_published_year_takes_no_more(cast, desk):
    PointPublication.objects.create(org=cast.branch_a, year=2025, published_on=TODAY, published_by_name="李明")
    assert [code for *_, code in desk.problems({**ROW, "日期": "2025-10-12"})] == ["published"]


def test_two_of_one_name_are_listed_without_their_numbers(cast, roster, desk):
    with unscoped("a second one of the name"):
        [pk] = new_ids(Member, 1)
        twin = Member(pk=pk, code="DY90000099", name="陈一鸣", initials="cym", org=cast.branch_a, position="质检员",
                      joined_on=datetime.date(2019, 7, 1), formal_on=datetime.date(2020, 7, 1))  # fmt: skip
        twin.id_number = "210602199003154321"
        Member.objects.bulk_create([twin])
        Membership.objects.create(member=twin, org=cast.branch_a, since=datetime.date(2020, 1, 1))
    said = desk.sentences(ROW)
    assert "2 名党员叫“陈一鸣”" in said
    assert "质检员，2019年入党" in said
    assert "210602" not in said
    assert desk.problems({**ROW, "党员编号": "DY90000099"}) == []


def test_what_was_decided_is_not_changed_by_a_file(desk):
    desk.commit(ROW)
    desk.commit({**ROW, "分值": 4})
    assert PointEntry.objects.get().points == 4
    PointEntry.objects.update(state=PointState.CONFIRMED)
    assert [code for *_, code in desk.problems({**ROW, "分值": 3})] == ["decided"]
