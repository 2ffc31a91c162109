"""Periods: half-open, with a year, tiling the calendar."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.periods import Period, add_months

KINDS = st.sampled_from(["quarter", "year", "month"])
DAYS = st.dates(min_value=datetime.date(1901, 1, 1), max_value=datetime.date(2998, 12, 31))


def date(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("text", "start", "end", "label", "last_day"),
    [
        ("2026Q1", "2026-01-01", "2026-04-01", "2026年第一季度", "2026-03-31"),
        ("2026Q2", "2026-04-01", "2026-07-01", "2026年第二季度", "2026-06-30"),
        ("2026Q3", "2026-07-01", "2026-10-01", "2026年第三季度", "2026-09-30"),
        ("2026Q4", "2026-10-01", "2027-01-01", "2026年第四季度", "2026-12-31"),
        ("2026", "2026-01-01", "2027-01-01", "2026年", "2026-12-31"),
        ("2026-11", "2026-11-01", "2026-12-01", "2026年11月", "2026-11-30"),
        ("2026-12", "2026-12-01", "2027-01-01", "2026年12月", "2026-12-31"),
        ("2024-02", "2024-02-01", "2024-03-01", "2024年2月", "2024-02-29"),
    ],
)
def test_a_period_runs_from_its_first_day_to_the_next_first_day(text, start, end, label, last_day):
    period = Period.parse(text)
    assert (period.start, period.end, period.label) == (date(start), date(end), label)
    assert period.last_day == date(last_day)
    assert period.contains(period.start)
    assert period.contains(period.last_day)
    assert not period.contains(period.end)
    assert not period.contains(period.start - datetime.timedelta(days=1))


@pytest.mark.parametrize("text", [" 2026q4 ", "２０２６Ｑ４", "2026Q4\n"])
def test_width_case_and_spaces_do_not_matter(text):
    assert Period.parse(text) == Period("quarter", 2026, 4)


@pytest.mark.parametrize(
    "text", ["", "Q4", "2026Q0", "2026Q5", "26Q4", "2026-0", "2026-00", "2026-13", "2026-1", "2026-Q4", "第四季度"]
)
def test_anything_else_is_refused_in_chinese(text):
    with pytest.raises(ValueError, match="无法识别的期间"):
        Period.parse(text)


@pytest.mark.parametrize("year", ["1899", "3000", "0000"])
def test_a_year_out_of_reach_is_refused(year):
    with pytest.raises(ValueError, match="年份应在1900至2999之间"):
        Period.parse(year)


@pytest.mark.parametrize(("kind", "number"), [("quarter", 0), ("quarter", 5), ("month", 13), ("year", 2)])
def test_a_number_that_the_kind_does_not_have_is_refused(kind, number):
    with pytest.raises(ValueError, match="没有第"):
        Period(kind, 2026, number)


@given(kind=KINDS, day=DAYS)
def test_every_day_lies_in_exactly_one_period_of_a_kind(kind, day):
    period = Period.of(kind, day)
    assert period.contains(day)
    assert not period.previous().contains(day)
    assert not period.next().contains(day)


@given(kind=KINDS, day=DAYS)
def test_spelling_and_steps_are_round_trips(kind, day):
    period = Period.of(kind, day)
    assert Period.parse(str(period)) == period
    assert period.next().previous() == period
    assert period.next().start == period.end
    assert period.previous() < period < period.next()


@given(day=DAYS, count=st.integers(min_value=-40, max_value=40))
def test_shifting_is_repeated_stepping(day, count):
    period = Period.quarter_of(day)
    if 1901 <= period.year + count // 4 <= 2998:
        assert period.shift(count).shift(-count) == period


def test_a_range_leaves_out_its_end():
    quarters = Period.range(Period.parse("2025Q3"), Period.parse("2026Q2"))
    assert [str(quarter) for quarter in quarters] == ["2025Q3", "2025Q4", "2026Q1"]
    assert list(Period.range(Period.parse("2026Q2"), Period.parse("2026Q2"))) == []


def test_a_range_of_mixed_kinds_is_refused():
    with pytest.raises(ValueError, match="不是同一种期间"):
        list(Period.range(Period.parse("2025Q3"), Period.parse("2026")))


def test_a_longer_period_stands_before_those_it_contains():
    texts = ["2026-02", "2026Q1", "2026-01", "2026", "2025Q4"]
    assert [str(p) for p in sorted(map(Period.parse, texts))] == ["2025Q4", "2026", "2026Q1", "2026-01", "2026-02"]


def test_the_same_quarter_a_year_ago():
    assert str(Period.parse("2026Q4").same_period_last_year()) == "2025Q4"


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2026-08-31", 6, "2027-02-28"),
        ("2026-11-22", 1, "2026-12-22"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2026-03-31", -1, "2026-02-28"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2026-05-10", 0, "2026-05-10"),
    ],
)
def test_adding_months_keeps_the_day_or_takes_the_last_one(day, months, expected):
    assert add_months(date(day), months) == date(expected)
