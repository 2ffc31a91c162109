"""The month of a branch or of a park: what is planned, what was done, what runs out, and the theme day to plan."""

from __future__ import annotations

import datetime
from typing import Any
from urllib.parse import urlencode

from django.utils.functional import cached_property

from apps.branches.rules import BRANCH_KINDS, OrgKind
from apps.core.clock import day_named
from apps.core.periods import Period
from apps.core.views import PageView
from apps.enterprises.views.common import can

from .. import permissions
from ..directory import themes_for
from ..month import THEME_DAY_KIND, Day, days_of, has_theme_day
from ..parameters import theme_day
from .nodes import AboutNode

PAGE = "/activities/calendar/"
WEEKDAYS = "一二三四五六日"
FIRST_YEAR, LAST_YEAR = 2000, 2100
"""Months that the page shows; far away there is nothing (appearance only)."""


class CalendarPage(AboutNode, PageView):
    """组织生活月历: `?month=2026-11&org=CODE`, with `day` every record of that day."""

    permission = permissions.VIEW
    template_name = "activities/calendar.html"
    title = "组织生活月历"

    @cached_property
    def month(self) -> Period:
        try:
            found = Period.parse(self.request.GET.get("month", ""))
        except ValueError:
            return Period.month_of(self.today)
        shown = found.kind == "month" and FIRST_YEAR <= found.year <= LAST_YEAR
        return found if shown else Period.month_of(self.today)

    def url(self, month: Period) -> str:
        return f"{PAGE}?{urlencode({'org': self.org.code, 'month': str(month)})}"

    @property
    def whole_day(self) -> datetime.date | None:
        """The day of which every record is named."""
        return day_named(self.request.GET.get("day", ""))

    @cached_property
    def fixed_day(self) -> datetime.date:
        return theme_day(self.month.start, self.org.path)

    @cached_property
    def may_keep(self) -> bool:
        return self.org.ended_on is None and can(self.request.user, permissions.KEEP, self.org)

    @cached_property
    def plan(self) -> dict[str, str] | None:
        """The button on the theme day of a branch that has neither planned nor recorded it."""
        if OrgKind(self.org.kind) not in BRANCH_KINDS or not self.may_keep or has_theme_day(self.org, self.month):
            return None
        return {"label": "补记主题党日" if self.fixed_day < self.today else "安排主题党日",
                "url": self.new_url(self.fixed_day, THEME_DAY_KIND)}  # fmt: skip

    def new_url(self, day: datetime.date, kind: str = "") -> str:
        query = {"org": self.org.code, "on": day.isoformat(), **({"kind": kind} if kind else {})}
        return f"/activities/new/?{urlencode(query)}"

    def get_actions(self) -> list[dict[str, Any]]:
        return [
            {"label": "上月", "url": self.url(self.month.previous())},
            {"label": "本月", "url": self.url(Period.month_of(self.today))},
            {"label": "下月", "url": self.url(self.month.next())},
        ]

    def weeks(self) -> list[list[dict[str, Any] | None]]:
        """The month in weeks that begin on Monday; a place outside the month is None."""
        cells = [self._cell(day) for day in days_of(self.org, self.month, self.whole_day).values()]
        padded = [None] * self.month.start.weekday() + cells
        padded += [None] * (-len(padded) % 7)
        return [padded[n : n + 7] for n in range(0, len(padded), 7)]

    def _cell(self, day: Day) -> dict[str, Any]:
        fixed = day.day == self.fixed_day
        return {
            "day": day.day, "weekday": WEEKDAYS[day.day.weekday()], "events": day.events, "more": day.more,
            "is_today": day.day == self.today, "is_theme_day": fixed, "plan": self.plan if fixed else None,
            "add": self.new_url(day.day) if self.may_keep else "",
            "is_empty": not (day.events or fixed or day.day == self.today),
            "all_url": f"{self.url(self.month)}&day={day.day}#d{day.day.day}",
        }  # fmt: skip

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            month=self.month, weeks=self.weeks(), weekdays=WEEKDAYS, fixed_day=self.fixed_day,
            themes=themes_for(self.org.path, self.month.start), **self.node_context(),
            **kwargs,
        )  # fmt: skip
