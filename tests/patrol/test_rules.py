"""How a finding stands on a day, and for how long and with what reason it may be put off."""

from __future__ import annotations

import datetime

import pytest

from apps.patrol.rules import HitState, PatrolLevel, PatrolThresholds, reason_finding, state_of, until_finding

TODAY = datetime.date(2026, 11, 22)
DAY = datetime.timedelta(days=1)
LIMITS = PatrolThresholds(aside_days=180, reason_characters=10)


@pytest.mark.parametrize(
    ("until", "state"),
    [(None, HitState.OPEN), (TODAY - DAY, HitState.OPEN), (TODAY, HitState.OPEN), (TODAY + DAY, HitState.ASIDE)],
)
def test_what_is_put_off_counts_again_from_the_day_named(until, state):
    assert state_of(resolved_on=None, dismissed_until=until, today=TODAY) is state


def test_what_is_resolved_is_not_put_off_any_more():
    assert state_of(resolved_on=TODAY, dismissed_until=TODAY + DAY, today=TODAY) is HitState.RESOLVED


@pytest.mark.parametrize(("days", "code"), [(-1, "until_past"), (0, "until_past"), (1, None)])
def test_a_finding_is_put_off_until_a_day_to_come(days, code):
    found = until_finding(TODAY + days * DAY, today=TODAY, thresholds=LIMITS)
    assert (found and found.code) == code


@pytest.mark.parametrize(("beyond", "code"), [(-1, None), (0, None), (1, "until_far")])
def test_a_finding_is_not_put_off_for_longer_than_the_place_allows(beyond, code):
    found = until_finding(TODAY + (LIMITS.aside_days + beyond) * DAY, today=TODAY, thresholds=LIMITS)
    assert (found and found.code) == code


@pytest.mark.parametrize(("characters", "code"), [(-1, "thin_reason"), (0, None), (1, None)])
def test_what_is_due_by_the_rules_needs_a_reason_of_substance(characters, code):
    reason = "企" * (LIMITS.reason_characters + characters)
    found = reason_finding(reason, PatrolLevel.MUST, LIMITS)
    assert (found and found.code) == code


@pytest.mark.parametrize("level", [level for level in PatrolLevel if level is not PatrolLevel.MUST])
def test_anything_else_needs_a_reason_of_any_length(level):
    assert reason_finding("在办", level, LIMITS) is None
    empty = reason_finding(" …… ", level, LIMITS)
    assert empty is not None
    assert empty.code == "no_reason"


def test_spaces_and_marks_make_no_reason():
    padded = reason_finding("在 办，。！ " * 3, PatrolLevel.MUST, LIMITS)
    assert padded is not None
    assert "现有6个" in padded.message
