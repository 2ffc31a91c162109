"""Planning and sending: who hears of what, when, by which channel, and never twice."""

from __future__ import annotations

import datetime
import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from apps.accounts.models import RoleAssignment, User
from apps.census import services
from apps.core.models import Parameter
from apps.core.periods import Period
from apps.core.scoping import unscoped
from apps.enterprises.kinds import Status
from apps.enterprises.models import Condition, Enterprise, Instructor, InstructorAssignment, Visit
from apps.enterprises.services import change_status
from apps.reminders import planning, sending
from apps.reminders.models import Channel, Digest, Reminder, Robot
from apps.reminders.registry import registry
from tests.reminders.conftest import at

OPENED, DUE = datetime.date(2026, 11, 2), datetime.date(2026, 11, 30)
DAY = datetime.timedelta(days=1)


@pytest.fixture
def census_round(cast: Any) -> Any:
    """第四季度摸底, opened on 2 November, due on the 30th."""
    with unscoped("test"):
        return services.open_round(
            org=cast.park_org, period=Period.parse("2026Q4"), today=OPENED, actor=None, due_on=DUE
        ).round


def told(**where: Any) -> list[tuple[str, str]]:
    """(who, what) of reminders, in order."""
    rows = Reminder.objects.filter(**where).select_related("recipient").order_by("recipient__username", "title")
    return [(row.recipient.username if row.recipient else "robot", row.title) for row in rows]


def with_instructor(cast: Any, enterprise: Any, user: Any, since: str = "2026-01-01") -> InstructorAssignment:
    with unscoped("test"):
        day = datetime.date.fromisoformat(since)
        person = Instructor(name="钱指导员", org=cast.station, user=user, since=day)
        person.save()
        return InstructorAssignment.objects.create(instructor=person, enterprise=enterprise, since=day)


def leave(cast: Any, enterprise: Any, on: datetime.date) -> None:
    with unscoped("test"):
        change_status(enterprise=enterprise, status=Status.MOVED_OUT, on=on, today=on, actor=cast.users.park_officer)


