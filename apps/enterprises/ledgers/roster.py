"""企业台账 and 一户一表: every enterprise with what is known about it on a day."""

from __future__ import annotations

import datetime
from functools import cached_property
from typing import Any

from django.db.models import Min, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from apps.accounts.models import RoleAssignment
from apps.branches.ledgers.common import organization_filter
from apps.core.codes import mask_phone
from apps.core.dated import in_force
from apps.core.ledger import Column, Filter, Kind, Ledger, Ordering, register
from apps.core.periods import Period
from apps.core.permissions import BRANCH_SECRETARY

from .. import permissions
from ..kinds import Attitude, Form, MassKind, PoliticalStatus, Scale, Status, UnbuiltReason, UnitKind
from ..models import ActionPlan, Enterprise, Establishment, Need
from ..parameters import thresholds
from ..querysets import counted
from ..rules import EnterpriseThresholds, Industry, StaffBand
from .common import (
    STATUS_CHOICES,
    buildings,
    day_of,
    form_tone,
    here,
    instructors,
    link_to,
    parks,
    status_tone,
)

LONG_AGO = datetime.date(1900, 1, 1)


def mass_labels(row: Any) -> str:
    return "、".join(MassKind(kind).label for kind in row.mass_kinds or ())


IDENTITY = (
    Column("name", "企业名称", link=lambda row: f"/enterprises/{row.pk}/"),
    Column("credit_code", "统一社会信用代码", default=False),
    Column("kind", "单位类别", choices=dict(UnitKind.choices()), default=False),
    Column("park", "园区", "park.name", link=link_to("park")),
    Column("building", "楼栋", "building.name", link=link_to("building")),
    Column("room", "门牌（室）", default=False),
    Column("industry", "行业门类", choices=dict(Industry.choices()), default=False),
    Column("ownership", "企业类型", default=False),
    Column("scale", "规模", choices=dict(Scale.choices()), default=False),
    Column("above_scale", "规上企业", kind=Kind.BOOL, default=False),
    Column("registered_on", "注册日期", kind=Kind.DATE, default=False),
    Column("arrived_on", "入驻日期", kind=Kind.DATE, default=False),
    Column("address", "注册地址", default=False),
)
OWNER = (
    Column("leader_name", "出资人（负责人）", default=False),
    Column("leader_status", "负责人政治面貌", choices=dict(PoliticalStatus.choices()), default=False),
    Column("contact_name", "联系人", default=False),
    Column("contact_phone", "联系电话", mask=mask_phone, default=False),
    Column("attitude", "企业主认同度", choices=dict(Attitude.choices()), default=False),
)
COUNTED = (
    Column("status", "经营状态", choices=dict(Status.choices()), tone=status_tone),
    Column("checked_on", "核查日期", kind=Kind.DATE, default=False),
    Column("staff", "职工数", kind=Kind.INTEGER),
    Column("staff_under_35", "35岁以下职工", kind=Kind.INTEGER, default=False),
    Column("staff_college", "大专以上职工", kind=Kind.INTEGER, default=False),
    Column("formal_members", "正式党员", kind=Kind.INTEGER),
    Column("probationary_members", "预备党员", kind=Kind.INTEGER, default=False),
    Column("members_elsewhere", "关系未转入党员", kind=Kind.INTEGER, default=False),
    Column("applicants", "入党申请人和积极分子", kind=Kind.INTEGER, default=False),
)
COVER = (
    Column("form", "组建方式", choices=dict(Form.choices()), tone=form_tone),
    Column("covering_org", "所属党组织"),
    Column("secretary", "书记", default=False),
    Column("instructor", "指导员", "instructor_name"),
    Column("mass", "群团组织", mass_labels, default=False),
    Column("venue_area", "党组织活动场所（㎡）", kind=Kind.INTEGER, default=False),
    Column("party_funds", "年度党建经费（元）", kind=Kind.MONEY, default=False),
    Column("unbuilt_reason", "未建党组织原因", choices=dict(UnbuiltReason.choices()), default=False),
    Column("planned_on", "计划完成日期", kind=Kind.DATE, default=False),
    Column("org", "责任党组织", "org.name", link=link_to("org"), default=False),
)


