"""提示单: what a branch still has to do about one, and which records answer it. Pure functions."""

from __future__ import annotations

import datetime
from typing import Final

from apps.core.choices import Choice
from apps.core.periods import Period
from apps.core.regulations import Citation, Finding

TIP_SHEETS: Final = Citation("学习教育提示单制度", "（每季度下发、签收、落实）", "", "local")


class ReceiptState(Choice):
    """Where a tip sheet stands at one branch on a day."""

    UNSIGNED = "unsigned", "待签收"
    SIGNED = "signed", "已签收"
    OVERDUE = "overdue", "逾期未完成"
    DONE = "done", "已完成"
    DONE_LATE = "done_late", "逾期完成"
    CLOSED = "closed", "未完成（已办结）"


def receipt_state(
    *, is_signed: bool, done_on: datetime.date | None, due_on: datetime.date, is_closed: bool, today: datetime.date
) -> ReceiptState:
    """Tell where it stands: done from the first counted record on, late by the day of that record."""
    if done_on is not None:
        return ReceiptState.DONE if done_on <= due_on else ReceiptState.DONE_LATE
    if is_closed:
        return ReceiptState.CLOSED
    if today > due_on:
        return ReceiptState.OVERDUE
    return ReceiptState.SIGNED if is_signed else ReceiptState.UNSIGNED


def sign_by(received_on: datetime.date, sign_days: int) -> datetime.date:
    """Return the last day on which signing for it is in time: so many days after it came."""
    return received_on + datetime.timedelta(days=sign_days)


def due_finding(due_on: datetime.date, quarter: Period, *, today: datetime.date) -> Finding | None:
    """Refuse a deadline outside the quarter, or one that has passed before the sheet is issued."""
    if not quarter.contains(due_on):
        message = f"完成期限应在{quarter.label}之内（{quarter.start:%Y-%m-%d} 至 {quarter.last_day:%Y-%m-%d}）。"
        return Finding("due_outside_quarter", message, TIP_SHEETS, "block")
    if due_on < today:
        return Finding("due_passed", f"完成期限 {due_on:%Y-%m-%d} 已过，请改期后再下发。", TIP_SHEETS, "block")
    return None


def answers(held_on: datetime.date, quarter: Period) -> bool:
    """Whether a record of the day may answer a sheet of the quarter: from its first day on, later ones being late."""
    return held_on >= quarter.start
