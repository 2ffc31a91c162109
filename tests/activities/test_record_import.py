"""Records of past days come in from Excel: people by name on the roster of the day, everything or nothing."""

from __future__ import annotations

import dataclasses
import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.activities.models import Activity, Attendance, Participation
from apps.activities.services.records import amend_activity, facts_of, roll_of
from apps.core.errors import Conflict, DomainError
from apps.core.imports.spec import importer_class
from apps.core.imports.template import template
from apps.core.models import AuditEntry
from apps.members.models import Membership

from .record_desk import Desk, meeting

D = datetime.date


@pytest.fixture
def desk(cast, roster, officer, today):
    return Desk(cast, officer, today)


def the(**facts) -> Activity:
    return Activity.objects.get(**facts)


# the way in


def test_a_row_becomes_a_submitted_record_with_everybody_of_that_day_on_its_sheet(desk, cast, roster, today):
    batch = desk.commit(meeting(缺席及原因="陈一鸣（病假）、孙·阿依古丽（因公出差）", 列席="入党积极分子 2 人"))
    record = the(title="第四季度党员大会")
    assert (batch.created, batch.updated, batch.unchanged) == (1, 0, 0)
    assert (record.kind.code, record.state, record.org, record.held_on) == (
        "assembly", "submitted", cast.branch_a, D(2026, 10, 12)
    )  # fmt: skip
    assert (record.expected, record.present, record.reported_on, record.author) == (6, 4, today, desk.actor)
    assert (record.place, record.chair, record.guests, record.study_hours) == (
        "三楼会议室",
        "王书记",
        "入党积极分子 2 人",
        1,
    )
    absent = Attendance.objects.filter(activity=record, presence="absent")
    assert set(absent.values_list("member__name", "reason", "hours")) == {
        ("陈一鸣", "illness", 0), ("孙·阿依古丽", "duty", 0)
    }  # fmt: skip
    present = Attendance.objects.filter(activity=record, presence="present", counted=True, hours=1)
    assert present.count() == 4
    side = Participation.objects.get(activity=record)
    assert (side.org, side.is_host, side.expected, side.present, side.state) == (cast.branch_a, True, 6, 4, "submitted")


def test_the_import_says_the_same_as_the_form(desk, cast, roster, logbook, today):
    """One record through the form, its twin of the next day through Excel: nothing but day, key and place differs."""
    typed = logbook.log("assembly", day=D(2026, 10, 12), absent=[(roster.worker_a3, "personal")], reported=today)
    desk.commit(
        meeting(日期="2026-10-13", 主题=typed.title, 时间="14:00", 缺席及原因="王建国（事假）", 地点=None, 主持=None)
    )
    read = the(held_on=D(2026, 10, 13))
    skipped = ("id", "key", "held_on", "starts_at", "recorded_at", "author", "recorded_by_name")
    for field in Activity._meta.concrete_fields:
        if field.name not in skipped:
            assert getattr(read, field.attname) == getattr(typed, field.attname), field.name
    for model in (Participation, Attendance):
        rows = [
            sorted(str({k: v for k, v in row.items() if k not in ("id", "activity_id", "held_on")})
                   for row in model.objects.filter(activity=each).values())
            for each in (typed, read)
        ]  # fmt: skip
        assert rows[0] == rows[1], model


def test_one_record_may_serve_two_kinds_and_says_when_it_was(desk):
    desk.commit(meeting(类型="主题党日", 同时作为="党课", 形式="车间微党课", 时间="19:00-20:30", 主题="车间里的党课"))
    record = the(title="车间里的党课")
    assert (record.kind.code, record.second_kind.code, record.form.name) == ("theme_day", "lecture", "车间微党课")
    assert record.starts_at == datetime.datetime(2026, 10, 12, 11, tzinfo=datetime.UTC)
    assert record.ends_at == datetime.datetime(2026, 10, 12, 12, 30, tzinfo=datetime.UTC)
    assert record.study_hours == 2


