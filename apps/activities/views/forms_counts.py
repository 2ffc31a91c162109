"""活动形式统计: how often each form was used, by quarter and by organisation; recomputed from the records each time."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, F, Sum
from django.db.models.functions import Left, TruncQuarter
from django.http import Http404
from django.utils.functional import cached_property

from apps.branches.models import PartyOrg
from apps.branches.querysets import LEVEL
from apps.core.periods import Period
from apps.core.views import PageView

from .. import permissions
from ..ledgers.held import PEOPLE
from ..ledgers.records import YEARS_BACK
from ..models import Activity, ActivityForm
from .venues import own_org

PAGE = "/activities/forms/"
QUARTERS = 4


class FormsPage(PageView):
    """Counts of a year for one node of the scope (`org`, by code); every count opens to its records."""

    permission = permissions.VIEW
    template_name = "activities/forms_counts.html"
    title = "活动形式统计"

    @cached_property
    def org(self) -> PartyOrg | None:
        """The node asked for, else where the reader works; 404 for one outside the scope."""
        code = self.request.GET.get("org", "")
        if not code:
            return own_org()
        found: PartyOrg | None = PartyOrg.objects.filter(code__iexact=code).first()
        if found is None:
            raise Http404
        return found

    @cached_property
    def year(self) -> Period:
        wanted = self.request.GET.get("year", "")
        known = wanted.isdecimal() and self.today.year - YEARS_BACK < int(wanted) <= self.today.year
        return Period("year", int(wanted) if known else self.today.year)

    def get_title(self) -> str:
        return f"{self.org}：{self.title}" if self.org else self.title

    def get_actions(self) -> list[dict[str, Any]]:
        return [{"label": "活动明细", "url": f"/activities/held/?with_form=1&period={self.year}"}]

    @property
    def records(self) -> Any:
        rows = Activity.objects.counted().held_in(self.year).filter(form__isnull=False).order_by()
        return rows.filter(org_path__startswith=self.org.path) if self.org else rows

    def names_url(self, form: int, period: Period, org: PartyOrg | None) -> str:
        """The records behind a figure."""
        params = {"form": form, "period": str(period), **({"org": org.code} if org else {})}
        return f"/activities/held/?{urlencode(params)}"

    def cell(self, count: int, form: int, period: Period, org: PartyOrg | None) -> dict[str, Any]:
        url = self.names_url(form, period, org) if count else ""
        return {"text": f"{count:,}", "url": url, "numeric": True}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        forms = list(ActivityForm.objects.select_related("kind"))
        years = [self.today.year - n for n in range(YEARS_BACK)]
        table, used = self._by_quarter(forms)
        return super().get_context_data(
            table=table, by_org=self._by_org([form for form in forms if form.pk in used]), org=self.org,
            year=self.year, years=years, around=self._around(), **kwargs,
        )  # fmt: skip

    def _around(self) -> list[tuple[str, str]]:
        """(code, label) of the nodes above and directly below, for the picker."""
        if self.org is None:
            return []
        near = PartyOrg.objects.above(self.org) | PartyOrg.objects.filter(parent=self.org, ended_on=None)
        lines = [(each.code, f"{each}（上级）" if len(each.path) < len(self.org.path) else f"　{each}", each.path)
                 for each in near]  # fmt: skip
        own = (self.org.code, str(self.org), self.org.path)
        return [(code, label) for code, label, _ in sorted([*lines, own], key=lambda line: line[2])]

    def _by_quarter(self, forms: list[ActivityForm]) -> tuple[dict[str, Any], set[int]]:
        """A line for each form: the quarters, the year, 受教育人次. One query."""
        counts: dict[int, dict[int, int]] = defaultdict(dict)
        people: dict[int, int] = defaultdict(int)
        lines = self.records.annotate(people=PEOPLE, quarter=TruncQuarter("held_on")).values("form", "quarter")
        for line in lines.annotate(n=Count("pk"), total=Sum(F("people"))):
            counts[line["form"]][Period.quarter_of(line["quarter"]).number] = line["n"]
            people[line["form"]] += line["total"]
        quarters = [Period("quarter", self.year.year, number) for number in range(1, QUARTERS + 1)]
        rows = [
            [
                {"text": form.name},
                {"text": form.kind.name if form.kind else ""},
                *(self.cell(counts[form.pk].get(q.number, 0), form.pk, q, self.org) for q in quarters),
                self.cell(sum(counts[form.pk].values()), form.pk, self.year, self.org),
                {"text": f"{people[form.pk]:,}", "numeric": True},
            ]
            for form in forms if form.active or counts.get(form.pk)
        ]  # fmt: skip
        headers = [{"label": "形式"}, {"label": "适用类别"},
                   *({"label": f"{n}季度", "numeric": True} for n in "一二三四"),
                   {"label": "全年（次）", "numeric": True}, {"label": "受教育人次", "numeric": True}]  # fmt: skip
        return {"headers": headers, "rows": rows}, {pk for pk, found in counts.items() if found}

    def _by_org(self, forms: list[ActivityForm]) -> dict[str, Any] | None:
        """A line for each organisation directly below with all under it. Two queries; nothing for a branch."""
        if self.org is None or not forms:
            return None
        width = len(self.org.path) + LEVEL
        found: dict[str, dict[int, int]] = defaultdict(dict)
        lines = self.records.annotate(root=Left("org_path", width)).values("root", "form").annotate(n=Count("pk"))
        for line in lines:
            found[line["root"]][line["form"]] = line["n"]
        below = {org.path: org for org in PartyOrg.objects.filter(path__in=found)}
        if set(below) <= {self.org.path}:
            return None
        rows = []
        for path in sorted(below):
            org, own = below[path], path == self.org.path
            name = (
                {"text": f"{org}（本级）"}
                if own
                else {"text": str(org), "url": f"{PAGE}?org={org.code}&year={self.year}"}
            )
            target = None if own else org
            cells = [self._org_cell(found[path].get(form.pk, 0), form.pk, target) for form in forms]
            rows.append([name, *cells])
        return {"headers": [{"label": "党组织"}, *({"label": f.name, "numeric": True} for f in forms)], "rows": rows}

    def _org_cell(self, count: int, form: int, org: PartyOrg | None) -> dict[str, Any]:
        return self.cell(count, form, self.year, org) if org else {"text": f"{count:,}", "numeric": True}
