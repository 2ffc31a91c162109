"""The page on which a secretary records an activity: what it brings along, what it refuses, and that nothing is lost."""

from __future__ import annotations

import datetime
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from apps.activities.kinds import State
from apps.activities.models import Activity, Attendance, Participation
from apps.core.attachments import attachments_of
from apps.core.scoping import unscoped
from apps.members.models import Member, Membership

from .conftest import TODAY

NEW = "/activities/new/?kind=theme_day"


@pytest.fixture
def page(cast: Any, roster: Any, client: Any) -> Any:
    def ask(url: str, username: str = "secretary_a", **data: Any) -> Any:
        client.force_login(getattr(cast.users, username))
        return client.post(url, data) if data else client.get(url)

    return ask


@pytest.fixture
def send(page: Any) -> Any:
    """Open the form and send it back as a browser would, with changes; `untick` names who was absent."""

    def fill(url: str = NEW, username: str = "secretary_a", untick: tuple[Any, ...] = (), **changes: Any) -> Any:
        form = page(url, username).context["form"]
        data = sent(form)
        absent = {str(member.pk) for member in untick}
        data["present"] = [pk for pk in data["present"] if pk not in absent]
        return page(url, username, **{**data, **changes})

    return fill


def sent(form: Any) -> dict[str, Any]:
    """What a browser sends of a form that nobody has touched."""
    data: dict[str, Any] = {}
    for name in form.fields:
        value = form[name].value()
        if name in ("roll", "attachments") or value in (None, "", [], False):
            continue
        data[name] = value
    data["listed"] = form.listed()
    data["present"] = [str(line.pk) for line in form.lines() if line.ticked]
    for line in form.lines():
        data[f"reason_{line.pk}"] = line.reason
    return {**data, "save": "submit"}


def text(answer: Any) -> str:
    return str(answer.content.decode())


def only_record() -> Activity:
    with unscoped("test"):
        return Activity.objects.select_related("kind", "org").get()


def records() -> int:
    with unscoped("test"):
        return int(Activity.objects.count())


def photo(name: str = "现场.jpg") -> SimpleUploadedFile:
    data = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(data, "JPEG")
    return SimpleUploadedFile(name, data.getvalue())


# ---- what it brings along


def test_a_kind_is_chosen_with_one_press_and_groups_meet_only_where_there_are_groups(page, cast):
    assert "kind=group_meeting" in text(page("/activities/new/"))
    assert "kind=group_meeting" not in text(page("/activities/new/", "secretary_b"))


def test_everything_but_the_minutes_is_filled_in(page, roster):
    form = page(NEW).context["form"]
    assert form["title"].value() == "2026年11月主题党日"
    assert str(form["on"].value()) == "2026-11-15"  # the theme day of the place has come
    assert [line.name for line in form.lines()]
    assert all(line.ticked for line in form.lines())
    assert {line.pk for line in form.lines()} == {member.pk for member in roster.of_a}
    assert form.to_fill_in() == ["内容记录"]
    assert form.filled_in() == 1 + 5 + len(roster.of_a)  # the kind; day, hour, title, recorder, hours; the names
    assert "系统已带出" in text(page(NEW))


def test_the_place_and_the_hour_of_the_last_time_come_back(page, logbook):
    logbook.log(day=datetime.date(2026, 10, 15), place="三楼党员活动室", hour=16)
    form = page(NEW).context["form"]
    assert (form["place"].value(), str(form["at"].value())) == ("三楼党员活动室", "16:00:00")


def test_the_secretary_of_the_day_chairs(page, logbook, cast, roster):
    logbook.seat(cast.branch_a, roster.worker_a1)
    assert page(NEW).context["form"]["chair"].value() == "陈一鸣"


def test_again_takes_the_place_and_who_was_absent_from_the_last_time(page, logbook, roster):
    last = logbook.log(day=datetime.date(2026, 10, 15), place="车间", absent=[roster.worker_a2])
    form = page(f"{NEW}&like={last.pk}").context["form"]
    assert form["place"].value() == "车间"
    assert [line.name for line in form.lines() if not line.ticked] == ["孙·阿依古丽"]


def test_a_second_kind_is_offered_only_where_the_rules_allow_it(page):
    assert "党课" in dict(page(NEW).context["form"].fields["second_kind"].choices).values()
    committee = dict(page("/activities/new/?kind=committee_meeting").context["form"].fields["second_kind"].choices)
    assert set(committee.values()) == {"只作本类", "组织生活会"}
    assert "second_kind" not in page("/activities/new/?kind=talk").context["form"].fields


def test_a_kind_that_is_not_there_is_not_found(page):
    assert page("/activities/new/?kind=dance").status_code == 404
    assert page("/activities/new/?kind=theme_day&org=999999").status_code == 404


# ---- one minute


def test_a_record_is_submitted_with_nothing_typed_but_the_minutes(send, roster):
    answer = send(minutes="学习新修订的条例。\n\n讨论。")
    assert answer.status_code == 302
    found = only_record()
    assert (found.state, found.expected, found.present) == (State.SUBMITTED, 6, 6)
    assert found.minutes == "学习新修订的条例。\n\n讨论。"
    assert timezone.localtime(found.starts_at).date() == found.held_on == datetime.date(2026, 11, 15)


