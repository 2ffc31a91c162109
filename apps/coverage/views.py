"""Pages of coverage: the report of any node, the names behind its figures, the gaps with their simulator."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.http import Http404
from django.utils.functional import cached_property

from apps.branches.models import PartyOrg
from apps.core.errors import DomainError
from apps.core.guard import resolve_scope
from apps.core.jobs import start_job
from apps.core.models import Job
from apps.core.text import row_id
from apps.core.views import ActionView, LedgerView, PageView

from . import figures, gaps, permissions, showing, summaries
from .jobs import WORKBOOK
from .ledgers import STEP_TONES, GapsLedger, NamesLedger
from .models import Correction
from .reading import Reading, periods_offered, read
from .rules import ORGANISATION_RATE, SINGLE_RATE, STEP_BASIS, WORK_RATE, Step, Totals

CHARTED = 20
TALL_FROM = 8
BUILDINGS_SHOWN = 60


class ReportMixin:
    """A page about one report; parameters that make no sense are 404, as is a node outside the scope."""

    request: Any
    today: Any

    @cached_property
    def reading(self) -> Reading:
        try:
            return read(self.request.GET.dict(), today=self.today)
        except DomainError as error:
            raise Http404 from error

    @property
    def org(self) -> PartyOrg:
        return self.reading.basis.org

    def picker(self) -> dict[str, Any]:
        """What the page can be asked for: the node with its neighbours, the period, the definitions."""
        near = PartyOrg.objects.above(self.org) | PartyOrg.objects.filter(parent=self.org).living(self.today)
        around = list(near.order_by("path"))
        return {
            "org": self.org,
            "above": [o for o in around if len(o.path) < len(self.org.path)],
            "nodes": [(o.code, str(o)) for o in around if len(o.path) > len(self.org.path)],
            "periods": periods_offered(self.today),
            "period": self.reading.when.get("period", ""),
            "day": self.reading.when.get("day", ""),
            "definitions": [(d.code, d.name) for d in self.reading.offered],
            "definition": self.reading.definition,
            "other": self.reading.other,
        }


class CoverageView(ReportMixin, PageView):
    """两个覆盖 of a node: figures, two definitions side by side, and the parts of the whole."""

    permission = permissions.VIEW
    template_name = "coverage/report.html"
    title = "两个覆盖"

    def get_actions(self) -> list[dict[str, Any]]:
        return [
            {"label": "缺口与模拟", "url": showing.url(showing.GAPS, self.reading)},
            {"label": "名单", "url": showing.url(showing.NAMES, self.reading)},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        reading, basis = self.reading, self.reading.basis
        level = figures.level(basis, reading.definition)
        other = figures.level(basis, reading.other) if reading.other else None
        history = summaries.trend(basis, reading.definition)
        before = next(((p, t) for p, t in reversed(history) if p != basis.period), None)
        return super().get_context_data(
            reading=reading, basis=basis, level=level, picker=self.picker(),
            cards=showing.cards(reading, level.total, before),
            more_cards=showing.more_cards(reading, level.total, before),
            comparison=showing.comparison(reading, level.total, other.total) if other else None,
            excluded=showing.excluded_rows(reading, level.total),
            parts=self._parts(level), trend=self._trend(history, level.total),
            citations=[ORGANISATION_RATE, WORK_RATE, SINGLE_RATE],
            corrections=list(Correction.objects.filter(snapshot__in=[s.pk for s in basis.snapshots])),
            may_correct=bool(basis.snapshots) and self.may(permissions.CORRECT),
            workbook_params=reading.params, notes=showing.notes(reading), **kwargs,
        )  # fmt: skip

    def may(self, permission: str) -> bool:
        return resolve_scope(self.request.user, permission).covers(self.org.path)

    def _parts(self, level: figures.Level) -> list[dict[str, Any]]:
        """Tables of the level below, of parks and of buildings; each only where it divides the whole."""
        reading = self.reading
        parts = []
        if len(level.rows) > 1 or (level.rows and level.rows[0].key != self.org.path):
            codes = dict(PartyOrg.objects.filter(pk__in=[g.org_id for g in level.rows]).values_list("pk", "code"))
            below = [g for g in level.rows if g.key != self.org.path and g.org_id in codes]
            narrowed: dict[str, Any] = {g.key: {"org": codes[g.org_id]} for g in below if g.org_id}
            pages = {g.key: showing.url("/coverage/", reading, org=codes[g.org_id]) for g in below if g.org_id}
            narrowed[self.org.path] = {"own": "1"}
            rows = [group for group in level.rows if group.totals.enterprises or group.totals.excluded]
            parts.append(self._part("org", "按下级党组织", "党组织", rows or level.rows, level.total, narrowed, pages))
        parks = figures.by_park(reading.basis, reading.definition)
        if len(parks) > 1:
            narrowed = {g.key: {"park": g.label} for g in parks}
            parts.append(self._part("park", "按园区", "园区", parks, level.total, narrowed, {}))
        buildings = figures.by_building(reading.basis, reading.definition)
        if len(parks) <= 1 and 1 < len(buildings) <= BUILDINGS_SHOWN:
            narrowed = {g.key: {"building": g.label} for g in buildings}
            parts.append(self._part("building", "按楼栋", "楼栋", buildings, level.total, narrowed, {}))
        return parts

    def _part(
        self, code: str, title: str, label: str, groups: Any, total: Totals, narrowed: Any, pages: dict[str, str]
    ) -> dict[str, Any]:
        table = showing.group_table(self.reading, label, groups, total, narrowed, pages)
        counted = [group for group in groups if group.totals.enterprises]
        charted = code == "park" and len(counted) <= CHARTED
        option = showing.bar_chart(counted) if charted else None
        return {"id": f"by-{code}", "title": title, "table": table, "option": option, "tall": len(counted) > TALL_FROM}

    def _trend(self, history: Any, now: Totals) -> dict[str, Any] | None:
        points = [(period.label, totals) for period, totals in history]
        if not points:
            return None
        if self.reading.basis.period is None:
            points.append(("现在", now))
        if len(points) < 2:
            return None
        option, table = showing.trend_chart(points)
        return {"option": option, "table": table}


class NamesView(LedgerView):
    """The names behind a figure."""

    ledger = NamesLedger

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [{"label": "两个覆盖", "url": "/coverage/"}]


class GapView(ReportMixin, PageView):
    """未覆盖企业与最近的路: tick some, see the new rate. Works by submitting the form; the script does it at once."""

    permission = permissions.VIEW
    template_name = "coverage/gap.html"
    title = "未覆盖企业与最近的路"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [{"label": "两个覆盖", "url": showing.url("/coverage/", self.reading)}]

    @cached_property
    def ledger(self) -> GapsLedger:
        params = {name: value for name, value in self.request.GET.items() if name not in ("pick", "suggest")}
        return GapsLedger(params, today=self.today, user=self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        reading = self.reading
        total = figures.total(reading.basis, reading.definition)
        try:
            page, rows = self.ledger.page(), self.ledger.rows()
        except DomainError as error:
            raise Http404 from error
        ticked = self._ticked(rows)
        shown = {row.pk for row in page.rows}
        return super().get_context_data(
            reading=reading, picker=self.picker(), total=total, rows=gaps.as_shown(page.rows, reading, ticked),
            steps=self._steps(rows), simulation=gaps.simulate(total, ticked),
            carried=[row.pk for row in ticked if row.pk not in shown], carried_rows=[r for r in ticked if r.pk not in shown],
            next=page.next, previous=page.previous, suggested=gaps.SUGGESTED,
            suggest_url=showing.url(showing.GAPS, reading, suggest="1"), plain_url=showing.url(showing.GAPS, reading),
            basis_of_steps=list(STEP_BASIS.values()), base_params={**reading.params, **self._kept()}, **kwargs,
        )  # fmt: skip

    def _kept(self) -> dict[str, str]:
        return {
            name: self.ledger.params[name] for name in ("step", "park", "building", "q") if name in self.ledger.params
        }

    def _ticked(self, rows: Any) -> list[Any]:
        """The rows named by `pick`, or the first five when the page is asked which to visit."""
        if self.request.GET.get("suggest"):
            return list(rows.order_by(*self.ledger.orderings[""].fields)[: gaps.SUGGESTED])
        wanted = [pk for value in self.request.GET.getlist("pick") if (pk := row_id(value)) is not None]
        return list(rows.filter(pk__in=wanted)) if wanted else []

    def _steps(self, rows: Any) -> list[dict[str, Any]]:
        """How many enterprises each way would serve, the cheapest first."""
        counted = dict(rows.order_by().values_list("step").annotate(n=Count("pk")))
        return [
            {"label": step.label, "count": counted.get(step.value, 0), "tone": STEP_TONES[step.value],
             "url": showing.url(showing.GAPS, self.reading, step=step.value)}
            for step in Step
        ]  # fmt: skip


class WorkbookView(ActionView):
    """Start the workbook of the report that the page shows; it waits under 我的任务."""

    permission = permissions.VIEW
    success_message = ""

    def perform(self) -> Job:
        reading = read(self.request.POST.dict(), today=self.today)
        return start_job(
            kind=WORKBOOK, title=f"{reading.basis.org}两个覆盖报表（{reading.basis.label}）", params=reading.params,
            permission=permissions.VIEW, actor=self.request.user,
        )  # fmt: skip

    def get_back_url(self) -> str:
        return "/coverage/"
