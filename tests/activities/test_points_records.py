"""Points follow from confirmed records: for whoever was there, no longer than the record stands."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from apps.activities.kinds import PointState
from apps.activities.models import PointEntry, PointPublication, PointRule
from apps.activities.services import points
from apps.activities.services.following import Change
from apps.activities.services.point_records import follow_records
from apps.activities.services.records_review import confirm_activities, return_activity
from apps.core.scoping import unscoped
from tests.activities.conftest import TODAY


def confirm(cast, *records, today=TODAY):
    with cast.within(cast.park_org):
        confirm_activities(activities=records, actor=cast.users.park_officer, today=today)
    for record in records:
        record.refresh_from_db()


def send_back(cast, record):
    with cast.within(cast.park_org):
        return_activity(activity=record, reason="缺少内容", actor=cast.users.park_officer, today=TODAY)


def entered(record=None):
    """{name: points} of what records gave."""
    with unscoped("the test looks"):
        rows = PointEntry.objects.select_related("member")
        rows = rows.filter(activity=record) if record else rows
        return {row.member.name: row.points for row in rows}


def test_a_confirmed_record_gives_points_to_those_who_were_there(cast, roster, logbook):
    record = logbook.log("theme_day", day=datetime.date(2026, 11, 15), absent=[roster.worker_a1])
    assert entered() == {}
    confirm(cast, record)
    found = entered(record)
    assert "陈一鸣" not in found
    assert found == dict.fromkeys(["孙·阿依古丽", "王建国", "李秀英", "赵敏", "周小满"], Decimal(2))
    with unscoped("the test looks"):
        row = PointEntry.objects.first()
        assert (row.on, row.state, row.author) == (record.held_on, PointState.ENTERED, cast.users.secretary_a)


def test_a_returned_record_takes_its_points_back_and_a_new_confirmation_gives_them_again(cast, roster, logbook):
    record = logbook.log("theme_day", day=datetime.date(2026, 11, 15))
    confirm(cast, record)
    send_back(cast, record)
    assert entered() == {}
    record.refresh_from_db()
    with unscoped("the branch submits it anew"):
        type(record).objects.filter(pk=record.pk).update(state="submitted")
    record.refresh_from_db()
    confirm(cast, record)
    assert len(entered(record)) == 6


def test_being_told_twice_gives_points_once(cast, roster, logbook):
    record = logbook.log("theme_day", day=datetime.date(2026, 11, 15))
    confirm(cast, record)
    with cast.within(cast.park_org):
        follow_records(Change([record], frozenset(), TODAY, cast.users.park_officer))
    with unscoped("the test looks"):
        assert PointEntry.objects.count() == 6


def test_a_record_without_a_rule_gives_nothing(cast, roster, logbook):
    record = logbook.log("talk", day=datetime.date(2026, 11, 15), chosen=[roster.worker_a1])
    confirm(cast, record)
    assert entered() == {}


def test_a_record_of_two_kinds_gives_once(cast, roster, logbook):
    record = logbook.log("theme_day", day=datetime.date(2026, 11, 15), second_kind="lecture")
    confirm(cast, record)
    with unscoped("the test looks"):
        assert set(PointEntry.objects.values_list("rule__name", flat=True)) == {"参加主题党日"}
        assert PointEntry.objects.count() == 6


@pytest.mark.parametrize(("had", "left"), [("7", "2"), ("8", "2"), ("9", "1"), ("10", None)])
def test_the_yearly_limit_leaves_what_it_has_room_for(cast, roster, logbook, had, left):
    rule = PointRule.objects.get(name="参加志愿服务")
    with unscoped("what the year has given already"):
        PointEntry.objects.create(member=roster.worker_a1, org=cast.branch_a, rule=rule, on=datetime.date(2026, 5, 4),
                                  points=Decimal(had), author=cast.users.secretary_a)  # fmt: skip
    record = logbook.log("volunteering", day=datetime.date(2026, 11, 15), chosen=[roster.worker_a1, roster.worker_a2])
    confirm(cast, record)
    found = entered(record)
    assert found.pop("孙·阿依古丽") == 2
    assert found == ({"陈一鸣": Decimal(left)} if left else {})


def test_records_confirmed_together_share_the_limit(cast, roster, logbook):
    records = [
        logbook.log("volunteering", day=datetime.date(2026, 11, day), chosen=[roster.worker_a1]) for day in range(3, 10)
    ]
    confirm(cast, *records)
    with unscoped("the test looks"):
        assert sum(PointEntry.objects.values_list("points", flat=True)) == 10


def test_a_visitor_gets_the_points_at_home_and_co_hosts_theirs(cast, roster, logbook):
    record = logbook.log(
        "theme_day", day=datetime.date(2026, 11, 15), co_hosts=[cast.branch_b], visitors=[roster.sibling_1]
    )
    confirm(cast, record)
    with unscoped("the test looks"):
        homes = {row.member.name: row.org for row in PointEntry.objects.select_related("member", "org")}
    assert homes["冯涛"] == cast.sibling_branch
    assert homes["吴刚"] == cast.branch_b
    assert homes["陈一鸣"] == cast.branch_a


def test_what_was_published_stays_and_is_taken_off_in_the_open_year(cast, roster, logbook):
    record = logbook.log("theme_day", day=datetime.date(2025, 11, 15), reported=datetime.date(2025, 11, 15))
    confirm(cast, record)
    with unscoped("the year was decided and published"):
        PointEntry.objects.update(state=PointState.CONFIRMED)
        PointPublication.objects.create(org=cast.branch_a, year=2025, published_on=TODAY, published_by_name="李明")
    send_back(cast, record)
    with unscoped("the test looks"):
        rows = PointEntry.objects.filter(member=roster.worker_a1).order_by("on")
        assert [(row.on, row.points) for row in rows] == [(datetime.date(2025, 11, 15), 2), (TODAY, -2)]


def test_a_record_of_a_published_year_gives_its_points_today(cast, roster, logbook):
    record = logbook.log("theme_day", day=datetime.date(2025, 11, 15), reported=datetime.date(2025, 11, 15))
    with unscoped("the year was published before"):
        PointPublication.objects.create(org=cast.branch_a, year=2025, published_on=TODAY, published_by_name="李明")
    confirm(cast, record)
    with unscoped("the test looks"):
        row = PointEntry.objects.get(member=roster.worker_a1)
        assert (row.on, row.note) == (TODAY, "补记2025-11-15的活动")


def test_what_follows_from_a_record_is_not_taken_back_by_hand(cast, roster, logbook):
    confirm(cast, logbook.log("theme_day", day=datetime.date(2026, 11, 15)))
    with cast.within(cast.branch_a), pytest.raises(Exception, match="活动记录"):
        points.withdraw_entry(entry=PointEntry.objects.first(), actor=cast.users.secretary_a)


def test_many_records_cost_as_many_statements_as_one(cast, roster, logbook, django_assert_max_num_queries):
    records = [logbook.log("theme_day", day=datetime.date(2026, 11, day)) for day in range(2, 14)]
    for record in records:
        record.state = "confirmed"
    with cast.within(cast.park_org), django_assert_max_num_queries(14):
        follow_records(Change(records, frozenset(), TODAY, cast.users.park_officer))
