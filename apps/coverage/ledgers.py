"""Two books of coverage: the names behind every figure, and the gaps with the way to close them."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from django.db.models import Count, F, Q, Window

from apps.core.errors import DomainError
from apps.core.keyset import Page, page_of
from apps.core.ledger import Column, Filter, Kind, Ledger, Ordering, register
from apps.core.scoping import required_scope
from apps.enterprises.kinds import MassKind, Status, UnitKind
from apps.enterprises.rules import Industry

from . import changes, figures, permissions
from .definitions import offered
from .reading import Reading, periods_offered, read
from .rules import Exclusion, Step

STEP_TONES = {Step.BUILD.value: "success", Step.JOIN.value: "warning", Step.SEND.value: "info"}

FIGURES = {
    "denominator": ("计入分母", Q(in_denominator=True)),
    "organisation_covered": ("组织覆盖", Q(organisation_covered=True)),
    "organisation_uncovered": ("组织未覆盖", Q(in_denominator=True, organisation_covered=False)),
    "work_covered": ("工作覆盖", Q(work_covered=True)),
    "uncovered": ("未覆盖", Q(uncovered=True)),
    "single_built": ("单独组建", Q(single_built=True)),
    "focus": ("应单独组建的规模企业", Q(focus=True)),
    "focus_single_built": ("规模企业中单独组建", Q(focus=True, single_built=True)),
    "attention": ("应有党员的规模企业", Q(attention=True)),
    "attention_single_built": ("应有党员规模中单独组建", Q(attention=True, single_built=True)),
    "should_build": ("应建未建", Q(should_build=True)),
    "should_join": ("应联未联", Q(should_join=True)),
    "excluded": ("剔除", Q(in_denominator=False)),
    "from_roster": ("党员数取自名册", Q(from_roster=True)),
    "disagreement": ("名册与摸底党员数不一致", Q(from_roster=True) & ~Q(census_members=F("formal_members"))),
}
"""Every figure of a report as the question that its names answer."""


def link(row: Any) -> str:
    """To the enterprise, if it lies in the viewer's scope today; an old report may name others."""
    return row.get_absolute_url() if required_scope().covers(row.enterprise_path) else ""


def already_read(rows: Any, _value: Any, _ledger: Ledger) -> Any:
    """`rows()` has taken this parameter into account."""
    return rows


def own_rows(rows: Any, own: bool, ledger: Any) -> Any:
    """Enterprises that the node answers for itself, or those of the organisations below it."""
    path = ledger.reading.basis.org.path
    return rows.filter(org_path=path) if own else rows.exclude(org_path=path)


def placed(rows: Any, column: str, name: str) -> Any:
    """Enterprises of a park or building by its name on the report; 未填写 are those of none."""
    return rows.filter(**{column: "" if name == figures.UNSETTLED else name})


REPORT_FILTERS: tuple[Filter, ...] = (
    Filter("org", "党组织代码", kind="text", apply=already_read),
    Filter("own", "本级直接负责", kind="bool", apply=own_rows),
    Filter("period", "期间", apply=already_read, choices=lambda ledger: periods_offered(ledger.today, quarters=12)),
    Filter("day", "截至日期", kind="date", apply=already_read),
    Filter("definition", "口径", apply=already_read, choices=lambda ledger: ledger.definitions),
    Filter("park", "园区", kind="text", apply=lambda rows, value, ledger: placed(rows, "park_name", value)),
    Filter("building", "楼栋", kind="text", apply=lambda rows, value, ledger: placed(rows, "building_name", value)),
)

WHO = (
    Column("name", "企业名称", link=link),
    Column("credit_code", "统一社会信用代码", default=False),
    Column("unit_kind", "单位类别", choices=dict(UnitKind.choices()), default=False),
    Column("park", "园区", "park_name"),
    Column("building", "楼栋", "building_name"),
    Column("industry", "行业", choices=dict(Industry.choices()), default=False),
    Column("org", "责任党组织", "org_name"),
    Column("org_line", "组织层级", default=False),
    Column("status", "经营状态", choices=dict(Status.choices())),
    Column("staff", "职工数", kind=Kind.INTEGER),
    Column("formal_members", "正式党员", kind=Kind.INTEGER),
    Column("members_source", "党员数来源", changes.members_source, default=False),
    Column("census_members", "摸底正式党员", kind=Kind.INTEGER, default=False),
    Column("probationary_members", "预备党员", kind=Kind.INTEGER, default=False),
    Column("members_elsewhere", "关系未转入党员", kind=Kind.INTEGER, default=False),
)
HOW = (
    Column("forms", "组建方式", changes.forms),
    Column(
        "covering", "覆盖党组织", lambda row: "、".join(dict.fromkeys(c["org"] for c in row.covering)), default=False
    ),
    Column("instructor", "党建指导员", "instructor_names", default=False),
    Column("mass", "群团组织", lambda row: "、".join(MassKind(k).label for k in row.mass_kinds), default=False),
)
WHY = Column("unbuilt_reason", "未建原因", lambda row: changes.unbuilt(row) if row.unbuilt_reason else "")


