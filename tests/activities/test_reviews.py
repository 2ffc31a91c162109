"""民主评议党员 and 三评议: the roster of the day, grades and their quota, talks, closing, and what nobody may read."""

from __future__ import annotations

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.activities.kinds import ReviewKind
from apps.activities.models import ReviewResult, ReviewRound
from apps.activities.rules.reviews import (
    excellent_limit,
    wrong_ballots,
)
from apps.activities.services.reviews import (
    change_review,
    close_review,
    enter_results,
    finish_follow_up,
    open_review,
    record_talk,
    refresh_roster,
    reopen_review,
    waive_talk,
    withdraw_review,
)
from apps.core.errors import Conflict, DomainError
from apps.core.models import AuditEntry
from tests.activities.conftest import TODAY

D = datetime.date.fromisoformat
DAY = datetime.timedelta(days=1)
HELD = D("2026-11-20")
FORMAL = 5
"""正式党员 of branch_a in the cast; one more is on probation."""


@pytest.fixture
def opened(cast, roster, today, secretary):
    def now(kind=ReviewKind.DEMOCRATIC, year=2026, held_on=HELD, org=cast.branch_a, **more):
        return open_review(org=org, kind=kind, year=year, held_on=held_on, today=today, actor=secretary, **more)

    return now


@pytest.fixture
def enter(secretary):
    def now(review, by_name, **more):
        ids = {result.member.name: result.pk for result in review.results.all()}
        entries = {ids[name]: facts for name, facts in by_name.items()}
        return enter_results(review=review, entries=entries, actor=secretary, **more)

    return now


@pytest.fixture
def grade(enter):
    """Give everybody with a grade 合格, and those named another."""

    def now(review, **others):
        names = [r.member.name for r in review.results.all() if not r.is_probationary]
        return enter(review, {name: {"grade": others.get(name, "qualified")} for name in names})

    return now


@pytest.fixture
def close(today, secretary):
    return lambda review, **more: close_review(review=review, today=today, actor=secretary, **more)


def test_the_roster_of_the_day_takes_part_and_who_is_on_probation_gets_no_grade(cast, opened, roster):
    review = opened()
    found = {result.member.name: result.is_probationary for result in review.results.all()}
    assert len(found) == FORMAL + 1
    assert [name for name, on_probation in found.items() if on_probation] == ["周小满"]
    earlier = opened(year=2025, held_on=D("2026-01-15"))
    assert "周小满" not in {result.member.name for result in earlier.results.all()}


@pytest.mark.parametrize(
    ("year", "held_on", "fits"),
    [(2026, "2026-11-22", True), (2026, "2026-11-23", False), (2025, "2026-01-01", True), (2024, "2026-01-01", False),
     (2026, "2025-12-31", False)],
)  # fmt: skip
def test_the_review_of_a_year_is_held_in_it_or_in_the_next(opened, year, held_on, fits):
    if fits:
        assert opened(year=year, held_on=D(held_on)).year == year
        return
    with pytest.raises(DomainError) as caught:
        opened(year=year, held_on=D(held_on))
    assert caught.value.field == "held_on"


def test_a_branch_has_one_review_of_a_kind_in_a_year(opened):
    opened()
    with pytest.raises(DomainError):
        opened()
    opened(kind=ReviewKind.THREE_SIDED)
    opened(year=2025, held_on=D("2025-12-30"))
    assert ReviewRound.objects.count() == 3


def test_only_a_branch_is_reviewed(cast, roster, today, officer):
    with pytest.raises(DomainError) as caught:
        open_review(org=cast.station, kind=ReviewKind.DEMOCRATIC, year=2026, held_on=HELD, today=today, actor=officer)
    assert caught.value.code == "holds_no_members"


def test_a_member_on_probation_is_refused_a_grade(opened, enter):
    with pytest.raises(DomainError) as caught:
        enter(opened(), {"周小满": {"grade": "qualified"}})
    assert caught.value.code == "probationary"
    assert not ReviewResult.objects.exclude(grade="").exists()


def test_ballots_are_totals_of_those_who_take_part(opened, enter):
    review = opened()
    enter(review, {"陈一鸣": {"opinions": {"ballot": {"excellent": 4, "qualified": 2}}, "grade": "excellent"}})
    for ballots in ({"excellent": 7}, {"excellent": -1}, {"super": 1}, {"excellent": "3"}, {"excellent": True}):
        with pytest.raises(DomainError) as caught:
            enter(review, {"陈一鸣": {"opinions": {"ballot": ballots}}})
        assert caught.value.code == "ballots"


@pytest.mark.parametrize(("votes", "wrong"), [(5, False), (6, False), (7, True)])
def test_there_are_no_more_ballots_than_voters(votes, wrong):
    assert bool(wrong_ballots({"excellent": votes}, 6)) is wrong


