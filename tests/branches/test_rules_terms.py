"""How long a term lasts, and in which order an election goes, at every limit."""

from __future__ import annotations

import datetime
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.branches import rules
from apps.branches.rules import ElectionState, ElectionThresholds, OrgKind, TermState, terms
from apps.branches.rules import elections as steps
from apps.core.periods import add_months

LOCAL = ElectionThresholds(20, 1, 3, 80, "expected")


def date(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


class TestTerms:
    BEGAN = date("2023-05-10")
    EXPIRY = date("2026-05-10")

    @pytest.mark.parametrize(
        ("kind", "years", "over"),
        [
            (OrgKind.COMMITTEE, rules.COMMITTEE_TERM_YEARS - 1, False),
            (OrgKind.COMMITTEE, rules.COMMITTEE_TERM_YEARS, True),
            (OrgKind.COMMITTEE, rules.COMMITTEE_TERM_YEARS + 1, True),
            (OrgKind.BRANCH, rules.BRANCH_TERM_YEARS - 1, False),
            (OrgKind.BRANCH, rules.BRANCH_TERM_YEARS, True),
            (OrgKind.BRANCH, rules.BRANCH_TERM_YEARS + 1, True),
            (OrgKind.GENERAL_BRANCH, rules.BRANCH_TERM_YEARS, True),
            (OrgKind.JOINT_BRANCH, rules.BRANCH_TERM_YEARS, True),
        ],
    )
    def test_a_committee_serves_five_years_and_branches_three(self, kind, years, over):
        assert (add_months(self.BEGAN, 12 * years) >= rules.term_expiry(kind, self.BEGAN)) is over

    @pytest.mark.parametrize(
        "kind",
        [
            OrgKind.AUTHORITY, OrgKind.WORK_COMMITTEE, OrgKind.GUIDANCE_STATION, OrgKind.TEMPORARY_BRANCH,
            OrgKind.MOBILE_BRANCH, OrgKind.GROUP,
        ],
    )  # fmt: skip
    def test_appointed_leaders_have_no_term(self, kind):
        assert rules.term_years(kind) is None
        assert rules.term_expiry(kind, self.BEGAN) is None

    @pytest.mark.parametrize(
        ("months_left", "found"),
        [
            (rules.TERM_NOTICE_MONTHS + 1, None),
            (rules.TERM_NOTICE_MONTHS, "term_due"),
            (rules.TERM_NOTICE_MONTHS - 1, "term_due"),
            (0, "term_overdue"),
            (-(rules.TERM_MAX_DELAY_MONTHS - 1), "term_overdue"),
            (-rules.TERM_MAX_DELAY_MONTHS, "term_overdue"),
            (-(rules.TERM_MAX_DELAY_MONTHS + 1), "term_overdue_beyond_limit"),
        ],
    )
    def test_a_term_is_announced_six_months_ahead_and_late_for_a_year_at_most(self, months_left, found):
        finding = rules.term_finding(self.EXPIRY, today=add_months(self.EXPIRY, -months_left))
        assert (finding and finding.code) == found

    @pytest.mark.parametrize(
        ("today", "state"),
        [
            ("2025-11-09", TermState.RUNNING),
            ("2025-11-10", TermState.DUE),
            ("2026-05-09", TermState.DUE),
            ("2026-05-10", TermState.EXPIRED),
            ("2027-05-10", TermState.EXPIRED),
            ("2027-05-11", TermState.OVERDUE),
        ],
    )
    def test_the_days_around_each_limit(self, today, state):
        assert rules.term_state(self.EXPIRY, today=date(today)) is state

    @given(st.dates(date("2015-01-01"), date("2040-12-31")), st.integers(-500, 250))
    def test_the_days_that_a_list_asks_for_are_those_of_the_rule(self, expires_on, days):
        """The last days of months are the trap: six months before 31 August is the 28th of February."""
        today = expires_on + datetime.timedelta(days=days)
        state = rules.term_state(expires_on, today=today)
        assert (expires_on <= terms.last_announced(today)) is (state is not TermState.RUNNING)
        assert (expires_on <= terms.last_beyond_limit(today)) is (state is TermState.OVERDUE)

    def test_a_term_that_began_on_a_leap_day_ends_on_the_28th(self):
        assert rules.term_expiry(OrgKind.BRANCH, date("2024-02-29")) == date("2027-02-28")


class TestTheRoad:
    AGAIN = {
        (ElectionState.NOTIFIED, ElectionState.NOTIFIED),
        (ElectionState.HELD, ElectionState.NOTIFIED),
        (ElectionState.HELD, ElectionState.HELD),
    }
    BACK = {(ElectionState.REQUESTED, ElectionState.PLANNED), (ElectionState.REPORTED, ElectionState.HELD)}

    def test_every_step_follows_the_one_before_and_no_other(self):
        road = [step.state for step in steps.STEPS]
        for state, to in itertools.product(road, road):
            goes_on = road.index(to) == road.index(state) + 1
            assert steps.may_step(state, to) is (goes_on or (state, to) in self.AGAIN), (state, to)
            assert steps.may_follow(state, to) is (steps.may_step(state, to) or (state, to) in self.BACK)

    def test_only_the_level_above_undoes_what_it_was_asked(self):
        """Negative control: being sent back is no step that the branch itself can take."""
        assert not any(steps.may_step(*back) for back in self.BACK)

    def test_what_is_over_goes_nowhere(self):
        for state in (ElectionState.APPROVED, ElectionState.CANCELLED):
            assert steps.next_step(state) is None
            assert not any(steps.may_follow(state, to) for to in ElectionState)

    def test_every_running_election_can_be_cancelled(self):
        running = [state for state in ElectionState if state not in steps.FINISHED]
        assert all(steps.may_follow(state, ElectionState.CANCELLED) for state in running)

    def test_the_level_above_consents_and_approves_and_does_nothing_else(self):
        waiting = [state for state in ElectionState if steps.waits_for_officer(state)]
        assert waiting == [ElectionState.REQUESTED, ElectionState.REPORTED]

    def test_each_step_leads_to_the_next_of_the_road(self):
        for before, after in itertools.pairwise(steps.STEPS):
            assert steps.next_step(before.state) is after

    def test_five_groups_and_two_suspensions_may_be_left_out(self):
        assert len(steps.ExclusionReason) == 5 + 2


class TestTiming:
    EXPIRY = date("2026-05-10")

    @pytest.mark.parametrize(
        ("members", "may"),
        [
            (rules.CONGRESS_MIN_MEMBERS - 1, False),
            (rules.CONGRESS_MIN_MEMBERS, True),
            (rules.CONGRESS_MIN_MEMBERS + 1, True),
        ],
    )
    def test_five_hundred_members_may_send_delegates(self, members, may):
        assert rules.may_hold_congress(members) is may
        asked = steps.congress_finding(steps.Meeting.CONGRESS, members)
        assert (asked is None) is may
        assert steps.congress_finding(steps.Meeting.ASSEMBLY, members) is None

    def test_a_congress_of_nobody_knows_how_many_is_not_questioned(self):
        assert steps.congress_finding(steps.Meeting.CONGRESS, None) is None

    def test_an_election_is_asked_for_a_month_ahead(self):
        assert rules.election_request_due(date("2026-12-31"), LOCAL) == date("2026-11-30")

    @pytest.mark.parametrize(("on", "late"), [("2026-11-29", False), ("2026-11-30", False), ("2026-12-01", True)])
    def test_a_later_request_asks_for_a_reason(self, on, late):
        found = steps.request_finding(requested_on=date(on), planned_on=date("2026-12-31"), thresholds=LOCAL)
        assert bool(found and found.asks_reason) is late

    @pytest.mark.parametrize(
        ("held_on", "found"),
        [
            ("2025-05-09", "beyond_a_year"),
            ("2025-05-10", "early"),
            ("2026-02-09", "early"),
            ("2026-02-10", None),
            ("2026-05-10", None),
            ("2026-05-11", "late"),
            ("2027-05-10", "late"),
            ("2027-05-11", "beyond_a_year"),
        ],
    )
    def test_early_and_late_elections_need_approval_and_beyond_a_year_a_reason(self, held_on, found):
        finding = steps.timing_finding(expires_on=self.EXPIRY, held_on=date(held_on), thresholds=LOCAL)
        assert (finding and finding.code) == found

    @given(st.dates(date("2000-01-01"), date("2060-12-31")), st.integers(-800, 800))
    def test_every_day_is_early_on_time_or_late(self, expiry, days):
        held_on = expiry + datetime.timedelta(days=days)
        finding = steps.timing_finding(expires_on=expiry, held_on=held_on, thresholds=LOCAL)
        assert (finding is None) == (add_months(expiry, -3) <= held_on <= expiry)
        if finding:
            assert ("提前" if held_on < expiry else "延期") in finding.message
