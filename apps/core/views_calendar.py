"""The working-day calendar as a year of months, and its adjustments."""

from __future__ import annotations

import calendar
import datetime
from typing import Any

from django.http import Http404
from django.utils.functional import cached_property

from .calendar import FIRST_YEAR, clear_calendar_day, set_calendar_day, work_calendar
from .clock import day_named
from .forms_admin import CalendarDayForm
from .guard import resolve_scope
from .models import WorkCalendarDay
from .nodes import is_whole
from .rights import CALENDAR_CHANGE, CALENDAR_VIEW
from .scoping import required_scope
from .text import row_id
from .views import ActionView, FormPage, PageView
from .working_days import HOLIDAYS, WorkCalendar

YEARS_AHEAD = 3
WHOLE_ONLY = "工作日历全平台统一，只能由负责整个平台的人员调整。"
CALENDAR_CRUMB = {"label": "工作日历", "url": "/settings/calendar/"}


def year_url(year: int) -> str:
    return f"/settings/calendar/?year={year}"


class CalendarPage(PageView):
    """One year: which days are worked, which differ from Monday to Friday and why."""

    permission = CALENDAR_VIEW
    template_name = "core_admin/calendar.html"
    lead = "期限按工作日计算时使用。到期日遇休息日不顺延，只作提示。"

    @cached_property
    def year(self) -> int:
        year = row_id(self.request.GET.get("year", str(self.today.year)))
        if year is None or not FIRST_YEAR <= year <= self.today.year + YEARS_AHEAD:
            raise Http404
        return year

    def get_title(self) -> str:
        return f"{self.year} 年工作日历"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        year = self.year
        days = WorkCalendarDay.objects.filter(day__year=year)
        rows = {row.day: row for row in days}
        known = work_calendar(year, year)
        is_published = year in known.published_years
        may_change = is_whole(resolve_scope(self.request.user, CALENDAR_CHANGE))
        return super().get_context_data(
            year=year, is_published=is_published, may_change=may_change, basis=[HOLIDAYS],
            months=[self._month(month, known, rows) for month in range(1, 13)],
            adjusted=[row for row in rows.values() if row.is_override],
            previous_url=year_url(year - 1) if year > FIRST_YEAR else "",
            next_url=year_url(year + 1) if year < self.today.year + YEARS_AHEAD else "", **kwargs,
        )  # fmt: skip

    def _month(self, month: int, known: WorkCalendar, rows: dict[datetime.date, WorkCalendarDay]) -> dict[str, Any]:
        weeks = calendar.Calendar().monthdatescalendar(self.year, month)
        cells = [[self._cell(day, month, known, rows) for day in week] for week in weeks]
        worked = sum(cell["is_working"] for week in cells for cell in week if cell)
        return {"number": month, "weeks": cells, "worked": worked, "names": named_days(month, rows)}

    def _cell(self, day: datetime.date, month: int, known: WorkCalendar, rows: dict[datetime.date, Any]) -> Any:
        if day.month != month:
            return None
        row, is_working = rows.get(day), known.is_working(day)
        differs = is_working != (day.weekday() < 5)
        kind = "adjusted" if row and row.is_override else "make-up" if differs and is_working else ""
        mark = ("班" if is_working else "休") if row and (differs or row.is_override or not is_working) else ""
        return {
            "day": day, "is_working": is_working, "is_today": day == self.today, "name": row.name if row else "",
            "kind": kind or ("" if is_working else "off"), "mark": mark,
        }  # fmt: skip


def named_days(month: int, rows: dict[datetime.date, WorkCalendarDay]) -> str:
    """What the days off of a month are called, and when they are: 清明节 4—6日."""
    spans: dict[str, list[int]] = {}
    for day, row in sorted(rows.items()):
        if day.month == month and row.name and not row.is_working:
            spans.setdefault(row.name, []).append(day.day)
    return "　".join(
        f"{name} {days[0]}日" if len(days) == 1 else f"{name} {days[0]}—{days[-1]}日" for name, days in spans.items()
    )


class DayMixin:
    """The day of the address; only whoever speaks for the whole portal may change it."""

    kwargs: dict[str, Any]
    permission = CALENDAR_CHANGE

    @cached_property
    def day(self) -> datetime.date:
        day = day_named(self.kwargs["day"])
        if day is None:
            raise Http404
        return day

    def get_locked(self) -> str:
        return "" if is_whole(required_scope()) else WHOLE_ONLY


class SetDay(DayMixin, FormPage):
    """Make one day a working day or a day off."""

    form_class = CalendarDayForm
    submit_label = "调整"
    success_message = "已调整，从现在起按新的日历计算。"

    def get_title(self) -> str:
        weekday = "一二三四五六日"[self.day.weekday()]
        return f"调整 {self.day.year} 年 {self.day.month} 月 {self.day.day} 日（星期{weekday}）"

    def get_initial(self) -> dict[str, Any]:
        known = work_calendar(self.day.year, self.day.year)
        return {"is_working": "0" if known.is_working(self.day) else "1"}

    def perform(self, form: CalendarDayForm) -> str:
        set_calendar_day(day=self.day, **form.facts(), actor=self.request.user)
        return self.get_cancel_url()

    def get_cancel_url(self) -> str:
        return year_url(self.day.year)

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [{**CALENDAR_CRUMB, "url": self.get_cancel_url()}]


class ClearDay(DayMixin, ActionView):
    """Take an adjustment back."""

    success_message = "已取消人工调整。"

    def get_back_url(self) -> str:
        return year_url(self.day.year)

    def perform(self) -> str:
        if self.get_locked():
            raise Http404
        clear_calendar_day(day=self.day, actor=self.request.user)
        return self.get_back_url()
