"""What is decided about records: whoever stands above passes or returns them, and sees no other button."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.activities.kinds import State
from apps.activities.models import Activity
from apps.core.scoping import unscoped


@pytest.fixture
def page(cast: Any, roster: Any, client: Any) -> Any:
    def ask(url: str, username: str = "park_officer", **data: Any) -> Any:
        client.force_login(getattr(cast.users, username))
        return client.post(url, data) if data else client.get(url)

    return ask


def text(answer: Any) -> str:
    return str(answer.content.decode())


def again(activity: Activity) -> Activity:
    with unscoped("test"):
        return Activity.objects.get(pk=activity.pk)


def test_the_officer_sees_two_buttons_and_the_branch_its_own(page, logbook):
    found = logbook.log(minutes="学习了条例")
    above, branch = page(found.get_absolute_url()), page(found.get_absolute_url(), "secretary_a")
    assert above.context["actions"] == []
    assert "通过" in text(above)
    assert "退回" in text(above)
    assert 'value="pass"' not in text(branch)
    assert [action["label"] for action in branch.context["actions"]] == ["再记一次", "修改", "撤回"]


def test_what_is_ticked_is_passed_together(page, logbook):
    one, two = logbook.log(), logbook.log("lecture", day=datetime.date(2026, 11, 20))
    waiting = page("/activities/review/")
    assert {row["pk"] for row in waiting.context["rows"]} == {one.pk, two.pk}
    assert page("/activities/review/confirm/", pk=[one.pk, two.pk]).status_code == 302
    assert {again(one).state, again(two).state} == {State.CONFIRMED}
    assert page("/activities/review/").context["rows"] == []


def test_who_submitted_a_record_does_not_pass_it(page, logbook, cast):
    found = logbook.log(actor=cast.users.park_officer)
    assert page("/activities/review/").context["rows"] == []
    assert page("/activities/review/confirm/", pk=[found.pk]).status_code == 404
    answer = page(f"{found.get_absolute_url()}review/", decision="pass", version=found.version)
    assert answer.status_code == 422
    assert again(found).state == State.SUBMITTED


def test_a_record_goes_back_with_a_reason_and_not_without(page, logbook):
    found = logbook.log()
    url = f"{found.get_absolute_url()}review/"
    assert page(url, decision="return", version=found.version).status_code == 422
    assert page(url, decision="return", note="请补充讨论内容", version=found.version).status_code == 302
    assert again(found).state == State.RETURNED
    branch = page(found.get_absolute_url(), "secretary_a")
    assert "请补充讨论内容" in text(branch)
    assert branch.context["actions"][0]["label"] == "修改并提交"
    assert found.title in text(page("/activities/", "secretary_a"))


def test_a_record_that_changed_since_it_was_read_is_not_passed(page, logbook):
    found = logbook.log()
    answer = page(f"{found.get_absolute_url()}review/", decision="pass", version=found.version + 1)
    assert answer.status_code == 422
    assert again(found).state == State.SUBMITTED


def test_a_draft_is_nobody_elses_affair(page, logbook, cast):
    found = logbook.log(submit=False, minutes="还没写完的话", title="草稿的题目")
    shown = text(page(found.get_absolute_url()))
    assert "还没写完的话" not in shown
    assert "支部提交后可以查看" in shown
    assert "还没写完的话" in text(page(found.get_absolute_url(), "secretary_a"))
    assert page("/activities/review/").context["rows"] == []


def test_a_correction_gets_its_number_from_somebody_else(page, logbook, closed_until):
    closed_until(datetime.date(2026, 11, 20))
    found = logbook.log(day=datetime.date(2026, 11, 10), reason="登记遗漏")
    assert found.state == State.CORRECTION
    assert [row["pk"] for row in page("/activities/review/?state=correction").context["rows"]] == [found.pk]
    shown = text(page(found.get_absolute_url()))
    assert "批准更正" in shown
    assert "登记遗漏" in shown
    answer = page(f"{found.get_absolute_url()}review/", decision="pass", version=found.version)
    assert answer.status_code == 302
    assert again(found).correction_number == 1
    assert "第 1 号更正" in text(page(found.get_absolute_url()))


def test_a_record_entered_by_mistake_is_withdrawn_for_a_reason(page, logbook):
    found = logbook.log()
    url = f"{found.get_absolute_url()}cancel/"
    assert page(url, "secretary_a", reason="", version=found.version).status_code == 422
    assert page(url, "secretary_a", reason="记错了支部", version=found.version).status_code == 302
    assert again(found).state == State.CANCELLED


def test_the_sidebar_and_the_home_lead_to_the_form(page):
    home = text(page("/", "secretary_a"))
    assert home.count('href="/activities/new/"') == 2  # the sidebar, and the button in front of everything
    assert text(page("/", "park_officer")).count('href="/activities/new/"') == 1
    assert "/activities/review/" in text(page("/", "park_officer"))
    assert "/activities/review/" not in home


def test_the_review_list_costs_the_same_for_three_and_for_forty(page, logbook, client, cast):
    counts = []
    for more in (3, 12):
        for n in range(more):
            logbook.log("lecture", day=datetime.date(2026, 10, 1 + n + more), reason="连续开展")
        client.force_login(cast.users.park_officer)
        client.get("/activities/review/")
        with CaptureQueriesContext(connection) as caught:
            client.get("/activities/review/")
        counts.append(len(caught))
    assert counts[0] == counts[1]
