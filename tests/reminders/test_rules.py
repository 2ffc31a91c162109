"""When reminders are due and when they may be sent."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.reminders import rules
from apps.reminders.rules import Cadence, QuietHours

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEEKLY = Cadence(days_ahead=(7, 1), overdue_every=7)
NIGHT = QuietHours(begins=20, ends=8)
OPENS, DUE = datetime.date(2026, 11, 1), datetime.date(2026, 11, 30)
DAYS = st.dates(datetime.date(2026, 1, 1), datetime.date(2027, 12, 31))
MOMENTS = st.datetimes(
    datetime.datetime.fromisoformat("2026-01-01"),
    datetime.datetime.fromisoformat("2027-12-31"),
    timezones=st.just(datetime.UTC),
)


def at(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def keys(*, opens=OPENS, due=DUE, until, cadence=WEEKLY):
    found = rules.steps(opens=opens, due=due, until=until, cadence=cadence)
    return [(step.key, step.day.isoformat()) for step in found]


class TestSteps:
    def test_opening_seven_days_one_day_the_day_itself_and_weekly_after(self):
        assert keys(until=datetime.date(2026, 12, 15)) == [
            ("opened", "2026-11-01"),
            ("ahead-7", "2026-11-23"),
            ("ahead-1", "2026-11-29"),
            ("due", "2026-11-30"),
            ("overdue-1", "2026-12-07"),
            ("overdue-2", "2026-12-14"),
        ]

    @pytest.mark.parametrize(
        ("today", "key"),
        [
            ("2026-10-31", None),
            ("2026-11-01", "opened"),
            ("2026-11-22", "opened"),
            ("2026-11-23", "ahead-7"),
            ("2026-11-28", "ahead-7"),
            ("2026-11-29", "ahead-1"),
            ("2026-11-30", "due"),
            ("2026-12-06", "due"),
            ("2026-12-07", "overdue-1"),
            ("2026-12-13", "overdue-1"),
            ("2026-12-14", "overdue-2"),
        ],
    )
    def test_the_latest_step_is_the_one_to_send(self, today, key):
        today = datetime.date.fromisoformat(today)
        found = rules.current_step(opens=OPENS, due=DUE, today=today, cadence=WEEKLY)
        assert (found and found.key) == key

    @pytest.mark.parametrize(
        ("opens", "expected"),
        [
            ("2026-11-22", ["opened", "ahead-7", "ahead-1", "due"]),
            ("2026-11-23", ["opened", "ahead-1", "due"]),
            ("2026-11-24", ["opened", "ahead-1", "due"]),
            ("2026-11-29", ["opened", "due"]),
            ("2026-11-30", ["due"]),
            ("2026-12-01", ["due"]),
        ],
    )
    def test_a_short_time_has_fewer_steps(self, opens, expected):
        found = keys(opens=datetime.date.fromisoformat(opens), until=DUE)
        assert [key for key, _ in found] == expected

    def test_the_rhythm_is_what_the_place_set(self):
        other = Cadence(days_ahead=(3, 0, 3), overdue_every=10)
        assert [key for key, _ in keys(until=datetime.date(2026, 12, 10), cadence=other)] == [
            "opened", "ahead-3", "due", "overdue-1",
        ]  # fmt: skip

    def test_no_rhythm_means_no_overdue_steps(self):
        assert keys(until=datetime.date(2027, 12, 10), cadence=Cadence((), 0))[-1][0] == "due"

    @given(opens=DAYS, due=DAYS, until=DAYS)
    def test_steps_come_in_order_with_keys_of_their_own(self, opens, due, until):
        found = list(rules.steps(opens=opens, due=due, until=until, cadence=WEEKLY))
        assert [step.day for step in found] == sorted(step.day for step in found)
        assert len({step.key for step in found}) == len(found)
        assert all(step.day <= until for step in found)

    @pytest.mark.parametrize(
        ("until", "sentence"),
        [
            ("2026-11-01", "2026-11-30到期，还有29天"),
            ("2026-11-23", "2026-11-30到期，还有7天"),
            ("2026-11-30", "今天（2026-11-30）到期"),
            ("2026-12-14", "2026-11-30到期，已逾期14天"),
        ],
    )
    def test_a_reminder_says_how_long_is_left_on_the_day_it_is_made(self, until, sentence):
        assert rules.time_left(DUE, today=datetime.date.fromisoformat(until)) == sentence


class TestQuietHours:
    @pytest.mark.parametrize(
        ("moment", "until"),
        [
            ("2026-11-22T19:59:59", None),
            ("2026-11-22T20:00:00", "2026-11-23T08:00:00"),
            ("2026-11-22T20:00:01", "2026-11-23T08:00:00"),
            ("2026-11-22T23:59:59", "2026-11-23T08:00:00"),
            ("2026-11-23T00:00:00", "2026-11-23T08:00:00"),
            ("2026-11-23T07:59:59", "2026-11-23T08:00:00"),
            ("2026-11-23T08:00:00", None),
            ("2026-12-31T21:30:00", "2027-01-01T08:00:00"),
        ],
    )
    def test_nothing_is_sent_from_twenty_to_eight(self, moment, until):
        assert rules.quiet_until(at(moment), NIGHT) == (until and at(until))

    def test_the_hours_are_those_of_shanghai_wherever_the_clock_stands(self):
        moment = datetime.datetime(2026, 11, 22, 12, 0, tzinfo=datetime.UTC)
        assert rules.next_allowed(moment, NIGHT) == at("2026-11-23T08:00:00")
        assert rules.next_allowed(moment - datetime.timedelta(seconds=1), NIGHT) == at("2026-11-22T19:59:59")

    def test_a_break_by_day_and_no_break_at_all(self):
        noon = QuietHours(begins=12, ends=14)
        assert rules.next_allowed(at("2026-11-22T12:30:00"), noon) == at("2026-11-22T14:00:00")
        assert rules.quiet_until(at("2026-11-22T14:00:00"), noon) is None
        assert rules.quiet_until(at("2026-11-22T03:00:00"), QuietHours(8, 8)) is None

    @pytest.mark.parametrize(
        ("moment", "day"),
        [
            ("2026-11-22T07:00:00", "2026-11-22"),
            ("2026-11-22T19:59:00", "2026-11-22"),
            ("2026-11-22T20:00:00", "2026-11-23"),
            ("2026-11-23T00:30:00", "2026-11-23"),
        ],
    )
    def test_what_comes_up_at_night_belongs_to_the_next_morning(self, moment, day):
        assert rules.digest_day(at(moment), NIGHT) == datetime.date.fromisoformat(day)

    @given(MOMENTS, st.integers(0, 23), st.integers(0, 23))
    def test_the_next_allowed_moment_is_allowed_and_within_a_day(self, moment, begins, ends):
        quiet = QuietHours(begins, ends)
        allowed = rules.next_allowed(moment, quiet)
        assert rules.quiet_until(allowed, quiet) is None
        assert moment <= allowed < moment + datetime.timedelta(days=1)
