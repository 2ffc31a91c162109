"""When reminders are due and when nothing is sent: what the place may set."""

from __future__ import annotations

import datetime

from apps.core.parameters import ParameterSpec, declare, values

from .rules import Cadence, QuietHours

GROUP = "提醒"
SINCE = datetime.date(2026, 1, 1)

FIRST_NOTICE = declare(
    ParameterSpec(
        "reminders.first_notice_days", "到期前第一次提醒", "int", 7, "天",
        "本系统建议：到期前7天提醒", SINCE, "P", group=GROUP, minimum=0, maximum=90,
    )
)  # fmt: skip
SECOND_NOTICE = declare(
    ParameterSpec(
        "reminders.second_notice_days", "到期前第二次提醒", "int", 1, "天",
        "本系统建议：到期前1天提醒", SINCE, "P", group=GROUP, minimum=0, maximum=90,
    )
)  # fmt: skip
OVERDUE_EVERY = declare(
    ParameterSpec(
        "reminders.overdue_every_days", "逾期后再提醒的间隔", "int", 7, "天",
        "本系统建议：逾期后每周提醒一次", SINCE, "P", group=GROUP, minimum=1, maximum=90,
    )
)  # fmt: skip
QUIET_BEGINS = declare(
    ParameterSpec(
        "reminders.quiet_begins", "免打扰开始时间", "int", 20, "时",
        "本系统建议：20时至次日8时不发送", SINCE, "P", group=GROUP, minimum=0, maximum=23,
    )
)  # fmt: skip
QUIET_ENDS = declare(
    ParameterSpec(
        "reminders.quiet_ends", "免打扰结束时间", "int", 8, "时",
        "本系统建议：20时至次日8时不发送", SINCE, "P", group=GROUP, minimum=0, maximum=23,
    )
)  # fmt: skip


def cadence(*, on: datetime.date, org_path: str = "") -> Cadence:
    """Read the rhythm of reminders that was in force on a day at a node; 0 days ahead means no such notice."""
    specs = (FIRST_NOTICE, SECOND_NOTICE, OVERDUE_EVERY)
    first, second, every = values([spec.code for spec in specs], on=on, org_path=org_path).values()
    return Cadence(days_ahead=(first, second), overdue_every=every)


def quiet_hours(*, on: datetime.date, org_path: str = "") -> QuietHours:
    """Read the hours without sending that were in force on a day at a node."""
    begins, ends = values([QUIET_BEGINS.code, QUIET_ENDS.code], on=on, org_path=org_path).values()
    return QuietHours(begins=begins, ends=ends)
