"""民主评议党员 and 三评议: who gets a grade, how many may be 优秀, what has to be done before a round is closed.

Regulation: 支部工作条例 on 民主评议党员. 三评议 (企业领导、企业职工、党支部) is practice of the parks: whose work is found
bad (作用不好) is, as the case may be, given a talk (警示谈话).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from apps.branches.rules.organisations import BRANCH_RULES
from apps.core.regulations import Citation, Finding

from ..kinds import Grade, OpinionSource, ReviewKind
from .catalogue import APPRAISAL as APPRAISAL

QUOTA: Final = Citation("民主评议党员工作安排", "（优秀等次一般不超过党员总数的三分之一）", "HY-08")
THREE_SIDED: Final = Citation("本地做法：三评议每年一次，作用不好的视情给予警示谈话", "", "", "local")
HELP: Final = Citation(BRANCH_RULES, "第十八条（条次待核；基本合格的帮助提高，不合格的教育帮助、组织处置）", "HY-08")

EXCELLENT_ONE_IN: Final = 3
"""优秀 一般 ≤ one in three of those who get a grade, rounded down."""

SIDES: Final[Mapping[ReviewKind, tuple[OpinionSource, ...]]] = {
    ReviewKind.DEMOCRATIC: (OpinionSource.SELF, OpinionSource.PEERS),
    ReviewKind.THREE_SIDED: (OpinionSource.EMPLOYER, OpinionSource.STAFF, OpinionSource.BRANCH),
}
"""Whose opinion is one grade. 民主测评 of the democratic review is totals of ballots besides."""

ROLE_LABELS: Final[Mapping[Grade, str]] = {
    Grade.EXCELLENT: "作用好", Grade.QUALIFIED: "作用较好", Grade.BARELY: "作用一般", Grade.UNQUALIFIED: "作用不好",
}  # fmt: skip
"""三评议 asks what part a member plays, in four steps as well."""

TO_BE_HELPED: Final = (Grade.BARELY, Grade.UNQUALIFIED)


@dataclass(frozen=True)
class Judged:
    """What a round says of one member, as far as it decides whether the round may be closed."""

    name: str
    is_probationary: bool
    grade: str
    opinions: Mapping[str, Any]
    comment: str = ""
    follow_up: str = ""
    talk_needed: bool = False
    talked: bool = False
    waived: str = ""


def grade_labels(kind: ReviewKind) -> list[tuple[str, str]]:
    """(code, label) of the four steps as a review of the kind calls them."""
    return [(g.value, ROLE_LABELS[g] if kind is ReviewKind.THREE_SIDED else g.label) for g in Grade]


def excellent_limit(graded: int) -> int:
    """How many of so many members with a grade may be 优秀: a third, rounded down."""
    return graded // EXCELLENT_ONE_IN


def quota_finding(grades: Iterable[str]) -> Finding | None:
    """More 优秀 than a third of those with a grade asks for a reason (一般): probationary members are not among them."""
    given = [grade for grade in grades if grade]
    excellent, limit = given.count(Grade.EXCELLENT.value), excellent_limit(len(given))
    if excellent <= limit:
        return None
    message = f"评为优秀 {excellent} 名，{len(given)} 名评定等次的党员中一般不超过 {limit} 名，请说明原因。"
    return Finding("too_many_excellent", message, QUOTA, "ask")


def calls_for_talk(opinions: Mapping[str, Any]) -> bool:
    """Whether one of the three sides finds that a member plays no good part (作用不好)."""
    return any(opinions.get(side.value) == Grade.UNQUALIFIED for side in SIDES[ReviewKind.THREE_SIDED])


def wrong_ballots(ballots: Mapping[str, Any], voters: int) -> str:
    """What is wrong with the totals of 民主测评 of one member, as a sentence; empty when nothing is."""
    known = {grade.value for grade in Grade}
    if any(name not in known or type(count) is not int or count < 0 for name, count in ballots.items()):
        return "测评票数须是不小于 0 的整数。"
    total = sum(ballots.values())
    return f"测评票共 {total} 张，多于参加评议的 {voters} 名党员。" if total > voters else ""


def closing_findings(kind: ReviewKind, people: Sequence[Judged]) -> list[Finding]:
    """What stands against closing a round. What `block`s has to be done first, what `ask`s needs a reason."""
    if kind is ReviewKind.THREE_SIDED:
        return _three_sided(people)
    found = []
    if names := [p.name for p in people if not (p.is_probationary or p.grade or p.comment)]:
        message = f"{_named(names)}没有评定等次，请评定；不能评定的，在评语中说明原因。"
        found.append(Finding("no_grade", message, APPRAISAL, "block"))
    if names := [p.name for p in people if p.grade in TO_BE_HELPED and not p.follow_up]:
        found.append(Finding("no_help", f"请为{_named(names)}登记帮教（处置）措施。", HELP, "block"))
    quota = quota_finding(p.grade for p in people)
    return [*found, quota] if quota else found


def _three_sided(people: Sequence[Judged]) -> list[Finding]:
    sides = SIDES[ReviewKind.THREE_SIDED]
    found = []
    if names := [p.name for p in people if not p.comment and any(not p.opinions.get(side.value) for side in sides)]:
        message = f"{_named(names)}的三方意见不全，请补齐；不能评议的，在评语中说明原因。"
        found.append(Finding("no_opinion", message, THREE_SIDED, "block"))
    if names := [p.name for p in people if p.talk_needed and not p.talked]:
        found.append(Finding("talk_open", f"{_named(names)}的警示谈话还没有登记。", THREE_SIDED, "block"))
    undecided = [p.name for p in people if calls_for_talk(p.opinions) and not (p.talk_needed or p.talked or p.waived)]
    if undecided:
        message = f"{_named(undecided)}有一方认为作用不好，请登记警示谈话，或说明不谈话的原因。"
        found.append(Finding("talk_undecided", message, THREE_SIDED, "block"))
    return found


def _named(names: Sequence[str]) -> str:
    """The first few names, and how many there are."""
    shown = "、".join(names[:NAMED])
    return shown if len(names) <= NAMED else f"{shown}等 {len(names)} 名"


NAMED: Final = 5
"""How many names a sentence says before it only counts (appearance only)."""
