"""党员统计: the members of any node as of any day, every figure open to its names; the same as a workbook."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.http import content_disposition_header
from django.views import View

from apps.branches.models import PartyOrg
from apps.core import audit
from apps.core.clock import day_named
from apps.core.excel.text import watermark
from apps.core.excel.writer import XLSX_TYPE, SheetSpec, write_xlsx
from apps.core.ledger import Column, Kind
from apps.core.nodes import own_nodes
from apps.core.scoping import required_scope
from apps.core.views import Page, PageView

from .. import permissions
from ..kinds import Sex, Stage
from ..ledgers.roster_filters import COLLEGE, MINORITY
from ..rules.bands import BULLETIN
from ..statistics import Counts, Dimension, Line, Report, Row, count
from .common import MEMBERS

PAGE = "/members/statistics/"
BROKEN_DOWN_BY = "age"
"""The dimension of the table of organisations before anybody chooses one."""


class StatisticsMixin:
    """What is asked: a node of the scope (`org`, by code), a day not to come (`on`), the dimension of the table (`by`).

    Anything else is 404, as is a node outside the scope.
    """

    request: HttpRequest
    today: datetime.date

    @cached_property
    def asked(self) -> dict[str, str]:
        given = self.request.POST if self.request.method == "POST" else self.request.GET
        return {name: given.get(name, "") for name in ("org", "on", "by")}

    @cached_property
    def org(self) -> PartyOrg:
        if code := self.asked["org"]:
            found = PartyOrg.objects.filter(code__iexact=code).first()
        else:
            roots = own_nodes(required_scope())
            found = PartyOrg.objects.get(path=roots[0][0]) if roots else None
        if found is None:
            raise Http404
        return found

    @cached_property
    def on(self) -> datetime.date:
        day = day_named(self.asked["on"]) if self.asked["on"] else self.today
        if day is None or day > self.today or day.year < 1900:
            raise Http404
        return day

    @cached_property
    def report(self) -> Report:
        return count(self.org, on=self.on, today=self.today)

    @cached_property
    def by(self) -> Dimension:
        wanted = self.asked["by"] or BROKEN_DOWN_BY
        found = next((each for each in self.report.dimensions if each.code == wanted), None)
        if found is None:
            raise Http404
        return found

    def url(self, **changes: Any) -> str:
        on = self.on.isoformat() if self.on != self.today else ""
        params = {"org": self.org.code, "on": on, "by": self.asked["by"], **changes}
        return f"{PAGE}?{urlencode({name: value for name, value in params.items() if value})}"


class StatisticsView(StatisticsMixin, PageView):
    """The page: four figures, a table for each dimension, the organisations below by one of them."""

    permission = permissions.VIEW
    template_name = "members/statistics.html"
    title = "党员统计"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [MEMBERS]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        report = self.report
        near = PartyOrg.objects.above(self.org) | PartyOrg.objects.filter(parent=self.org).living(self.on)
        around = list(near.order_by("path"))
        return super().get_context_data(
            report=report, org=self.org, on=self.on, by=self.by,
            above=[org for org in around if len(org.path) < len(self.org.path)],
            below=[org for org in around if len(org.path) > len(self.org.path)],
            cards=_cards(report), columns=_columns([_table(report, each) for each in report.dimensions]),
            choices=[{"label": each.label, "url": self.url(by=each.code) + "#by-org", "active": each is self.by}
                     for each in report.dimensions],
            by_org=self._by_org(), basis_of_bands=[BULLETIN],
            export={"org": self.org.code, "on": self.on.isoformat(), "by": self.by.code}, **kwargs,
        )  # fmt: skip

    def _by_org(self) -> dict[str, Any] | None:
        """One row for each organisation directly below; nothing for a branch, which has none."""
        report = self.report
        if all(row.own for row in report.rows):
            return None
        lines = report.lines(self.by)
        headers = [{"label": "党组织"}, {"label": "合计", "numeric": True},
                   *({"label": line.label, "numeric": True} for line in lines)]  # fmt: skip
        rows = [[self._org_cell(row), *_cells(report, row.counts, self.by, lines, row)] for row in report.rows]
        rows.append([{"text": "合计"}, *_cells(report, report.whole, self.by, lines)])
        return {"headers": headers, "rows": rows}

    def _org_cell(self, row: Row) -> dict[str, Any]:
        return {"text": f"{row.org}（本级）"} if row.own else {"text": str(row.org), "url": self.url(org=row.org.code)}


class StatisticsWorkbook(StatisticsMixin, Page, View):
    """The same numbers as a workbook: one sheet for the whole, one for the organisations by each dimension."""

    permission = permissions.VIEW
    http_method_names = ("post",)

    def post(self, request: HttpRequest) -> HttpResponse:
        report = self.report
        line = watermark(request.user.display_name, timezone.localtime())
        target = io.BytesIO()
        write_xlsx(target, _sheets(report, line))
        summary = f"导出{report.org}截至 {report.on:%Y-%m-%d} 的党员统计"
        audit.record(request.user, "members.counted", report.org, summary=summary, data={"on": report.on.isoformat()})
        response = HttpResponse(target.getvalue(), content_type=XLSX_TYPE)
        name = f"党员统计_{report.org.code}_{report.on:%Y%m%d}.xlsx"
        response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
        response.headers["Cache-Control"] = "no-store, private"
        return response


def _cards(report: Report) -> list[dict[str, Any]]:
    """The figures that the bulletin begins with."""
    stage, sex, nation, education, *_ = report.dimensions

    def named(dimension: Dimension, code: str) -> tuple[Dimension, Line]:
        return dimension, next(line for line in dimension.lines if line.code == code)

    def share(label: str, dimension: Dimension, line: Line) -> dict[str, Any]:
        number, url = report.whole.of(dimension, line), report.names_url(None, dimension, line)
        return {
            "label": label, "value": _share_text(number, report.whole.total), "url": url,
            "numerator": {"text": f"{number:,} 名", "url": url},
        }  # fmt: skip

    formal, probationary = (report.whole.of(*named(stage, code)) for code in (Stage.FORMAL, Stage.PROBATIONARY))
    return [
        {"label": "党员", "value": report.whole.total, "url": report.names_url(),
         "hint": f"正式 {formal:,}，预备 {probationary:,}"},
        share("女党员", *named(sex, Sex.FEMALE)),
        share("少数民族党员", *named(nation, MINORITY)),
        share("大专及以上学历", *named(education, COLLEGE)),
    ]  # fmt: skip


def _table(report: Report, dimension: Dimension) -> dict[str, Any]:
    rows = []
    for line in report.lines(dimension):
        number = report.whole.of(dimension, line)
        share = number * 100 / report.whole.total if report.whole.total else 0
        rows.append({
            "label": line.label, "number": number, "share": _share_text(number, report.whole.total),
            "url": report.names_url(None, dimension, line) if number else "",
            "bar": [{"label": line.label, "tone": "info" if line.among else "success", "share": share}],
        })  # fmt: skip
    return {"dimension": dimension, "rows": rows}


def _columns(tables: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The two short tables stand on each other, the others alone."""
    return [tables[:2], *([each] for each in tables[2:])]


