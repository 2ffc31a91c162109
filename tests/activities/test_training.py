"""培训班: planned with a roster over several branches, marked, counted for everybody."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from django.test import Client

from apps.activities.kinds import Presence, State
from apps.activities.ledgers.hours import HoursLedger, SecretaryTrainingLedger
from apps.activities.ledgers.training import TrainingLedger
from apps.activities.models import Activity, Attendance
from apps.activities.rules.education import Coverage
from apps.activities.services.records import amend_activity, facts_of, roll_of
from apps.activities.services.training import (
    Circle,
    ClassFacts,
    change_roster,
    circle_of,
    mark_class,
    people_named,
    plan_class,
)
from apps.core.errors import DomainError
from apps.core.scoping import unscoped
from tests.activities.conftest import TODAY

DAY = datetime.timedelta(days=1)
LAST_WEEK = TODAY - 7 * DAY


@pytest.fixture
def course(cast, roster, officer):
    def plan(*members, on=LAST_WEEK, org=None, **facts):
        given = ClassFacts(title="支部书记轮训班", on=on, **{"full_days": 2, **facts})
        people = members or (roster.worker_a1, roster.worker_b1)
        return plan_class(org=org or cast.committee, facts=given, members=people, today=TODAY, actor=officer)

    return plan


def coverage(officer):
    rows = SecretaryTrainingLedger(today=TODAY, user=officer).queryset()
    from apps.activities.ledgers.hours import coverage as of

    return {row.name: of(row) for row in rows}


def test_a_plan_keeps_its_roster_and_counts_for_nobody(course, officer):
    row = course(on=TODAY + 3 * DAY)
    assert row.state == State.PLANNED
    assert set(Attendance.objects.filter(activity=row).values_list("member__name", flat=True)) == {"陈一鸣", "吴刚"}
    assert not Attendance.objects.filter(activity=row, counted=True).exists()


@pytest.mark.parametrize(("full", "half", "hours", "last"), [(1, 0, 8, 0), (0, 1, 4, 0), (2, 1, 20, 2), (3, 0, 24, 2)])
def test_hours_follow_from_whole_and_half_days(course, full, half, hours, last):
    row = course(full_days=full, half_days=half)
    assert row.study_hours == hours
    assert row.ends_at.date() == LAST_WEEK + last * DAY


def test_a_class_has_days_and_is_not_held_by_a_branch(course, cast):
    with pytest.raises(DomainError) as caught:
        course(full_days=0)
    assert caught.value.code == "no_days"
    with pytest.raises(DomainError) as caught:
        course(org=cast.branch_a)
    assert caught.value.code == "not_a_committee"


def test_who_came_has_the_hours_and_who_came_for_a_day_has_those_of_a_day(course, roster, officer, cast):
    row = course(roster.worker_a1, roster.worker_a2, roster.worker_b1)
    mark_class(activity=row, absent={roster.worker_a2.pk: "illness"}, credited={roster.worker_b1.pk: Decimal(8)},
               today=TODAY, actor=officer)  # fmt: skip
    row.refresh_from_db()
    assert (row.state, row.expected, row.present) == (State.SUBMITTED, 3, 2)
    found = {each.member.name: each.hours for each in HoursLedger(today=TODAY, user=officer).queryset()}
    assert (found["陈一鸣"], found["孙·阿依古丽"], found["吴刚"]) == (16, 0, 8)
    with cast.within(cast.branch_b):
        found = {each.member.name: each.hours for each in HoursLedger(today=TODAY, user=officer).queryset()}
        assert found["吴刚"] == 8


def test_a_change_of_the_record_keeps_the_hours_of_who_came_for_a_day(course, roster, officer):
    row = course()
    mark_class(activity=row, absent={}, credited={roster.worker_b1.pk: Decimal(8)}, today=TODAY, actor=officer)
    row = Activity.objects.get(pk=row.pk)
    amend_activity(activity=row, facts=facts_of(row), roll=roll_of(row), submit=True, actor=officer, today=TODAY)
    hours = dict(Attendance.objects.filter(activity=row).values_list("member__name", "hours"))
    assert hours == {"陈一鸣": 16, "吴刚": 8}


@pytest.mark.parametrize(("hours", "refused"), [(15, False), (16, False), (17, True)])
def test_nobody_has_more_hours_than_the_class(course, roster, officer, hours, refused):
    row = course()
    marks = {"absent": {}, "credited": {roster.worker_a1.pk: Decimal(hours)}, "today": TODAY, "actor": officer}
    if refused:
        with pytest.raises(DomainError) as caught:
            mark_class(activity=row, **marks)
        assert caught.value.code == "too_many_hours"
    else:
        assert mark_class(activity=row, **marks).state == State.SUBMITTED


def test_a_roster_changes_until_the_class_is_recorded(course, roster, officer):
    row = course()
    change_roster(activity=row, members=[roster.worker_b2], today=TODAY, actor=officer)
    assert [each.member.name for each in Attendance.objects.filter(activity=row)] == ["郑爽"]
    row.refresh_from_db()
    mark_class(activity=row, absent={}, credited={}, today=TODAY, actor=officer)
    row.refresh_from_db()
    with pytest.raises(DomainError) as caught:
        change_roster(activity=row, members=[], today=TODAY, actor=officer)
    assert caught.value.code == "recorded"


def test_a_circle_is_everybody_of_it_on_the_rosters_below(logbook, roster, cast, officer):
    logbook.seat(cast.branch_a, roster.worker_a1, roster.worker_a2)
    logbook.seat(cast.branch_b, roster.worker_b1)
    with unscoped("test"):
        logbook.seat(cast.sibling_branch, roster.sibling_1)

    def names(circle, org=cast.committee):
        return [member.name for member in circle_of(org, circle, TODAY)]

    assert names(Circle.SECRETARIES) == ["陈一鸣", "吴刚"]
    assert set(names(Circle.COMMITTEES)) == {"陈一鸣", "孙·阿依古丽", "吴刚"}
    assert len(names(Circle.MEMBERS)) == 8
    assert names(Circle.SECRETARIES, cast.branch_b) == ["吴刚"]


def test_names_mean_members_below_and_two_of_a_name_are_told_apart(roster, cast, officer):
    roster.worker_b2.name = "陈一鸣"
    roster.worker_b2.save()
    assert people_named(cast.committee, ["吴刚"], TODAY) == [roster.worker_b1]
    assert people_named(cast.committee, [roster.worker_b2.code.lower()], TODAY) == [roster.worker_b2]
    with pytest.raises(DomainError) as caught:
        people_named(cast.committee, ["陈一鸣"], TODAY)
    assert caught.value.code == "ambiguous"
    assert "丑寅联合党支部" in caught.value.message
    with pytest.raises(DomainError) as caught:
        people_named(cast.committee, ["冯涛", "无名氏"], TODAY)
    assert caught.value.message == "名册上没有：冯涛、无名氏。"


def test_the_coverage_of_secretaries_follows_from_the_classes(logbook, course, roster, cast, officer):
    logbook.seat(cast.branch_a, roster.worker_a1, since=datetime.date(2020, 1, 1))
    logbook.seat(cast.branch_b, roster.worker_b1, since=TODAY - 30 * DAY)
    assert coverage(officer) == {"陈一鸣": Coverage.LATE, "吴刚": Coverage.NEW}
    row = course(roster.worker_a1)
    assert coverage(officer)["陈一鸣"] is Coverage.LATE
    mark_class(activity=row, absent={}, credited={}, today=TODAY, actor=officer)
    assert coverage(officer) == {"陈一鸣": Coverage.TRAINED, "吴刚": Coverage.NEW}
    with cast.within(cast.branch_a):
        assert coverage(officer) == {"陈一鸣": Coverage.TRAINED}


def test_each_state_of_coverage_is_found_by_its_filter(logbook, course, roster, cast, officer):
    logbook.seat(cast.branch_a, roster.worker_a1, since=datetime.date(2020, 1, 1))
    logbook.seat(cast.branch_b, roster.worker_b1, since=TODAY - 30 * DAY)
    for state in Coverage:
        rows = SecretaryTrainingLedger({"coverage": state.value}, today=TODAY, user=officer).queryset()
        assert {row.name for row in rows} == {name for name, found in coverage(officer).items() if found is state}


def test_an_absent_secretary_is_not_trained(logbook, course, roster, cast, officer):
    logbook.seat(cast.branch_a, roster.worker_a1, since=datetime.date(2020, 1, 1))
    row = course(roster.worker_a1, roster.worker_b1)
    mark_class(activity=row, absent={roster.worker_a1.pk: "duty"}, credited={}, today=TODAY, actor=officer)
    assert coverage(officer)["陈一鸣"] is Coverage.LATE
    ledger = TrainingLedger(today=TODAY, user=officer)
    row = ledger.queryset().get()
    assert (row.listed, row.present, row.secretaries, row.person_hours) == (2, 1, 0, 16)


def test_an_officer_plans_a_class_and_marks_it_on_the_pages(logbook, roster, cast, officer):
    logbook.seat(cast.branch_a, roster.worker_a1)
    client = Client()
    client.force_login(cast.users.park_officer)
    given = {
        "org": cast.committee.pk, "title": "书记班", "on": LAST_WEEK.isoformat(), "full_days": 1, "half_days": 0,
        "circle": "secretaries", "names": "吴刚\n郑爽",
    }  # fmt: skip
    answer = client.post("/training/new/", given)
    assert answer.status_code == 302, answer.content.decode()
    row = Activity.objects.get()
    assert answer.url == f"/training/{row.pk}/"
    assert client.get(answer.url).status_code == 200
    people = Attendance.objects.filter(activity=row).values_list("member__name", flat=True)
    assert set(people) == {"陈一鸣", "吴刚", "郑爽"}
    kept = [roster.worker_a1.pk, roster.worker_b1.pk]
    answer = client.post(f"/training/{row.pk}/roster/", {"kept": kept, "names": "王建国", "version": row.version})
    assert answer.status_code == 302, answer.content.decode()
    assert client.get(f"/training/{row.pk}/mark/").status_code == 200
    marks = {f"absent_{roster.worker_b1.pk}": "shift", f"hours_{roster.worker_a3.pk}": "4"}
    answer = client.post(f"/training/{row.pk}/mark/", marks)
    assert answer.status_code == 302, answer.content.decode()
    rows = Attendance.objects.filter(activity=row)
    assert {r.member.name: (r.presence, r.hours) for r in rows} == {
        "陈一鸣": (Presence.PRESENT, 8), "吴刚": (Presence.ABSENT, 0), "王建国": (Presence.PRESENT, 4),
    }  # fmt: skip
    assert "1</a> / " in client.get("/training/").content.decode()
    secretary = Client()
    secretary.force_login(cast.users.secretary_a)
    assert secretary.get("/training/new/").status_code == 403
    assert secretary.get("/training/hours/").status_code == 200
