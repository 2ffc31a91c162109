"""What makes a record of an activity possible, questionable or late: pure functions of days and numbers."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from typing import Final

from apps.core.regulations import Citation, Finding

from ..kinds import COUNTED, Audience, State
from .catalogue import APPRAISAL, ASSEMBLY, COMMITTEE_MEETING, LIFE_MEETING, PRACTICE, SERVES_TWO, THEME_DAY

ENTRY: Final = Citation("及时记录组织生活的工作惯例", "", "", "P")
"""How soon a record is to be entered is left to the place."""

LONG_HOURS: Final = 24
"""An activity that takes longer is probably mistyped; it is warned of, not refused."""

_NARROWEST_FIRST: Final = (Audience.COMMITTEE, Audience.GROUP, Audience.MEMBERS, Audience.CHOSEN)
_ASSEMBLY: Final = "assembly"
_COMMITTEE_MEETING: Final = "committee_meeting"
_PAIR_BASIS: Final = (("theme_day", THEME_DAY), ("appraisal", APPRAISAL), ("life_meeting", LIFE_MEETING))


def audience_of(first: Audience, second: Audience | None) -> Audience:
    """Return who is expected at a record that serves two kinds: the narrower circle.

    An 组织生活会 that is held as 支委会 is the committee's, one that is held as 党员大会 everybody's.
    """
    return next(each for each in _NARROWEST_FIRST if each in (first, second))


def pair_finding(first: str, second: str, *, names: tuple[str, str]) -> Finding | None:
    """Tell when one record cannot serve these two kinds (codes), with the rule that names what may be combined."""
    if frozenset((first, second)) in SERVES_TWO:
        return None
    basis = next((basis for code, basis in _PAIR_BASIS if code in (first, second)), ASSEMBLY)
    message = f"“{names[0]}”和“{names[1]}”不能合为一次活动，请分别记录。"
    return Finding("kinds_apart", message, basis, "block")


def future_finding(held_on: datetime.date, today: datetime.date) -> Finding | None:
    """Tell that what lies in the future can be planned, not recorded."""
    if held_on <= today:
        return None
    return Finding("future", f"{held_on:%Y-%m-%d} 还没有到，只能存为计划；活动结束后再提交记录。", PRACTICE, "block")


def duration_finding(starts_at: datetime.datetime, ends_at: datetime.datetime | None) -> Finding | None:
    """Tell of an end before the beginning, and of an activity that takes more than LONG_HOURS."""
    if ends_at is None:
        return None
    if ends_at <= starts_at:
        return Finding("ends_before_start", "结束时间须晚于开始时间。", PRACTICE, "block")
    if ends_at - starts_at > datetime.timedelta(hours=LONG_HOURS):
        return Finding("long", f"活动持续超过{LONG_HOURS}小时，请核对起止时间。", PRACTICE, "warn")
    return None


def turnout_findings(kinds: Collection[str], *, expected: int, present: int) -> list[Finding]:
    """Tell of meetings at which too few were there; `kinds` are the codes of the record.

    支委会 needs half of its members (HY-02: 方可进行); all members attend the 党员大会 (HY-01), and with less than
    half of them nothing can be decided, so that a reason is asked for.
    """
    if expected == 0:
        return []
    short = 2 * present < expected
    if short and _COMMITTEE_MEETING in kinds:
        message = f"应到委员{expected}人，实到{present}人，不足半数，支委会不能召开。"
        return [Finding("no_quorum", message, COMMITTEE_MEETING, "block")]
    if short and _ASSEMBLY in kinds:
        message = f"应到党员{expected}人，实到{present}人，不足半数，党员大会不能作出决议，请说明原因。"
        return [Finding("few_present", message, ASSEMBLY, "ask")]
    if present == 0:
        return [Finding("nobody_present", f"应到{expected}人，无人到会，请核对。", PRACTICE, "ask")]
    return []


def is_late(held_on: datetime.date, reported_on: datetime.date, entry_days: int) -> bool:
    """Return whether a record was submitted later than so many days after the activity. Source: ENTRY."""
    return (reported_on - held_on).days > entry_days


def state_of_unsubmitted(held_on: datetime.date, today: datetime.date) -> State:
    """Return what an activity that is only saved is: a plan while its day is to come, then a draft."""
    return State.PLANNED if held_on > today else State.DRAFT


def is_counted(state: str) -> bool:
    return state in COUNTED
