"""Dates as people type them."""

from __future__ import annotations

import datetime
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.excel.dates import DateUnreadable, parse_date

DAY = datetime.date(2026, 3, 31)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-31", "2026-3-31", "2026.3.31", "2026.03.31", "2026/3/31", "2026年3月31日", "2026年03月31号",
        "20260331", " 2026-03-31 ", "２０２６－０３－３１", "2026 年 3 月 31 日", "2026-03-31 00:00:00",
        "2026-03-31T08:30", "2026/3/31 8:30", "2026。3。31",
    ],
)  # fmt: skip
def test_a_full_date_is_read(text: str) -> None:
    assert parse_date(text) == (DAY, "day")


@pytest.mark.parametrize("text", ["2026-03", "2026.3", "2026/03", "2026年3月", "202603"])
def test_a_month_is_read_as_such(text: str) -> None:
    assert parse_date(text) == (datetime.date(2026, 3, 1), "month")


@pytest.mark.parametrize("text", ["2026", "2026年"])
def test_a_year_is_read_as_such(text: str) -> None:
    assert parse_date(text) == (datetime.date(2026, 1, 1), "year")


@pytest.mark.parametrize("text", ["03/04/2026", "3-4-2026", "3.4.26", "31/12/2026", "26-3-31", "26/03/31"])
def test_what_could_mean_two_days_is_refused_as_ambiguous(text: str) -> None:
    assert _code(text) == "date_ambiguous"


@pytest.mark.parametrize("text", ["2026-02-29", "2026-13-01", "2026-04-31", "20260230", "2026年0月1日", "2026-00-10"])
def test_a_day_that_does_not_exist_is_refused(text: str) -> None:
    assert _code(text) == "date_missing"


@pytest.mark.parametrize("text", ["1899-12-31", "2101-01-01", "昨天", "", "2026-3/31", "2026-Q1", "三月", "1", "46112"])
def test_what_is_no_date_is_refused(text: str) -> None:
    assert _code(text) == "date_unreadable"


@pytest.mark.parametrize("year", [1900, 2100])
def test_the_years_at_the_edges_are_read(year: int) -> None:
    assert parse_date(f"{year}-01-01").day == datetime.date(year, 1, 1)


@given(st.dates(datetime.date(1900, 1, 1), datetime.date(2100, 12, 31)))
def test_every_spelling_of_a_day_means_that_day(day: datetime.date) -> None:
    spellings = (
        f"{day:%Y-%m-%d}", f"{day:%Y%m%d}", f"{day.year}/{day.month}/{day.day}", f"{day.year}年{day.month}月{day.day}日"
    )  # fmt: skip
    assert {parse_date(text) for text in spellings} == {(day, "day")}


@given(st.text(max_size=15))
def test_any_text_is_a_date_or_refused(text: str) -> None:
    with suppress(DateUnreadable):
        assert 1900 <= parse_date(text).day.year <= 2100


def _code(text: str) -> str:
    with pytest.raises(DateUnreadable) as refused:
        parse_date(text)
    return refused.value.code
