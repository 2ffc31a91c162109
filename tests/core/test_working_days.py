"""Working days: published years by the State Council's calendar, others by weekday and marked 暂算."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.working_days import PROVISIONAL_NOTE, WorkCalendar, seed_rows

CALENDAR = WorkCalendar({row.day: row.is_working for row in seed_rows(2026)}, frozenset({2026}))


def date(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("day", "working"),
    [
        ("2026-09-30", True),
        ("2026-10-01", False),
        ("2026-10-07", False),
        ("2026-10-08", True),
        ("2026-10-10", True),  # a Saturday made up for
        ("2026-10-11", False),
        ("2026-11-21", False),
        ("2026-11-23", True),
    ],
)
def test_a_published_year_follows_the_announcement(day, working):
    assert CALENDAR.is_working(date(day)) is working
    assert not CALENDAR.is_provisional(date(day))


def test_an_unpublished_year_follows_the_week_and_says_so():
    assert not CALENDAR.is_working(date("2027-01-02"))
    assert CALENDAR.is_working(date("2027-01-01"))
    assert CALENDAR.is_provisional(date("2027-01-01"))


def test_an_override_is_certain_even_in_an_unpublished_year():
    calendar = WorkCalendar({date("2027-01-01"): False}, frozenset())
    assert not calendar.is_working(date("2027-01-01"))
    assert not calendar.is_provisional(date("2027-01-01"))


@pytest.mark.parametrize(
    ("count", "counts_start", "expected"),
    [
        (4, False, "2026-11-20"),
        (5, False, "2026-11-23"),
        (6, False, "2026-11-24"),
        (4, True, "2026-11-19"),
        (5, True, "2026-11-20"),
        (6, True, "2026-11-23"),
    ],
)
def test_five_working_days_of_publicity_from_a_monday(count, counts_start, expected):
    found = CALENDAR.add_working_days(date("2026-11-16"), count, counts_start=counts_start)
    assert found == (date(expected), False)


def test_counting_over_the_national_day_takes_the_make_up_days():
    assert CALENDAR.add_working_days(date("2026-09-30"), 3).day == date("2026-10-10")
    assert CALENDAR.count_working_days(date("2026-09-28"), date("2026-10-12")) == (6, False)


def test_counting_into_an_unpublished_year_is_provisional():
    assert CALENDAR.add_working_days(date("2026-12-30"), 1) == (date("2026-12-31"), False)
    assert CALENDAR.add_working_days(date("2026-12-30"), 2) == (date("2027-01-01"), True)
    assert CALENDAR.count_working_days(date("2026-12-31"), date("2027-01-01")).provisional is False
    assert CALENDAR.count_working_days(date("2026-12-31"), date("2027-01-02")).provisional is True


@pytest.mark.parametrize("count", [0, -1])
def test_a_count_must_be_positive(count):
    with pytest.raises(ValueError, match="正整数"):
        CALENDAR.add_working_days(date("2026-11-16"), count)


@given(st.dates(date("2026-01-01"), date("2026-11-01")), st.integers(min_value=1, max_value=20))
def test_adding_and_counting_agree(start, count):
    day = CALENDAR.add_working_days(start, count).day
    after = datetime.timedelta(days=1)
    assert CALENDAR.is_working(day)
    assert CALENDAR.count_working_days(start + after, day + after).days == count


@pytest.mark.parametrize(
    ("due", "note"),
    [
        ("2026-09-30", ""),
        ("2026-10-01", "到期日2026-10-01（星期四）为休息日，期限不顺延。"),
        ("2026-10-10", ""),
        ("2027-01-01", PROVISIONAL_NOTE),
        ("2027-01-02", "到期日2027-01-02（星期六）为休息日，期限不顺延。" + PROVISIONAL_NOTE),
    ],
)
def test_a_deadline_stays_on_its_day_and_says_when_that_is_a_day_off(due, note):
    assert CALENDAR.deadline_note(date(due)) == note


def test_the_seed_knows_published_years_only():
    rows = seed_rows(2026)
    assert rows[0] == (date("2026-01-01"), False, "元旦")
    assert (date("2026-10-10"), True, "国庆节") in rows
    assert [row.day for row in rows] == sorted(row.day for row in rows)
    assert {row.day.year for row in rows} == {2026}


@pytest.mark.parametrize(("year", "known"), [(2003, False), (2004, True), (2005, True)])
def test_years_before_the_announcements_began_are_not_seeded(year, known):
    assert bool(seed_rows(year)) is known


def test_a_year_far_ahead_is_not_seeded():
    assert seed_rows(2999) == []
