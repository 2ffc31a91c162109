"""Votes by kind of matter: boundaries, laws that hold for all numbers, and how they have to be taken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.activities.rules.votes import Manner, decided, kinds_of_votes, names_one
from apps.branches.rules.voting import (
    ElectionThresholds,
    VoteBase,
    VoteCount,
    VoteKind,
    majority,
    quorum,
    quorum_finding,
    vote_result,
)

THRESHOLDS = ElectionThresholds(20, 1, 3, 80, VoteBase.EXPECTED.value)
BASES = [THRESHOLDS, ElectionThresholds(20, 1, 3, 80, VoteBase.PRESENT.value)]
KINDS = st.sampled_from(list(VoteKind))
PEOPLE = st.integers(1, 400)


def manner(kind: VoteKind, **said: object) -> Manner:
    fits = {
        "meeting": ["committee_meeting" if kind is VoteKind.COMMITTEE else "assembly"],
        "is_secret": kind in (VoteKind.ADMISSION, VoteKind.ELECTION),
        "names_person": kind is VoteKind.ADMISSION,
    }
    return Manner(kind=kind, **{**fits, **said})


def codes(kind: VoteKind, count: VoteCount, **said: object) -> list[str]:
    return [finding.code for finding in decided(manner(kind, **said), count, THRESHOLDS).findings]


@st.composite
def counts(draw: st.DrawFn) -> VoteCount:
    """Numbers that can be: nobody votes twice, and written opinions come from those who are absent."""
    expected = draw(PEOPLE)
    present = draw(st.integers(0, expected))
    yes = draw(st.integers(0, present))
    no = draw(st.integers(0, present - yes))
    return VoteCount(expected, present, yes, no, present - yes - no)


@given(KINDS, PEOPLE, st.sampled_from(BASES))
def test_a_vote_of_any_kind_needs_its_quorum_to_the_person(kind, expected, thresholds):
    needed = quorum(kind, expected, thresholds)
    for present, enough in ((needed - 1, False), (needed, True), (needed + 1, True)):
        if 0 <= present <= expected:
            finding = quorum_finding(kind, expected=expected, present=present, thresholds=thresholds)
            assert (finding is None) is enough


@given(KINDS, counts(), st.sampled_from(BASES))
def test_a_vote_of_any_kind_needs_its_majority_to_the_vote(kind, count, thresholds):
    present = max(count.present, quorum(kind, count.expected, thresholds))
    needed = majority(kind, expected=count.expected, present=present, thresholds=thresholds)
    for yes, passes in ((needed - 1, False), (needed, True), (needed + 1, True)):
        if 0 <= yes <= present:
            found = vote_result(kind, VoteCount(count.expected, present, yes, present - yes), thresholds)
            assert found.is_passed is passes


@given(KINDS, counts(), st.sampled_from(BASES))
def test_nothing_passes_without_a_quorum(kind, count, thresholds):
    if count.present < quorum(kind, count.expected, thresholds):
        found = vote_result(kind, count, thresholds)
        assert not found.is_passed
        assert not found.is_quorate
        assert any(finding.blocks for finding in found.findings)


@given(KINDS, counts(), st.sampled_from(BASES))
def test_one_more_vote_in_favour_never_makes_a_vote_fail(kind, count, thresholds):
    if count.abstained == 0:
        return
    more = VoteCount(count.expected, count.present, count.yes + 1, count.no, count.abstained - 1)
    before, after = vote_result(kind, count, thresholds), vote_result(kind, more, thresholds)
    assert after.is_passed >= before.is_passed


@given(KINDS, counts())
def test_what_is_passed_is_never_passed_the_other_way_round_as_well(kind, count):
    swapped = VoteCount(count.expected, count.present, count.no, count.yes, count.abstained)
    both = vote_result(kind, count, THRESHOLDS).is_passed and vote_result(kind, swapped, THRESHOLDS).is_passed
    assert not both


@given(counts(), st.integers(1, 50), st.integers(0, 50))
def test_written_opinions_count_for_an_admission_only_and_only_of_absentees(count, yes, no):
    with_letters = VoteCount(count.expected, count.present, count.yes, count.no, count.abstained, yes, no)
    for kind in (VoteKind.ORDINARY, VoteKind.COMMITTEE, VoteKind.ELECTION):
        assert not vote_result(kind, with_letters, THRESHOLDS).is_passed
    found = vote_result(VoteKind.ADMISSION, with_letters, THRESHOLDS)
    if found.is_passed:
        assert yes + no <= count.expected - count.present
        assert 2 * (count.yes + yes) > count.expected


@pytest.mark.parametrize(("present", "enough"), [(9, False), (10, True), (11, True)])
def test_half_is_enough_for_an_ordinary_matter(present, enough):
    assert ("no_quorum" not in codes(VoteKind.ORDINARY, VoteCount(20, present, 0))) is enough


@pytest.mark.parametrize(("present", "enough"), [(9, False), (10, False), (11, True)])
def test_an_admission_needs_more_than_half(present, enough):
    assert ("no_quorum" not in codes(VoteKind.ADMISSION, VoteCount(20, present, 0))) is enough


@pytest.mark.parametrize("kind", [VoteKind.ADMISSION, VoteKind.ELECTION])
def test_admissions_and_elections_are_secret(kind):
    count = VoteCount(20, 20, 20)
    assert codes(kind, count, is_secret=False) == ["must_be_secret"]
    assert codes(kind, count, is_secret=True) == []
    assert not decided(manner(kind, is_secret=False), count, THRESHOLDS).is_passed


@pytest.mark.parametrize("kind", [VoteKind.ORDINARY, VoteKind.COMMITTEE])
def test_other_matters_may_be_decided_openly_or_secretly(kind):
    for is_secret in (True, False):
        assert codes(kind, VoteCount(20, 20, 20), is_secret=is_secret) == []


def test_admissions_are_decided_person_by_person():
    assert codes(VoteKind.ADMISSION, VoteCount(20, 20, 20), names_person=False) == ["one_by_one"]


@pytest.mark.parametrize(
    ("text", "one"),
    [("张三", True), ("孙·阿依古丽", True), ("李和平", True), ("", False), ("张三、李四", False), ("张三 李四", False)],
)
def test_a_vote_names_one_person(text, one):
    assert names_one(text) is one


def test_members_decide_at_their_assembly_and_the_committee_at_its_meeting():
    assert kinds_of_votes(["assembly"]) == [VoteKind.ORDINARY, VoteKind.ADMISSION, VoteKind.ELECTION]
    assert kinds_of_votes(["theme_day", "assembly"]) == kinds_of_votes(["assembly"])
    assert kinds_of_votes(["committee_meeting"]) == [VoteKind.COMMITTEE]
    assert kinds_of_votes(["theme_day"]) == []
    assert "wrong_meeting" in codes(VoteKind.ORDINARY, VoteCount(20, 20, 20), meeting=["committee_meeting"])
    assert "wrong_meeting" in codes(VoteKind.COMMITTEE, VoteCount(5, 5, 5), meeting=["assembly"])


def test_who_is_left_out_needs_a_reason():
    assert codes(VoteKind.ORDINARY, VoteCount(20, 20, 20), left_out=1) == ["left_out_unexplained"]
    assert codes(VoteKind.ORDINARY, VoteCount(20, 20, 20), left_out=1, left_out_reason="出国超过6个月，上级同意") == []
