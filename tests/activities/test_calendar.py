"""The month of a branch or a park: what stands on which day, and the theme day as a button to plan."""

from __future__ import annotations

import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.activities.kinds import State
from apps.activities.models import (
    Activity,
    ActivityKind,
    FollowUp,
    Participation,
    Theme,
    TipSheet,
    TipSheetReceipt,
    Venue,
    VenueBooking,
)
from apps.activities.month import NAMED_A_DAY
from apps.core.models import Parameter
from apps.core.scoping import unscoped
from tests.activities.conftest import SHANGHAI, TODAY

PAGE = "/activities/calendar/"


def client(cast, username="secretary_a"):
    found = Client()
    found.force_login(getattr(cast.users, username))
    return found


def month(cast, username="secretary_a", **query):
    answer = client(cast, username).get(PAGE, query)
    assert answer.status_code == 200
    return answer


def cell(answer, day):
    return next(c for week in answer.context["weeks"] for c in week if c and c["day"] == day)


def texts(answer, day):
    return [f"{event.label} {event.text}" for event in cell(answer, day)["events"]]


def test_a_record_and_a_plan_stand_on_their_days(cast, logbook):
    logbook.log("committee_meeting", day=datetime.date(2026, 11, 10), title="研究季度安排")
    logbook.log("assembly", day=datetime.date(2026, 11, 28), title="年终总结", submit=False)
    answer = month(cast)
    assert texts(answer, datetime.date(2026, 11, 10)) == ["支委会 研究季度安排"]
    assert texts(answer, datetime.date(2026, 11, 28)) == ["支部党员大会·计划 年终总结"]


def test_a_cancelled_plan_stands_nowhere(cast, logbook):
    row = logbook.log("assembly", day=datetime.date(2026, 11, 28), submit=False)
    with unscoped("test"):
        Participation.objects.filter(activity=row).update(state=State.CANCELLED)
    assert texts(month(cast), datetime.date(2026, 11, 28)) == []


@pytest.mark.parametrize("asked", ["2026-13", "next", "2026Q4", "1999-12", "2101-01", ""])
def test_a_month_that_makes_no_sense_is_this_month(cast, roster, asked):
    assert str(month(cast, month=asked).context["month"]) == "2026-11"


def test_the_weeks_begin_on_monday_and_hold_every_day(cast, roster):
    weeks = month(cast, month="2026-02").context["weeks"]
    assert {len(week) for week in weeks} == {7}
    days = [c["day"].day for week in weeks for c in week if c]
    assert days == list(range(1, 29))
    assert weeks[0][6]["day"] == datetime.date(2026, 2, 1)


def test_an_empty_theme_day_is_a_button_to_plan_it(cast, roster):
    answer = month(cast, month="2026-12")
    plan = cell(answer, datetime.date(2026, 12, 15))["plan"]
    assert plan == {"label": "安排主题党日", "url": "/activities/new/?org=JYA&on=2026-12-15&kind=theme_day"}
    assert [c["day"].day for week in answer.context["weeks"] for c in week if c and c["plan"]] == [15]


def test_a_theme_day_that_has_passed_is_a_button_to_record_it(cast, roster):
    assert cell(month(cast), datetime.date(2026, 11, 15))["plan"]["label"] == "补记主题党日"


@pytest.mark.parametrize("kinds", [("theme_day", None), ("lecture", "theme_day")])
def test_the_button_is_gone_once_the_theme_day_is_recorded_on_whatever_day(cast, logbook, kinds):
    first, second = kinds
    logbook.log(first, day=datetime.date(2026, 11, 20), second_kind=second)
    assert cell(month(cast), datetime.date(2026, 11, 15))["plan"] is None


def test_the_theme_day_is_that_of_the_nearest_node(cast, roster):
    Parameter.objects.create(
        code="activities.theme_day", value=20, since="2020-01-01", source="党工委通知", org_path=cast.park_org.path
    )
    assert cell(month(cast), datetime.date(2026, 11, 20))["is_theme_day"]
    assert month(cast, "authority_officer", org="YY").context["fixed_day"].day == 15


def test_who_may_only_look_gets_no_buttons(cast, roster):
    answer = month(cast, "authority_officer", org="JYA")
    cells = [c for week in answer.context["weeks"] for c in week if c]
    assert not any(c["add"] or c["plan"] for c in cells)


