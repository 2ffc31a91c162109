"""流动党员, agreements and lost contact: each number just below, at, and just above its limit."""

from __future__ import annotations

import datetime

import pytest

from apps.core.periods import add_months
from apps.members.kinds import LostStage, MobileReason, Standing
from apps.members.rules import mobile
from apps.members.rules.mobile import (
    ABROAD_YEARS,
    GRADUATE_YEARS,
    LOST_MONTHS,
    MIN_MOBILE_MONTHS,
    REMOVAL_YEARS,
    AgreementState,
    AgreementTerms,
    agreement_state,
    long_absence_finding,
    lost_stage,
    removal_due_on,
    short_stay_finding,
    suspension_due_on,
    usual_until,
)

SINCE = datetime.date(2020, 8, 31)
DAY = datetime.timedelta(days=1)
TERMS = AgreementTerms(agreement_months=12, agreement_notice_days=30)


@pytest.mark.parametrize(
    ("months", "asks"), [(MIN_MOBILE_MONTHS - 1, True), (MIN_MOBILE_MONTHS, False), (MIN_MOBILE_MONTHS + 1, False)]
)
def test_whoever_is_back_before_six_months_is_asked_about(months, asks):
    finding = short_stay_finding(SINCE, add_months(SINCE, months))
    assert (finding is not None and finding.asks_reason) is asks


def test_the_last_day_before_six_months_still_asks():
    limit = add_months(SINCE, MIN_MOBILE_MONTHS)
    assert limit == datetime.date(2021, 2, 28)
    assert short_stay_finding(SINCE, limit - DAY)
    assert short_stay_finding(SINCE, limit) is None
    assert short_stay_finding(SINCE, None) is None


@pytest.mark.parametrize(
    ("years", "told"), [(ABROAD_YEARS - 1, False), (ABROAD_YEARS, False), (ABROAD_YEARS + 1, True)]
)
def test_who_is_abroad_for_more_than_five_years_is_told_of(years, told):
    finding = long_absence_finding(MobileReason.ABROAD, SINCE, add_months(SINCE, 12 * years))
    assert (finding is not None) is told
    assert finding is None or (finding.level, finding.basis.rule_id) == ("warn", "DJ-02")


@pytest.mark.parametrize(
    ("years", "told"), [(GRADUATE_YEARS - 1, False), (GRADUATE_YEARS, False), (GRADUATE_YEARS + 1, True)]
)
def test_a_relation_kept_for_a_graduate_is_told_of_after_two_years(years, told):
    finding = long_absence_finding(MobileReason.GRADUATED, SINCE, add_months(SINCE, 12 * years))
    assert (finding is not None) is told


def test_the_day_after_five_years_is_more_than_five_years():
    after = add_months(SINCE, 12 * ABROAD_YEARS)
    assert long_absence_finding(MobileReason.ABROAD, SINCE, after) is None
    assert long_absence_finding(MobileReason.ABROAD, SINCE, after + DAY)
    assert long_absence_finding(MobileReason.WORK, SINCE, after + DAY) is None


@pytest.mark.parametrize(
    ("months", "stage"),
    [
        (LOST_MONTHS - 1, LostStage.SEARCHING),
        (LOST_MONTHS, LostStage.SUSPENSION_DUE),
        (LOST_MONTHS + 1, LostStage.SUSPENSION_DUE),
    ],
)
def test_after_six_months_without_a_word_suspension_has_to_be_studied(months, stage):
    day = add_months(SINCE, months)
    assert lost_stage(lost_since=SINCE, standing=Standing.NORMAL, suspended_on=None, on=day) is stage


@pytest.mark.parametrize(
    ("years", "stage"),
    [
        (REMOVAL_YEARS - 1, LostStage.SEARCHING),
        (REMOVAL_YEARS, LostStage.REMOVAL_DUE),
        (REMOVAL_YEARS + 1, LostStage.REMOVAL_DUE),
    ],
)
def test_two_years_after_the_suspension_removal_has_to_be_studied(years, stage):
    day = add_months(SINCE, 12 * years)
    found = lost_stage(lost_since=SINCE - 200 * DAY, standing=Standing.SUSPENDED, suspended_on=SINCE, on=day)
    assert found is stage


def test_the_day_before_a_limit_is_still_searching():
    assert lost_stage(
        lost_since=SINCE, standing=Standing.NORMAL, suspended_on=None, on=suspension_due_on(SINCE) - DAY
    ) is LostStage.SEARCHING  # fmt: skip
    assert lost_stage(
        lost_since=SINCE, standing=Standing.SUSPENDED, suspended_on=SINCE, on=removal_due_on(SINCE) - DAY
    ) is LostStage.SEARCHING  # fmt: skip
    assert lost_stage(
        lost_since=SINCE, standing=Standing.SUSPENDED, suspended_on=None, on=removal_due_on(SINCE)
    ) is LostStage.SEARCHING  # fmt: skip


class TestAgreements:
    UNTIL = usual_until(SINCE, TERMS)

    def state(self, on: datetime.date, *, ended_early: bool = False) -> AgreementState:
        return agreement_state(since=SINCE, until=self.UNTIL, ended_early=ended_early, on=on, terms=TERMS)

    def test_the_usual_agreement_holds_for_a_year(self):
        assert usual_until(SINCE, TERMS) == datetime.date(2021, 8, 31)

    @pytest.mark.parametrize(
        ("days_left", "state"),
        [
            (TERMS.agreement_notice_days + 1, AgreementState.IN_FORCE),
            (TERMS.agreement_notice_days, AgreementState.EXPIRING),
            (TERMS.agreement_notice_days - 1, AgreementState.EXPIRING),
            (1, AgreementState.EXPIRING),
            (0, AgreementState.EXPIRED),
        ],
    )
    def test_expiry_is_told_thirty_days_ahead(self, days_left, state):
        assert self.state(self.UNTIL - days_left * DAY) is state

    def test_an_agreement_ended_with_a_reason_is_not_called_expired(self):
        assert self.state(self.UNTIL, ended_early=True) is AgreementState.ENDED

    def test_before_its_first_day_an_agreement_is_still_coming(self):
        assert self.state(SINCE - DAY) is AgreementState.COMING
        assert self.state(SINCE) is AgreementState.IN_FORCE


def test_nothing_about_a_lost_member_blocks_or_decides():
    assert {finding.level for finding in filter(None, [
        short_stay_finding(SINCE, SINCE + DAY),
        long_absence_finding(MobileReason.ABROAD, SINCE, SINCE.replace(year=2030)),
        long_absence_finding(MobileReason.GRADUATED, SINCE, SINCE.replace(year=2030)),
    ])} == {"ask", "warn"}  # fmt: skip
    assert mobile.LOST.article == "第二十四条"
