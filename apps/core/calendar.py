"""The working-day calendar of the portal: rows in, the pure `WorkCalendar` out, and who changes them.

Read for the years in question by each call and never kept between calls: an adjusted day holds at once,
in every process.
"""

from __future__ import annotations

import datetime
from typing import Any, Final

from .audit import record, write
from .errors import DomainError
from .models import WorkCalendarDay
from .working_days import WorkCalendar, seed_rows

FIRST_YEAR: Final = 2018
"""The first year that is seeded; nothing that the portal counts lies before it."""


def work_calendar(first_year: int, last_year: int) -> WorkCalendar:
    """The calendar of these years, both included. A year counts as published once it has seeded rows."""
    rows = list(
        WorkCalendarDay.objects.filter(
            day__gte=datetime.date(first_year, 1, 1), day__lt=datetime.date(last_year + 1, 1, 1)
        ).values_list("day", "is_working", "is_override")
    )
    return WorkCalendar(
        overrides={day: is_working for day, is_working, _ in rows},
        published_years=frozenset(day.year for day, _, is_override in rows if not is_override),
    )


def seed_calendar(**_: Any) -> int:
    """Write the years that the library knows and the table does not; returns how many rows.

    An adjusted day keeps its adjustment. Safe to run again and side by side.
    """
    published = WorkCalendarDay.objects.filter(is_override=False)
    known = {day.year for day in published.dates("day", "year")}
    fresh = []
    year = FIRST_YEAR
    while rows := seed_rows(year):
        if year not in known:
            fresh += [WorkCalendarDay(day=r.day, is_working=r.is_working, name=r.name) for r in rows]
        year += 1
    WorkCalendarDay.objects.bulk_create(fresh, ignore_conflicts=True)
    return len(fresh)


@write
def set_calendar_day(*, day: datetime.date, is_working: bool, reason: str, actor: Any) -> WorkCalendarDay:
    """Make a day a working day or a day off for the whole portal, for a reason that the calendar shows."""
    row, _ = WorkCalendarDay.objects.update_or_create(
        day=day, defaults={"is_working": is_working, "name": reason, "is_override": True}
    )
    kind = "工作日" if is_working else "休息日"
    record(actor, "calendar.day_set", row, summary=f"{day:%Y-%m-%d} 调整为{kind}：{reason}")
    return row


@write
def clear_calendar_day(*, day: datetime.date, actor: Any) -> None:
    """Take an adjustment back: the published calendar, or Monday to Friday, speaks again."""
    row = WorkCalendarDay.objects.select_for_update().filter(day=day, is_override=True).first()
    if row is None:
        raise DomainError("这一天没有人工调整。")
    published = next((r for r in seed_rows(day.year) if r.day == day), None)
    record(actor, "calendar.day_cleared", row, summary=f"取消 {day:%Y-%m-%d} 的人工调整")
    if published is None:
        row.delete()
    else:
        row.is_working, row.name, row.is_override = published.is_working, published.name, False
        row.save()
