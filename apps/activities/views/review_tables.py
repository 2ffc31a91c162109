"""The results of a round as the table of its page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from apps.enterprises.views.tables import section, table

from ..kinds import Grade, OpinionSource, ReviewKind
from ..ledgers.reviews import ballots
from ..models import ReviewResult, ReviewRound
from ..rules.reviews import SIDES, calls_for_talk, grade_labels

GRADE_TONES = {
    Grade.EXCELLENT: "success", Grade.QUALIFIED: "info", Grade.BARELY: "warning", Grade.UNQUALIFIED: "danger",
}  # fmt: skip


def grade_cell(result: ReviewResult) -> dict[str, str]:
    """The grade as a badge; why there is none."""
    if result.is_probationary:
        return {"text": "不评定（预备党员）"}
    if not result.grade:
        return {"text": "未评定", "badge": "neutral"}
    return {"text": Grade(result.grade).label, "badge": GRADE_TONES[Grade(result.grade)]}


def talk_cell(result: ReviewResult) -> dict[str, str]:
    """警示谈话: held, due, left out with a reason, or not asked for."""
    if result.talked_on:
        return {"text": f"{result.talked_on:%Y-%m-%d} 已谈话", "badge": "success"}
    if result.talk_needed:
        return {"text": "待谈话", "badge": "warning"}
    if calls_for_talk(result.opinions):
        return {"text": "经研究不谈话" if result.talk_note else "待研究", "badge": "neutral"}
    return {"text": ""}


def help_cell(result: ReviewResult) -> dict[str, str]:
    """帮教: agreed until when, or finished."""
    if not result.follow_up:
        return {"text": ""}
    if result.follow_up_done_on:
        return {"text": f"{result.follow_up_done_on:%Y-%m-%d} 完成", "badge": "success"}
    due = f"，至 {result.follow_up_due:%Y-%m-%d}" if result.follow_up_due else ""
    return {"text": f"进行中{due}", "badge": "info"}


def results_table(review: ReviewRound, results: Sequence[ReviewResult], *, keeps: bool) -> dict[str, Any]:
    """Everybody in the round; the name opens what was said of the member."""
    if review.kind == ReviewKind.THREE_SIDED:
        headers, cells = _three_sided(results)
    else:
        headers, cells = _democratic(results)
    link = ("登记结果", f"{review.get_absolute_url()}enter/") if keeps else None
    return section("results", "评议结果", table(headers, cells, "这一天名册上没有党员。"), link)


def _name(result: ReviewResult) -> dict[str, Any]:
    return {"text": result.member.name, "url": result.get_absolute_url(), "nowrap": True}


def _democratic(results: Sequence[ReviewResult]) -> tuple[tuple[str, ...], list[list[dict[str, Any]]]]:
    labels = dict(Grade.choices())
    cells = [
        [
            _name(r), grade_cell(r),
            *({"text": labels.get(r.opinions.get(side.value, ""), ""), "nowrap": True} for side in SIDES[ReviewKind.DEMOCRATIC]),
            {"text": ballots(r)}, {"text": r.comment}, help_cell(r),
        ]
        for r in results
    ]  # fmt: skip
    return ("姓名", "等次", "自评", "互评", "民主测评", "评语", "帮教"), cells


def _three_sided(results: Sequence[ReviewResult]) -> tuple[tuple[str, ...], list[list[dict[str, Any]]]]:
    labels = dict(grade_labels(ReviewKind.THREE_SIDED))

    def side(result: ReviewResult, source: OpinionSource) -> dict[str, str]:
        said = result.opinions.get(source.value, "")
        return {"text": labels.get(said, ""), "badge": GRADE_TONES[Grade(said)] if said else ""}

    sources = SIDES[ReviewKind.THREE_SIDED]
    cells = [[_name(r), *(side(r, each) for each in sources), talk_cell(r), {"text": r.comment}] for r in results]
    return ("姓名", *(each.label for each in sources), "警示谈话", "评语"), cells
