"""学时: how many a member and a leader should have in a year, and how days of training become hours.

Both numbers say 一般: who has less is named, nothing is refused.
"""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Final

from apps.core.regulations import Citation, Finding

from .catalogue import EDUCATION_RULES

MEMBER_STUDY: Final = Citation(EDUCATION_RULES, "（党员每年集中学习培训学时，条次待核）", "JY-01", "V-sec")
LEADER_STUDY: Final = Citation(EDUCATION_RULES, "（基层党组织书记和班子成员学时，条次待核）", "JY-02", "V-sec")
CONVERSION: Final = Citation("集中培训学时折算办法", "（一天8学时、半天4学时、一小时1学时）", "JY-05", "local")
MIDYEAR: Final = Citation("年中任职人员学时核算惯例", "（以6月30日在任为准）", "", "P")

MEMBER_HOURS: Final = 32
LEADER_HOURS: Final = 56


def leaders_day(year: int, today: datetime.date) -> datetime.date:
    """The day on which whoever sits in a committee is asked the hours of a leader for the year.

    30 June, or today before it: who holds the seat for the larger part of the year. Nothing published says it.
    """
    return min(datetime.date(year, 6, 30), today)


def hours_needed(*, is_leader: bool) -> int:
    """学时 that are usual in a calendar year."""
    return LEADER_HOURS if is_leader else MEMBER_HOURS


def hours_missing(hours: Decimal, *, is_leader: bool) -> Decimal:
    """What is left to the end of the year; 0 for who has them."""
    return max(hours_needed(is_leader=is_leader) - hours, Decimal(0))


def hours_finding(hours: Decimal, *, is_leader: bool) -> Finding | None:
    """Tell of somebody who has fewer than usual."""
    missing = hours_missing(hours, is_leader=is_leader)
    if not missing:
        return None
    basis = LEADER_STUDY if is_leader else MEMBER_STUDY
    needed = hours_needed(is_leader=is_leader)
    return Finding(
        "few_hours", f"全年一般不少于{needed}学时，现有{hours.normalize():f}，还差{missing.normalize():f}。", basis
    )


def class_hours(full_days: int, half_days: int, *, full: Decimal, half: Decimal) -> Decimal:
    """The 学时 of a class of so many whole and half days, at what the place gives for each."""
    return full_days * full + half_days * half