def test_only_the_absent_are_marked(send, roster):
    assert send(untick=(roster.worker_a2,), **{f"reason_{roster.worker_a2.pk}": "shift"}).status_code == 302
    with unscoped("test"):
        absent = Attendance.objects.get(presence="absent")
    assert (absent.member_id, absent.reason) == (roster.worker_a2.pk, "shift")
    assert only_record().present == 5


def test_an_absence_without_a_reason_is_refused_by_name_and_nothing_is_lost(send, roster):
    answer = send(untick=(roster.worker_a2, roster.worker_a4), place="会议室", minutes="很长的记录")
    assert answer.status_code == 422
    assert records() == 0
    shown = text(answer)
    assert "请选择缺席原因：李秀英、孙·阿依古丽。" in shown
    assert "很长的记录" in shown
    form = answer.context["form"]
    assert form["place"].value() == "会议室"
    assert {line.name for line in form.lines() if not line.ticked} == {"李秀英", "孙·阿依古丽"}
    assert {line.name for line in form.lines() if line.wrong} == {"李秀英", "孙·阿依古丽"}


def test_one_form_makes_one_record_however_often_it_is_sent(page):
    data = sent(page(NEW).context["form"])
    first, second = page(NEW, **data), page(NEW, **data)
    assert first.url == second.url
    assert records() == 1


def test_a_draft_counts_nowhere(send):
    send(save="draft", minutes="还没写完")
    assert only_record().state == State.DRAFT


def test_what_lies_ahead_is_a_plan_and_the_page_says_so_before_it_is_one(send):
    answer = send(on="2026-11-28", title="下周的活动", minutes="预备")
    assert answer.status_code == 422
    assert "只能存为计划" in text(answer)
    assert 'value="plan" data-main' in text(answer)
    assert answer.context["form"]["title"].value() == "下周的活动"
    assert records() == 0
    assert send(on="2026-11-28", title="下周的活动", save="plan").status_code == 302
    assert only_record().state == State.PLANNED


def test_a_plan_becomes_the_record(send, page, logbook):
    plan = logbook.log(day=datetime.date(2026, 11, 23), submit=False)
    assert "修改计划" in text(page(plan.get_absolute_url()))
    with unscoped("test"):
        Activity.objects.filter(pk=plan.pk).update(held_on=TODAY, starts_at=plan.starts_at - datetime.timedelta(days=1))
        Participation.objects.filter(activity=plan).update(held_on=TODAY)
    assert "现在记录" in text(page(plan.get_absolute_url()))
    assert send(f"{plan.get_absolute_url()}edit/", minutes="开成了").status_code == 302
    found = only_record()
    assert (found.pk, found.state, found.present) == (plan.pk, State.SUBMITTED, 6)


def test_the_roster_is_that_of_the_day(send, page, cast, roster):
    """Somebody who joined the branch after the day is not on its list, and the page says so instead of saving."""
    with unscoped("test"):
        Membership.objects.filter(member=roster.worker_a5).update(since=datetime.date(2026, 11, 20))
    names = {line.name for line in page(NEW).context["form"].lines()}
    assert "赵敏" not in names
    answer = send(on="2026-11-21")
    assert answer.status_code == 422
    assert "增加了赵敏" in text(answer)
    assert "赵敏" in {line.name for line in answer.context["form"].lines()}


def test_midnight_belongs_to_the_start(send):
    send(on="2026-11-21", at="22:30", ends="00:30")
    found = only_record()
    assert found.held_on == datetime.date(2026, 11, 21)
    assert timezone.localtime(found.ends_at).date() == datetime.date(2026, 11, 22)


# ---- looking for people


def test_a_visitor_is_found_by_the_whole_name_and_both_branches_see_the_record(page, send, cast, roster):
    data = sent(page(NEW).context["form"])
    looking = {**data, "title": "打了一半的主题", "minutes": "也没丢", "visitor_name": "吴刚", "look": "visitors"}
    answer = page(NEW, **looking)
    assert answer.status_code == 200
    assert records() == 0
    value, label, ticked = answer.context["setting"].visitors[0]
    assert (value, ticked) == (f"{roster.worker_b1.pk} 吴刚", True)
    assert "丑寅联合党支部" in label
    assert answer.context["form"]["title"].value() == "打了一半的主题"
    assert "也没丢" in text(answer)
    assert page(NEW, **{**looking, "visitors": value, "look": ""}).status_code == 302
    found = only_record()
    assert found.visitors == 1
    home = page(found.get_absolute_url(), "secretary_b")
    assert home.status_code == 200
    assert "吴刚" in text(home)
    assert "陈一鸣" not in text(home)  # of another branch's people the home branch learns nothing


