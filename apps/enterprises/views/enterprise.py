"""The page of an enterprise: who it is, how it stands, what covers it, who went there, and its whole story."""

from __future__ import annotations

from typing import Any

from django.utils.functional import cached_property

from apps.core import panels
from apps.core.codes import mask_phone
from apps.core.panels import ENTERPRISE_STORY, ENTERPRISE_TABS, PanelContext
from apps.core.regulations import Finding
from apps.core.scoping import required_scope
from apps.core.views import DetailPage

from .. import permissions
from ..kinds import Form, NeedState, Status
from ..ledgers import EnterpriseSheets
from ..ledgers.common import STATUS_TONES
from ..models import (
    ActionPlan,
    Condition,
    Enterprise,
    Establishment,
    InstructorAssignment,
    MassOrganization,
    Need,
    Visit,
)
from ..parameters import thresholds
from ..rules import LEAVING, missing_of_three, next_steps
from ..story import newest_first, shown, story_of
from . import tables
from .attachments import files_section
from .common import ENTERPRISES, buttons, can

VISITS_SHOWN = 5
STORY_SHOWN = 60
VISITS_ON_SHEET = 3
CONDITION_SHOWN = (
    "status", "has_premises", "has_operations", "staff", "staff_under_35", "staff_college", "formal_members",
    "probationary_members", "members_elsewhere", "applicants", "unbuilt_reason", "unbuilt_note",
)  # fmt: skip