class TestPlanning:
    def test_the_branch_hears_of_its_enterprises_and_the_park_of_those_without_a_branch(self, cast, census_round):
        counts = planning.plan(at("2026-11-02"))
        assert counts["census.return_due"] == 4
        assert told(rule="census.return_due") == [
            ("clerk_a1", "「丹东子精密机械有限公司」2026年第四季度摸底"),
            ("park_officer", "「丹东卯软件有限公司」2026年第四季度摸底"),
            ("secretary_a", "「丹东子精密机械有限公司」2026年第四季度摸底"),
            ("secretary_b", "「丹东丑电子有限公司」2026年第四季度摸底"),
        ]

    def test_planning_again_inserts_nothing(self, cast, census_round):
        planning.plan(at("2026-11-02"))
        assert sum(planning.plan(at("2026-11-02", 10)).values()) == 0
        assert sum(planning.plan(at("2026-11-03")).values()) == 0

    def test_the_instructor_with_an_account_hears_instead_of_the_branch(self, cast, census_round):
        with_instructor(cast, cast.enterprise_a, cast.users.instructor)
        with_instructor(cast, cast.enterprise_b, None)
        planning.plan(at("2026-11-02"))
        names = [who for who, _ in told(rule="census.return_due")]
        assert names == ["instructor", "park_officer", "secretary_b"]

    @pytest.mark.parametrize("ended", ["grant", "account", "organisation"])
    def test_when_nobody_holds_the_post_it_goes_one_level_up(self, cast, census_round, ended):
        people = ("secretary_a", "clerk_a1")
        with unscoped("test"):
            if ended == "grant":
                RoleAssignment.objects.filter(user__username__in=people).update(until=OPENED)
            elif ended == "account":
                User.objects.filter(username__in=people).update(is_active=False)
            else:
                type(cast.branch_a).objects.filter(pk=cast.branch_a.pk).update(ended_on=OPENED)
        planning.plan(at("2026-11-02"))
        assert ("park_officer", "「丹东子精密机械有限公司」2026年第四季度摸底") in told()

    @pytest.mark.parametrize(("day", "step"), [
        ("2026-11-02", "opened"), ("2026-11-22", "opened"), ("2026-11-23", "ahead-7"), ("2026-11-24", "ahead-7"),
        ("2026-11-28", "ahead-7"), ("2026-11-29", "ahead-1"), ("2026-11-30", "due"), ("2026-12-01", "due"),
        ("2026-12-06", "due"), ("2026-12-07", "overdue-1"), ("2026-12-08", "overdue-1"), ("2026-12-14", "overdue-2"),
    ])  # fmt: skip
    def test_each_step_comes_on_its_day(self, cast, census_round, day, step):
        planning.plan(at(day))
        assert set(Reminder.objects.filter(rule="census.return_due").values_list("step", flat=True)) == {step}

    def test_who_answered_is_not_reminded_again(self, cast, census_round):
        from apps.census.models import CensusReturn

        planning.plan(at("2026-11-02"))
        with unscoped("test"):
            row = CensusReturn.objects.get(enterprise=cast.enterprise_a)
            services.answer_unchanged(census_return=row, method="visit", checked_on=OPENED, today=OPENED, actor=None)
        planning.plan(at("2026-11-23"))
        assert "「丹东子精密机械有限公司」2026年第四季度摸底" not in [t for _, t in told(step="ahead-7")]

    @pytest.mark.parametrize(("days", "waits"), [(2, False), (3, True), (4, True)])
    def test_a_return_that_waits_three_days_reaches_the_officer(self, cast, census_round, days, waits):
        from apps.census.models import CensusReturn

        with unscoped("test"):
            row = CensusReturn.objects.get(enterprise=cast.enterprise_a)
            services.answer_unchanged(census_return=row, method="visit", checked_on=OPENED, today=OPENED, actor=None)
        planning.plan(at((OPENED + days * DAY).isoformat()))
        found = told(rule="census.review_waiting")
        assert found == ([("park_officer", "审核「丹东子精密机械有限公司」2026年第四季度摸底表")] if waits else [])

    def test_a_new_arrival_is_visited_in_its_month(self, cast):
        with unscoped("test"):
            new = Enterprise(name="丹东新来公司", org=cast.branch_a, park=cast.park, arrived_on=datetime.date(2026, 11, 4))
            new.save()
            Condition.objects.create(enterprise=new, since=new.arrived_on, staff=5)
        planning.plan(at("2026-11-05"))
        assert told(rule="enterprises.arrival_visit", recipient__username="secretary_a") == [
            ("secretary_a", "入驻当月走访「丹东新来公司」")
        ]
        row = Reminder.objects.filter(rule="enterprises.arrival_visit").first()
        assert row is not None
        assert (row.due_on, row.period, row.when_text) == (
            datetime.date(2026, 11, 30), "2026-11", "2026-11-30到期，还有25天"
        )
        planning.plan(at("2026-12-07"))
        assert Reminder.objects.filter(rule="enterprises.arrival_visit", step="overdue-1").exists()

    @pytest.mark.parametrize(("day", "reminded"), [("2026-11-03", True), ("2026-11-04", False), ("2026-11-05", False)])
    def test_a_visit_since_the_arrival_settles_it(self, cast, day, reminded):
        with unscoped("test"):
            new = Enterprise(name="丹东新来公司", org=cast.branch_a, park=cast.park, arrived_on=datetime.date(2026, 11, 4))
            new.save()
            Condition.objects.create(enterprise=new, since=new.arrived_on, staff=5)
            Visit.objects.create(enterprise=new, on=datetime.date.fromisoformat(day), visitor="王书记")
        planning.plan(at("2026-11-06"))
        assert bool(told(rule="enterprises.arrival_visit")) is reminded

    @pytest.mark.parametrize(("visited", "reminded"), [
        ("2026-09-30", True), ("2026-10-01", False), ("2026-11-10", False), ("2026-11-12", True),
    ])  # fmt: skip
    def test_an_instructor_visits_once_a_quarter(self, cast, visited, reminded):
        assignment = with_instructor(cast, cast.enterprise_a, cast.users.instructor)
        with unscoped("test"):
            Visit.objects.create(
                enterprise=cast.enterprise_a, on=datetime.date.fromisoformat(visited), visitor="钱",
                instructor=assignment.instructor,
            )  # fmt: skip
        planning.plan(at("2026-11-11"))
        found = told(rule="enterprises.instructor_visit")
        assert found == ([("instructor", "本季走访「丹东子精密机械有限公司」")] if reminded else [])

    @pytest.mark.parametrize(("wanted", "reminded"), [(0, False), (1, False), (2, True)])
    def test_how_often_is_a_parameter(self, cast, wanted, reminded):
        assignment = with_instructor(cast, cast.enterprise_a, cast.users.instructor)
        with unscoped("test"):
            Parameter.objects.create(code="enterprises.instructor_visits_per_quarter", since=OPENED, value=wanted)
            Visit.objects.create(enterprise=cast.enterprise_a, on=OPENED, visitor="钱", instructor=assignment.instructor)
        planning.plan(at("2026-11-11"))
        assert bool(told(rule="enterprises.instructor_visit")) is reminded

    def test_every_rule_names_its_basis_and_can_be_asked_again(self, cast):
        for code, rule in registry.items():
            assert str(rule.basis)
            assert planning.still_due(code, [1], OPENED) == set()


