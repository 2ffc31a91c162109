"""The quarterly 摸底: how a return moves, what it must say, what looks odd about it. Pure functions."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from apps.core.choices import Choice
from apps.core.errors import DomainError
from apps.core.regulations import Citation, Finding
from apps.enterprises.kinds import ContactMethod, Status, UnbuiltReason
from apps.enterprises.rules import unbuilt_reason_needs_note

CENSUS = Citation("园区企业摸底排查的通行做法", "（季度更新）", "", "local")
FIVE_CLEAR = Citation("园区企业摸底排查的通行做法", "（五清）", "", "local")
METHOD = Citation("园区企业摸底排查的通行做法", "（走访、电话联系、实地查看）", "", "local")
CROSS_CHECK = Citation("党内统计数据核对的通行做法", "（变化异常须说明）", "", "P")

Who = Literal["filler", "officer", "system"]
"""Who acts: who fills in (书记、支部委员、指导员), an officer who checks, or the closing of the round."""


class Section(Choice):
    """五清: the five things that a census makes clear."""

    OPERATIONS = "operations", "经营运行清"
    STAFF = "staff", "职工队伍清"
    MEMBERS = "members", "党员队伍清"
    OWNER = "owner", "出资人（负责人）清"
    UNBUILT = "unbuilt", "未建党组织原因清"


SECTION_FACTS: Final[Mapping[Section, tuple[str, ...]]] = {
    Section.OPERATIONS: ("status", "has_premises", "has_operations"),
    Section.STAFF: ("staff", "staff_under_35", "staff_college"),
    Section.MEMBERS: ("formal_members", "probationary_members", "members_elsewhere", "applicants"),
    Section.OWNER: (
        "leader_name", "leader_status", "attitude", "technologists", "minor_party_members", "foreigners",
    ),
    Section.UNBUILT: ("unbuilt_reason", "unbuilt_note", "planned_on"),
}  # fmt: skip
"""What each section asks. The numbers of the owner's section are the rest of 四个底数."""

CLEAR_FLAGS: Final[Mapping[Section, str]] = {
    section: f"{section.value}_clear" for section in Section if section is not Section.UNBUILT
}
"""Where a return keeps 清 or 不清 of a section; the reason stands for the last one."""


class State(Choice):
    NOT_STARTED = "not_started", "未开始"
    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "已报"
    RETURNED = "returned", "退回"
    APPROVED = "approved", "已审"
    LOCKED = "locked", "锁定"


class Action(Choice):
    SAVE = "save", "保存"
    SUBMIT = "submit", "上报"
    WITHDRAW = "withdraw", "撤回"
    SEND_BACK = "send_back", "退回"
    APPROVE = "approve", "审核通过"
    LOCK = "lock", "锁定"
    REOPEN = "reopen", "重新开放"


@dataclass(frozen=True)
class Move:
    to: State
    who: Who


TRANSITIONS: Final[Mapping[tuple[State, Action], Move]] = {
    (State.NOT_STARTED, Action.SAVE): Move(State.DRAFT, "filler"),
    (State.NOT_STARTED, Action.SUBMIT): Move(State.SUBMITTED, "filler"),
    (State.DRAFT, Action.SAVE): Move(State.DRAFT, "filler"),
    (State.DRAFT, Action.SUBMIT): Move(State.SUBMITTED, "filler"),
    (State.RETURNED, Action.SAVE): Move(State.RETURNED, "filler"),
    (State.RETURNED, Action.SUBMIT): Move(State.SUBMITTED, "filler"),
    (State.SUBMITTED, Action.WITHDRAW): Move(State.DRAFT, "filler"),
    (State.SUBMITTED, Action.SEND_BACK): Move(State.RETURNED, "officer"),
    (State.SUBMITTED, Action.APPROVE): Move(State.APPROVED, "officer"),
    (State.APPROVED, Action.SEND_BACK): Move(State.RETURNED, "officer"),
    **{(state, Action.LOCK): Move(State.LOCKED, "system") for state in State if state is not State.LOCKED},
    (State.LOCKED, Action.REOPEN): Move(State.RETURNED, "officer"),
}

WRITABLE: Final = frozenset({State.NOT_STARTED, State.DRAFT, State.RETURNED})
REPORTED: Final = frozenset({State.SUBMITTED, State.APPROVED})
"""States that count as 已报 while the round is open; a locked return counts when it has a submission date."""


@dataclass(frozen=True)
class CensusThresholds:
    """The local numbers of this module, as parameters gave them on the day in question.

    A reason is asked for a change of more than `change_percent` percent and more than `change_people` people.
    """

    due_days: int
    on_time_days: int
    change_percent: int
    change_people: int


def next_move(state: State, action: Action) -> Move:
    """Return where an action leads and who may take it, or refuse with DomainError."""
    move = TRANSITIONS.get((state, action))
    if move is None:
        raise DomainError(f"摸底表“{state.label}”时不能{action.label}。", basis=CENSUS, code="wrong_state")
    return move


def allowed_actions(state: State, who: Who) -> list[Action]:
    """Return what this person may do with a return in this state, in the order of the buttons."""
    return [action for action in Action if (m := TRANSITIONS.get((state, action))) and m.who == who]


def on_time(submitted_on: datetime.date | None, *, due_on: datetime.date, on_time_days: int = 0) -> bool:
    """Tell whether a return came on time: at the latest `on_time_days` after the due day."""
    return submitted_on is not None and submitted_on <= due_on + datetime.timedelta(days=on_time_days)


