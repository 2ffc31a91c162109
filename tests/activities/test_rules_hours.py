"""学时 of a year and the training of secretaries, at their limits."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from apps.activities.rules.education import (
    NEW_SECRETARY_MONTHS,
    TRAININGS_A_YEAR,
    Coverage,
    Trainings,
    coverage_of,
    new_secretary_due,
)
from apps.activities.rules.hours import (
    LEADER_HOURS,
    MEMBER_HOURS,
    class_hours,
    hours_finding,
    hours_missing,
    leaders_day,
)

D = datetime.date.fromisoformat


@pytest.mark.parametrize(
    ("hours", "missing"),
    [(MEMBER_HOURS - 1, 1), (MEMBER_HOURS, 0), (MEMBER_HOURS + 1, 0), (Decimal("31.5"), Decimal("0.5"))],
)
def test_a_member_has_thirty_two_hours_a_year(hours, missing):
    assert hours_missing(Decimal(hours), is_leader=False) == missing
    finding = hours_finding(Decimal(hours), is_leader=False)
    assert (finding is None) == (missing == 0)
    if finding:
        assert finding.level == "warn"
        assert finding.basis.rule_id == "JY-01"


@pytest.mark.parametrize(("hours", "missing"), [(LEADER_HOURS - 1, 1), (LEADER_HOURS, 0), (LEADER_HOURS + 1, 0)])
def test_a_leader_has_fifty_six(hours, missing):
    assert hours_missing(Decimal(hours), is_leader=True) == missing
    finding = hours_finding(Decimal(hours), is_leader=True)
    assert (finding is None) == (missing == 0)


def test_a_leader_is_who_sits_in_the_middle_of_the_year():
    assert leaders_day(2025, D("2026-11-22")) == D("2025-06-30")
    assert leaders_day(2026, D("2026-03-01")) == D("2026-03-01")
    assert leaders_day(2026, D("2026-07-01")) == D("2026-06-30")


def test_days_become_hours_at_what_the_place_gives():
    assert class_hours(2, 1, full=Decimal(8), half=Decimal(4)) == 20


@pytest.mark.parametrize(
    ("months", "days", "found"),
    [
        (NEW_SECRETARY_MONTHS - 1, 0, Coverage.NEW), (NEW_SECRETARY_MONTHS, -1, Coverage.NEW),
        (NEW_SECRETARY_MONTHS, 0, Coverage.LATE), (NEW_SECRETARY_MONTHS + 1, 0, Coverage.LATE),
    ],
)  # fmt: skip
def test_a_new_secretary_is_trained_within_six_months(months, days, found):
    year, month = divmod(2026 * 12 + 11 - 1 - months, 12)
    since = datetime.date(year, month + 1, 22) - datetime.timedelta(days=days)
    assert coverage_of(since, Trainings(0, 0), D("2026-11-22")) is found


@pytest.mark.parametrize(
    ("times", "found"),
    [
        (TRAININGS_A_YEAR - 1, Coverage.WAITING),
        (TRAININGS_A_YEAR, Coverage.TRAINED),
        (TRAININGS_A_YEAR + 1, Coverage.TRAINED),
    ],
)
def test_every_secretary_is_trained_each_year(times, found):
    assert coverage_of(D("2020-01-01"), Trainings(times, times + 1), D("2026-11-22")) is found


def test_six_months_from_the_end_of_a_long_month_end_with_a_short_one():
    assert new_secretary_due(D("2026-08-31")) == D("2027-02-28")


def test_somebody_sent_from_outside_stands_on_no_sheet():
    assert coverage_of(D("2020-01-01"), None, D("2026-11-22")) is Coverage.UNKNOWN