class TestSending:
    def test_the_inbox_gets_each_reminder_once_also_at_night(self, cast, census_round):
        planning.plan(at("2026-11-02", 23))
        assert sending.send(at("2026-11-02", 23))["in_app"] == 4
        assert sending.send(at("2026-11-03"))["in_app"] == 0

    def test_what_is_no_longer_due_is_dropped_before_it_is_sent(self, cast, census_round):
        planning.plan(at("2026-11-02"))
        leave(cast, cast.enterprise_a, OPENED)
        counts = sending.send(at("2026-11-02"))
        assert (counts["in_app"], counts["dropped"]) == (2, 2)
        assert set(Reminder.objects.filter(state="dropped").values_list("recipient__username", flat=True)) == {
            "secretary_a", "clerk_a1"
        }

    def test_mail_goes_to_who_has_an_address_as_one_digest_a_day(self, cast, census_round, mail):
        User.objects.filter(username="park_officer").update(email="li@example.cn")
        with unscoped("test"):
            for n in range(3):
                new = Enterprise(name=f"园区直管{n}", org=cast.park_org, park=cast.park)
                new.save()
                Condition.objects.create(enterprise=new, since=OPENED, staff=5)
        services.tend_rounds(today=OPENED)
        planning.plan(at("2026-11-02"))
        sending.send(at("2026-11-02"))
        assert [m.to for m in mail] == [["li@example.cn"]]
        assert mail[0].body.startswith("园区党建管理平台：您有 4 项工作待办\n1. 「")
        planning.plan(at("2026-11-23"))
        sending.send(at("2026-11-23"))
        sending.send(at("2026-11-23", 10))
        assert len(mail) == 2

    def test_a_second_digest_of_the_day_waits_for_the_next(self, cast, census_round, mail):
        User.objects.filter(username="secretary_b").update(email="zhao@example.cn")
        planning.plan(at("2026-11-23"))
        sending.send(at("2026-11-23"))
        with unscoped("test"):
            new = Enterprise(name="晚来的", org=cast.branch_b, park=cast.park)
            new.save()
            Condition.objects.create(enterprise=new, since=OPENED, staff=5)
        services.tend_rounds(today=datetime.date(2026, 11, 23))
        planning.plan(at("2026-11-23", 10))
        sending.send(at("2026-11-23", 10))
        assert len(mail) == 1
        sending.send(at("2026-11-24"))
        assert len(mail) == 2
        assert "晚来的" in mail[1].body

    @pytest.mark.parametrize(("hour", "minute", "sent"), [
        (7, 59, 0), (8, 0, 1), (8, 1, 1), (19, 59, 1), (20, 0, 0), (20, 1, 0),
    ])  # fmt: skip
    def test_quiet_hours_hold_mail_back(self, cast, census_round, mail, hour, minute, sent):
        User.objects.filter(username="secretary_b").update(email="zhao@example.cn")
        planning.plan(at("2026-11-23", hour, minute))
        counts = sending.send(at("2026-11-23", hour, minute))
        assert len(mail) == sent
        assert counts["waiting"] == 1 - sent

    def test_a_mail_that_was_refused_is_tried_again_but_not_at_night(self, cast, census_round, mail, monkeypatch):
        import smtplib

        from django.core.mail.backends.locmem import EmailBackend

        User.objects.filter(username="secretary_b").update(email="zhao@example.cn")
        planning.plan(at("2026-11-23"))
        with monkeypatch.context() as broken:
            broken.setattr(EmailBackend, "send_messages", _raising(smtplib.SMTPConnectError(421, b"busy")))
            assert sending.send(at("2026-11-23", 19, 55))["failed"] == 1
        assert sending.retry_failed(at("2026-11-23", 20, 0)) == 0
        assert len(mail) == 0
        assert sending.retry_failed(at("2026-11-24", 8, 0)) + sending.send(at("2026-11-24", 8, 0))["digests"] == 1
        assert len(mail) == 1
        assert not Reminder.objects.filter(channel="email").exclude(state="sent").exists()

    def test_a_mail_that_broke_off_is_left_to_a_person(self, cast, census_round, mail, monkeypatch):
        from django.core.mail.backends.locmem import EmailBackend

        User.objects.filter(username="secretary_b").update(email="zhao@example.cn")
        planning.plan(at("2026-11-23"))
        with monkeypatch.context() as broken:
            broken.setattr(EmailBackend, "send_messages", _raising(TimeoutError()))
            sending.send(at("2026-11-23"))
        digest = Digest.objects.get()
        assert (digest.state, digest.problem) == ("unknown", "邮件发送中断：TimeoutError")
        assert sending.retry_failed(at("2026-11-23", 10)) == 0
        sending.send(at("2026-11-24"))
        assert len(mail) == 0
        assert sending.retry(digest, at("2026-11-24"))
        assert len(mail) == 1
        assert not sending.retry(digest, at("2026-11-24"))

    def test_without_a_mail_server_nothing_is_planned_for_mail(self, cast, census_round, settings):
        settings.EMAIL_HOST = ""
        User.objects.update(email="all@example.cn")
        planning.plan(at("2026-11-02"))
        assert set(Reminder.objects.values_list("channel", flat=True)) == {Channel.IN_APP}


