"""组织生活完成情况: organisation by kind by period, every figure open to its records or to the missing."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404
from django.utils.functional import cached_property

from apps.branches.models import PartyOrg
from apps.core.guard import resolve_scope
from apps.core.jobs import start_job
from apps.core.models import Job
from apps.core.periods import Period
from apps.core.scoping import required_scope
from apps.core.views import ActionView, PageView

from .. import permissions, showing_board
from ..compliance import cells
from ..compliance.report import read
from ..compliance.summary import KEPT_QUARTERS
from ..jobs import COMPLIANCE_WORKBOOK
from ..kinds import DutySubject
from .nodes import AboutNode

TITLE = "组织生活完成情况"
NAMED = 300
"""How many organisations a list names (appearance only)."""


class AboutPeriod(AboutNode):
    """`period` in the address is a quarter or one of its months, not to come; anything else is this quarter."""

    @cached_property
    def period(self) -> Period:
        try:
            found = Period.parse(self.request.GET.get("period", ""))
        except ValueError:
            return Period.quarter_of(self.today)
        shown = found.kind in ("quarter", "month") and found.start <= self.today
        return found if shown else Period.quarter_of(self.today)

    @property
    def quarter(self) -> Period:
        return Period.quarter_of(self.period.start)

    def quarters(self) -> list[Period]:
        """The quarters to choose from, this one first; an older one that was asked for stands among them."""
        now = Period.quarter_of(self.today)
        recent = [now.shift(-back) for back in range(KEPT_QUARTERS)]
        return recent if self.quarter in recent else [*recent, self.quarter]

    def url(self, period: Period, org: PartyOrg | None = None) -> str:
        return showing_board.board_url((org or self.org).code, period)


class BoardPage(AboutPeriod, PageView):
    """The board of a node: `?org=CODE&period=2026Q4`."""

    permission = permissions.VIEW
    template_name = "activities/board.html"
    title = TITLE

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [{"label": str(org), "url": self.url(self.period, org)} for org in self.above]

    def parts(self) -> list[dict[str, Any]]:
        """The quarter and each of its months that has begun, as tabs."""
        months = [Period("month", self.quarter.year, 3 * self.quarter.number - 3 + n) for n in (1, 2, 3)]
        shown = [self.quarter, *(month for month in months if month.start <= self.today)]
        return [
            {"label": "全季" if each.kind == "quarter" else f"{each.number}月", "url": self.url(each),
             "active": each == self.period}
            for each in shown
        ]  # fmt: skip

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = cells.board(self.org, self.period, today=self.today)
        rows = showing_board.kind_rows(found, self.org.code, self.today)
        scope = required_scope()
        seen = {line.org_id for line in found.lines if scope.covers(line.path)}
        codes = dict(PartyOrg.objects.filter(pk__in=seen).values_list("pk", "code"))
        return super().get_context_data(
            board=found, kinds=rows, columns=found.columns, organisations=showing_board.organisation_rows(found, codes, self.today),
            period=self.period, quarter=self.quarter, quarters=self.quarters(), parts=self.parts(),
            chart={"option": showing_board.chart(rows), "table": showing_board.chart_table(rows)} if rows else None,
            corrected=self._corrected() if found.corrections else [],
            **self.node_context(), **kwargs,
        )  # fmt: skip

    def _corrected(self) -> list[dict[str, str]]:
        """The books in which the records stand that were approved into a closed quarter."""
        query = urlencode({"org": self.org.code, "quarter": str(self.quarter), "corrected": "1"})
        books = (
            ("三会一课", "activities.meetings"),
            ("主题党日", "activities.theme_days"),
            ("其他活动", "activities.records"),
        )
        return [{"label": label, "url": f"/ledgers/{code}/?{query}"} for label, code in books]


class BoardNames(AboutPeriod, PageView):
    """The organisations behind a figure of the board: who has not met it, or everybody of whom it is asked."""

    permission = permissions.VIEW
    template_name = "activities/board_names.html"

    @cached_property
    def column(self) -> cells.Column:
        found = cells.column_of(self.request.GET.get("column", ""))
        if found is None:
            raise Http404
        return found

    @property
    def shows_all(self) -> bool:
        return self.request.GET.get("all") == "1"

    def get_title(self) -> str:
        return f"{self.column.kind}：{'应完成的党组织' if self.shows_all else '未完成的党组织'}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [{"label": TITLE, "url": self.url(self.period)}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = cells.cells_below(self.org, self.period, self.column, today=self.today, only_missing=not self.shows_all)
        codes = dict(PartyOrg.objects.filter(pk__in=[row.org_id for row in found[:NAMED]]).values_list("pk", "code"))
        keeps = resolve_scope(self.request.user, permissions.KEEP)
        lines = [
            {
                "row": row, "url": row.url if row.org_id in codes else "", "lacking": row.expected - row.actual,
                "periods": "、".join(period.label for period in row.periods),
                "records_url": showing_board.records_url(codes[row.org_id], self.column.kind, self._span())
                if row.actual and row.org_id in codes else "",
                "due_url": f"/activities/due/?org={codes[row.org_id]}" if row.org_id in codes and keeps.covers(row.path)
                and not row.is_met else "",
            }
            for row in found[:NAMED]
        ]  # fmt: skip
        return super().get_context_data(
            lines=lines, total=len(found), cut=max(0, len(found) - NAMED), column=self.column, period=self.period, org=self.org,
            unit="名" if self.column.subject == DutySubject.MEMBER else "次", shows_all=self.shows_all,
            other_url=showing_board.names_url(
                self.org.code, self.period, self.column, **({} if self.shows_all else {"all": "1"})
            ),
            may_issue=bool(resolve_scope(self.request.user, permissions.ISSUE).covers(self.org.path)), **kwargs,
        )  # fmt: skip

    def _span(self) -> Period:
        """The period in which the duty is to be met: a yearly one has the whole year."""
        if self.period.kind == "month" or self.column.rhythm.value != "year":
            return self.period
        return Period.year_of(self.period.start)


class BoardWorkbook(ActionView):
    """Start the workbook of the board that the page shows, names behind every figure; it waits under 我的任务."""

    permission = permissions.VIEW
    success_message = ""

    def perform(self) -> Job:
        asked = {name: self.request.POST.get(name, "") for name in ("org", "period")}
        report = read(asked, today=self.today)
        params = {"org": report.board.org.code, "period": str(report.board.period)}
        return start_job(
            kind=COMPLIANCE_WORKBOOK, title=f"{report.board.org}{TITLE}（{report.label}）", params=params,
            permission=permissions.VIEW, actor=self.request.user,
        )  # fmt: skip

    def get_back_url(self) -> str:
        return showing_board.BOARD
