"""组建台账, 指导员台账 and 走访台账: what covers the enterprises, who goes there, and when."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db.models import OuterRef, Subquery, Value

from apps.branches.ledgers.common import organization_filter
from apps.branches.rules import OrgKind
from apps.core.codes import mask_phone
from apps.core.ledger import Column, Filter, Kind, Ledger, Ordering, register
from apps.core.periods import Period

from .. import permissions
from ..kinds import Attitude, ContactMethod, Form, InstructorSource
from ..models import Condition, Enterprise, Establishment, Instructor, Need, Visit
from ..parameters import thresholds
from ..querysets import counted
from .common import buildings, day_of, instructors, link_to, parks, recent_quarters


def matching_enterprise(rows: Any, text: str) -> Any:
    """Narrow to rows whose enterprise is called so."""
    return rows.filter(enterprise__in=Enterprise.objects.matching(text).values("pk"))


ENTERPRISE = (
    Column("enterprise", "企业名称", "enterprise.name", link=link_to("enterprise")),
    Column("credit_code", "统一社会信用代码", "enterprise.credit_code"),
    Column("park", "园区", "enterprise.park.name", default=False),
    Column("building", "楼栋", "enterprise.building.name", default=False),
)


@register
class EstablishmentLedger(Ledger):
    """组建台账: which organisation covers which enterprise, in which form, since when, by which document."""

    code = "enterprises.establishments"
    title = "组建台账"
    permission = permissions.VIEW
    columns = (
        *ENTERPRISE,
        Column("form", "组建方式", choices=dict(Form.choices()),
               tone=lambda row: "neutral" if row.until else "success"),
        Column("org", "党组织", "org.name", link=link_to("org")),
        Column("org_code", "党组织代码", "org.code", default=False),
        Column("org_kind", "党组织类别", "org.kind", choices=dict(OrgKind.choices()), default=False),
        Column("since", "组建日期", kind=Kind.DATE),
        Column("until", "终止日期", kind=Kind.DATE),
        Column("document", "批复文号"),
        Column("staff", "职工数", kind=Kind.INTEGER, default=False),
        Column("formal_members", "正式党员", kind=Kind.INTEGER),
        Column("note", "备注", default=False),
    )  # fmt: skip
    filters = (
        Filter("park", "园区", lookup="enterprise__park_id", choices=parks),
        Filter("building", "楼栋", lookup="enterprise__building_id", choices=buildings),
        organization_filter("enterprise__"),
        Filter("form", "组建方式", choices=Form.choices()),
        Filter("open", "现行", kind="bool", apply=lambda rows, v, ledger: rows.filter(until__isnull=v)),
        Filter("since_from", "组建日期起", kind="date", lookup="since__gte"),
        Filter("since_to", "组建日期止", kind="date", lookup="since__lte"),
        Filter("on", "截至日期", kind="date", apply=lambda rows, on, ledger: rows.as_of(on)),
    )
    orderings = {
        "": Ordering("最近组建在前", ("-since", "-pk")),
        "org": Ordering("按责任党组织", ("enterprise__org_path", "pk")),
    }
    search_hint = "企业名称、拼音首字母或信用代码"
    empty_text = "还没有组建记录。在企业页点「登记组建」，或导入组建台账。"

    def rows(self) -> Any:
        day = day_of(self)
        now = Condition.objects.as_of(day).filter(enterprise=OuterRef("enterprise_id")).order_by()
        rows = Establishment.objects.select_related("enterprise", "enterprise__park", "enterprise__building", "org")
        return rows.annotate(
            staff=Subquery(now.values("staff")[:1]), formal_members=Subquery(now.values("formal_members")[:1])
        )

    def search(self, rows: Any, text: str) -> Any:
        return matching_enterprise(rows, text)


def visit_tone(row: Any) -> str:
    return "success" if row.quarter_visits >= row.visits_wanted else "danger"


@register
class InstructorLedger(Ledger):
    """指导员台账: load and silence: whom each contacts, and when the last visit was."""

    code = "enterprises.instructors"
    title = "指导员台账"
    permission = permissions.VIEW
    reveal_permission = permissions.REVEAL
    columns = (
        Column("name", "姓名", link=lambda row: row.get_absolute_url()),
        Column("unit", "派出单位"),
        Column("post", "职务"),
        Column("source", "选派来源", choices=dict(InstructorSource.choices()), default=False),
        Column("phone", "联系电话", mask=mask_phone),
        Column("org", "管理党组织", "org.name", link=link_to("org"), default=False),
        Column("org_code", "管理党组织代码", "org.code", default=False),
        Column("since", "选派日期", kind=Kind.DATE),
        Column("until", "结束日期", kind=Kind.DATE, default=False),
        Column("load", "联系企业数", kind=Kind.INTEGER, link=lambda row: f"/enterprises/?instructor={row.pk}"),
        Column("enterprises", "联系企业", lambda row: "、".join(row.enterprise_names), default=False),
        Column("overload", "联系数提示", lambda row: "超过上限" if row.load > row.load_limit else "",
               tone=lambda row: "warning"),
        Column("visits", "本季走访", "quarter_visits", kind=Kind.INTEGER,
               link=lambda row: f"/visits/?instructor={row.pk}&quarter={row.quarter}"),
        Column("last_visit_on", "最近走访", kind=Kind.DATE),
        Column("silent_days", "距最近走访（天）", lambda row: silence(row), kind=Kind.INTEGER),
        Column("state", "本季走访情况", lambda row: visit_state(row), tone=visit_tone),
    )  # fmt: skip
    filters = (
        Filter("unit", "派出单位", kind="text", lookup="unit__icontains"),
        Filter("source", "选派来源", choices=InstructorSource.choices()),
        Filter("overloaded", "超过联系数上限", kind="bool",
               apply=lambda rows, v, ledger: rows.filter(load__gt=ledger.limits.instructor_load) if v
               else rows.filter(load__lte=ledger.limits.instructor_load)),
        Filter("visited", "本季已走访", kind="bool",
               apply=lambda rows, v, ledger: rows.filter(quarter_visits__gt=0) if v
               else rows.filter(quarter_visits=0)),
        Filter("state", "任期", choices=[("now", "在任"), ("ended", "已结束")],
               apply=lambda rows, v, ledger: rows.as_of(ledger.today) if v == "now"
               else rows.filter(until__lte=ledger.today)),
        organization_filter(),
    )  # fmt: skip
    orderings = {
        "": Ordering("按管理党组织", ("org_path", "pk")),
        "load": Ordering("联系企业多的在前", ("-load", "-pk")),
        "name": Ordering("按姓名", ("initials", "pk")),
    }
    search_hint = "姓名或拼音首字母"
    empty_text = "还没有指导员。点「登记指导员」，或导入指导员台账。"

    @cached_property
    def limits(self) -> Any:
        return thresholds(self.today)

    def rows(self) -> Any:
        rows = Instructor.objects.select_related("org").with_load(self.today).with_visits(self.today)
        rows = rows.with_enterprise_names(self.today)
        return rows.annotate(
            load_limit=Value(self.limits.instructor_load), asked_on=Value(self.today),
            visits_wanted=Value(self.limits.instructor_visits_per_quarter),
            quarter=Value(str(Period.quarter_of(self.today))),
        )  # fmt: skip

    def search(self, rows: Any, text: str) -> Any:
        return rows.matching(text)


def silence(row: Any) -> int | None:
    return (row.asked_on - row.last_visit_on).days if row.last_visit_on else None


def visit_state(row: Any) -> str:
    if row.until is not None and row.until <= row.asked_on:
        return "已结束任期"
    return "已达到" if row.quarter_visits >= row.visits_wanted else f"还差 {row.visits_wanted - row.quarter_visits} 次"


def in_quarter(rows: Any, text: str, ledger: Ledger) -> Any:
    period = Period.parse(text)
    return rows.filter(on__gte=period.start, on__lt=period.end)


@register
class VisitLedger(Ledger):
    """走访台账: every contact; its day decides its quarter, the day of entry is kept beside it."""

    code = "enterprises.visits"
    title = "走访台账"
    permission = permissions.VIEW
    columns = (
        Column("on", "走访日期", kind=Kind.DATE, link=lambda row: f"/visits/{row.pk}/"),
        *ENTERPRISE,
        Column("method", "方式", choices=dict(ContactMethod.choices())),
        Column("visitor", "走访人"),
        Column("instructor", "指导员", "instructor.name", default=False),
        Column("met", "接待人", default=False),
        Column("summary", "走访情况"),
        Column("attitude", "企业主认同度", choices=dict(Attitude.choices()), default=False),
        Column("needs", "诉求数", "need_count", kind=Kind.INTEGER),
        Column("recorded_at", "登记时间", kind=Kind.DATETIME, default=False),
    )
    filters = (
        Filter("quarter", "季度", choices=recent_quarters, apply=in_quarter),
        Filter("park", "园区", lookup="enterprise__park_id", choices=parks),
        Filter("building", "楼栋", lookup="enterprise__building_id", choices=buildings),
        organization_filter("enterprise__"),
        Filter("instructor", "指导员", lookup="instructor_id", choices=instructors),
        Filter("visitor", "走访人", kind="text", lookup="visitor__icontains"),
        Filter("method", "方式", choices=ContactMethod.choices()),
        Filter("attitude", "企业主认同度", choices=Attitude.choices()),
        Filter("on_from", "日期起", kind="date", lookup="on__gte"),
        Filter("on_to", "日期止", kind="date", lookup="on__lte"),
    )
    orderings = {"": Ordering("最近走访在前", ("-on", "-pk"))}
    search_hint = "企业名称、拼音首字母或信用代码"
    empty_text = "还没有走访记录。点「登记走访」，一分钟内可以记完。"

    def rows(self) -> Any:
        rows = Visit.objects.select_related("enterprise", "enterprise__park", "enterprise__building", "instructor")
        return rows.annotate(need_count=counted(Need.objects.filter(visit=OuterRef("pk")), "visit"))

    def search(self, rows: Any, text: str) -> Any:
        return matching_enterprise(rows, text)
