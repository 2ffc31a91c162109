"""The pages of the record books and of the 签到表: who sees which, what they show before and after an activity."""

from __future__ import annotations

import datetime

import pytest

from apps.activities.services.records_review import confirm_activities
from apps.core import jobs
from apps.core.models import Job

D = datetime.date


@pytest.fixture
def see(client, cast, roster):
    def ask(url, username="secretary_a"):
        client.force_login(getattr(cast.users, username))
        return client.get(url)

    return ask


def text(answer) -> str:
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_books_of_a_branch_lead_to_their_names_and_to_their_files(
    logbook, cast, see, client, monkeypatch, officer, today
):
    record = logbook.log("assembly", day=D(2026, 10, 12), title="大会")
    confirm_activities(activities=[record], actor=officer, today=today)
    page = text(see(f"/books/{cast.branch_a.pk}/"))
    assert "待归档" in page
    assert f"/books/{cast.branch_a.pk}/meetings/print/?year=2026" in page
    assert "/ledgers/activities.meetings/?year=2026&amp;org=JYA&amp;state=confirmed" in page
    monkeypatch.setattr(jobs, "_queue", lambda pk: None)
    answer = client.post(f"/books/{cast.branch_a.pk}/meetings/make/", {"format": "pdf", "year": "2026", "quarter": "4"})
    job = Job.objects.get()
    assert (answer.url, job.params) == (
        f"/jobs/{job.pk}/", {"org": cast.branch_a.pk, "book": "meetings", "period": "2026Q4", "format": "pdf"}
    )  # fmt: skip


@pytest.mark.parametrize("tail", ["", "meetings/print/"])
def test_the_books_of_another_branch_are_as_unknown_as_those_of_none(cast, see, tail):
    foreign, none = see(f"/books/{cast.branch_b.pk}/{tail}"), see(f"/books/999999/{tail}")
    assert (foreign.status_code, foreign.content) == (404, none.content)
    assert see(f"/books/{cast.branch_a.pk}/{tail}", "visitor").status_code == 403


@pytest.mark.parametrize("query", ["?year=1066", "?year=x", "?quarter=5", "?quarter=x"])
def test_a_year_or_quarter_that_is_none_is_404(cast, see, query):
    assert see(f"/books/{cast.branch_a.pk}/meetings/print/{query}").status_code == 404
    assert see(f"/books/{cast.branch_a.pk}/poems/print/").status_code == 404


def test_the_list_says_of_every_branch_what_is_open(logbook, cast, see):
    logbook.log("assembly", day=D(2026, 10, 12))
    logbook.log("theme_day", org=cast.branch_b, day=D(2026, 10, 12), submit=False)
    page = text(see("/books/", "park_officer"))
    assert "1 篇，1 篇待审核" in page
    assert "1 篇未完成" in page
    listed = see("/books/?unfinished=1", "park_officer").context["rows"]
    assert [row["pk"] for row in listed] == [cast.branch_b.pk]
    waiting = see("/books/?unreviewed=1", "park_officer").context["rows"]
    assert [row["pk"] for row in waiting] == [cast.branch_a.pk]
    assert "无记录" in text(see("/books/?year=2025"))


def test_the_print_layout_shows_what_was_typed_as_it_was_typed(logbook, cast, see):
    logbook.log(
        "assembly", day=D(2026, 10, 12), title="<b>大会</b>", minutes="<p>会<script>x()</script></p>", minutes_rich=True
    )
    page = text(see(f"/books/{cast.branch_a.pk}/meetings/print/"))
    assert "&lt;b&gt;大会&lt;/b&gt;" in page
    assert "x()" not in page


def test_before_an_activity_the_roster_signs_and_afterwards_it_says_who_was_there(logbook, cast, roster, see):
    plan = logbook.log("assembly", day=D(2026, 12, 1), title="下次大会", submit=False, visitors=[roster.sibling_1])
    page = text(see(f"/activities/{plan.pk}/sheet/"))
    assert "签名" in page
    assert all(name in page for name in ("陈一鸣", "周小满", "冯涛"))
    held = logbook.log("assembly", day=D(2026, 10, 12), absent=[(roster.worker_a1, "illness")])
    page = text(see(f"/activities/{held.pk}/sheet/"))
    assert "缺席（病假）" in page
    assert "签名" not in page
    assert see(f"/activities/{held.pk}/sheet/", "secretary_b").status_code == 404


def test_a_sheet_of_a_joint_activity_names_each_branch_its_own(logbook, cast, roster, see):
    joint = logbook.log("theme_day", day=D(2026, 10, 12), co_hosts=[cast.branch_b])
    page = text(see(f"/activities/{joint.pk}/sheet/", "secretary_b"))
    assert "吴刚" in page
    assert "陈一鸣" not in page


def test_the_page_of_a_record_says_where_it_is_bound(logbook, cast, see):
    record = logbook.log("theme_day", day=D(2026, 10, 15), second_kind="lecture")
    page = text(see(f"/activities/{record.pk}/"))
    assert "主题党日记录本" in page
    assert "三会一课记录本" in page
    assert f"/activities/{record.pk}/sheet/" in page
