"""扫码签到: off unless the place wants it, marks whoever stands on the roster, tells nothing about anybody, and ends."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from apps.activities.kinds import State
from apps.activities.models import Activity, Attendance, PointEntry, SignInCode
from apps.activities.parameters import QR_SIGN_IN
from apps.activities.services.sign_in import UNKNOWN
from apps.core.parameters import set_parameter
from apps.core.scoping import unscoped

from .conftest import TODAY


@pytest.fixture
def switched_on(cast: Any) -> None:
    with unscoped("test"):
        set_parameter(code=QR_SIGN_IN, value=True, since=datetime.date(2026, 1, 1), source="测试",
                      org_path=cast.branch_a.path, actor=cast.users.park_officer)  # fmt: skip


@pytest.fixture
def page(cast: Any, roster: Any, client: Any) -> Any:
    def ask(url: str, username: str = "secretary_a", post: bool = False, **data: Any) -> Any:
        client.force_login(getattr(cast.users, username))
        return client.post(url, data) if post or data else client.get(url)

    return ask


@pytest.fixture
def opened(page: Any, logbook: Any, switched_on: None) -> SignInCode:
    """The code of a draft of today, from two in the afternoon until four."""
    draft = logbook.log(
        submit=False, ends_at=datetime.datetime.combine(TODAY, datetime.time(16), logbook.facts().starts_at.tzinfo)
    )
    assert page(f"{draft.get_absolute_url()}sign-in/open/", post=True).status_code == 302
    with unscoped("test"):
        return SignInCode.objects.select_related("activity").get()


def door(code: SignInCode, address: str = "10.0.0.1", **data: Any) -> Any:
    """What a phone without an account gets."""
    client = Client(REMOTE_ADDR=address)
    url = f"/check-in/{code.token}/"
    return client.post(url, data) if data else client.get(url)


def present(code: SignInCode) -> set[str]:
    with unscoped("test"):
        rows = Attendance.objects.filter(activity=code.activity_id, presence="present")
        return set(rows.values_list("member__name", flat=True))


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_it_is_off_unless_the_place_switches_it_on(page, logbook):
    draft = logbook.log(submit=False)
    assert "扫码签到没有启用" in text(page(f"{draft.get_absolute_url()}sign-in/"))
    page(f"{draft.get_absolute_url()}sign-in/open/", post=True)
    with unscoped("test"):
        assert not SignInCode.objects.exists()
    assert "显示二维码" not in text(page(draft.get_absolute_url()))


def test_the_code_is_shown_as_a_picture_without_styles(page, opened):
    shown = text(page(f"{opened.activity.get_absolute_url()}sign-in/"))
    picture = shown[
        shown.index("<svg", shown.index("sign-in-code")) : shown.index("</svg>", shown.index("sign-in-code"))
    ]
    assert "viewBox" in picture
    assert "style" not in picture
    assert "显示二维码" in text(page(opened.activity.get_absolute_url()))


def test_the_page_behind_the_code_names_nobody(opened, roster):
    shown = text(door(opened))
    assert opened.activity.title in shown
    assert not [member for member in roster.of_a if member.name in shown]


def test_a_name_on_the_roster_is_marked_present_once(opened):
    assert present(opened) == set()
    assert "陈一鸣，已签到" in text(door(opened, name=" 陈一鸣 "))
    assert "陈一鸣，已签到" in text(door(opened, name="陈一鸣"))
    assert present(opened) == {"陈一鸣"}


def test_a_stranger_and_a_wrong_name_get_the_same_answer(opened, roster):
    for name in ("吴刚", "没有这个人"):
        answer = door(opened, name=name)
        assert answer.status_code == 422
        assert UNKNOWN in text(answer)
    assert present(opened) == set()


def test_two_of_one_name_are_told_apart_by_the_phone(opened, roster, cast):
    with unscoped("test"):
        twin = roster.worker_a2
        twin.name = "陈一鸣"
        twin.save()
    asked = door(opened, name="陈一鸣")
    assert asked.status_code == 422
    assert "手机号的后四位" in text(asked)
    assert door(opened, name="陈一鸣", digits="0000").status_code == 422
    assert twin.phone not in text(asked)
    assert door(opened, name="陈一鸣", digits=twin.phone[-4:]).status_code == 200
    with unscoped("test"):
        assert Attendance.objects.get(activity=opened.activity_id, presence="present").member_id == twin.pk


def test_it_ends_with_the_activity(opened):
    with time_machine.travel(f"{TODAY} 15:59:59+08:00"):
        assert door(opened).status_code == 200
    with time_machine.travel(f"{TODAY} 16:00:00+08:00"):
        assert door(opened).status_code == 410
        assert door(opened, name="陈一鸣").status_code == 410
    assert present(opened) == set()


def test_a_code_that_nobody_made_and_a_closed_one_answer_alike(page, opened):
    page(f"{opened.activity.get_absolute_url()}sign-in/close/", post=True)
    closed = door(opened)
    made_up = Client().get("/check-in/aaaa/")
    assert (closed.status_code, made_up.status_code) == (410, 410)


def test_guessing_is_paused_as_at_the_sign_in_of_accounts(opened):
    for n in range(5):
        assert door(opened, name=f"猜{n}").status_code == 422
    assert door(opened, name="猜6").status_code == 429
    assert door(opened, name="陈一鸣").status_code == 429
    assert door(opened, address="10.0.0.2", name="陈一鸣").status_code == 200


def test_a_room_full_of_people_behind_one_address_signs_in(opened, roster):
    for member in roster.of_a:
        assert door(opened, name=member.name).status_code == 200
    assert present(opened) == {member.name for member in roster.of_a}


def test_the_record_takes_over_who_signed_in_and_no_points_come_of_it(page, opened, roster):
    door(opened, name="陈一鸣")
    url = f"{opened.activity.get_absolute_url()}edit/"
    form = page(url).context["form"]
    assert [line.name for line in form.lines() if line.ticked] == ["陈一鸣"]
    data = {"submission": form["submission"].value(), "version": form["version"].value(), "on": "2026-11-22", "at": "14:00",
            "title": "学习新修订的党章", "listed": form.listed(), "save": "submit",
            "present": [str(member.pk) for member in roster.of_a]}  # fmt: skip
    assert page(url, **data).status_code == 302
    with unscoped("test"):
        assert Activity.objects.get().state == State.SUBMITTED
        assert not PointEntry.objects.exists()
    assert door(opened, name="王建国").status_code == 410  # recorded is recorded


def test_only_the_keepers_of_the_record_open_and_see_the_code(page, opened):
    assert page(f"{opened.activity.get_absolute_url()}sign-in/", "secretary_b").status_code == 404
    assert page(f"{opened.activity.get_absolute_url()}sign-in/", "instructor").status_code == 403
