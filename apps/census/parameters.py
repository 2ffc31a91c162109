"""What the census leaves to the place."""

from __future__ import annotations

import datetime

from apps.core.parameters import ParameterSpec, declare, filled

from .rules import CensusThresholds

GROUP = "季度摸底"
SINCE = datetime.date(2026, 1, 1)

DUE_DAYS = declare(
    ParameterSpec(
        "census.due_days", "摸底自开始至截止的天数", "int", 30, "天",
        "园区摸底排查的通行做法：利用1个月的时间走访所有入驻企业", SINCE, "local",
        group=GROUP, minimum=1, maximum=366,
    )
)  # fmt: skip
ON_TIME_DAYS = declare(
    ParameterSpec(
        "census.on_time_days", "截止后仍算按时的宽限天数", "int", 0, "天",
        "本系统建议：截止当天及以前上报为按时", SINCE, "P",
        group=GROUP, minimum=0, maximum=31,
    )
)  # fmt: skip
CHANGE_PERCENT = declare(
    ParameterSpec(
        "census.change_percent", "须说明原因的变化幅度", "int", 30, "%",
        "本系统建议：与上期相比变化超过30%的，变化异常须说明", SINCE, "P",
        group=GROUP, minimum=0, maximum=1000,
    )
)  # fmt: skip
CHANGE_PEOPLE = declare(
    ParameterSpec(
        "census.change_people", "不必说明原因的变化人数", "int", 5, "人",
        "本系统建议：变化不超过5人的，不要求说明", SINCE, "P",
        group=GROUP, minimum=0, maximum=1000,
    )
)  # fmt: skip
REVIEW_DAYS = declare(
    ParameterSpec(
        "census.review_days", "摸底表上报后应审核的天数", "int", 3, "天",
        "本系统建议：上报后3天内审核", SINCE, "P", group=GROUP, minimum=0, maximum=31, whole=True,
    )
)  # fmt: skip


def thresholds(*, on: datetime.date, org_path: str = "") -> CensusThresholds:
    """Read the numbers that were in force on a day at a node."""
    fields = {
        "due_days": DUE_DAYS.code,
        "on_time_days": ON_TIME_DAYS.code,
        "change_percent": CHANGE_PERCENT.code,
        "change_people": CHANGE_PEOPLE.code,
    }
    return filled(CensusThresholds, fields, on=on, org_path=org_path)