def _cells(
    report: Report, counts: Counts, dimension: Dimension, lines: list[Line], row: Row | None = None
) -> list[dict[str, Any]]:
    def cell(number: int, line: Line | None) -> dict[str, Any]:
        url = report.names_url(row, dimension if line else None, line) if number else ""
        return {"text": f"{number:,}", "url": url, "numeric": True}

    return [cell(counts.total, None), *(cell(counts.of(dimension, line), line) for line in lines)]


def _share(number: int, total: int) -> Decimal | None:
    return Decimal(number) / Decimal(total) if total else None


def _share_text(number: int, total: int) -> str:
    return f"{number * 100 / total:.1f}%" if total else "—"


def _sheets(report: Report, line: str) -> Iterator[SheetSpec]:
    heads = (("分类", Kind.TEXT), ("项目", Kind.TEXT), ("人数", Kind.INTEGER), ("占比", Kind.PERCENT))
    rows: list[list[Any]] = [["党员", "合计", report.whole.total, None]]
    for dimension in report.dimensions:
        for each in report.lines(dimension):
            number = report.whole.of(dimension, each)
            rows.append([dimension.label, each.label, number, _share(number, report.whole.total)])
    yield SheetSpec("党员统计", [Column(label, label, kind=kind) for label, kind in heads], rows, line)
    for dimension in report.dimensions:
        lines = report.lines(dimension)
        columns = [Column("org", "党组织"), Column("total", "合计", kind=Kind.INTEGER),
                   *(Column(each.code, each.label, kind=Kind.INTEGER) for each in lines)]  # fmt: skip
        body = [
            [f"{row.org}（本级）" if row.own else str(row.org), row.counts.total,
             *(row.counts.of(dimension, each) for each in lines)]
            for row in report.rows
        ]  # fmt: skip
        yield SheetSpec(f"按{dimension.label}", columns, body, line)