class EnterprisePage(DetailPage):
    """One enterprise on one screen; `?story=all` shows the story without its cut."""

    permission = permissions.VIEW
    template_name = "enterprises/enterprise.html"
    object: Enterprise

    def get_queryset(self) -> Any:
        return Enterprise.objects.select_related("org", "park", "park__org", "building", "building__org")

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [ENTERPRISES]

    @cached_property
    def condition(self) -> Condition | None:
        return Condition.objects.as_of(self.today).filter(enterprise=self.object).first()

    @cached_property
    def covers(self) -> list[Establishment]:
        """Newest first, those in force before the ended ones."""
        rows = list(Establishment.objects.filter(enterprise=self.object).select_related("org"))
        return sorted(rows, key=lambda row: row.until is not None)

    @cached_property
    def assignments(self) -> list[InstructorAssignment]:
        rows = list(InstructorAssignment.objects.filter(enterprise=self.object).select_related("instructor"))
        return sorted(rows, key=lambda row: row.until is not None)

    @cached_property
    def mass_organizations(self) -> list[MassOrganization]:
        return sorted(MassOrganization.objects.filter(enterprise=self.object), key=lambda row: row.until is not None)

    @property
    def has_left(self) -> bool:
        return self.condition is not None and self.condition.status in LEAVING

    def get_badges(self) -> list[dict[str, str]]:
        badges = []
        if self.condition:
            status = Status(self.condition.status)
            badges.append({"text": status.label, "tone": STATUS_TONES.get(status, "neutral")})
        forms = [Form(row.form).label for row in self.covers if row.holds_on(self.today)]
        badges += [{"text": label, "tone": "success"} for label in forms]
        if not forms and not self.has_left:
            badges.append({"text": "未组建", "tone": "warning"})
        if self.object.above_scale:
            badges.append({"text": "规上", "tone": "info"})
        if self.object.kind != "enterprise":
            badges.append({"text": self.object.get_kind_display(), "tone": "info"})
        return badges

    def get_actions(self) -> list[dict[str, Any]]:
        user, here = self.request.user, self.object.get_absolute_url()
        edits = "edit" if can(user, permissions.CHANGE, self.object) else "contacts"
        return buttons(
            user, self.object,
            (permissions.VISIT, "登记走访", f"/visits/new/?enterprise={self.object.pk}"),
            (permissions.KEEP, "更新情况", f"{here}condition/"),
            (permissions.KEEP, "修改" if edits == "edit" else "修改联系人", f"{here}{edits}/"),
            (permissions.CHANGE, "状态变更", f"{here}status/"),
            (permissions.VIEW, "一户一表", f"{here}sheet/"),
        )  # fmt: skip

    def get_facts(self) -> list[dict[str, Any]]:
        row = self.object
        may_reveal = bool(row.contact_phone) and can(self.request.user, permissions.REVEAL, row)
        phone = {"label": "联系电话", "value": mask_phone(row.contact_phone) if row.contact_phone else ""}
        if may_reveal:
            phone |= {"url": f"{row.get_absolute_url()}phone/", "hint": "查看原文"}
        return [
            {"label": "统一社会信用代码", "value": row.credit_code},
            self._linked("园区", row.park),
            {**self._linked("楼栋", row.building), "hint": row.room},
            self._linked("责任党组织", row.org),
            {"label": "行业门类", "value": row.get_industry_display()},
            {"label": "企业类型", "value": row.ownership},
            {"label": "规模", "value": row.get_scale_display()},
            {"label": "注册日期", "value": partial_date(row)},
            {"label": "入驻日期", "value": row.arrived_on},
            {"label": "注册资金", "value": row.capital_text or (f"{row.capital.normalize():f} 万元" if row.capital else "")},
            {"label": "出资人（负责人）", "value": row.leader_name, "hint": row.get_leader_status_display()},
            {"label": "企业主认同度", "value": row.get_attitude_display()},
            {"label": "联系人", "value": row.contact_name},
            phone,
            {"label": "注册地址", "value": row.address, "wide": True},
            *([{"label": "经营范围", "value": row.business_scope, "wide": True}] if row.business_scope else []),
            *([{"label": "备注", "value": row.remark, "wide": True}] if row.remark else []),
        ]

    def _linked(self, label: str, row: Any) -> dict[str, Any]:
        seen = row is not None and required_scope().covers(row.scope_path())
        return {"label": label, "value": row and row.name, "url": row.get_absolute_url() if seen else ""}

    def findings(self) -> list[Finding]:
        """What the rules ask for here and now."""
        now = self.condition
        if now is None or self.has_left:
            return []
        worker = any(row.holds_on(self.today) for row in [*self.assignments, *self.mass_organizations])
        return next_steps(
            formal_members=now.formal_members, staff=now.staff, has_worker=worker, thresholds=self.limits,
            forms={Form(row.form) for row in self.covers if row.holds_on(self.today)},
        )  # fmt: skip

    @cached_property
    def limits(self) -> Any:
        return thresholds(self.today, self.object.org_path)

    def condition_facts(self) -> list[dict[str, Any]]:
        now = self.condition
        if now is None:
            return []
        facts = [
            {"label": Condition._meta.get_field(name).verbose_name, "value": shown(now, name)}
            for name in CONDITION_SHOWN
            if not (name.startswith("unbuilt") and not getattr(now, name))
        ]
        lacking = missing_of_three(
            has_premises=now.has_premises, staff=now.staff, has_operations=now.has_operations, thresholds=self.limits
        )
        facts.append({"label": "“三有”", "value": "、".join(lacking) if lacking else "是"})
        facts.append({"label": "核查日期", "value": now.checked_on})
        return facts

    def get_sections(self) -> list[dict[str, Any]]:
        """The register's own sections, then those of upper apps (slot `enterprise.tabs`, the shape of a section)."""
        user, row, here = self.request.user, self.object, self.object.get_absolute_url()
        may_establish, may_send = (can(user, p, row) for p in (permissions.ESTABLISH, permissions.INSTRUCT))
        may_keep, may_visit = (can(user, p, row) for p in (permissions.KEEP, permissions.VISIT))
        visits = list(Visit.objects.filter(enterprise=row)[: VISITS_SHOWN + 1])
        needs = sorted(Need.objects.filter(enterprise=row), key=lambda need: need.state == NeedState.CLOSED)
        plans = sorted(ActionPlan.objects.filter(enterprise=row), key=lambda plan: plan.state == NeedState.CLOSED)
        own = [
            tables.section("cover", "组建", tables.establishments(self.covers, may_establish),
                           may_establish and ("登记组建", f"{here}establish/")),
            tables.section("workers", "指导员", tables.assignments(self.assignments, may_send),
                           may_send and ("选派指导员", f"{here}instructor/")),
            tables.section("mass", "群团", tables.mass_organizations(self.mass_organizations, may_keep),
                           may_keep and ("登记群团", f"{here}mass/")),
            tables.section("visits", "走访", tables.visits(visits[:VISITS_SHOWN]),
                           ("全部走访", f"/visits/?q={row.name}") if len(visits) > VISITS_SHOWN
                           else may_visit and ("登记走访", f"/visits/new/?enterprise={row.pk}")),
            tables.section("needs", "诉求", tables.needs(needs, may_keep, self.today),
                           may_visit and ("登记诉求", f"{here}need/")),
            tables.section("plans", "一企一策", tables.plans(plans, may_keep, self.today),
                           may_keep and ("制定措施", f"{here}plan/")),
            files_section(row, user),
        ]  # fmt: skip
        context = PanelContext(user=user, today=self.today, subject=row)
        return [*own, *panels.rendered(ENTERPRISE_TABS, context)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = PanelContext(user=self.request.user, today=self.today, subject=self.object)
        added = [event for events in panels.rendered(ENTERPRISE_STORY, context) for event in events]
        story = newest_first([*story_of(self.object), *added])
        whole = self.request.GET.get("story") == "all" or len(story) <= STORY_SHOWN
        return super().get_context_data(
            condition=self.condition, condition_facts=self.condition_facts(), findings=self.findings(),
            may_keep=can(self.request.user, permissions.KEEP, self.object) and not self.has_left,
            story=story if whole else story[:STORY_SHOWN], story_count=len(story), story_is_cut=not whole, **kwargs,
        )  # fmt: skip


class SheetPage(DetailPage):
    """一户一表: the sheet of one enterprise for print, the same values as its row in the ledger."""

    permission = permissions.VIEW
    template_name = "enterprises/sheet.html"

    def get_queryset(self) -> Any:
        return self.ledger.rows()

    @cached_property
    def ledger(self) -> EnterpriseSheets:
        return EnterpriseSheets({}, today=self.today, user=self.request.user)

    def get_title(self) -> str:
        return f"一户一表：{self.object.name}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [ENTERPRISES, {"label": self.object.name, "url": self.object.get_absolute_url()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            groups=tables.sheet(self.ledger, self.object), visits=Visit.objects.filter(enterprise=self.object)[:VISITS_ON_SHEET],
            **kwargs,
        )  # fmt: skip


def partial_date(enterprise: Enterprise) -> Any:
    """The registration date as far as it is known."""
    day = enterprise.registered_on
    if day is None or enterprise.registered_precision == "day":
        return day
    return f"{day:%Y-%m}" if enterprise.registered_precision == "month" else f"{day:%Y}"
