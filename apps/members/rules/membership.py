"""预备期, leaving for good and coming back. Pure functions; each threshold has its Citation."""

from __future__ import annotations

import datetime
from typing import Final

from apps.core.periods import add_months
from apps.core.regulations import Citation, Finding

from ..kinds import LeavingReason

DEVELOPMENT_RULES = "中国共产党发展党员工作细则"
PROBATION = Citation(DEVELOPMENT_RULES, "第三十一条、第三十二条", "FZ-02")
MEMBERSHIP_LOST = Citation("中国共产党党员教育管理工作条例", "第二十四条", "DJ-05")

PROBATION_MONTHS: Final = 12  # 预备党员的预备期为一年，从支部大会通过其为预备党员之日算起
EXTENSION_MIN_MONTHS: Final = 6  # 延长一次预备期，不少于半年
EXTENSION_MAX_MONTHS: Final = 12  # 最长不超过一年

FOR_GOOD: Final = frozenset(
    {LeavingReason.RESIGNED, LeavingReason.REMOVED, LeavingReason.EXPELLED, LeavingReason.CANCELLED}
)
"""After these the membership is over: it cannot be restored, the person may apply again (DJ-05)."""


def probation_end(joined_on: datetime.date, extended_until: datetime.date | None = None) -> datetime.date:
    """Return the day on which the 预备期 ends: a year after admission, or until when it was extended."""
    return extended_until or add_months(joined_on, PROBATION_MONTHS)


def early_formal_finding(
    on: datetime.date, joined_on: datetime.date, extended_until: datetime.date | None = None
) -> Finding | None:
    """Refuse 转正 before the 预备期 has ended. Source: 发展党员工作细则 第三十一条、第三十二条."""
    end = probation_end(joined_on, extended_until)
    if on >= end:
        return None
    return Finding("probation_runs", f"预备期至 {end:%Y-%m-%d} 届满，不能提前转正。", PROBATION, "block")


def extension_finding(
    until: datetime.date, joined_on: datetime.date, extended_until: datetime.date | None = None
) -> Finding | None:
    """Refuse a second extension, and one of less than 6 or more than 12 months after the first year."""
    if extended_until is not None:
        message = f"预备期已延长至 {extended_until:%Y-%m-%d}，只能延长一次。"
        return Finding("extended_already", message, PROBATION, "block")
    end = probation_end(joined_on)
    earliest, latest = add_months(end, EXTENSION_MIN_MONTHS), add_months(end, EXTENSION_MAX_MONTHS)
    if earliest <= until <= latest:
        return None
    message = f"预备期至 {end:%Y-%m-%d} 届满，延长应不少于{EXTENSION_MIN_MONTHS}个月、不超过{EXTENSION_MAX_MONTHS}个月"
    return Finding("extension_length", f"{message}（{earliest:%Y-%m-%d} 至 {latest:%Y-%m-%d}）。", PROBATION, "block")


def restoring_finding(reason: LeavingReason) -> Finding | None:
    """Refuse to restore somebody who is no member any more: 除名、开除 cannot be restored. Source: DJ-05."""
    if reason not in FOR_GOOD:
        return None
    return Finding("for_good", f"已{reason.label}，不能恢复党籍；可以重新申请入党。", MEMBERSHIP_LOST, "block")
