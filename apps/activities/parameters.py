"""What the rules on organisational life leave to the place."""

from __future__ import annotations

import datetime
from decimal import Decimal

from apps.core.parameters import ParameterSpec, declare, value, values

GROUP = "组织生活"
SINCE = datetime.date(2018, 10, 28)

THEME_DAY = declare(
    ParameterSpec(
        "activities.theme_day", "主题党日固定日（每月几日）", "int", 15, "日",
        "本地惯例：每月15日为园区非公企业党员活动日", SINCE, "P", group=GROUP, minimum=1, maximum=28,
    )
).code  # fmt: skip
"""A day that every month has."""

ENTRY_DAYS = declare(
    ParameterSpec(
        "activities.entry_days", "活动后几日内提交记录为按时", "int", 7, "天", "园区党建工作惯例", SINCE, "P",
        group=GROUP, minimum=0, maximum=90,
    )
).code  # fmt: skip
"""A record that comes later is counted in the period of its day, and shown as late."""

REVIEW_DAYS = declare(
    ParameterSpec(
        "activities.review_days", "记录待审核几日后提醒", "int", 3, "天", "园区党建工作惯例", SINCE, "P",
        group=GROUP, minimum=1, maximum=90,
    )
).code  # fmt: skip
TIP_SIGN_DAYS = declare(
    ParameterSpec(
        "activities.tip_sign_days", "提示单下发后几日内签收", "int", 7, "天", "学习教育提示单制度（每季度下发、签收、落实）",
        SINCE, "P", group=GROUP, minimum=1, maximum=60,
    )
).code  # fmt: skip


def theme_day(month: datetime.date, org_path: str = "") -> datetime.date:
    """The 主题党日 of the month of the day at the node, as in force on the first day of that month. One query."""
    first = month.replace(day=1)
    return first.replace(day=int(value(THEME_DAY, on=first, org_path=org_path)))


BOOKING_AHEAD = declare(
    ParameterSpec(
        "activities.booking_ahead_days", "阵地和讲师可提前预约", "int", 90, "天", "园区阵地开放共享惯例", SINCE, "P",
        group=GROUP, minimum=1, maximum=366,
    )
).code  # fmt: skip
CENTRE_EVENT_NOTICE = declare(
    ParameterSpec(
        "activities.centre_event_notice_days", "中心月度活动月底前提醒", "int", 7, "天",
        "园区党群服务中心运行惯例（每月坚持开展党建特色活动）", SINCE, "P", group=GROUP, minimum=1, maximum=28,
    )
).code  # fmt: skip
FULL_DAY_HOURS = declare(
    ParameterSpec(
        "activities.full_day_hours", "集中培训一天折合学时", "decimal", "8", "学时", "本地折算办法：一天8学时", SINCE,
        "local", group=GROUP,
    )
).code  # fmt: skip
HALF_DAY_HOURS = declare(
    ParameterSpec(
        "activities.half_day_hours", "集中培训半天折合学时", "decimal", "4", "学时", "本地折算办法：半天4学时", SINCE,
        "local", group=GROUP,
    )
).code  # fmt: skip


def booking_ahead(on: datetime.date, org_path: str = "") -> int:
    """How many days ahead a room or a lecturer may be booked."""
    return int(value(BOOKING_AHEAD, on=on, org_path=org_path))


def centre_event_notice(on: datetime.date, org_path: str = "") -> int:
    """How many days before the end of a month a centre without an event is told."""
    return int(value(CENTRE_EVENT_NOTICE, on=on, org_path=org_path))


def training_hours(on: datetime.date, org_path: str = "") -> tuple[Decimal, Decimal]:
    """The 学时 of a whole and of half a day of training at the node. One query."""
    found = values([FULL_DAY_HOURS, HALF_DAY_HOURS], on=on, org_path=org_path)
    return Decimal(str(found[FULL_DAY_HOURS])), Decimal(str(found[HALF_DAY_HOURS]))


def entry_days(on: datetime.date, org_path: str = "") -> int:
    """Within how many days after an activity its record is on time, as in force on the day of the activity."""
    return int(value(ENTRY_DAYS, on=on, org_path=org_path))


def tip_sign_days(on: datetime.date, org_path: str = "") -> int:
    """Within how many days after it came a branch should sign for a tip sheet."""
    return int(value(TIP_SIGN_DAYS, on=on, org_path=org_path))

QR_SIGN_IN = declare(
    ParameterSpec(
        "activities.qr_sign_in", "组织生活可用扫码签到（自愿，不计积分）", "bool", False, "",
        "整治形式主义有关要求：不强制签到打卡", SINCE, "P", group=GROUP,
    )
).code  # fmt: skip

REVIEW_OPEN_DAYS = declare(
    ParameterSpec(
        "activities.review_open_days", "党员评议开展几日后未办结即提醒", "int", 30, "天", "园区党建工作惯例", SINCE, "P",
        group=GROUP, minimum=1, maximum=180,
    )
).code  # fmt: skip
PLEDGE_NOTICE = declare(
    ParameterSpec(
        "activities.pledge_notice_days", "公开承诺到期前几日提醒验收", "int", 7, "天", "园区党建工作惯例", SINCE, "P",
        group=GROUP, minimum=0, maximum=90,
    )
).code  # fmt: skip


def review_open_days(on: datetime.date, org_path: str = "") -> int:
    """For how many days a review of members may stay open before the branch is reminded."""
    return int(value(REVIEW_OPEN_DAYS, on=on, org_path=org_path))


def pledge_notice(on: datetime.date, org_path: str = "") -> int:
    """How many days before its day a public promise is told of."""
    return int(value(PLEDGE_NOTICE, on=on, org_path=org_path))
