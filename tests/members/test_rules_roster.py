"""What a roster questions about a single member, at the edges."""

from __future__ import annotations

import datetime

import pytest

from apps.members.rules.roster import MIN_JOINING_AGE, joined_young

BORN = datetime.date(1990, 5, 20)


@pytest.mark.parametrize(("age", "young"), [
    (MIN_JOINING_AGE - 1, True), (MIN_JOINING_AGE, False), (MIN_JOINING_AGE + 1, False),
])  # fmt: skip
def test_who_joins_before_eighteen_is_questioned(age, young):
    assert joined_young(BORN, BORN.replace(year=BORN.year + age)) is young


def test_the_birthday_itself_is_old_enough_and_the_day_before_is_not():
    eighteenth = datetime.date(2008, 5, 20)
    assert not joined_young(BORN, eighteenth)
    assert joined_young(BORN, eighteenth - datetime.timedelta(days=1))
