"""One minute of a busy secretary: an activity is recorded on a phone, with JavaScript and without, and nothing is lost."""

from __future__ import annotations

from typing import Any

import pytest

from apps.accounts.models import RoleAssignment
from apps.activities.kinds import State
from apps.activities.models import Activity, Attendance
from apps.core.scoping import unscoped
from tests.browsing import DESK, PHONE
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NEW = "/activities/new/?kind=theme_day"
TYPING = "input:not([type]), input[type=text], input[type=number], input[type=url], input[type=date], input[type=time], textarea"
MINUTES = "集中学习新修订的条例。\n结合车间生产谈体会。"


@pytest.fixture(autouse=True)
def members(transactional_db: None, cast: Cast, roster: Any) -> None:
    """The branch has its members."""


def empty_lines(person: Any) -> list[str]:
    """What is left to type on the first screen: the visible empty fields that were not filled in."""
    fields = person.page.locator("main form[data-record]").locator(TYPING)
    found = [fields.nth(n) for n in range(fields.count())]
    return [field.get_attribute("name") for field in found if field.is_visible() and not field.input_value()]


def record() -> Activity:
    with unscoped("test"):
        return Activity.objects.get()


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_theme_day_is_recorded_with_three_presses_and_one_text(
    scripts: bool, visit: Any, cast: Cast, roster: Any
) -> None:
    secretary = visit("secretary_a", PHONE, scripts=scripts).go("/").press("记一次活动").press("主题党日")
    # Nobody knows the minutes but the secretary; where a branch has no last time, not the place and the chair either.
    assert empty_lines(secretary) == ["place", "chair", "minutes"]
    page = secretary.page
    assert page.locator("input[name=present]:checked").count() == len(roster.of_a)
    page.get_by_label("孙·阿依古丽", exact=True).uncheck()
    page.get_by_label("孙·阿依古丽的缺席原因").select_option("shift")
    page.get_by_label("内容记录", exact=True).fill(MINUTES)
    if scripts:
        assert "应到 6，实到 5" in secretary.text()
        secretary.press_twice("提交")
    else:
        secretary.press("提交")
    secretary.sees("已提交。", "孙·阿依古丽（当班）")
    found = record()
    assert (found.state, found.expected, found.present, found.minutes) == (State.SUBMITTED, 6, 5, MINUTES)


def test_the_second_time_only_the_minutes_are_typed(visit: Any) -> None:
    """The count of typed fields: what was said once is not asked again."""
    secretary = visit("secretary_a", PHONE).go(NEW).fill(place="三楼会议室", chair="王书记", minutes="第一次")
    secretary.press("提交").sees("已提交。")
    secretary.go("/activities/new/?kind=assembly")
    assert empty_lines(secretary) == ["minutes"]
    secretary.sees("需要您填 1 项（内容记录）")


def test_a_missing_reason_is_said_with_the_name_and_everything_typed_stays(visit: Any) -> None:
    secretary = visit("secretary_a", PHONE).go(NEW).fill(minutes=MINUTES)
    secretary.page.get_by_label("王建国", exact=True).uncheck()
    with secretary.refused(422):
        secretary.press("提交").sees("请选择缺席原因：王建国。")
    assert secretary.page.get_by_label("内容记录", exact=True).input_value() == MINUTES
    secretary.page.get_by_label("王建国的缺席原因").select_option("illness")
    secretary.press("提交").sees("王建国（病假）")


def test_what_was_typed_outlives_a_lost_connection(visit: Any) -> None:
    secretary = visit("secretary_a", PHONE).go(NEW).fill(minutes=MINUTES)
    secretary.page.get_by_label("王建国", exact=True).uncheck()
    secretary.page.get_by_label("王建国的缺席原因").select_option("illness")
    secretary.context.set_offline(True)
    with secretary.page.expect_event("requestfailed"):
        secretary.touch("提交")
    secretary.page.wait_for_timeout(300)
    secretary.complaints.clear()
    secretary.context.set_offline(False)
    secretary.go("/").go(NEW).sees("没有提交的草稿").touch("恢复草稿")
    assert secretary.page.get_by_label("内容记录", exact=True).input_value() == MINUTES
    assert not secretary.page.get_by_label("王建国", exact=True).is_checked()
    secretary.press("提交").sees("已提交。", "王建国（病假）")
    assert secretary.go(NEW).page.get_by_text("没有提交的草稿").count() == 0