def staff_between(rows: Any, band: str, ledger: RosterLedger) -> Any:
    """Narrow to one band of 职工人数, as the local numbers of the day draw it."""
    limits = ledger.thresholds
    edges = {
        StaffBand.BELOW_THREE_HAVE: Q(staff__lt=limits.three_have_staff),
        StaffBand.ORDINARY: Q(staff__gte=limits.three_have_staff, staff__lt=limits.attention_staff),
        StaffBand.ATTENTION: Q(staff__gte=limits.attention_staff, staff__lt=limits.focus_staff),
        StaffBand.FOCUS: Q(staff__gte=limits.focus_staff),
    }
    return rows.filter(edges[StaffBand(band)])


def staff_bands(ledger: RosterLedger) -> list[tuple[str, str]]:
    limits = ledger.thresholds
    return [
        (StaffBand.BELOW_THREE_HAVE, f"不足{limits.three_have_staff}人"),
        (StaffBand.ORDINARY, f"{limits.three_have_staff}至{limits.attention_staff - 1}人"),
        (StaffBand.ATTENTION, f"{limits.attention_staff}至{limits.focus_staff - 1}人"),
        (StaffBand.FOCUS, f"{limits.focus_staff}人以上"),
    ]


def in_form(rows: Any, value: str, ledger: RosterLedger) -> Any:
    return rows.uncovered(ledger.on) if value == "none" else rows.covered_as(value, ledger.on)


def is_covered(rows: Any, value: bool, ledger: RosterLedger) -> Any:
    return rows.covered(ledger.on) if value else rows.uncovered(ledger.on)


def has_worker(rows: Any, value: bool, ledger: RosterLedger) -> Any:
    return rows.with_worker(ledger.on, present=value)


def is_visited(rows: Any, value: bool, ledger: RosterLedger) -> Any:
    return rows.visited_in(Period.quarter_of(ledger.on), visited=value)


def has_arrived(rows: Any, value: bool, ledger: RosterLedger) -> Any:
    month = Period.month_of(ledger.on)
    arrived = Q(arrived_on__gte=month.start, arrived_on__lt=month.end)
    return rows.filter(arrived) if value else rows.exclude(arrived)


def has_three(rows: Any, value: bool, ledger: RosterLedger) -> Any:
    """“三有”: premises, staff and operations on the day."""
    wanted = ledger.thresholds.three_have_staff
    if value:
        return rows.filter(has_premises=True, has_operations=True, staff__gte=wanted)
    return rows.filter(Q(has_premises=False) | Q(has_operations=False) | Q(staff__lt=wanted))


FILTERS = (
    Filter("park", "园区", lookup="park_id", choices=parks),
    Filter("building", "楼栋", lookup="building_id", choices=buildings),
    organization_filter(),
    Filter("status", "经营状态", choices=STATUS_CHOICES, apply=here),
    Filter("form", "组建方式", choices=[("none", "未组建"), *Form.choices()], apply=in_form),
    Filter("covered", "已有党组织覆盖", kind="bool", apply=is_covered),
    Filter("worker", "有指导员或群团", kind="bool", apply=has_worker),
    Filter("staff", "职工规模", choices=staff_bands, apply=staff_between),
    Filter("three", "“三有”企业", kind="bool", apply=has_three),
    Filter("visited", "本季已走访", kind="bool", apply=is_visited),
    Filter("arrived", "本月入驻", kind="bool", apply=has_arrived),
    Filter("kind", "单位类别", choices=UnitKind.choices()),
    Filter("above_scale", "规上企业", kind="bool"),
    Filter("industry", "行业门类", choices=[(i.value, f"{i.value} {i.label}") for i in Industry]),
    Filter("attitude", "企业主认同度", choices=Attitude.choices()),
    Filter("unbuilt_reason", "未建党组织原因", choices=UnbuiltReason.choices()),
    Filter("instructor", "指导员", choices=instructors,
           apply=lambda rows, who, ledger: rows.contacted_by(who, ledger.on)),
    Filter("on", "截至日期", kind="date", apply=lambda rows, on, ledger: rows.filter(_condition__isnull=False)),
)  # fmt: skip