@pytest.mark.parametrize(
    ("kind", "opinions"),
    [
        (ReviewKind.DEMOCRATIC, {"employer": "qualified"}), (ReviewKind.THREE_SIDED, {"self": "qualified"}),
        (ReviewKind.THREE_SIDED, {"ballot": {"excellent": 1}}), (ReviewKind.DEMOCRATIC, {"self": "splendid"}),
        (ReviewKind.DEMOCRATIC, {"ballot": "all"}),
    ],
)  # fmt: skip
def test_each_kind_asks_its_own_sides(opened, enter, kind, opinions):
    with pytest.raises(DomainError):
        enter(opened(kind=kind), {"陈一鸣": {"opinions": opinions}})


def test_too_long_a_text_is_a_sentence(opened, enter):
    with pytest.raises(DomainError):
        enter(opened(), {"陈一鸣": {"comment": "长" * 301}})


def test_closing_asks_for_every_grade_and_for_help_and_for_a_reason(opened, grade, enter, close):
    review = opened()
    with pytest.raises(DomainError) as caught:
        close(review)
    assert caught.value.code == "no_grade"
    grade(review, 陈一鸣="excellent", 王建国="excellent", 赵敏="barely")
    with pytest.raises(DomainError) as caught:
        close(review)
    assert caught.value.code == "no_help"
    enter(review, {"赵敏": {"follow_up": "结对帮助", "follow_up_due": D("2027-06-30")}})
    with pytest.raises(DomainError) as caught:
        close(review)
    assert (caught.value.code, caught.value.field) == ("too_many_excellent", "reason")
    closed = close(review, reason="两名同志获市级表彰")
    assert (closed.closed_on, closed.excess_reason) == (TODAY, "两名同志获市级表彰")


def test_within_the_quota_no_reason_is_kept(opened, grade, close):
    review = opened()
    grade(review, 陈一鸣="excellent")
    assert close(review, reason="多余的话").excess_reason == ""


def test_who_cannot_be_graded_has_a_reason_in_the_comment_and_does_not_count(opened, grade, enter, close):
    review = opened()
    grade(review, 陈一鸣="excellent", 王建国="")
    with pytest.raises(DomainError):
        close(review)
    enter(review, {"王建国": {"comment": "失去联系，未参加评议"}})
    assert close(review).state == "closed"
    assert excellent_limit(FORMAL - 1) == 1


def test_a_closed_round_changes_only_after_an_officer_reopened_it_for_a_reason(
    cast, opened, grade, enter, close, today, officer
):
    review = opened()
    grade(review)
    close(review)
    for change in (
        lambda: enter(review, {"陈一鸣": {"grade": "barely"}}),
        lambda: close(review),
        lambda: refresh_roster(review=review, actor=officer),
        lambda: withdraw_review(review=review, actor=officer),
        lambda: change_review(review=review, held_on=today, activity=None, today=today, actor=officer),
        lambda: record_talk(result=review.results.first(), on=today, by="王", note="谈", today=today, actor=officer),
        lambda: waive_talk(result=review.results.first(), reason="无", actor=officer),
    ):
        with pytest.raises(Conflict):
            change()
    with pytest.raises(DomainError):
        reopen_review(review=review, reason=" ", actor=officer)
    reopened = reopen_review(review=review, reason="票数登记有误", actor=officer)
    assert (reopened.state, reopened.closed_on) == ("open", None)
    assert AuditEntry.objects.filter(action="review.reopened", summary__contains="票数登记有误").exists()
    enter(reopened, {"陈一鸣": {"grade": "excellent"}})
    with pytest.raises(Conflict):
        reopen_review(review=review, reason="再次", actor=officer)


def test_of_two_who_enter_at_once_the_second_is_told(opened, enter):
    review = opened()
    enter(review, {"陈一鸣": {"grade": "qualified"}}, version=review.version)
    with pytest.raises(Conflict):
        enter(review, {"王建国": {"grade": "qualified"}}, version=review.version)


def test_entering_many_costs_as_many_statements_as_entering_one(opened, enter):
    review = opened()
    names = [r.member.name for r in review.results.all() if not r.is_probationary]
    counts = []
    for some in (names[:1], names[1:]):
        with CaptureQueriesContext(connection) as captured:
            enter(review, {name: {"grade": "qualified", "comment": "好"} for name in some})
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 20


THREE = {"employer": "qualified", "staff": "qualified", "branch": "qualified"}
BAD = {**THREE, "staff": "unqualified"}


@pytest.fixture
def three(opened, enter):
    def now(**others):
        review = opened(kind=ReviewKind.THREE_SIDED)
        enter(review, {r.member.name: {"opinions": others.get(r.member.name, THREE)} for r in review.results.all()})
        return review

    return now


def test_three_sides_are_asked_of_everybody(opened, enter, three, close):
    review = three(陈一鸣={"employer": "qualified"})
    with pytest.raises(DomainError) as caught:
        close(review)
    assert caught.value.code == "no_opinion"
    enter(review, {"陈一鸣": {"comment": "长期外派"}})
    assert close(review).state == "closed"


