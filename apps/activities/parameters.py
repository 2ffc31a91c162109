"""What the rules on organisational life leave to the place."""

from __future__ import annotations

import datetime

from apps.core.parameters import ParameterSpec, declare, value

GROUP = "组织生活"
SINCE = datetime.date(2018, 10, 28)

THEME_DAY = declare(
    ParameterSpec(
        "activities.theme_day", "主题党日固定日（每月几日）", "int", 15, "日",
        "本地惯例：每月15日为园区非公企业党员活动日", SINCE, "P", group=GROUP, minimum=1, maximum=28,
    )
).code  # fmt: skip
"""A day that every month has."""


def theme_day(month: datetime.date, org_path: str = "") -> datetime.date:
    """The 主题党日 of the month of the day at the node, as in force on the first day of that month. One query."""
    first = month.replace(day=1)
    return first.replace(day=int(value(THEME_DAY, on=first, org_path=org_path)))
