"""我还差什么: what a branch and each of its members still have to do, and where else it is shown."""

from __future__ import annotations

import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.activities.kinds import State
from apps.activities.models import Activity
from apps.core.scoping import unscoped
from apps.members.models import Member, Membership
from tests.cast import SINCE

PAGE = "/activities/due/"
MEMBERS = "/activities/due/members/"


def client(cast, username="secretary_a"):
    found = Client()
    found.force_login(getattr(cast.users, username))
    return found


def page(cast, username="secretary_a", url=PAGE, **query):
    answer = client(cast, username).get(url, query)
    assert answer.status_code == 200
    return answer


def lines(answer, group):
    return [row["title"] for each in answer.context["groups"] if each["id"] == group for row in each["rows"]]


def line(answer, title):
    return next(row for each in answer.context["groups"] for row in each["rows"] if row["title"] == title)


def test_month_quarter_and_year_each_have_their_list(cast, roster):
    answer = page(cast)
    assert lines(answer, "month") == ["主题党日：本月还差 1 次", "「第一党小组」党小组会：本月还差 1 次"][:1]
    assert lines(answer, "quarter") == ["支部党员大会：本季度还差 1 次", "党课：本季度还差 1 次"]
    assert lines(answer, "year") == [
        "组织生活会：本年度还差 1 次", "民主评议党员：本年度还差 1 次", "谈心谈话：本年度还差 6 名",
    ]  # fmt: skip


def test_a_line_has_its_date_its_reason_with_the_rule_and_one_button(cast, roster):
    row = line(page(cast), "支部党员大会：本季度还差 1 次")
    assert row["due_label"] == "还有 39 天"
    assert "一般每季度 1 次" in row["reason"]
    assert "《中国共产党支部工作条例（试行）》第十一条" in row["reason"]
    assert (row["button_label"], row["url"]) == ("记一次", "/activities/new/?org=JYA&kind=assembly")


def test_a_record_takes_its_line_away_at_once(cast, logbook):
    logbook.log("theme_day", day=datetime.date(2026, 11, 15), second_kind="lecture")
    answer = page(cast)
    assert lines(answer, "month") == []
    assert lines(answer, "quarter") == ["支部党员大会：本季度还差 1 次"]
    assert "已完成 2 项" in answer.content.decode()


def test_what_was_missed_can_be_entered_late_on_a_day_of_its_period(cast, roster):
    row = line(page(cast), "主题党日：2026年10月还差 1 次")
    assert row["button_label"] == "补记"
    assert row["url"] == "/activities/new/?org=JYA&kind=theme_day&on=2026-10-31"
    assert row["tone"] == "danger"


def test_returned_records_and_plans_of_the_past_wait_to_be_done(cast, logbook):
    back = logbook.log("committee_meeting", day=datetime.date(2026, 11, 2), title="研究发展对象")
    past = logbook.log("volunteering", day=datetime.date(2026, 11, 23), title="义务植树", submit=False,
                       chosen=[logbook.roster.worker_a1])  # fmt: skip
    with unscoped("test"):
        Activity.objects.filter(pk=back.pk).update(state=State.RETURNED, review_note="缺少决议")
        Activity.objects.filter(pk=past.pk).update(held_on=datetime.date(2026, 11, 21))
    answer = page(cast)
    assert {"退回待改：支委会「研究发展对象」", "计划未转为记录：志愿服务「义务植树」"} <= set(lines(answer, "others"))
    assert line(answer, "退回待改：支委会「研究发展对象」")["reason"] == "缺少决议"
    assert line(answer, "计划未转为记录：志愿服务「义务植树」")["url"] == f"/activities/{past.pk}/"


def test_a_plan_of_today_is_not_overdue_yet(cast, logbook):
    row = logbook.log("volunteering", day=datetime.date(2026, 11, 23), submit=False, chosen=[logbook.roster.worker_a1])
    with unscoped("test"):
        Activity.objects.filter(pk=row.pk).update(held_on=datetime.date(2026, 11, 22))
    assert lines(page(cast), "others") == []


def test_who_may_only_look_gets_no_buttons(cast, roster):
    answer = page(cast, "authority_officer", org="JYA")
    assert not any(row["url"] for group in answer.context["groups"] for row in group["rows"])


def test_another_branch_is_404(cast, roster):
    for url in (PAGE, MEMBERS):
        assert client(cast).get(url, {"org": "JYB"}).status_code == 404


def test_a_committee_owes_the_lecture_of_its_secretary_and_nothing_of_its_branches(cast, roster):
    answer = page(cast, "park_officer", org="JYW")
    assert lines(answer, "year") == ["党课：本年度还差 1 次"]
    assert lines(answer, "month") == []


def test_the_home_page_of_a_secretary_shows_the_most_urgent_lines(cast, roster):
    titles = [row["title"] for row in client(cast).get("/").context["todo"]]
    assert "主题党日：本月还差 1 次" in titles
    assert any(title.startswith("组织生活还差") for title in titles)


def test_the_home_page_of_the_office_does_not_do_the_work_of_a_branch(cast, roster):
    titles = [row["title"] for row in client(cast, "park_officer").get("/todo/").context["todo"]]
    assert not any("主题党日：本月" in title for title in titles)


def test_each_member_has_hours_talks_and_absences(cast, logbook):
    roster = logbook.roster
    logbook.log("theme_day", day=datetime.date(2026, 10, 15), absent=[roster.worker_a2], study_hours=2)
    logbook.log("talk", day=datetime.date(2026, 11, 3), chosen=[roster.worker_a1])
    found = {line["member"].name: line for line in page(cast, url=MEMBERS).context["lines"]}
    assert len(found) == 6
    one, two = found[roster.worker_a1.name], found[roster.worker_a2.name]
    assert (one["hours"], one["needed"], one["missing"], one["absent"]) == (2, 32, 30, 0)
    assert (two["hours"], two["absent"], two["reasons"]) == (0, 1, "当班 1")
    assert [(each["duty"].kind.code, each["lacks"]) for each in one["asked"]] == [("talk", False)]
    assert [each["lacks"] for each in two["asked"]] == [True]


def test_the_page_of_a_member_shows_the_year_at_whatever_branch(cast, logbook):
    logbook.log("theme_day", day=datetime.date(2026, 10, 15), title="重温入党誓词")
    member = logbook.roster.worker_a1
    text = client(cast).get(member.get_absolute_url()).content.decode()
    assert "重温入党誓词" in text
    assert "2026年参加 1 次，缺席 0 次" in text


@pytest.mark.parametrize("url", [PAGE, MEMBERS])
def test_a_branch_of_forty_costs_what_one_of_six_costs(cast, logbook, url):
    reader = client(cast)

    def cost():
        reader.get(url)
        with CaptureQueriesContext(connection) as captured:
            assert reader.get(url).status_code == 200
        return len(captured)

    logbook.log("theme_day", day=datetime.date(2026, 10, 15))
    few = cost()
    with unscoped("test"):
        people = [
            Member(code=f"DY8{n:07d}", name=f"党员{n}", org=cast.branch_a, joined_on=SINCE, formal_on=SINCE)
            for n in range(40)
        ]
        Member.objects.bulk_create(people)
        Membership.objects.bulk_create(Membership(member=row, org=cast.branch_a, since=SINCE) for row in people)
    logbook.log("theme_day", day=datetime.date(2026, 11, 15))
    assert cost() <= few
    assert few <= 30
