"""The rules on posts: party age, deputies, who is approved, and where a certificate stands."""

from __future__ import annotations

import datetime

import pytest

from apps.branches.rules import OrgKind
from apps.core.periods import add_months
from apps.members.kinds import PostRole
from apps.members.rules.posts import (
    MAX_DEPUTIES,
    SECRETARY_PARTY_AGE_YEARS,
    CertificateState,
    certificate_state,
    deputies_finding,
    document_finding,
    filing,
    party_age_finding,
    place_finding,
    probationary_finding,
)

DAY = datetime.timedelta(days=1)
SINCE = datetime.date(2026, 5, 20)


@pytest.mark.parametrize(
    ("years", "asked"),
    [(SECRETARY_PARTY_AGE_YEARS - 1, True), (SECRETARY_PARTY_AGE_YEARS, False), (SECRETARY_PARTY_AGE_YEARS + 1, False)],
)
def test_a_secretary_usually_has_a_year_of_party_age(years, asked):
    finding = party_age_finding(PostRole.SECRETARY, add_months(SINCE, -12 * years), since=SINCE)
    assert (finding is not None and finding.asks_reason) is asked


def test_the_year_is_full_on_its_day_and_counts_from_becoming_a_full_member():
    formal_on = add_months(SINCE, -12)
    assert party_age_finding(PostRole.SECRETARY, formal_on, since=SINCE) is None
    assert party_age_finding(PostRole.SECRETARY, formal_on + DAY, since=SINCE).code == "young_secretary"
    assert party_age_finding(PostRole.SECRETARY, None, since=SINCE).code == "young_secretary"
    assert party_age_finding(PostRole.DEPUTY, formal_on + DAY, since=SINCE) is None


@pytest.mark.parametrize(
    ("deputies", "asked"), [(MAX_DEPUTIES - 1, False), (MAX_DEPUTIES, False), (MAX_DEPUTIES + 1, True)]
)
def test_one_deputy_is_enough(deputies, asked):
    assert bool(deputies_finding(deputies)) is asked


@pytest.mark.parametrize("role", [role for role in PostRole if role is not PostRole.WORKER])
def test_nobody_on_probation_is_elected(role):
    assert probationary_finding(role, formal=False).blocks
    assert probationary_finding(role, formal=True) is None


def test_who_only_works_for_the_branch_may_be_on_probation():
    assert probationary_finding(PostRole.WORKER, formal=False) is None


@pytest.mark.parametrize(
    ("role", "said"),
    [("secretary", "批准"), ("deputy", "批准"), ("organisation", "备案"), ("committee", "备案"), ("group_leader", ""), ("worker", "")],
)  # fmt: skip
def test_secretary_and_deputy_are_approved_and_the_others_put_on_file(role, said):
    assert filing(PostRole(role)) == said


def test_a_missing_approval_is_told_and_stops_nothing():
    finding = document_finding(PostRole.SECRETARY, " ")
    assert (finding.code, finding.blocks, finding.asks_reason) == ("not_approved", False, False)
    assert document_finding(PostRole.SECRETARY, "甲委〔2026〕1号") is None
    assert document_finding(PostRole.COMMITTEE, "") is None


@pytest.mark.parametrize(
    ("role", "kind", "fits"),
    [
        ("group_leader", OrgKind.GROUP, True), ("secretary", OrgKind.GROUP, False), ("committee", OrgKind.GROUP, False),
        ("group_leader", OrgKind.BRANCH, True), ("group_leader", OrgKind.COMMITTEE, False),
        ("secretary", OrgKind.WORK_COMMITTEE, True), ("worker", OrgKind.GUIDANCE_STATION, True),
    ],
)  # fmt: skip
def test_a_group_has_a_leader_and_no_committee(role, kind, fits):
    assert (place_finding(PostRole(role), kind) is None) is fits


@pytest.mark.parametrize(
    ("left", "state"), [(61, "valid"), (60, "expiring"), (59, "expiring"), (1, "expiring"), (0, "expired"), (-1, "expired")]
)  # fmt: skip
def test_a_certificate_is_running_out_within_the_notice_of_the_place(left, state):
    assert certificate_state(SINCE + left * DAY, "资格证", on=SINCE, notice_days=60) == state


def test_a_certificate_without_an_end_is_valid_and_without_a_name_is_none():
    assert certificate_state(None, "资格证", on=SINCE, notice_days=60) is CertificateState.VALID
    assert certificate_state(SINCE, "", on=SINCE, notice_days=60) is CertificateState.NONE