def due_day(opens_on: datetime.date, thresholds: CensusThresholds) -> datetime.date:
    """Return the due day that a round opened then gets, unless the officer sets another."""
    return opens_on + datetime.timedelta(days=thresholds.due_days)


def required_sections(*, covered: bool) -> list[Section]:
    """Return the sections that must be answered; 未建原因 only where no Party organisation covers."""
    return [section for section in Section if not (covered and section is Section.UNBUILT)]


@dataclass(frozen=True)
class Answer:
    """What a return says, as far as the rules look at it."""

    answered: Collection[Section] = ()
    unclear: Collection[Section] = ()
    covered: bool = False
    no_change: bool = False
    method: ContactMethod | None = None
    checked_on: datetime.date | None = None
    unbuilt_reason: UnbuiltReason | None = None
    unbuilt_note: str = ""


def submission_findings(answer: Answer, *, today: datetime.date, since: datetime.date) -> list[Finding]:
    """Return what stops a return from being submitted. `since` is the first day of the census period.

    本季无变化 still says how and when it was found out; it stands for every section but 未建原因.
    """
    findings = []
    if answer.method is None:
        message = "请选择摸排方式：走访、电话或实地。"
        findings.append(Finding("method_missing", message, METHOD, "block"))
    findings += _checked_on_findings(answer.checked_on, today=today, since=since)
    given = set(Section) - {Section.UNBUILT} if answer.no_change else set(answer.answered)
    given |= {Section.UNBUILT} if answer.unbuilt_reason else set()
    for section in required_sections(covered=answer.covered):
        if section not in given:
            what = "请填写未建党组织原因" if section is Section.UNBUILT else f"“{section.label}”尚未填写"
            findings.append(Finding(f"{section.value}_missing", f"{what}。", FIVE_CLEAR, "block"))
    if answer.unbuilt_reason and unbuilt_reason_needs_note(answer.unbuilt_reason) and not answer.unbuilt_note:
        message = "未建原因为“其他”时须写明具体原因。"
        findings.append(Finding("unbuilt_note_missing", message, FIVE_CLEAR, "block"))
    return findings


def unclear_findings(answer: Answer) -> list[Finding]:
    """Return the sections that were found 不清, each asking why."""
    return [
        Finding(f"{section.value}_unclear", f"“{section.label}”填为不清，请说明原因。", FIVE_CLEAR, "ask")
        for section in Section
        if section in answer.unclear
    ]


def _checked_on_findings(
    checked_on: datetime.date | None, *, today: datetime.date, since: datetime.date
) -> list[Finding]:
    if checked_on is None:
        return [Finding("checked_on_missing", "请填写摸排日期。", METHOD, "block")]
    if checked_on > today:
        return [Finding("checked_on_future", "摸排日期不能晚于今天。", METHOD, "block")]
    if checked_on < since:
        message = f"摸排日期应在本期（{since:%Y-%m-%d}起）之内。"
        return [Finding("checked_on_before_period", message, METHOD, "block")]
    return []


@dataclass(frozen=True)
class Figures:
    """The numbers of a return. `members_elsewhere` work here while their relation is elsewhere (未转入)."""

    status: Status = Status.OPERATING
    staff: int = 0
    formal_members: int = 0
    probationary_members: int = 0
    members_elsewhere: int = 0

    @property
    def members(self) -> int:
        return self.formal_members + self.probationary_members + self.members_elsewhere


def consistency_findings(figures: Figures) -> list[Finding]:
    """Return what disagrees between the sections of one return; each asks for a reason."""
    findings = []
    here = figures.formal_members + figures.probationary_members
    if here > figures.staff:
        message = f"党员{here}人，多于职工{figures.staff}人，请核对或说明。"
        findings.append(Finding("members_exceed_staff", message, CROSS_CHECK, "ask"))
    elif figures.members > figures.staff:
        message = f"含组织关系未转入的党员共{figures.members}人，多于职工{figures.staff}人，请核对或说明。"
        findings.append(Finding("members_elsewhere_exceed_staff", message, CROSS_CHECK, "ask"))
    if figures.status is Status.OPERATING and figures.staff == 0:
        message = "企业在营而职工为0人，请核对或说明。"
        findings.append(Finding("operating_without_staff", message, CROSS_CHECK, "ask"))
    if figures.members_elsewhere > 0:
        message = f"有{figures.members_elsewhere}名党员组织关系未转入，请联系转接或列为流动党员。"
        findings.append(Finding("members_elsewhere", message, CROSS_CHECK, "info"))
    return findings


def changed_abnormally(now: int, before: int, thresholds: CensusThresholds) -> bool:
    """Tell whether a number moved so far since the last period that a reason is asked."""
    change = abs(now - before)
    return change > thresholds.change_people and change * 100 > before * thresholds.change_percent


def change_findings(now: Figures, before: Figures, thresholds: CensusThresholds) -> list[Finding]:
    """Return the numbers that changed abnormally since the last period, each asking for a reason."""
    pairs = [
        ("staff", "职工", now.staff, before.staff),
        ("formal_members", "正式党员", now.formal_members, before.formal_members),
        ("members_elsewhere", "未转入党员", now.members_elsewhere, before.members_elsewhere),
    ]
    return [
        Finding(f"{code}_changed", f"{label}由{old}人变为{new}人，变化较大，请说明原因。", CROSS_CHECK, "ask")
        for code, label, new, old in pairs
        if changed_abnormally(new, old, thresholds)
    ]
