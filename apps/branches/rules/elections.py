"""换届选举 as a sequence of steps: who takes which, in what order, and what is asked about the timing.

Sources: 支部工作条例 第二十一条、第二十二条; 基层组织选举工作条例 第三条; practice where the Citation says so.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from apps.core.choices import Choice
from apps.core.periods import add_months
from apps.core.regulations import Citation, Finding

from .organisations import BRANCH_RULES, ELECTION_RULES
from .terms import TERM_DELAY, TERM_MAX_DELAY_MONTHS
from .voting import ElectionThresholds

ELECTED_BY: Final = Citation(BRANCH_RULES, "第二十一条", "ZW-06", "V-sec")
REQUEST: Final = Citation("换届请示的通行做法", "（选举前约1个月）", "XJ-08", "local")
VOTERS: Final = Citation(ELECTION_RULES, "第五条", "XJ-04")
CONGRESS: Final = Citation(ELECTION_RULES, "第四条", "XJ-03")

CONGRESS_MIN_MEMBERS: Final = 500  # XJ-03: 党员500名以上，经批准可召开代表大会


class ElectionState(Choice):
    """How far a 换届选举 has come."""

    PLANNED = "planned", "筹备中"
    REQUESTED = "requested", "已请示"
    CONSENTED = "consented", "已批复"
    NOTIFIED = "notified", "已通知"
    HELD = "held", "已选举"
    REPORTED = "reported", "已报告结果"
    APPROVED = "approved", "已批准"
    CANCELLED = "cancelled", "已取消"


class Meeting(Choice):
    """Who elects."""

    ASSEMBLY = "assembly", "党员大会"
    CONGRESS = "congress", "党员代表大会"


class CandidatePost(Choice):
    """What a candidate stands for. 书记、副书记 stand before the meeting only where there is no committee (ZW-06)."""

    MEMBER = "member", "委员"
    SECRETARY = "secretary", "书记"
    DEPUTY = "deputy", "副书记"


class ExclusionReason(Choice):
    """Why a formal member is not counted among those who should attend. Only numbers are kept, never names."""

    PROBATION = "probation", "留党察看期间"
    SUSPENDED = "suspended", "被留置、逮捕，党员权利中止"
    ILL = "ill", "患精神疾病或因病不能表达本人意志"
    ABROAD = "abroad", "自费出国（境）6个月以上"
    SERVING = "serving", "虽未留党察看但正在服刑"
    FRAIL = "frail", "年老体弱卧床不起或长期生病生活不能自理"
    AWAY = "away", "外出6个月以上，按规定应转未转组织关系"


@dataclass(frozen=True)
class Step:
    """One step of an election: the state it leads to, what is done (and in one word), by whom, on which basis."""

    state: ElectionState
    label: str
    word: str
    by_officer: bool
    basis: Citation


STEPS: Final = (
    Step(ElectionState.PLANNED, "制定换届计划", "计划", False, ELECTED_BY),
    Step(ElectionState.REQUESTED, "向上级请示", "请示", False, REQUEST),
    Step(ElectionState.CONSENTED, "上级批复", "批复", True, ELECTED_BY),
    Step(ElectionState.NOTIFIED, "确定候选人，通知党员", "通知", False, VOTERS),
    Step(ElectionState.HELD, "召开大会，投票选举", "选举", False, VOTERS),
    Step(ElectionState.REPORTED, "报告选举结果", "报告", False, ELECTED_BY),
    Step(ElectionState.APPROVED, "上级批准（书记、副书记批准，委员备案）", "批准", True, ELECTED_BY),
)
"""The road of an election, in its order; an officer of a level above consents and approves."""

FINISHED: Final = frozenset({ElectionState.APPROVED, ElectionState.CANCELLED})

SENT_BACK: Final[Mapping[ElectionState, ElectionState]] = {
    ElectionState.REQUESTED: ElectionState.PLANNED,
    ElectionState.REPORTED: ElectionState.HELD,
}
"""退回: where what waits for the level above goes when it is not agreed to."""

REPEATABLE: Final[Mapping[ElectionState, frozenset[ElectionState]]] = {
    ElectionState.NOTIFIED: frozenset({ElectionState.NOTIFIED, ElectionState.HELD}),
    ElectionState.HELD: frozenset({ElectionState.HELD}),
}
"""Steps that may be taken again and from where: another day, other candidates, a vote record written anew."""


def may_step(state: ElectionState, to: ElectionState) -> bool:
    """Tell whether an election in this state may take the step to that one: the next of the road, or one again."""
    if state in FINISHED:
        return False
    road = [step.state for step in STEPS]
    return state in REPEATABLE.get(to, ()) or (to in road and road.index(to) == road.index(state) + 1)


def may_follow(state: ElectionState, to: ElectionState) -> bool:
    """Tell whether that state may come after this one at all: by a step, sent back, or cancelled."""
    if state in FINISHED:
        return False
    return may_step(state, to) or SENT_BACK.get(state) is to or to is ElectionState.CANCELLED


def next_step(state: ElectionState) -> Step | None:
    """Return what has to be done next; None when the election is over."""
    road = [step.state for step in STEPS]
    return None if state in FINISHED else STEPS[road.index(state) + 1]


def waits_for_officer(state: ElectionState) -> bool:
    """Tell whether the level above has to act now."""
    step = next_step(state)
    return step is not None and step.by_officer


def may_hold_congress(members: int) -> bool:
    """Tell whether size allows a 党员代表大会 in place of the 党员大会, with approval. Source: XJ-03."""
    return members >= CONGRESS_MIN_MEMBERS


def election_request_due(held_on: datetime.date, thresholds: ElectionThresholds) -> datetime.date:
    """Return the day by which 上级 is asked for consent to an election held then. Source: XJ-08."""
    return add_months(held_on, -thresholds.request_months)


def request_finding(
    *, requested_on: datetime.date, planned_on: datetime.date, thresholds: ElectionThresholds
) -> Finding | None:
    """Tell when a 请示 comes later than practice asks. Source: XJ-08."""
    due = election_request_due(planned_on, thresholds)
    if requested_on <= due:
        return None
    message = f"计划{planned_on:%Y-%m-%d}选举，请示一般应在{due:%Y-%m-%d}之前提出。"
    return Finding("late_request", message, REQUEST, "ask")


def timing_finding(
    *, expires_on: datetime.date, held_on: datetime.date, thresholds: ElectionThresholds
) -> Finding | None:
    """Tell when an election is early or late, so that 上级 has to approve the day; a year is the usual limit. XJ-02.

    On time is from some months (a parameter) before the term is over up to the day on which it is.
    """
    earliest = add_months(expires_on, -thresholds.early_months)
    if earliest <= held_on <= expires_on:
        return None
    word, far = ("提前", held_on < add_months(expires_on, -TERM_MAX_DELAY_MONTHS))
    if held_on > expires_on:
        word, far = ("延期", held_on > add_months(expires_on, TERM_MAX_DELAY_MONTHS))
    message = f"本届{expires_on:%Y-%m-%d}届满，{held_on:%Y-%m-%d}选举属{word}换届，须经上级批准"
    if far:
        return Finding("beyond_a_year", f"{message}；{word}一般不超过1年，请说明原因。", TERM_DELAY, "ask")
    return Finding("early" if word == "提前" else "late", f"{message}。", TERM_DELAY, "ask")


def congress_finding(meeting: Meeting, members: int | None) -> Finding | None:
    """Ask why a smaller organisation elects by congress. `members` None: nobody has counted. Source: XJ-03."""
    if meeting is Meeting.ASSEMBLY or members is None or may_hold_congress(members):
        return None
    message = f"党员{members}名，不足{CONGRESS_MIN_MEMBERS}名的一般召开党员大会；所属分散的，经上级批准可召开代表大会，请说明原因。"
    return Finding("small_congress", message, CONGRESS, "ask")