class RosterLedger(Ledger):
    """The base of both books: rows with their condition, cover and people on the day asked about."""

    permission = permissions.VIEW
    reveal_permission = permissions.REVEAL
    filters = FILTERS
    search_hint = "企业名称、拼音首字母或信用代码"
    empty_text = "还没有企业。可以逐家登记，也可以导入工商登记数据。"
    orderings = {
        "": Ordering("按党组织", ("org_path", "pk")),
        "name": Ordering("按名称", ("name", "pk")),
        "new": Ordering("最近入驻在前", ("-arrival_key", "-pk")),
        "staff": Ordering("职工多的在前", ("-staff_key", "-pk")),
        "quiet": Ordering("最久未走访在前", ("visit_key", "pk")),
    }

    @cached_property
    def on(self) -> datetime.date:
        return day_of(self)

    @cached_property
    def thresholds(self) -> EnterpriseThresholds:
        return thresholds(self.on)

    def rows(self) -> Any:
        rows = Enterprise.objects.select_related("org", "park", "park__org", "building", "building__org")
        rows = rows.with_condition(self.on).with_main_form(self.on).with_instructor(self.on).with_mass_kinds(self.on)
        plans = ActionPlan.objects.unsettled().filter(enterprise=OuterRef("pk")).order_by("due_on")
        secretary = RoleAssignment.objects.filter(
            in_force(self.on), org_id=OuterRef("covering_org_id"), role=BRANCH_SECRETARY
        ).order_by("-since", "-pk")
        rows = rows.annotate(
            planned_on=Subquery(plans.values("due_on")[:1]),
            secretary=Subquery(secretary.values("user__display_name")[:1]),
        )
        return self._with_order_key(rows)

    def _with_order_key(self, rows: Any) -> Any:
        order = self.params.get("order")
        if order == "new":
            return rows.annotate(arrival_key=Coalesce("arrived_on", Value(LONG_AGO)))
        if order == "staff":
            return rows.annotate(staff_key=Coalesce("_condition__staff", Value(0)))
        if order == "quiet":
            rows = rows.with_last_visit(self.on)
            return rows.annotate(visit_key=Coalesce("last_visit_on", Value(LONG_AGO)))
        return rows

    def search(self, rows: Any, text: str) -> Any:
        return rows.matching(text)


@register
class EnterpriseRoster(RosterLedger):
    """企业台账."""

    code = "enterprises.roster"
    title = "企业台账"
    columns = (*IDENTITY, *COUNTED, *COVER, *OWNER)


@register
class EnterpriseSheets(RosterLedger):
    """一户一表实名制台账: the whole sheet of every enterprise as one row; the page of a sheet prints it."""

    code = "enterprises.sheets"
    title = "一户一表"
    lead = "一户一表实名制台账：每家企业一行、一页，可打印。"
    columns = (
        Column("name", "企业名称", link=lambda row: f"/enterprises/{row.pk}/sheet/"),
        *IDENTITY[1:],
        Column("capital", "注册资金（万元）", kind=Kind.MONEY, default=False),
        Column("business_scope", "经营范围", default=False),
        *OWNER,
        *COUNTED,
        Column("has_premises", "有固定经营场所", kind=Kind.BOOL, default=False),
        Column("has_operations", "有生产经营活动", kind=Kind.BOOL, default=False),
        *COVER[:-3],
        Column("founded_on", "组建日期", kind=Kind.DATE, default=False),
        Column("document", "批复文号", default=False),
        *COVER[-3:],
        Column("unbuilt_note", "未建原因说明", default=False),
        Column("measure", "推进措施", default=False),
        Column("plan_owner", "责任人", default=False),
        Column("plan_progress", "工作进度", default=False),
        Column("last_visit_on", "最近走访", kind=Kind.DATE),
        Column("open_needs", "未办结诉求", kind=Kind.INTEGER, default=False),
        Column("sync_planned_on", "筹建同步组建", kind=Kind.DATE, default=False),
        Column("sync_recruited_on", "招工同步引进党员", kind=Kind.DATE, default=False),
        Column("sync_founded_on", "投产同步成立党组织", kind=Kind.DATE, default=False),
        Column("remark", "备注", default=False),
    )

    def rows(self) -> Any:
        plans = ActionPlan.objects.unsettled().filter(enterprise=OuterRef("pk")).order_by("due_on", "pk")
        cover = Establishment.objects.as_of(self.on).filter(enterprise=OuterRef("pk"))
        first = cover.order_by().values("enterprise").annotate(_first=Min("since")).values("_first")
        rows = super().rows().annotate(
            measure=Subquery(plans.values("measure")[:1]),
            plan_owner=Subquery(plans.values("owner")[:1]),
            plan_progress=Subquery(plans.values("progress")[:1]),
            founded_on=Subquery(first),
            document=Subquery(cover.strongest_first().values("document")[:1]),
            open_needs=counted(Need.objects.unsettled().filter(enterprise=OuterRef("pk")), "enterprise"),
        )  # fmt: skip
        return rows if self.params.get("order") == "quiet" else rows.with_last_visit(self.on)