def _raising(error: Exception) -> Any:
    def send(*args: Any, **kwargs: Any) -> int:
        raise error

    return send


class Listener:
    """A local robot: keeps what it got, answers what it is told to."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.paths: list[str] = []
        self.status, self.reply = 200, {"errcode": 0}
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                outer.keys.append(self.headers["Idempotency-Key"])
                outer.paths.append(self.path)
                body = json.dumps(outer.reply).encode()
                self.send_response(outer.status)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/robot"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def listener() -> Iterator[Listener]:
    found = Listener()
    yield found
    found.server.shutdown()
    found.server.server_close()


class TestRobots:
    @pytest.fixture
    def robot(self, cast, listener):
        with unscoped("test"):
            found = Robot(org=cast.station, name="指导站群", kind=Robot.Kind.PLAIN, url=listener.url)
            found.save()
            return found

    def test_a_robot_tells_its_subtree_once_a_day(self, cast, census_round, robot, listener):
        planning.plan(at("2026-11-23"))
        sending.send(at("2026-11-23"))
        sending.send(at("2026-11-23", 10))
        assert [body["count"] for body in listener.got] == [2]
        text = listener.got[0]["text"]
        assert "丹东子精密机械有限公司" in text
        assert "丹东卯软件" not in text
        assert listener.keys == [str(Digest.objects.get().key)]

    @pytest.mark.parametrize(("kind", "path"), [("dingtalk", "timestamp="), ("wecom", "/robot")])
    def test_dingtalk_is_signed_and_both_get_a_text_message(self, cast, census_round, robot, listener, kind, path):
        Robot._base_manager.filter(pk=robot.pk).update(kind=kind, secret="SEC123")
        planning.plan(at("2026-11-23"))
        sending.send(at("2026-11-23"))
        assert listener.got[0]["msgtype"] == "text"
        assert path in listener.paths[0]
        assert ("sign=" in listener.paths[0]) is (kind == "dingtalk")

    @pytest.mark.parametrize(("status", "reply", "state"), [
        (200, {"errcode": 310000, "errmsg": "sign not match"}, "failed"), (400, {}, "failed"), (500, {}, "unknown"),
        (200, {"errcode": 0}, "sent"),
    ])  # fmt: skip
    def test_what_the_robot_answers_decides(self, cast, census_round, robot, listener, status, reply, state):
        listener.status, listener.reply = status, reply
        planning.plan(at("2026-11-23"))
        sending.send(at("2026-11-23"))
        assert Digest.objects.get().state == state

    def test_an_address_that_nobody_listens_on_was_certainly_not_reached(self, cast, census_round, robot, listener):
        listener.server.shutdown()
        listener.server.server_close()
        planning.plan(at("2026-11-23"))
        sending.send(at("2026-11-23"))
        assert Digest.objects.get().state == "failed"

    def test_a_robot_that_is_switched_off_gets_nothing(self, cast, census_round, robot, listener):
        Robot._base_manager.filter(pk=robot.pk).update(is_active=False)
        planning.plan(at("2026-11-23"))
        sending.send(at("2026-11-23"))
        assert listener.got == []