class ReportLedger(Ledger):
    """A ledger over the rows of one report; which report, its parameters say."""

    permission = permissions.VIEW
    filters: ClassVar[tuple[Filter, ...]] = REPORT_FILTERS
    search_hint = "企业名称、拼音首字母或信用代码"

    whole: int | None = None

    @cached_property
    def reading(self) -> Reading:
        return read(self.params, today=self.today)

    def rows(self) -> Any:
        return figures.names(self.reading.basis, self.reading.definition)

    @cached_property
    def definitions(self) -> list[tuple[str, str]]:
        try:
            rows = self.reading.offered
        except DomainError:
            rows = offered(self.today).rows
        return [(row.code, row.name) for row in rows]

    def page(self) -> Page:
        """The page; the first one brings the number of all rows along, so that the facts are gone through once."""
        if any(self.params.get(cursor) for cursor in ("after", "before")):
            return super().page()
        counted = self.queryset().annotate(whole=Window(Count("*")))
        found = page_of(counted, self.ordering.fields, self.params, self.page_size)
        self.whole = int(found.rows[0].whole) if found.rows else 0
        return found

    def count(self) -> int:
        return super().count() if self.whole is None else min(self.whole, self.count_cap + 1)

    def search(self, rows: Any, text: str) -> Any:
        return rows.filter(
            Q(name__icontains=text) | Q(initials__contains=text.lower()) | Q(credit_code__startswith=text.upper())
        )

    @property
    def lead(self) -> str:  # type: ignore[override]
        """The report that this list belongs to: node, day, definition."""
        try:
            reading = self.reading
        except DomainError as error:
            return error.message
        return f"{reading.basis.org}；{reading.basis.describe()}口径：{reading.definition.name}（{reading.definition.code}）。"


@register
class NamesLedger(ReportLedger):
    """The enterprises behind a figure: numerator, denominator, or excluded with the reason."""

    code = "coverage.names"
    title = "覆盖名单"
    columns = (
        *WHO,
        *HOW,
        Column("in_denominator", "计入分母", kind=Kind.BOOL, default=False),
        Column("reason", "剔除原因", choices=dict(Exclusion.choices()), tone=lambda row: "warning"),
        Column("organisation_covered", "组织覆盖", kind=Kind.BOOL),
        Column("work_covered", "工作覆盖", kind=Kind.BOOL),
        Column("single_built", "单独组建", kind=Kind.BOOL, default=False),
        Column("should_build", "应建未建", kind=Kind.BOOL, default=False),
        Column("should_join", "应联未联", kind=Kind.BOOL, default=False),
        WHY,
    )
    filters = (
        Filter(
            "figure", "指标", choices=[(code, label) for code, (label, _) in FIGURES.items()],
            apply=lambda rows, value, ledger: rows.filter(FIGURES[value][1]),
        ),
        Filter("reason", "剔除原因", choices=Exclusion.choices()),
        *REPORT_FILTERS,
    )  # fmt: skip
    empty_text = "这个指标下没有企业。"


@register
class GapsLedger(ReportLedger):
    """What stands between here and full coverage, the cheapest legal path first."""

    code = "coverage.gaps"
    title = "未覆盖企业与最近的路"
    columns = (
        *WHO,
        *HOW,
        WHY,
        Column("step", "最近的路", choices=dict(Step.choices()), tone=lambda row: STEP_TONES.get(row.step, "")),
    )
    filters = (Filter("step", "最近的路", choices=Step.choices()), *REPORT_FILTERS)
    orderings = {
        "": Ordering("按最近的路", ("step_rank", "-formal_members", "-staff", "pk")),
        "org": Ordering("按组织", ("org_path", "pk")),
    }
    empty_text = "没有未覆盖的企业。"

    def rows(self) -> Any:
        return super().rows().filter(step_rank__gt=0)
