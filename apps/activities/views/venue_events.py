"""中心月度活动: what each centre held month by month, and which months it still owes."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db.models import Count, F
from django.db.models.functions import Coalesce, TruncMonth

from apps.core.periods import Period
from apps.core.views import PageView

from .. import permissions
from ..models import Activity, Venue
from ..rules.venues import MONTHLY_EVENT
from ..tables import table
from .venues import VENUES

MONTHS = 12


class CentreEvents(PageView):
    """Each centre of the scope against the months of a year; a month that it owes stands in red."""

    permission = permissions.VIEW
    template_name = "activities/centre_events.html"
    title = "中心月度活动"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [VENUES]

    @property
    def year(self) -> int:
        wanted = self.request.GET.get("year", "")
        return int(wanted) if wanted.isdecimal() and 2000 <= int(wanted) <= self.today.year else self.today.year

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        centres = list(Venue.objects.centres().select_related("org").order_by("org_path", "pk"))
        months = [Period("month", self.year, number) for number in range(1, MONTHS + 1)]
        held = self._held(centres)
        alive = [each for each in centres if any(each.holds_on(month.last_day) for month in months)]
        lines = [self._line(each, months, held[each.pk]) for each in alive]
        headers = ("中心", *(f"{month.number}月" for month in months))
        empty = "还没有登记党群服务中心。"
        return super().get_context_data(
            table=table(headers, lines, empty), basis=[MONTHLY_EVENT], year=self.year,
            earlier=self.year - 1, later=self.year + 1 if self.year < self.today.year else None, **kwargs,
        )  # fmt: skip

    def _held(self, centres: list[Venue]) -> dict[int, dict[int, int]]:
        """{centre: {month: counted records in it or in its rooms}}. One query."""
        rows = Activity.objects.counted().held_in(Period("year", self.year)).order_by()
        found: dict[int, dict[int, int]] = defaultdict(dict)
        whole = Coalesce(F("venue__part_of"), F("venue"))
        lines = rows.annotate(whole=whole, month=TruncMonth("held_on")).filter(whole__in=[c.pk for c in centres])
        for pk, month, count in (
            lines.values("whole", "month").annotate(n=Count("pk")).values_list("whole", "month", "n")
        ):
            found[pk][month.month] = count
        return found

    def _line(self, centre: Venue, months: list[Period], held: dict[int, int]) -> list[dict[str, Any]]:
        name = {"text": centre.name, "url": f"{centre.get_absolute_url()}#events"}
        return [name, *(self._cell(centre, month, held.get(month.number, 0)) for month in months)]

    def _cell(self, centre: Venue, month: Period, count: int) -> dict[str, Any]:
        if count:
            url = f"/activities/held/?venue={centre.pk}&period={month}"
            return {"text": str(count), "numeric": True, "url": url}
        if not centre.holds_on(month.last_day) or month.start > self.today:
            return {"text": "", "numeric": True}
        if month.contains(self.today):
            return {"text": "待办", "badge": "warning", "numeric": True}
        return {"text": "缺", "badge": "danger", "numeric": True}
