"""组织关系转接: the order of its steps, who takes each, and what the regulation says about letter, dues and papers.

Pure functions. The numbers of the place arrive as `TransferThresholds`, read from dated parameters.
"""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from apps.core.choices import Choice
from apps.core.regulations import Citation, Finding

from ..kinds import OPEN_TRANSFERS, Stage, TransferKind, TransferState

EDUCATION_RULES = "中国共产党党员教育管理工作条例"

TRANSFER = Citation(EDUCATION_RULES, "第二十五条", "ZZ-01")
DESTINATION = Citation(EDUCATION_RULES, "第二十五条", "ZZ-02")
AUTHORITY = Citation(EDUCATION_RULES, "第二十五条", "ZZ-03")
RESPONSIBILITY = Citation(EDUCATION_RULES, "第二十五条", "ZZ-04")
NO_REFUSAL = Citation(EDUCATION_RULES, "第二十五条", "ZZ-05")
LETTER = Citation("党员组织关系介绍信的有效期", "（各地规定和惯例：一般10至30天，最长3个月）", "ZZ-06", "local")
LETTER_TEXT = Citation("党员组织关系介绍信的填写和回执", "（各地规定和惯例）", "ZZ-07", "local")
EXPIRED = Citation("党员组织关系介绍信逾期的处理", "（各地规定和惯例：由支部证明，本人重新申请）", "ZZ-08", "local")
WITHIN = Citation("同一基层党委内组织关系转接", "（通行做法）", "ZZ-09", "local")
DUES = Citation("中国共产党发展党员工作细则", "第十二条、第三十四条", "ZZ-11")
APPROVAL_DELAY = Citation("组织关系转接待批提醒", "（本系统建议）", "", "P")

LETTER_MAX_DAYS: Final = 90  # ZZ-06: 介绍信有效期最长不超过3个月


class Step(Choice):
    """What can be done to a transfer."""

    CHECK = "check", "支部核实"
    APPROVE = "approve", "党委批准"
    LETTER = "letter", "开具介绍信"
    ACCEPT = "accept", "接收"
    RETURN = "return", "退回"
    CANCEL = "cancel", "撤销"


class Side(Choice):
    """Who takes a step: the branch that keeps the transfer, the 基层党委 above it, or the branch that receives."""

    KEEPER = "keeper", "经办党支部"
    COMMITTEE = "committee", "基层党委"
    RECEIVER = "receiver", "接收党支部"


_WITHOUT_LETTER: Final = (Step.CHECK, Step.APPROVE, Step.ACCEPT)
_WITH_LETTER: Final = (Step.CHECK, Step.APPROVE, Step.LETTER, Step.ACCEPT)

STEPS: Final[Mapping[TransferKind, tuple[Step, ...]]] = {
    TransferKind.WITHIN: _WITHOUT_LETTER,  # ZZ-09: an internal move needs no letter
    TransferKind.BETWEEN: _WITH_LETTER,
    TransferKind.OUT: _WITH_LETTER,
    TransferKind.IN: _WITHOUT_LETTER,  # the letter came with the member
}
"""The steps of each kind, in their order. A transfer begins as a draft."""

REACHED: Final[Mapping[Step, TransferState]] = {
    Step.CHECK: TransferState.BRANCH_CHECKED,
    Step.APPROVE: TransferState.APPROVED,
    Step.LETTER: TransferState.LETTER_ISSUED,
    Step.ACCEPT: TransferState.ACCEPTED,
    Step.RETURN: TransferState.RETURNED,
    Step.CANCEL: TransferState.CANCELLED,
}
"""The state that a step leads to."""

AGAIN: Final = frozenset({TransferState.RETURNED, TransferState.EXPIRED, TransferState.CANCELLED})
"""After these the same transfer may be requested again (ZZ-08)."""


@dataclass(frozen=True)
class TransferThresholds:
    """The local numbers of this module, as parameters gave them on the day in question."""

    letter_days: int
    letter_soon_days: int
    transfer_approval_days: int
    transfer_accept_days: int
    departure_months: int


