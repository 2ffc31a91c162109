"""Who may vote, how many must come and agree, and who is elected, at every limit."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.branches.rules.voting import (
    Ballots,
    Candidate,
    ElectionThresholds,
    VoteCount,
    VoteKind,
    ballot_findings,
    candidates_finding,
    elected,
    majority,
    min_candidates,
    quorum,
    vote_result,
)

LOCAL = ElectionThresholds(20, 1, 3, 80, "expected")
EVERYBODY = Ballots(20, 20, 20, 20, 20)


def codes(findings):
    return [finding.code for finding in findings]


class TestQuorum:
    @pytest.mark.parametrize(
        ("kind", "expected", "present", "enough"),
        [
            (VoteKind.ORDINARY, 10, 4, False), (VoteKind.ORDINARY, 10, 5, True), (VoteKind.ORDINARY, 10, 6, True),
            (VoteKind.ORDINARY, 11, 5, False), (VoteKind.ORDINARY, 11, 6, True),
            (VoteKind.ADMISSION, 10, 5, False), (VoteKind.ADMISSION, 10, 6, True), (VoteKind.ADMISSION, 10, 7, True),
            (VoteKind.ADMISSION, 11, 5, False), (VoteKind.ADMISSION, 11, 6, True),
            (VoteKind.COMMITTEE, 4, 1, False), (VoteKind.COMMITTEE, 4, 2, True), (VoteKind.COMMITTEE, 5, 2, False),
            (VoteKind.COMMITTEE, 5, 3, True),
            (VoteKind.ELECTION, 25, 19, False), (VoteKind.ELECTION, 25, 20, True), (VoteKind.ELECTION, 25, 21, True),
            (VoteKind.ELECTION, 24, 19, False), (VoteKind.ELECTION, 24, 20, True),
        ],
    )  # fmt: skip
    def test_half_more_than_half_or_four_fifths_must_be_there(self, kind, expected, present, enough):
        result = vote_result(kind, VoteCount(expected, present, yes=present), LOCAL)
        assert result.is_quorate is enough
        assert ("no_quorum" in codes(result.findings)) is not enough

    @given(st.integers(1, 2000), st.integers(0, 2000))
    def test_the_quorums_are_the_published_inequalities(self, expected, present):
        assert (present >= quorum(VoteKind.ORDINARY, expected, LOCAL)) == (2 * present >= expected)
        assert (present >= quorum(VoteKind.ADMISSION, expected, LOCAL)) == (2 * present > expected)
        assert (present >= quorum(VoteKind.ELECTION, expected, LOCAL)) == (5 * present >= 4 * expected)

    def test_another_share_is_a_parameter(self):
        strict = dataclasses.replace(LOCAL, quorum_percent=90)
        assert quorum(VoteKind.ELECTION, 20, strict) == 18
        sentence = vote_result(VoteKind.ELECTION, VoteCount(20, 17, yes=17), strict).findings[0].message
        assert "90%" in sentence
        assert "至少18人" in sentence

    def test_the_sentence_names_the_share_the_number_and_what_cannot_be_done(self):
        finding = vote_result(VoteKind.ELECTION, VoteCount(25, 19, yes=19), LOCAL).findings[0]
        assert finding.message == "应到会有表决权的25人，实到19人，未达到五分之四（至少20人），不能进行选举。"
        assert finding.blocks

    @pytest.mark.parametrize("kind", list(VoteKind))
    def test_nobody_expected_or_more_present_than_expected_is_impossible(self, kind):
        assert codes(vote_result(kind, VoteCount(0, 0, yes=0), LOCAL).findings) == ["nobody_expected"]
        assert codes(vote_result(kind, VoteCount(10, 11, yes=9), LOCAL).findings) == ["too_many_present"]


class TestMajority:
    @pytest.mark.parametrize(
        ("kind", "yes", "passed"),
        [
            (VoteKind.ORDINARY, 10, False), (VoteKind.ORDINARY, 11, True), (VoteKind.ORDINARY, 12, True),
            (VoteKind.ADMISSION, 10, False), (VoteKind.ADMISSION, 11, True), (VoteKind.ADMISSION, 12, True),
            (VoteKind.COMMITTEE, 10, False), (VoteKind.COMMITTEE, 11, True), (VoteKind.COMMITTEE, 12, True),
            (VoteKind.ELECTION, 8, False), (VoteKind.ELECTION, 9, True), (VoteKind.ELECTION, 10, True),
        ],
    )  # fmt: skip
    def test_more_than_half_of_those_expected_or_in_an_election_of_those_present(self, kind, yes, passed):
        """Twenty should attend; sixteen come, which is enough for each kind."""
        result = vote_result(kind, VoteCount(20, 16, yes=yes, no=16 - yes), LOCAL)
        assert result.is_quorate
        assert result.is_passed is passed
        assert ("not_passed" in codes(result.findings)) is not passed

    @given(st.integers(1, 500), st.integers(0, 500), st.integers(0, 500))
    def test_the_majorities_are_the_published_inequalities(self, expected, present, yes):
        base = {"expected": expected, "present": present, "thresholds": LOCAL}
        assert (yes >= majority(VoteKind.ORDINARY, **base)) == (2 * yes > expected)
        assert (yes >= majority(VoteKind.ADMISSION, **base)) == (2 * yes > expected)
        assert (yes >= majority(VoteKind.ELECTION, **base)) == (2 * yes > present)

    def test_of_whom_a_committee_counts_its_majority_is_a_parameter(self):
        count = VoteCount(expected=5, present=3, yes=2)
        of_present = dataclasses.replace(LOCAL, committee_vote_base="present")
        assert not vote_result(VoteKind.COMMITTEE, count, LOCAL).is_passed
        assert vote_result(VoteKind.COMMITTEE, count, of_present).is_passed

    def test_a_written_opinion_counts_for_an_admission(self):
        assert vote_result(VoteKind.ADMISSION, VoteCount(20, 11, yes=10, written_yes=1), LOCAL).is_passed
        assert not vote_result(VoteKind.ADMISSION, VoteCount(20, 11, yes=10), LOCAL).is_passed

    def test_a_written_opinion_does_not_make_a_quorum(self):
        result = vote_result(VoteKind.ADMISSION, VoteCount(20, 10, yes=10, written_yes=5), LOCAL)
        assert not result.is_quorate
        assert not result.is_passed

    @pytest.mark.parametrize("kind", [kind for kind in VoteKind if kind is not VoteKind.ADMISSION])
    def test_a_written_opinion_counts_for_nothing_else(self, kind):
        found = vote_result(kind, VoteCount(20, 18, yes=18, written_yes=1), LOCAL).findings
        assert codes(found) == ["written_not_counted"]

    def test_more_opinions_than_absent_members_and_more_votes_than_present_are_impossible(self):
        absent = vote_result(VoteKind.ADMISSION, VoteCount(20, 19, yes=19, written_yes=2), LOCAL)
        assert codes(absent.findings) == ["more_written_than_absent"]
        votes = vote_result(VoteKind.ORDINARY, VoteCount(20, 15, yes=10, no=5, abstained=1), LOCAL)
        assert codes(votes.findings) == ["more_votes_than_present"]
        assert not votes.is_passed


class TestBallots:
    @pytest.mark.parametrize(
        ("ballots", "found"),
        [
            (Ballots(25, 20, 20, 20, 20), []),
            (Ballots(25, 20, 20, 19, 18), []),
            (Ballots(25, 19, 19, 19, 19), ["no_quorum"]),
            (Ballots(25, 20, 21, 20, 20), ["too_many_issued"]),
            (Ballots(25, 20, 20, 21, 20), ["too_many_returned"]),
            (Ballots(25, 20, 20, 19, 20), ["too_many_valid"]),
        ],
    )
    def test_ballots_go_down_from_the_expected_to_the_valid(self, ballots, found):
        assert codes(ballot_findings(ballots, LOCAL)) == found

    def test_more_ballots_returned_than_issued_void_the_election(self):
        finding = ballot_findings(Ballots(25, 20, 20, 21, 20), LOCAL)[0]
        assert finding.message == "收回选票21张，多于发出的20张，选举无效，应重新选举。"
        assert finding.blocks


class TestCandidates:
    @pytest.mark.parametrize(
        ("seats", "candidates"), [(1, 2), (3, 4), (4, 5), (5, 6), (6, 8), (7, 9), (9, 11), (10, 12), (11, 14)]
    )
    def test_candidates_exceed_seats_by_a_fifth_rounded_up(self, seats, candidates):
        assert min_candidates(seats, LOCAL) == candidates
        assert candidates_finding(seats=seats, candidates=candidates, thresholds=LOCAL) is None
        assert candidates_finding(seats=seats, candidates=candidates - 1, thresholds=LOCAL).asks_reason

    def test_the_margin_is_a_parameter(self):
        none = dataclasses.replace(LOCAL, candidate_margin_percent=0)
        assert candidates_finding(seats=5, candidates=5, thresholds=none) is None
        assert "不少于应选名额" in candidates_finding(seats=5, candidates=4, thresholds=none).message

    def test_where_no_committee_is_elected_there_is_no_margin(self):
        assert candidates_finding(seats=0, candidates=0, thresholds=LOCAL) is None


class TestElected:
    @pytest.mark.parametrize(("votes", "is_elected"), [(9, False), (10, False), (11, True)])
    def test_more_than_half_of_those_present(self, votes, is_elected):
        tally = elected([Candidate("张三", votes)], seats=1, ballots=EVERYBODY)
        assert (tally.elected == ("张三",)) is is_elected

    def test_half_of_those_present_counts_also_when_ballots_were_spoilt(self):
        few_valid = Ballots(20, 20, 20, 20, 12)
        assert elected([Candidate("张三", 10)], seats=1, ballots=few_valid).elected == ()

    def test_the_most_votes_take_the_seats(self):
        names = [Candidate("甲", 11), Candidate("乙", 16), Candidate("丙", 13)]
        tally = elected(names, seats=2, ballots=EVERYBODY)
        assert tally.elected == ("乙", "丙")
        assert codes(tally.findings) == ["more_passed_than_seats"]

    def test_a_tie_for_the_last_seat_asks_for_a_second_ballot_among_the_equals(self):
        names = [Candidate("甲", 18), Candidate("乙", 11), Candidate("丙", 11)]
        tally = elected(names, seats=2, ballots=EVERYBODY)
        assert tally.elected == ()
        assert tally.findings[0].blocks
        assert "乙、丙得票相等（11票）" in tally.findings[0].message

    def test_the_second_ballot_decides(self):
        names = [Candidate("甲", 18), Candidate("乙", 11, 9), Candidate("丙", 11, 11)]
        assert elected(names, seats=2, ballots=EVERYBODY).elected == ("甲", "丙")

    def test_a_second_ballot_that_ties_again_decides_nothing(self):
        names = [Candidate("甲", 18), Candidate("乙", 11, 10), Candidate("丙", 11, 10)]
        assert codes(elected(names, seats=2, ballots=EVERYBODY).findings) == ["tie"]

    def test_equals_who_both_get_a_seat_need_no_second_ballot(self):
        names = [Candidate("甲", 15), Candidate("乙", 15), Candidate("丙", 3)]
        assert elected(names, seats=2, ballots=EVERYBODY) == elected(names[:2], seats=2, ballots=EVERYBODY)

    def test_a_second_ballot_lifts_nobody_over_more_votes(self):
        names = [Candidate("甲", 16), Candidate("乙", 13), Candidate("丙", 11, 20)]
        assert elected(names, seats=2, ballots=EVERYBODY).elected == ("甲", "乙")

    def test_an_empty_seat_asks_for_a_reason(self):
        tally = elected([Candidate("甲", 15), Candidate("乙", 10)], seats=2, ballots=EVERYBODY)
        assert tally.elected == ("甲",)
        assert tally.findings[0].asks_reason
        assert "缺额1名" in tally.findings[0].message

    def test_more_votes_than_valid_ballots_are_impossible(self):
        tally = elected([Candidate("甲", 19)], seats=1, ballots=Ballots(20, 20, 20, 20, 18))
        assert tally.elected == ()
        assert tally.findings[0].message == "甲得票19张，多于有效票18张，请核对。"

    def test_more_marks_than_seats_on_the_ballots_are_impossible(self):
        names = [Candidate("甲", 20), Candidate("乙", 20), Candidate("丙", 1)]
        assert codes(elected(names, seats=2, ballots=EVERYBODY).findings) == ["more_marks_than_seats"]

    @given(st.lists(st.integers(0, 20), min_size=1, max_size=8), st.integers(1, 5))
    def test_nobody_is_elected_without_a_majority_and_never_more_than_the_seats(self, votes, seats):
        names = [Candidate(f"第{n}名", got) for n, got in enumerate(votes)]
        tally = elected(names, seats=seats, ballots=EVERYBODY)
        got = {candidate.name: candidate.votes for candidate in names}
        assert len(tally.elected) <= seats
        assert all(2 * got[name] > EVERYBODY.present for name in tally.elected)
        left_out = [votes for name, votes in got.items() if name not in tally.elected]
        assert not tally.elected or max(left_out, default=0) <= min(got[name] for name in tally.elected) or any(
            2 * votes <= EVERYBODY.present for votes in left_out
        )  # fmt: skip