def test_what_was_typed_outlives_a_lost_right(visit: Any, cast: Cast) -> None:
    secretary = visit("secretary_a", PHONE).go(NEW).fill(minutes=MINUTES)
    with unscoped("test"):
        held = list(RoleAssignment.objects.filter(user=cast.users.secretary_a))
        RoleAssignment.objects.filter(user=cast.users.secretary_a).delete()
    with secretary.refused(403):
        secretary.press("提交")
    secretary.sees("填写的内容仍保留在这台设备上")
    with secretary.refused(403):
        secretary.go("/activities/")
    with unscoped("test"):
        RoleAssignment.objects.bulk_create(held)
    secretary.go("/").go(NEW).sees("没有提交的草稿").touch("恢复草稿")
    assert secretary.page.get_by_label("内容记录", exact=True).input_value() == MINUTES


def test_a_plan_is_offered_as_soon_as_the_day_lies_ahead(visit: Any) -> None:
    secretary = visit("secretary_a", PHONE).go(NEW)
    secretary.page.get_by_label("日期").fill("2026-12-15")
    secretary.sees("存为计划")
    assert secretary.page.locator("[name=title]").input_value() == "2026年12月主题党日"
    secretary.press("存为计划").sees("已存为计划", "修改计划")
    plain = visit("secretary_a", PHONE, scripts=False).go(NEW).fill(on="2026-12-20", title="年底的活动")
    with plain.refused(422):
        plain.press("提交").sees("只能存为计划")
    assert plain.page.locator("[name=title]").input_value() == "年底的活动"
    plain.press("存为计划").sees("已存为计划")


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_visitor_is_found_by_name_while_everything_typed_stays(scripts: bool, visit: Any, roster: Any) -> None:
    secretary = visit("secretary_a", PHONE, scripts=scripts).go(NEW).fill(minutes=MINUTES)
    page = secretary.page
    page.get_by_text("更多：", exact=False).click()
    page.get_by_label("来访党员", exact=True).fill("吴刚")
    look = page.locator("button[name=look][value=visitors]")
    if scripts:
        look.click()
    else:
        secretary.follow(look)
    assert page.get_by_label("吴刚（丑寅联合党支部）").is_checked()
    assert page.get_by_label("内容记录", exact=True).input_value() == MINUTES
    secretary.press("提交").sees("来访党员 1 人", "吴刚（丑寅联合党支部）")
    with unscoped("test"):
        assert Attendance.objects.filter(is_visitor=True, member=roster.worker_b1).count() == 1
    visit("secretary_b", PHONE).go(record().get_absolute_url()).sees("吴刚")


def test_the_list_follows_the_day(visit: Any, cast: Cast, roster: Any) -> None:
    """周小满 joined on 10 March 2026: on a day before, the list does not name the person."""
    secretary = visit("secretary_a", PHONE).go(NEW).fill(minutes=MINUTES)
    assert secretary.page.get_by_label("周小满", exact=True).count() == 1
    secretary.page.get_by_label("日期").fill("2026-02-15")
    secretary.sees("名单按 2026年2月15日")
    assert secretary.page.get_by_label("周小满", exact=True).count() == 0
    assert secretary.page.get_by_label("内容记录", exact=True).input_value() == MINUTES


def test_minutes_are_formatted_at_a_desk_and_a_paste_is_cleaned(visit: Any) -> None:
    secretary = visit("secretary_a", DESK).go(NEW)
    editor = secretary.page.get_by_role("textbox", name="内容记录")
    editor.evaluate(
        """(box) => {
            const data = new DataTransfer();
            data.setData("text/html", '<p class="MsoNormal" style="color:red"><b>一、学习</b></p><script>alert(1)</script><p>二、讨论</p>');
            data.setData("text/plain", "一、学习\\n二、讨论");
            box.focus();
            box.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }"""
    )
    secretary.press("提交").sees("一、学习", "二、讨论")
    found = record()
    assert found.minutes_rich
    assert "<strong>一、学习</strong>" in found.minutes
    assert "style" not in found.minutes
    assert "script" not in found.minutes