def next_step(kind: TransferKind, state: TransferState) -> Step | None:
    """Return the step that a transfer waits for; None when it is over (or in a state that its kind does not know)."""
    waiting = dict(zip((TransferState.DRAFT, *(REACHED[step] for step in STEPS[kind])), STEPS[kind], strict=False))
    return waiting.get(state)


def allows(step: Step, kind: TransferKind, state: TransferState) -> bool:
    """Tell whether the step can be taken in this state: forward in order, back once it left the branch."""
    if step is Step.CANCEL:
        return state in OPEN_TRANSFERS
    if step is Step.RETURN:
        return state in OPEN_TRANSFERS and state is not TransferState.DRAFT
    return next_step(kind, state) is step


def side_of(step: Step, kind: TransferKind, state: TransferState) -> Side:
    """Return who takes the step. Whoever could go on may return instead; only the keeper cancels.

    Of a transfer over the border of the portal the keeper records what the outside does (its receipt, its refusal).
    """
    if step is Step.RETURN:
        following = next_step(kind, state)
        return side_of(following, kind, state) if following else Side.KEEPER
    if step in (Step.APPROVE, Step.LETTER):
        return Side.COMMITTEE
    if step is Step.ACCEPT and kind in (TransferKind.WITHIN, TransferKind.BETWEEN):
        return Side.RECEIVER
    return Side.KEEPER


def letter_until(issued_on: datetime.date, days: int) -> datetime.date:
    """Return the last day of a letter that is valid for so many days, never beyond the limit. Source: ZZ-06."""
    return issued_on + datetime.timedelta(days=min(days, LETTER_MAX_DAYS))


def letter_finding(issued_on: datetime.date, valid_until: datetime.date) -> Finding | None:
    """Refuse a letter that would be valid for longer than 3 months, or not at all. Source: ZZ-06."""
    if valid_until < issued_on:
        return Finding("letter_dates", "介绍信有效期不能早于开具日期。", LETTER, "block")
    days = (valid_until - issued_on).days
    if days > LETTER_MAX_DAYS:
        return Finding("letter_too_long", f"介绍信有效期{days}天，最长不超过{LETTER_MAX_DAYS}天。", LETTER, "block")
    return None


def expiry_finding(on: datetime.date, valid_until: datetime.date | None) -> Finding | None:
    """Refuse an acceptance after the last day of the letter. Source: ZZ-08."""
    if valid_until is None or on <= valid_until:
        return None
    message = f"介绍信有效期至{valid_until:%Y-%m-%d}，已过期，须由转出党支部出具证明后重新办理。"
    return Finding("letter_expired", message, EXPIRED, "block")


def is_expired(valid_until: datetime.date | None, *, today: datetime.date) -> bool:
    """Tell whether the last day of the letter has passed."""
    return valid_until is not None and valid_until < today


def end_of_month(day: datetime.date) -> datetime.date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def months_owed(paid_until: datetime.date, *, on: datetime.date) -> int:
    """Return for how many whole months before that of `on` no dues were paid."""
    return max(0, (on.year - paid_until.year) * 12 + on.month - paid_until.month - 1)


def dues_finding(paid_until: datetime.date | None, *, on: datetime.date) -> Finding | None:
    """Ask about a member who has not paid dues up to the month before. Source: ZZ-11."""
    if paid_until is None:
        return Finding("dues_unknown", "请填写党费交至哪一个月。", LETTER_TEXT, "block")
    owed = months_owed(paid_until, on=on)
    if not owed:
        return None
    message = f"党费交至{paid_until.year}年{paid_until.month}月，还有{owed}个月未交，转接前应交清，请说明原因。"
    return Finding("dues_owed", message, DUES, "ask")


def papers_finding(stage: Stage, *, handed_over: bool) -> Finding | None:
    """Refuse to let a 预备党员 go without the papers of training and examination. Source: ZZ-11, 细则 第三十四条."""
    if stage is Stage.FORMAL or handed_over:
        return None
    message = "预备党员转接组织关系，应当将培养教育考察等材料移交接收党组织。"
    return Finding("papers_missing", message, DUES, "block")