def test_who_was_elsewhere_on_that_day_is_not_on_the_roster_of_that_day(desk, cast, roster):
    """周小满 joined in March 2026: a meeting of 2025 expects five, and does not know the sixth."""
    desk.commit(meeting(日期="2025-06-10", 主题="去年的大会"))
    assert (the(title="去年的大会").expected, the(title="去年的大会").present) == (5, 5)
    row = meeting(日期="2025-06-10", 主题="又一次", 缺席及原因="周小满（病假）")
    assert desk.problems(row) == [(2, "缺席及原因", "not_on_roster")]
    assert "周小满" in desk.sentences(row)
    assert "陈一鸣" in desk.sentences(row)


def test_a_group_and_a_committee_have_rosters_of_their_own(desk, cast, roster, logbook):
    Membership.objects.filter(member=roster.worker_a1).update(group=cast.group_a)
    logbook.seat(cast.branch_a, roster.worker_a2, roster.worker_a3)
    desk.commit(
        meeting(类型="党小组会", 党组织="JYA1", 主题="小组会"),
        meeting(类型="支委会", 党组织="子公司党支部", 主题="支委会", 缺席及原因="王建国（当班）"),
    )
    assert {r.title: (r.org, r.expected, r.present) for r in Activity.objects.all()} == {
        "小组会": (cast.group_a, 1, 1), "支委会": (cast.branch_a, 2, 1)
    }  # fmt: skip


def test_for_a_talk_people_are_chosen_by_name(desk, cast, roster):
    row = meeting(类型="谈心谈话", 主题="谈心", 到会人员="陈一鸣、王建国")
    desk.commit(row, code="activities.records")
    assert set(Attendance.objects.values_list("member__name", "presence")) == {
        ("陈一鸣", "present"),
        ("王建国", "present"),
    }
    assert (the(title="谈心").expected, the(title="谈心").present) == (2, 2)
    nobody = meeting(类型="谈心谈话", 主题="没有人")
    assert desk.problems(nobody, code="activities.records") == [(2, "到会人员", "nobody_chosen")]


# out and in again


def test_every_ledger_comes_in_again_without_a_change(desk, cast, roster, logbook):
    rich = "<h3>议程</h3><p>传达 <strong>精神</strong> &amp; 讨论</p><ul><li>一</li><li>二</li></ul>"
    logbook.log("assembly", day=D(2026, 10, 12), absent=[(roster.worker_a1, "illness")], minutes=rich, minutes_rich=True,
                resolution="=不是公式\n\n第二条", agenda="'引号", guests="- 列席", hour=19)  # fmt: skip
    logbook.log(
        "theme_day", day=D(2026, 10, 15), second_kind="lecture", form="workshop_lecture", minutes="第一行\n\n第二行  "
    )
    logbook.log(
        "theme_day", day=D(2026, 9, 15), co_hosts=[cast.branch_b], visitors=[roster.sibling_1], title="联合党日"
    )
    logbook.log("talk", day=D(2026, 9, 16), chosen=[roster.worker_a1, roster.worker_a2])
    logbook.log("volunteering", day=D(2026, 9, 16), chosen=[roster.worker_a1], minutes="长" * 40_000)
    logbook.log("study", day=D(2026, 9, 17), absent=[(roster.worker_a2, "other")])
    counts = {}
    for code in ("activities.meetings", "activities.theme_days", "activities.records"):
        report = desk.check(data=desk.export(code), org=cast.park_org, code=code)
        assert report.errors == [], code
        counts[code] = (report.created, report.updated, report.unchanged)
    assert counts == {
        "activities.meetings": (0, 0, 2),
        "activities.theme_days": (0, 0, 3),
        "activities.records": (0, 0, 3),
    }


def test_the_same_file_twice_adds_nothing(desk):
    data = desk.sheet(meeting())
    desk.commit(data=data)
    with pytest.raises(DomainError, match="不会重复导入"):
        desk.commit(data=data)
    again = desk.check(meeting(), meeting(主题="另一次"))
    assert (again.created, again.updated, again.unchanged) == (1, 0, 1)
    assert Activity.objects.count() == 1