def test_a_bad_opinion_calls_for_a_talk_and_the_round_waits_for_it(three, close, today, secretary):
    review = three(陈一鸣=BAD)
    result = ReviewResult.objects.talk_outstanding().get()
    assert result.member.name == "陈一鸣"
    with pytest.raises(DomainError) as caught:
        close(review)
    assert caught.value.code == "talk_open"
    for on, by, note in (
        (HELD - DAY, "王书记", "谈"),
        (today + DAY, "王书记", "谈"),
        (today, "", "谈"),
        (today, "王书记", ""),
    ):
        with pytest.raises(DomainError):
            record_talk(result=result, on=on, by=by, note=note, today=today, actor=secretary)
    record_talk(result=result, on=HELD, by="王书记", note="指出问题，明确要求", today=today, actor=secretary)
    assert not ReviewResult.objects.talk_outstanding().exists()
    assert close(review).state == "closed"


def test_a_talk_is_left_out_only_with_a_reason_that_stays(three, enter, close, secretary):
    review = three(陈一鸣=BAD)
    result = ReviewResult.objects.talk_outstanding().get()
    with pytest.raises(DomainError):
        waive_talk(result=result, reason=" ", actor=secretary)
    waived = waive_talk(result=result, reason="已调离岗位", actor=secretary)
    assert (waived.talk_needed, waived.talk_note) == (False, "未谈话：已调离岗位")
    enter(review, {"陈一鸣": {"opinions": {**BAD, "branch": "barely"}}})
    assert not ReviewResult.objects.talk_outstanding().exists()
    assert close(review).state == "closed"


def test_unticking_the_talk_by_hand_does_not_close_the_round(three, enter, close):
    review = three(陈一鸣=BAD)
    enter(review, {"陈一鸣": {"talk_needed": False}})
    with pytest.raises(DomainError) as caught:
        close(review)
    assert caught.value.code == "talk_undecided"


def test_three_sided_gives_no_grade(three, enter):
    with pytest.raises(DomainError):
        enter(three(), {"陈一鸣": {"grade": "qualified"}})


def test_help_goes_on_after_the_round_is_closed_and_ends_once(opened, grade, enter, close, today, secretary):
    review = opened(held_on=D("2026-01-10"))
    grade(review, 赵敏="barely")
    enter(review, {"赵敏": {"follow_up": "结对帮助", "follow_up_due": D("2026-10-31")}})
    close(review)
    result = ReviewResult.objects.help_outstanding(D("2026-11-01")).get()
    assert not ReviewResult.objects.help_outstanding(D("2026-10-31")).exists()
    finished = finish_follow_up(result=result, on=today, outcome="明显进步", today=today, actor=secretary)
    assert (finished.follow_up_done_on, finished.grade) == (today, "barely")
    for again in (result, review.results.exclude(pk=result.pk).first()):
        with pytest.raises(DomainError):
            finish_follow_up(result=again, on=today, outcome="再次", today=today, actor=secretary)


def test_the_roster_is_taken_again_without_losing_what_was_entered(opened, enter, roster, secretary):
    review = opened()
    enter(review, {"陈一鸣": {"grade": "qualified"}})
    for member in (roster.worker_a1, roster.worker_a2):
        row = member.memberships.get(until=None)
        row.until, row.exit = D("2026-10-01"), "transferred"
        row.save()
    roster.probationary_a.formal_on = HELD
    roster.probationary_a.save()
    assert refresh_roster(review=review, actor=secretary) == (0, 1)
    names = {r.member.name: r.is_probationary for r in review.results.all()}
    assert "陈一鸣" in names
    assert "孙·阿依古丽" not in names
    assert names["周小满"] is False
    assert refresh_roster(review=review, actor=secretary) == (0, 0)


def test_another_day_takes_the_roster_of_that_day(opened, today, secretary):
    review = opened()
    change_review(review=review, held_on=D("2026-03-09"), activity=None, today=today, actor=secretary)
    assert review.results.count() == FORMAL


def test_a_round_opened_by_mistake_is_withdrawn_while_it_is_empty(opened, enter, secretary):
    review = opened()
    enter(review, {"陈一鸣": {"comment": "一"}})
    with pytest.raises(DomainError) as caught:
        withdraw_review(review=review, actor=secretary)
    assert caught.value.code == "entered"
    enter(review, {"陈一鸣": {"comment": ""}})
    withdraw_review(review=review, actor=secretary)
    assert not ReviewRound.objects.exists()
    assert not ReviewResult.objects.exists()


def test_the_trail_never_says_what_was_found_about_whom(three, opened, grade, enter, close, today, secretary):
    review = opened()
    grade(review, 赵敏="barely")
    enter(review, {"赵敏": {"follow_up": "结对帮助", "follow_up_due": TODAY, "comment": "纪律松散"}})
    close(review)
    finish_follow_up(
        result=review.results.get(member__name="赵敏"), on=today, outcome="好转", today=today, actor=secretary
    )
    bad = three(陈一鸣=BAD)
    record_talk(
        result=bad.results.get(talk_needed=True), on=today, by="王书记", note="批评", today=today, actor=secretary
    )
    said = "".join(f"{e.summary}{e.data}" for e in AuditEntry.objects.filter(action__startswith="review."))
    assert "办结" in said
    for secret in ("赵敏", "陈一鸣", "基本合格", "barely", "作用不好", "unqualified", "纪律松散", "结对", "批评"):
        assert secret not in said
