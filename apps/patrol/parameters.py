"""For how long and with how much of a reason a finding may be put off: what the place may set."""

from __future__ import annotations

import datetime

from apps.core.parameters import ParameterSpec, declare, filled

from .rules import PatrolThresholds

GROUP = "规则巡查"
SINCE = datetime.date(2026, 1, 1)

ASIDE_DAYS = declare(
    ParameterSpec(
        "patrol.aside_days", "巡查发现最长暂缓天数", "int", 180, "天",
        "本系统建议：最长暂缓半年，到期仍未消除的重新列出", SINCE, "P", group=GROUP, minimum=1, maximum=1000,
    )
)  # fmt: skip
REASON_CHARACTERS = declare(
    ParameterSpec(
        "patrol.reason_characters", "暂缓“应当”事项的原因字数下限", "int", 10, "个字",
        "本系统建议：不计空格和标点，不少于10个字", SINCE, "P", group=GROUP, minimum=1, maximum=200,
    )
)  # fmt: skip


def thresholds(*, on: datetime.date, org_path: str = "") -> PatrolThresholds:
    """Read the numbers in force on a day at a node. One query."""
    fields = {"aside_days": ASIDE_DAYS.code, "reason_characters": REASON_CHARACTERS.code}
    return filled(PatrolThresholds, fields, on=on, org_path=org_path)