def test_facts_change_while_a_record_waits_and_who_was_there_does_not(desk, logbook, roster):
    record = logbook.log("assembly", day=D(2026, 10, 12), title="第四季度党员大会", absent=[roster.worker_a1])
    desk.commit(meeting(地点="二楼", 内容="会议开始。\n通过了决议。", 决议="同意", 时间="9:00—10:00"))
    found = the(pk=record.pk)
    assert (found.place, found.minutes, found.resolution, found.version) == (
        "二楼",
        "会议开始。\n通过了决议。",
        "同意",
        2,
    )
    assert (found.present, found.ends_at) == (5, datetime.datetime(2026, 10, 12, 2, tzinfo=datetime.UTC))
    assert desk.problems(meeting(缺席及原因="王建国（病假）")) == [(2, "缺席及原因", "on_page")]
    assert desk.problems(meeting(应到=9)) == [(2, "应到", "on_page")]
    Activity.objects.filter(pk=record.pk).update(state="confirmed")
    Participation.objects.filter(activity=record).update(state="confirmed")
    assert desk.problems(meeting(地点="一楼")) == [(2, "地点", "locked")]
    assert desk.problems(meeting(地点="二楼")) == []


def test_a_draft_and_two_records_of_one_name_are_left_to_their_pages(desk, logbook, roster):
    logbook.log("assembly", day=D(2026, 10, 12), title="第四季度党员大会", submit=False)
    assert desk.problems(meeting(地点="二楼")) == [(2, "地点", "locked")]
    for hour in (9, 15):
        logbook.log("talk", day=D(2026, 10, 13), title="谈心", chosen=[roster.worker_a1], hour=hour)
    row = meeting(类型="谈心谈话", 日期="2026-10-13", 主题="谈心", 地点=None, 主持=None)
    assert desk.problems(row, code="activities.records") == [(2, "主题", "several")]


# undo


def test_the_last_batch_goes_without_a_trace_on_any_sheet(desk, cast, logbook):
    kept = logbook.log("theme_day", day=D(2026, 10, 15))
    batch = desk.commit(meeting(), meeting(日期="2026-10-20", 主题="又一次", 缺席及原因="王建国（病假）"))
    assert Activity.objects.count() == 3
    desk.undo(batch)
    assert [Activity.objects.get().pk, Participation.objects.get().activity_id] == [kept.pk, kept.pk]
    assert set(Attendance.objects.values_list("activity_id", flat=True)) == {kept.pk}
    assert AuditEntry.objects.filter(action="import.undone").count() == 1


def test_an_undone_change_gives_the_facts_back(desk, logbook):
    logbook.log("assembly", day=D(2026, 10, 12), title="第四季度党员大会", place="原来的地点")
    desk.undo(desk.commit(meeting(地点="二楼")))
    assert the().place == "原来的地点"


def test_a_batch_whose_record_was_changed_since_is_not_undone(desk, cast):
    batch = desk.commit(meeting(), meeting(日期="2026-10-20", 主题="又一次"))
    record = the(title="又一次")
    facts = dataclasses.replace(facts_of(record), place="改过")
    amend_activity(
        activity=record,
        facts=facts,
        roll=roll_of(record),
        submit=True,
        reason="核对",
        actor=desk.actor,
        today=desk.today,
    )
    with pytest.raises(Conflict, match="又被修改"):
        desk.undo(batch)
    assert (Activity.objects.count(), Participation.objects.count()) == (2, 2)


# cost


def test_the_cost_does_not_grow_with_the_rows(desk, cast):
    costs = []
    start = D(2024, 1, 1)
    for count in (1, 3, 60):
        rows = []
        for _ in range(count):
            start += datetime.timedelta(days=1)
            rows.append(meeting(日期=start.isoformat(), 主题=f"第{start:%j}次", 缺席及原因="陈一鸣（病假）"))
        with CaptureQueriesContext(connection) as captured:
            desk.commit(*rows)
        costs.append(len(captured))
    assert costs[1] == costs[2]  # the first one reads what the officer may do


def test_the_empty_template_offers_every_column(desk, cast, officer, today):
    importer = importer_class("activities.meetings")(org=cast.branch_a, actor=officer, today=today)
    assert template(importer, filled=True)[:2] == b"PK"