def test_part_of_a_name_finds_nobody_and_an_id_alone_opens_no_name(page, roster):
    data = sent(page(NEW).context["form"])
    found = page(NEW, **{**data, "visitor_name": "吴", "look": "visitors"})
    assert found.context["setting"].visitors == []
    assert "没有找到" in text(found)
    guessed = page(NEW, **{**data, "visitors": f"{roster.worker_b1.pk} 张三", "look": "roll"})
    assert "吴刚" not in text(guessed)
    assert page(NEW, **{**data, "visitors": f"{roster.worker_b1.pk} 张三"}).status_code == 422


def test_a_joint_activity_is_on_the_page_of_both_branches(page, cast):
    data = sent(page(NEW).context["form"])
    answer = page(NEW, **{**data, "host_name": "丑寅", "look": "hosts"})
    value, _, ticked = answer.context["setting"].co_hosts[0]
    assert ticked
    assert page(NEW, **{**data, "co_hosts": value}).status_code == 302
    with unscoped("test"):
        assert Participation.objects.count() == 2
    other = page(only_record().get_absolute_url(), "secretary_b")
    assert other.status_code == 200
    assert "联合举办" in text(other)
    assert "修改" not in [action["label"] for action in other.context["actions"]]


# ---- files


@pytest.fixture
def media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def test_photos_are_kept_with_the_record(send, media):
    send(attachments=[photo(), photo("合影.png")])
    with unscoped("test"):
        assert [file.name for file in attachments_of(only_record())] == ["现场.jpg", "合影.jpg"]


def test_a_file_that_is_not_what_it_says_is_refused_by_name_and_nothing_else_is_lost(send, page, media):
    wrong = SimpleUploadedFile("病毒.jpg", b"MZ\x90\x00 not a picture", "image/jpeg")
    answer = send(attachments=[wrong, photo()], minutes="记录还在")
    assert answer.status_code == 302
    assert only_record().minutes == "记录还在"
    with unscoped("test"):
        assert [file.name for file in attachments_of(only_record())] == ["现场.jpg"]
    assert "附件「病毒.jpg」没有保存" in text(page(answer.url))


# ---- minutes with a little formatting


def test_formatted_minutes_are_cleaned_and_a_phone_that_does_not_touch_them_leaves_them(send, page):
    send(minutes='<p onclick="x()">一、<b>学习</b></p><script>alert(1)</script>', minutes_rich="1", save="draft")
    found = only_record()
    assert found.minutes == "<p>一、<strong>学习</strong></p>"
    edit = page(f"{found.get_absolute_url()}edit/").context["form"]
    assert edit["minutes"].value() == "一、学习"
    data = sent(edit) | {"minutes": "一、学习", "save": "draft"}
    data.pop("minutes_rich", None)
    assert page(f"{found.get_absolute_url()}edit/", **data).status_code == 302
    assert only_record().minutes == "<p>一、<strong>学习</strong></p>"
    assert "<strong>学习</strong>" in text(page(found.get_absolute_url()))


# ---- late, closed, twice


def test_a_late_entry_is_shown_as_late_and_counts_where_it_belongs(send, page):
    send(on="2026-10-15", title="补记的活动")
    found = only_record()
    assert (found.held_on, found.reported_on) == (datetime.date(2026, 10, 15), TODAY)
    assert "补记：38 天后提交" in text(page(found.get_absolute_url()))


def test_into_a_closed_quarter_a_reason_is_asked_for_and_the_form_opens_where_it_belongs(send, closed_until):
    closed_until(datetime.date(2026, 11, 20))
    answer = send(title="上季度的活动")
    assert answer.status_code == 422
    assert answer.context["form"]["reason"].errors
    assert answer.context["form"].opened()
    assert send(title="上季度的活动", reason="书记出差，记录遗漏").status_code == 302
    assert only_record().state == State.CORRECTION


# ---- who may


@pytest.mark.parametrize("username", ["authority_officer", "instructor", "auditor", "visitor"])
def test_who_does_not_keep_records_gets_no_form(page, username):
    assert page(NEW, username).status_code == 403


def test_a_record_of_another_branch_is_not_there(page, logbook):
    found = logbook.log()
    for path in ("", "edit/", "cancel/", "attach/", "sign-in/"):
        assert page(f"{found.get_absolute_url()}{path}", "secretary_b").status_code == 404, path


# ---- speed


def test_the_page_costs_at_most_twelve_queries_however_many_are_on_the_list(page, cast, roster, client):
    client.force_login(cast.users.secretary_a)
    client.get(NEW)
    counts = []
    for more in (0, 37):
        with unscoped("test"):
            people = [Member(name=f"新党员{n}", initials=f"xdy{n}", org=cast.branch_a, code=f"DY8{more}{n:04d}",
                             joined_on=datetime.date(2020, 1, 1)) for n in range(more)]  # fmt: skip
            Member.objects.bulk_create(people)
            Membership.objects.bulk_create(
                Membership(member=each, org=cast.branch_a, since=datetime.date(2021, 1, 1)) for each in people
            )
        with CaptureQueriesContext(connection) as caught:
            answer = client.get(NEW)
        assert len(answer.context["form"].lines()) == 6 + more
        counts.append(len(caught))
    assert counts[0] == counts[1] <= 12, [query["sql"][:160] for query in caught.captured_queries]
