"""What the rules say of a record, at every number and its neighbours."""

from __future__ import annotations

import datetime

import pytest

from apps.activities.kinds import Audience, State
from apps.activities.rules import records as rules
from apps.activities.rules.catalogue import KINDS, SERVES_TWO

NOON = datetime.datetime(2026, 11, 22, 12, 0, tzinfo=datetime.UTC)
DAY = datetime.date(2026, 11, 22)


def codes(findings):
    return [(finding.code, finding.level) for finding in findings]


@pytest.mark.parametrize(
    ("hours", "warned"),
    [(rules.LONG_HOURS - 1, False), (rules.LONG_HOURS, False), (rules.LONG_HOURS + 1, True)],
)
def test_an_activity_that_takes_more_than_a_day_is_warned_of(hours, warned):
    finding = rules.duration_finding(NOON, NOON + datetime.timedelta(hours=hours))
    assert (finding is not None and finding.level == "warn") is warned


@pytest.mark.parametrize(("minutes", "blocked"), [(-1, True), (0, True), (1, False)])
def test_an_end_must_lie_after_the_beginning(minutes, blocked):
    finding = rules.duration_finding(NOON, NOON + datetime.timedelta(minutes=minutes))
    assert (finding is not None and finding.blocks) is blocked
    assert rules.duration_finding(NOON, None) is None


@pytest.mark.parametrize(("days", "blocked"), [(-1, False), (0, False), (1, True)])
def test_a_day_to_come_cannot_be_recorded(days, blocked):
    finding = rules.future_finding(DAY + datetime.timedelta(days=days), DAY)
    assert (finding is not None and finding.blocks) is blocked


@pytest.mark.parametrize(("days", "state"), [(-1, State.DRAFT), (0, State.DRAFT), (1, State.PLANNED)])
def test_what_is_only_saved_is_a_plan_before_its_day_and_a_draft_from_then_on(days, state):
    assert rules.state_of_unsubmitted(DAY + datetime.timedelta(days=days), DAY) is state


@pytest.mark.parametrize(
    ("expected", "present", "found"),
    [
        (4, 1, [("no_quorum", "block")]),
        (4, 2, []),
        (4, 3, []),
        (5, 2, [("no_quorum", "block")]),
        (5, 3, []),
        (1, 0, [("no_quorum", "block")]),
        (0, 0, []),
    ],
)
def test_a_committee_meets_with_half_of_its_members(expected, present, found):
    assert codes(rules.turnout_findings(["committee_meeting"], expected=expected, present=present)) == found


@pytest.mark.parametrize(
    ("expected", "present", "found"),
    [
        (10, 4, [("few_present", "ask")]),
        (10, 5, []),
        (10, 6, []),
        (11, 5, [("few_present", "ask")]),
        (11, 6, []),
    ],
)
def test_an_assembly_of_less_than_half_asks_for_a_reason(expected, present, found):
    assert codes(rules.turnout_findings(["assembly"], expected=expected, present=present)) == found


def test_the_assembly_speaks_as_the_second_kind_too():
    assert codes(rules.turnout_findings(["theme_day", "assembly"], expected=3, present=1)) == [("few_present", "ask")]


@pytest.mark.parametrize(("present", "found"), [(0, [("nobody_present", "ask")]), (1, [])])
def test_an_activity_at_which_nobody_was_is_asked_about(present, found):
    assert codes(rules.turnout_findings(["lecture"], expected=5, present=present)) == found


@pytest.mark.parametrize(("days", "late"), [(6, False), (7, False), (8, True)])
def test_a_record_is_late_after_the_days_that_the_place_sets(days, late):
    assert rules.is_late(DAY, DAY + datetime.timedelta(days=days), 7) is late


def test_a_record_before_the_new_year_is_late_by_days_not_by_years():
    assert not rules.is_late(datetime.date(2026, 12, 30), datetime.date(2027, 1, 6), 7)
    assert rules.is_late(datetime.date(2026, 12, 30), datetime.date(2027, 1, 7), 7)


@pytest.mark.parametrize("pair", [(a.code, b.code) for a in KINDS for b in KINDS if a.code < b.code])
def test_one_record_serves_exactly_the_pairs_of_the_catalogue_whichever_comes_first(pair):
    for first, second in (pair, pair[::-1]):
        finding = rules.pair_finding(first, second, names=("甲", "乙"))
        assert (finding is None) is (frozenset(pair) in SERVES_TWO)
        assert finding is None or (finding.blocks and finding.basis.article)


@pytest.mark.parametrize(
    ("first", "second", "circle"),
    [
        (Audience.MEMBERS, None, Audience.MEMBERS),
        (Audience.MEMBERS, Audience.COMMITTEE, Audience.COMMITTEE),
        (Audience.COMMITTEE, Audience.MEMBERS, Audience.COMMITTEE),
        (Audience.GROUP, Audience.MEMBERS, Audience.GROUP),
        (Audience.MEMBERS, Audience.CHOSEN, Audience.MEMBERS),
        (Audience.CHOSEN, None, Audience.CHOSEN),
    ],
)
def test_of_two_kinds_the_narrower_circle_is_expected(first, second, circle):
    assert rules.audience_of(first, second) is circle
