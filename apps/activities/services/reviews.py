"""民主评议党员 and 三评议: a round is opened with the roster of its day, filled in, closed; then nothing changes.

What a round found is for those with `activities.view_reviews`: the audit says that results were entered and of how
many, never which. No closed quarter counts grades (the meeting itself is an activity).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.core.exceptions import ValidationError

from apps.branches.models import PartyOrg
from apps.core.audit import record, write
from apps.core.errors import Conflict, DomainError
from apps.core.text import clean_name
from apps.core.versions import check_version
from apps.members.models import Member, Membership
from apps.members.services.common import (
    assign,
    check_holds_members,
    check_not_future,
    locked,
    refusal,
    store,
    tidied,
    weigh,
)

from ..kinds import Grade, OpinionSource, ReviewKind, ReviewState
from ..models import Activity, ReviewResult, ReviewRound
from ..rules.reviews import APPRAISAL, SIDES, Judged, calls_for_talk, closing_findings, wrong_ballots

TEXTS: Final = ("comment", "assessor", "follow_up")
ENTERED: Final = ("opinions", "grade", *TEXTS, "follow_up_due", "talk_needed")


@write
def open_review(
    *, org: PartyOrg, kind: ReviewKind, year: int, held_on: datetime.date, today: datetime.date, actor: Any,
    activity: Activity | None = None,
) -> ReviewRound:  # fmt: skip
    """Open the round of a branch: everybody on its roster on the day takes part, 预备党员 without a grade.

    The review of a year is held in it or in the next one. Raises DomainError, also where the branch has its review
    of the year and kind already.
    """
    check_holds_members(org, held_on)
    round_ = ReviewRound(org=org, kind=kind.value, year=year, held_on=held_on, activity=activity)
    _check_day(round_, today)
    store(round_)
    count = _enrol(round_)
    record(actor, "review.opened", round_, data={"members": count}, summary=f"开展{round_}，参加 {count} 名")
    return round_


@write
def change_review(
    *, review: ReviewRound, held_on: datetime.date, activity: Activity | None, today: datetime.date, actor: Any,
    version: int | None = None,
) -> ReviewRound:  # fmt: skip
    """Correct the day or the meeting of an open round; the roster follows the day."""
    row = _open(review, version, {"held_on": held_on})
    moved = row.held_on != held_on
    row.held_on, row.activity = held_on, activity
    _check_day(row, today)
    store(row)
    if moved:
        _follow_roster(row)
    record(actor, "review.changed", row, summary=f"修改{row}的日期（会议记录）")
    return row


@write
def refresh_roster(*, review: ReviewRound, actor: Any) -> tuple[int, int]:
    """Take the roster of the day again, after somebody was registered late: (how many came, how many went).

    Whoever has something entered stays, and is named by the page if no longer on the roster.
    """
    row = _open(review, None)
    came, gone = _follow_roster(row)
    if came or gone:
        store(row)
        record(actor, "review.roster_refreshed", row, data={"came": came, "gone": gone},
               summary=f"按名册更新{row}的参加人员：增 {came} 名，减 {gone} 名")  # fmt: skip
    return came, gone


@write
def enter_results(
    *, review: ReviewRound, entries: Mapping[int, Mapping[str, Any]], actor: Any, version: int | None = None
) -> int:
    """Write down what was said of many members at once, {id of the result: facts}; returns how many changed.

    Facts are those of `ENTERED`; what is not given stays. Raises DomainError naming the member, Conflict when the
    round is closed or somebody else has entered in between.
    """
    row = _open(review, version)
    results = {r.pk: r for r in row.results.select_related("member", "org").select_for_update(of=("self",))}
    if unknown := set(entries) - set(results):
        raise DomainError(f"有 {len(unknown)} 名党员已不在这次评议中，请刷新后再试。", code="gone")
    changed = []
    for pk, facts in entries.items():
        result = results[pk]
        clean = {k: tidied(k, v) if isinstance(v, str) and k in TEXTS else v for k, v in facts.items()}
        before = {name: getattr(result, name) for name in ENTERED}
        assign(result, clean, ENTERED)
        if ReviewKind(row.kind) is ReviewKind.THREE_SIDED and "opinions" in clean and calls_for_talk(result.opinions):
            result.talk_needed = result.talk_needed or not result.talk_note
        if before != {name: getattr(result, name) for name in ENTERED}:
            _check_result(result, ReviewKind(row.kind), voters=len(results))
            changed.append(result)
    if changed:
        ReviewResult.objects.bulk_update(changed, ENTERED)
        store(row)
        record(actor, "review.entered", row, data={"members": len(changed)},
               summary=f"登记{row}的结果（{len(changed)} 名）")  # fmt: skip
    return len(changed)


@write
def record_talk(
    *, result: ReviewResult, on: datetime.date, by: str, note: str, today: datetime.date, actor: Any
) -> ReviewResult:
    """警示谈话: when, by whom, about what; also for somebody of whom the round did not ask it. Until the round closes."""
    row, review = _result_of_open(result)
    check_not_future(on, today)
    if on < review.held_on:
        raise DomainError(f"不能早于评议日期 {review.held_on:%Y-%m-%d}。", code="before_review", field="on")
    for name, text in (("by", by), ("note", note)):
        if not clean_name(text):
            raise DomainError("请填写谈话人和谈话内容。", code="nothing", field=name)
    row.talk_needed = True
    assign(row, {"talked_on": on, "talked_by": by, "talk_note": note}, ("talked_on", "talked_by", "talk_note"))
    store(row)
    record(actor, "review.talked", review, summary=f"登记{review}的谈话 1 次")
    return row


@write
def waive_talk(*, result: ReviewResult, reason: str, actor: Any) -> ReviewResult:
    """视情不谈话: the branch decides that no talk is held, and why."""
    row, review = _result_of_open(result)
    if row.talked_on is not None:
        raise DomainError("谈话已登记。", code="talked")
    if not clean_name(reason):
        raise DomainError("请说明不谈话的原因。", code="reason_needed", field="reason")
    row.talk_needed = False
    assign(row, {"talk_note": f"未谈话：{clean_name(reason)}"}, ("talk_note",))
    store(row)
    record(actor, "review.talk_waived", review, summary=f"{review}：1 次谈话经研究不进行")
    return row


@write
def finish_follow_up(
    *, result: ReviewResult, on: datetime.date, outcome: str, today: datetime.date, actor: Any
) -> ReviewResult:
    """帮教（处置） is over: when and with what result. The help goes on after the round is closed; the grade stays."""
    row = locked(result)
    if not row.follow_up:
        raise DomainError("没有登记帮教（处置）措施。", code="no_help")
    if row.follow_up_done_on is not None:
        raise DomainError(f"已于 {row.follow_up_done_on:%Y-%m-%d} 登记完成。", code="done")
    check_not_future(on, today)
    if on < row.round.held_on:
        raise DomainError(f"不能早于评议日期 {row.round.held_on:%Y-%m-%d}。", code="before_review", field="on")
    if not clean_name(outcome):
        raise DomainError("请填写结果。", code="nothing", field="outcome")
    facts = {"follow_up_done_on": on, "follow_up_result": outcome}
    assign(row, facts, tuple(facts))
    store(row)
    record(actor, "review.followed_up", row.round, summary=f"登记{row.round}后续工作完成 1 项")
    return row


@write
def close_review(
    *, review: ReviewRound, today: datetime.date, actor: Any, reason: str = "", version: int | None = None
) -> ReviewRound:
    """办结: from now on nothing changes. More 优秀 than a third needs a `reason`, which stays with the round."""
    row = _open(review, version)
    findings = closing_findings(ReviewKind(row.kind), judged(row))
    weigh(findings, reason)
    asked = any(finding.asks_reason for finding in findings)
    facts = {"state": ReviewState.CLOSED.value, "closed_on": today, "excess_reason": reason if asked else ""}
    assign(row, facts, tuple(facts))
    store(row)
    record(actor, "review.closed", row, summary=f"办结{row}")
    return row


@write
def reopen_review(*, review: ReviewRound, reason: str, actor: Any, version: int | None = None) -> ReviewRound:
    """重新打开 a closed round, by an officer and for a reason that stays in the trail."""
    row = locked(review)
    check_version(row, version)
    if row.state != ReviewState.CLOSED:
        raise Conflict(f"{row}还没有办结。")
    if not clean_name(reason):
        raise DomainError("请说明重新打开的原因。", code="reason_needed", field="reason")
    row.state, row.closed_on = ReviewState.OPEN.value, None
    store(row)
    record(actor, "review.reopened", row, data={"reason": clean_name(reason)},
           summary=f"重新打开{row}：{clean_name(reason)}")  # fmt: skip
    return row


@write
def withdraw_review(*, review: ReviewRound, actor: Any, version: int | None = None) -> PartyOrg:
    """撤销 a round that was opened by mistake and in which nothing was entered. Returns its organisation."""
    row = _open(review, version)
    if any(_is_entered(result) for result in row.results.all()):
        raise DomainError("已登记评议结果，不能撤销。", code="entered")
    org: PartyOrg = row.org
    record(actor, "review.withdrawn", row, summary=f"撤销{row}")
    row.delete()
    return org


def judged(review: ReviewRound) -> list[Judged]:
    """What the rules on closing have to know of everybody in the round. One query."""
    return judged_of(review.results.select_related("member"))


def judged_of(results: Iterable[ReviewResult]) -> list[Judged]:
    """The same of results that were read with their members."""
    return [
        Judged(r.member.name, r.is_probationary, r.grade, r.opinions, r.comment, r.follow_up, r.talk_needed,
               r.talked_on is not None, r.talk_note)
        for r in results
    ]  # fmt: skip


def _open(review: ReviewRound, version: int | None, changes: dict[str, Any] | None = None) -> ReviewRound:
    """The round, locked; Conflict when it is closed or was changed in between."""
    row = locked(review)
    if row.state != ReviewState.OPEN:
        raise Conflict(f"{row}已于 {row.closed_on:%Y-%m-%d} 办结，不能再改；确需更正的，请园区重新打开。")
    check_version(row, version, changes)
    return row


def _result_of_open(result: ReviewResult) -> tuple[ReviewResult, ReviewRound]:
    """The result locked after its round, in the order in which every service locks."""
    review = _open(result.round, None)
    return locked(result), review


def _check_day(row: ReviewRound, today: datetime.date) -> None:
    check_not_future(row.held_on, today, field="held_on")
    if row.held_on.year not in (row.year, row.year + 1):
        message = f"{row.year}年度的评议应在当年或次年进行，请核对日期。"
        raise DomainError(message, code="wrong_year", field="held_on")
    if row.activity is not None and row.activity.held_on != row.held_on:
        message = f"会议记录的日期是 {row.activity.held_on:%Y-%m-%d}，与评议日期不同，请核对。"
        raise DomainError(message, code="other_day", field="activity")


def _on_roster(row: ReviewRound) -> list[Member]:
    rows = Membership.objects.as_of(row.held_on).filter(org=row.org).select_related("member")
    return [each.member for each in rows.order_by("member")]


def _enrol(row: ReviewRound, known: Sequence[int] = ()) -> int:
    new = [
        ReviewResult(round=row, org=row.org, member=member, is_probationary=_is_probationary(member, row.held_on))
        for member in _on_roster(row)
        if member.pk not in known
    ]
    ReviewResult.objects.bulk_create(new)
    return len(new)


def _is_probationary(member: Member, on: datetime.date) -> bool:
    return member.formal_on is None or member.formal_on > on


def _follow_roster(row: ReviewRound) -> tuple[int, int]:
    wanted = {member.pk: _is_probationary(member, row.held_on) for member in _on_roster(row)}
    known = list(row.results.select_for_update(of=("self",)))
    gone = [r for r in known if r.member_id not in wanted and not _is_entered(r)]
    ReviewResult.objects.filter(pk__in=[r.pk for r in gone]).delete()
    turned = [r for r in known if r.member_id in wanted and r.is_probationary != wanted[r.member_id]]
    for result in turned:
        result.is_probationary = wanted[result.member_id]
        result.grade = "" if result.is_probationary else result.grade
    ReviewResult.objects.bulk_update(turned, ["is_probationary", "grade"])
    return _enrol(row, [r.member_id for r in known]), len(gone)


def _is_entered(result: ReviewResult) -> bool:
    return bool(result.opinions or result.grade or result.comment or result.talked_on or result.follow_up)


def _check_result(result: ReviewResult, kind: ReviewKind, *, voters: int) -> None:
    name = result.member.name
    try:
        result.clean_fields(exclude=["round", "member", "org"])  # a key would cost a query for each row
    except ValidationError as error:
        raise refusal(error) from error
    if result.is_probationary and result.grade:
        raise DomainError(
            f"{name}是预备党员，参加评议，不评定等次。", basis=APPRAISAL, code="probationary", field="grade"
        )
    if result.grade and result.grade not in {grade.value for grade in Grade}:
        raise DomainError(f"{name}的等次不正确。", code="choice", field="grade")
    if result.grade and kind is ReviewKind.THREE_SIDED:
        raise DomainError("三评议登记三方意见，不评定等次。", code="no_grade", field="grade")
    ballots = result.opinions.get(OpinionSource.BALLOT.value, {})
    sides = {each.value for each in SIDES[kind]}
    given = {side: value for side, value in result.opinions.items() if side != OpinionSource.BALLOT}
    fits = all(side in sides and value in {grade.value for grade in Grade} for side, value in given.items())
    if not fits or not isinstance(ballots, dict) or (ballots and kind is not ReviewKind.DEMOCRATIC):
        raise DomainError(f"{name}的意见不正确。", code="choice", field="opinions")
    if wrong := wrong_ballots(ballots, voters):
        raise DomainError(f"{name}：{wrong}", code="ballots", field="opinions")
    if result.follow_up_due is not None and result.follow_up_due < result.round.held_on:
        raise DomainError(f"{name}的帮教期限早于评议日期。", code="out_of_order", field="follow_up_due")
