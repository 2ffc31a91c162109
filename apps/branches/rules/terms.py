"""届期: how long a term of office lasts and how its end comes nearer."""

from __future__ import annotations

import datetime
from typing import Final

from apps.core.choices import Choice
from apps.core.periods import add_months
from apps.core.regulations import Citation, Finding

from .organisations import BRANCH_RULES, CAPABILITIES, ELECTION_RULES, OrgKind

TERM: Final = Citation("关于党的基层组织任期的意见", "第一条", "XJ-05")
TERM_NOTICE: Final = Citation(BRANCH_RULES, "第二十二条", "ZW-08", "V-sec")
TERM_DELAY: Final = Citation(ELECTION_RULES, "第三条", "XJ-02")

COMMITTEE_TERM_YEARS: Final = 5  # XJ-05: 基层党委每届任期5年
BRANCH_TERM_YEARS: Final = 3  # XJ-05: 总支部、支部每届任期3年
TERM_NOTICE_MONTHS: Final = 6  # ZW-08: 上级一般提前6个月提醒
TERM_MAX_DELAY_MONTHS: Final = 12  # XJ-02: 提前或延期一般不超过1年

_ONE_DAY: Final = datetime.timedelta(days=1)


class TermState(Choice):
    """How a term stands on a day."""

    RUNNING = "running", "正常"
    DUE = "due", "6个月内到期"
    EXPIRED = "expired", "已到期"
    OVERDUE = "overdue", "逾期超1年"
    ENDED = "ended", "已结束"


def term_years(kind: OrgKind) -> int | None:
    """Return the length of a term of office; None where nobody is elected. Source: XJ-05."""
    if not CAPABILITIES[kind].can_elect:
        return None
    return COMMITTEE_TERM_YEARS if kind is OrgKind.COMMITTEE else BRANCH_TERM_YEARS


def term_expiry(kind: OrgKind, began_on: datetime.date) -> datetime.date | None:
    """Return the first day on which the term that began then is over."""
    years = term_years(kind)
    return None if years is None else add_months(began_on, 12 * years)


def term_state(expires_on: datetime.date, *, today: datetime.date) -> TermState:
    """Tell how a term that nothing has ended stands: notice from six months ahead, overdue a year after. ZW-08, XJ-02."""
    if today < add_months(expires_on, -TERM_NOTICE_MONTHS):
        return TermState.RUNNING
    if today < expires_on:
        return TermState.DUE
    return TermState.EXPIRED if today <= add_months(expires_on, TERM_MAX_DELAY_MONTHS) else TermState.OVERDUE


def last_announced(today: datetime.date) -> datetime.date:
    """Return the latest expiry of which notice is given by today. Months are not all alike: it is not `today` + 6."""
    day = add_months(today, TERM_NOTICE_MONTHS)
    while add_months(day + _ONE_DAY, -TERM_NOTICE_MONTHS) <= today:
        day += _ONE_DAY
    return day


def last_beyond_limit(today: datetime.date) -> datetime.date:
    """Return the latest expiry that today lies more than the tolerated year after."""
    day = add_months(today, -TERM_MAX_DELAY_MONTHS)
    while add_months(day, TERM_MAX_DELAY_MONTHS) >= today:
        day -= _ONE_DAY
    return day


def term_finding(expires_on: datetime.date, *, today: datetime.date) -> Finding | None:
    """Return what is due about 换届 in a term that nothing has ended: notice, then overdue. ZW-08, XJ-02."""
    state = term_state(expires_on, today=today)
    if state is TermState.DUE:
        return Finding("term_due", f"本届任期{expires_on:%Y-%m-%d}届满，请筹备换届。", TERM_NOTICE, "info")
    if state is TermState.EXPIRED:
        message = f"本届任期已于{expires_on:%Y-%m-%d}届满，延期换届须报上级批准。"
        return Finding("term_overdue", message, TERM_DELAY, "warn")
    if state is TermState.OVERDUE:
        message = f"本届任期已于{expires_on:%Y-%m-%d}届满，延期已超过1年。"
        return Finding("term_overdue_beyond_limit", message, TERM_DELAY, "warn")
    return None