def test_a_park_sees_its_branches_and_names_them(cast, logbook):
    logbook.log("theme_day", day=datetime.date(2026, 11, 13), title="重温入党誓词")
    logbook.log(
        "theme_day", org=cast.sibling_branch, day=datetime.date(2026, 11, 13), actor=cast.users.authority_officer
    )
    assert texts(month(cast, "park_officer"), datetime.date(2026, 11, 13)) == ["主题党日 子公司党支部：重温入党誓词"]


def test_a_joint_activity_stands_once_in_the_park_and_in_the_month_of_either_branch(cast, logbook):
    day = datetime.date(2026, 11, 13)
    logbook.log("theme_day", day=day, co_hosts=[cast.branch_b])
    for username in ("park_officer", "secretary_a", "secretary_b"):
        assert len(texts(month(cast, username), day)) == 1, username


def test_another_branch_is_404(cast, roster):
    assert client(cast).get(PAGE, {"org": "JYB"}).status_code == 404


def test_tip_sheets_follow_ups_and_bookings_stand_on_their_days(cast, logbook):
    day = datetime.date(2026, 11, 26)
    row = logbook.log("joint_conference", day=datetime.date(2026, 11, 5), chosen=[logbook.roster.worker_a1])
    with unscoped("test"):
        sheet = TipSheet.objects.create(
            org=cast.park_org, number="1", title="学党章", quarter="2026Q4", content="学", due_on=day, state="issued"
        )
        TipSheetReceipt.objects.create(sheet=sheet, org=cast.branch_a, other_org=cast.park_org)
        FollowUp.objects.create(activity=row, org=cast.branch_a, content="修门", owner_name="孙", due_on=day)
        room = Venue.objects.create(org=cast.park_org, name="党员活动室", kind="activity_room", since=TODAY)
        start = datetime.datetime.combine(day, datetime.time(23, 30), SHANGHAI)
        VenueBooking.objects.create(
            venue=room, org=cast.park_org, other_org=cast.branch_a, starts_at=start,
            ends_at=start + datetime.timedelta(minutes=20), purpose="观影",
        )  # fmt: skip
    found = texts(month(cast), day)
    assert found == ["提示单到期 学党章", "落实事项到期 修门（孙）", "阵地 党员活动室：观影"]
    assert texts(month(cast, "secretary_b"), day) == []


def test_a_full_day_names_a_few_and_counts_the_rest(cast, logbook):
    day = datetime.date(2026, 11, 12)
    for hour in range(8, 8 + NAMED_A_DAY + 2):
        logbook.log("volunteering", day=day, hour=hour, chosen=[logbook.roster.worker_a1], title=f"志愿服务{hour}时")
    found = cell(month(cast), day)
    assert (len(found["events"]), found["more"]) == (NAMED_A_DAY, 2)
    whole = cell(month(cast, day="2026-11-12"), day)
    assert (len(whole["events"]), whole["more"]) == (NAMED_A_DAY + 2, 0)


def test_a_full_month_costs_what_an_empty_one_costs(cast, roster):
    reader = client(cast)
    reader.get(PAGE)

    def cost():
        with CaptureQueriesContext(connection) as captured:
            assert reader.get(PAGE).status_code == 200
        return len(captured)

    empty = cost()
    kind = ActivityKind.objects.get(code="theme_day")
    with unscoped("test"):
        for n in range(1, 29):
            start = datetime.datetime(2026, 11, n, 9, tzinfo=SHANGHAI)
            facts = {"org": cast.branch_a, "kind": kind, "state": State.SUBMITTED.value, "held_on": start.date()}
            row = Activity.objects.create(title=f"第{n}次", starts_at=start, **facts)
            Participation.objects.create(activity=row, **facts)
    assert cost() == empty <= 15


def test_a_branch_sees_what_the_park_asks_to_study_in_the_month(cast, roster):
    with unscoped("test"):
        Theme.objects.create(org=cast.park_org, month=datetime.date(2026, 11, 1), title="弘扬东北抗联精神")
    assert "弘扬东北抗联精神" in month(cast).content.decode()
    assert "弘扬东北抗联精神" not in month(cast, month="2026-12").content.decode()
    assert "弘扬东北抗联精神" not in month(cast, "authority_officer", org="YY").content.decode()
