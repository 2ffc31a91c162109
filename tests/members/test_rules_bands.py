"""The bands of the national bulletin at their edges."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.members.rules.bands import (
    BAND_YEARS,
    OLD_FROM,
    YOUNG_UNTIL,
    Milestone,
    age_bands,
    age_on,
    born_by,
    joining_bands,
)

DAY = datetime.date(2026, 11, 22)
ONE = datetime.timedelta(days=1)


def band_of_age(age: int) -> str:
    """The band of somebody who is `age` today, asked with the first and the last birth date of that age."""
    oldest, youngest = born_by(age + 1, DAY) + ONE, born_by(age, DAY)
    found = {band.code for born in (oldest, youngest) for band in age_bands(DAY) if band.holds(born)}
    assert len(found) == 1
    return found.pop()


@pytest.mark.parametrize(("age", "band"), [
    (YOUNG_UNTIL - 1, "u30"), (YOUNG_UNTIL, "u30"), (YOUNG_UNTIL + 1, "31-35"),
    (YOUNG_UNTIL + (BAND_YEARS - 1), "31-35"), (YOUNG_UNTIL + BAND_YEARS, "31-35"),
    (YOUNG_UNTIL + (BAND_YEARS + 1), "36-40"),
    (OLD_FROM - 1, "56-60"), (OLD_FROM, "o61"), (OLD_FROM + 1, "o61"),
])  # fmt: skip
def test_an_age_falls_into_the_band_of_the_bulletin(age, band):
    assert band_of_age(age) == band


def test_the_bands_are_those_of_the_bulletin():
    assert [band.label for band in age_bands(DAY)] == [
        "30岁及以下", "31至35岁", "36至40岁", "41至45岁", "46至50岁", "51至55岁", "56至60岁", "61岁及以上"
    ]  # fmt: skip
    assert [band.label for band in joining_bands()] == [
        "新中国成立前", "新中国成立后至党的十一届三中全会前", "党的十一届三中全会后至党的十八大前", "党的十八大以来"
    ]  # fmt: skip


@pytest.mark.parametrize(("milestone", "before", "after"), [
    (Milestone.FOUNDING, "before_1949", "1949_1978"),
    (Milestone.PLENUM, "1949_1978", "1978_2012"),
    (Milestone.CONGRESS, "1978_2012", "since_2012"),
])  # fmt: skip
def test_a_stretch_of_joining_begins_on_the_day_of_the_event(milestone, before, after):
    def stretch(day: datetime.date) -> list[str]:
        return [band.code for band in joining_bands() if band.holds(day)]

    assert (stretch(milestone.on - ONE), stretch(milestone.on), stretch(milestone.on + ONE)) == (
        [before], [after], [after]
    )  # fmt: skip


@given(born=st.dates(datetime.date(1900, 1, 1), datetime.date(2026, 1, 1)),
       day=st.dates(datetime.date(2026, 1, 1), datetime.date(2060, 12, 31)))  # fmt: skip
def test_every_birth_date_is_in_the_one_band_that_its_age_names(born, day):
    (band,) = (band for band in age_bands(day) if band.holds(born))
    age = age_on(born, day)
    expected = f"{YOUNG_UNTIL}岁及以下" if age <= YOUNG_UNTIL else f"{OLD_FROM}岁及以上" if age >= OLD_FROM else None
    if expected:
        assert band.label == expected
    else:
        low, high = map(int, band.code.split("-"))
        assert low <= age <= high


def test_who_was_born_on_29_february_is_a_year_older_on_1_march():
    born = datetime.date(2000, 2, 29)
    assert [age_on(born, datetime.date(2025, month, day)) for month, day in ((2, 28), (3, 1))] == [24, 25]
