"""民主评议 in numbers: how many may be 优秀, and what a sentence about many names says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.activities.kinds import Grade, ReviewKind
from apps.activities.rules.reviews import (
    EXCELLENT_ONE_IN,
    NAMED,
    Judged,
    closing_findings,
    excellent_limit,
    quota_finding,
)


@pytest.mark.parametrize(
    ("graded", "limit"),
    [
        (0, 0), (EXCELLENT_ONE_IN - 1, 0), (EXCELLENT_ONE_IN, 1), (EXCELLENT_ONE_IN + 1, 1), (5, 1), (6, 2), (7, 2),
    ],
)  # fmt: skip
def test_a_third_of_those_with_a_grade_may_be_excellent_rounded_down(graded, limit):
    assert excellent_limit(graded) == limit


@pytest.mark.parametrize(
    ("excellent", "others", "asks"),
    [(1, 1, True), (1, 2, False), (1, 3, False), (2, 3, True), (2, 4, False), (3, 5, True), (0, 0, False)],
)
def test_one_more_than_a_third_asks_for_a_reason(excellent, others, asks):
    finding = quota_finding(["excellent"] * excellent + ["qualified"] * others + ["", ""])
    assert (finding is not None and finding.asks_reason) is asks


@given(st.lists(st.sampled_from(["", *(g.value for g in Grade)]), max_size=60))
def test_the_quota_speaks_exactly_when_three_times_the_excellent_exceed_the_graded(grades):
    graded = [each for each in grades if each]
    spoken = quota_finding(grades) is not None
    assert spoken == (3 * graded.count("excellent") > len(graded))
    assert quota_finding(grades[::-1] + [""] * 3) == quota_finding(grades)  # neither order nor 预备党员 matter


@pytest.mark.parametrize(("people", "counts"), [(NAMED - 1, False), (NAMED, False), (NAMED + 1, True)])
def test_a_sentence_names_a_few_and_counts_the_rest(people, counts):
    rows = [Judged(f"党员{n}", False, "", {}) for n in range(people)]
    (found,) = closing_findings(ReviewKind.DEMOCRATIC, rows)
    assert (f"等 {people} 名" in found.message) is counts
