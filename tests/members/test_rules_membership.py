"""预备期 and coming back, as the regulations have it; no database."""

from __future__ import annotations

import datetime

import pytest

from apps.core.periods import add_months
from apps.members.kinds import LeavingReason
from apps.members.masks import mask_address
from apps.members.rules.membership import (
    EXTENSION_MAX_MONTHS,
    EXTENSION_MIN_MONTHS,
    FOR_GOOD,
    PROBATION_MONTHS,
    early_formal_finding,
    extension_finding,
    probation_end,
    restoring_finding,
)

JOINED = datetime.date(2025, 8, 31)


@pytest.mark.parametrize(
    ("months", "fits"), [(PROBATION_MONTHS - 1, False), (PROBATION_MONTHS, True), (PROBATION_MONTHS + 1, True)]
)
def test_probation_lasts_a_year_from_admission(months, fits):
    finding = early_formal_finding(add_months(JOINED, months), JOINED)
    assert (finding is None) is fits


@pytest.mark.parametrize(
    ("months", "fits"),
    [
        (EXTENSION_MIN_MONTHS - 1, False), (EXTENSION_MIN_MONTHS, True), (EXTENSION_MIN_MONTHS + 1, True),
        (EXTENSION_MAX_MONTHS - 1, True), (EXTENSION_MAX_MONTHS, True), (EXTENSION_MAX_MONTHS + 1, False),
    ],
)  # fmt: skip
def test_an_extension_is_half_a_year_to_a_year(months, fits):
    finding = extension_finding(add_months(probation_end(JOINED), months), JOINED)
    assert (finding is None) is fits


def test_the_day_before_the_end_is_too_early_and_a_leap_day_ends_on_the_last_of_february():
    day = datetime.timedelta(days=1)
    assert early_formal_finding(probation_end(JOINED) - day, JOINED).blocks
    assert probation_end(datetime.date(2024, 2, 29)) == datetime.date(2025, 2, 28)


def test_an_extension_moves_the_end_and_is_given_once():
    until = datetime.date(2027, 2, 28)
    assert early_formal_finding(datetime.date(2026, 9, 1), JOINED, until).code == "probation_runs"
    assert early_formal_finding(until, JOINED, until) is None
    assert extension_finding(datetime.date(2027, 8, 31), JOINED, until).code == "extended_already"


@pytest.mark.parametrize("reason", list(LeavingReason))
def test_who_is_no_member_any_more_is_not_restored(reason):
    assert (restoring_finding(reason) is not None) is (reason in FOR_GOOD)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("", ""),
        ("锦山大街8号", "******"),
        ("辽宁省丹东市振兴区锦山大街8号", "辽宁省丹东市******"),
        ("辽宁省丹东市振兴区锦山街", "*" * 12),
    ],
)
def test_a_mask_leaves_the_district_of_an_address_at_most(address, shown):
    assert mask_address(address) == shown
