"""轮训: every secretary each year, a new one soon after taking the post."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Final

from apps.core.choices import Choice
from apps.core.periods import add_months
from apps.core.regulations import Citation

from .catalogue import EDUCATION_RULES

YEARLY_TRAINING: Final = Citation(EDUCATION_RULES, "（基层党组织书记每年至少1次集中培训，条次待核）", "JY-02", "V-sec")
NEW_SECRETARY: Final = Citation(EDUCATION_RULES, "（新任书记一般在6个月内培训，条次待核）", "JY-03", "V-sec")
LECTURERS: Final = Citation("园区红色讲师团工作惯例", "", "", "P")
THEMES: Final = Citation("一月一专题教育惯例", "", "", "P")

TRAININGS_A_YEAR: Final = 1
NEW_SECRETARY_MONTHS: Final = 6


class Coverage(Choice):
    """Where a secretary stands with this year's training."""

    TRAINED = "trained", "已参训"
    WAITING = "waiting", "今年待训"
    NEW = "new", "新任待训"
    LATE = "late", "新任超期未训"
    UNKNOWN = "unknown", "不在名册"


@dataclass(frozen=True)
class Trainings:
    """How often a secretary was in a class this year, and since taking the post."""

    this_year: int
    since_appointment: int


def new_secretary_due(since: datetime.date) -> datetime.date:
    """The day by which somebody who took the post on `since` has been trained."""
    return add_months(since, NEW_SECRETARY_MONTHS)


def coverage_of(since: datetime.date, trainings: Trainings | None, today: datetime.date) -> Coverage:
    """Where the secretary of a post stands on the day. `trainings` None: the portal does not keep the person.

    Who has been in no class since taking the post is a new one until NEW_SECRETARY_MONTHS are over, and late after
    it, whatever class there was before; who was trained in another year waits for this year's.
    """
    if trainings is None:
        return Coverage.UNKNOWN
    if trainings.this_year >= TRAININGS_A_YEAR:
        return Coverage.TRAINED
    if trainings.since_appointment:
        return Coverage.WAITING
    return Coverage.NEW if today < new_secretary_due(since) else Coverage.LATE
