"""Visits, needs and plans: logged in under a minute, followed until they are done."""

from __future__ import annotations

from typing import Any

from django.utils.functional import cached_property

from apps.core.clock import minute
from apps.core.guard import resolve_scope
from apps.core.text import row_id
from apps.core.views import DetailPage, FormPage

from .. import permissions, services
from ..forms.contacts import (
    CloseNeedForm,
    ClosePlanForm,
    NeedForm,
    NeedWorkForm,
    PlanForm,
    VisitEditForm,
    VisitForm,
)
from ..models import ActionPlan, Enterprise, Instructor, Need, Visit
from ..parameters import arrivals_since
from ..rules import ARRIVAL_VISIT
from ..story import LATE_FROM, late_days
from .common import VISITS, AboutEnterprise, PartOfEnterprise, buttons


class LogVisit(FormPage):
    """登记走访: usable on a phone in under a minute. `?enterprise=` brings the enterprise along."""

    permission = permissions.VISIT
    form_class = VisitForm
    title = "登记走访"
    submit_label = "登记"
    success_message = "已登记走访。"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [VISITS]

    def get_basis(self) -> list[Any]:
        """The rule that asks for the visit to a new arrival; otherwise the phone's screen is for the form."""
        asked = self.asked_about
        since = arrivals_since(self.today)
        return [ARRIVAL_VISIT] if asked and asked.arrived_on and asked.arrived_on >= since else []

    @cached_property
    def asked_about(self) -> Enterprise | None:
        wanted = self.request.GET.get("enterprise", "")
        return Enterprise.objects.filter(pk=row_id(wanted)).first()

    def get_initial(self) -> dict[str, Any]:
        """Today, the user, and the user's own line in the book of instructors."""
        enterprise = self.asked_about
        me = Instructor.objects.as_of(self.today).filter(user_id=self.request.user.pk).first()
        name = me.name if me else getattr(self.request.user, "display_name", "")
        return {
            "enterprise": enterprise and enterprise.pk, "on": self.today, "visitor": name, "instructor": me,
            "attitude": enterprise.attitude if enterprise else "",
        }  # fmt: skip

    def get_cancel_url(self) -> str:
        enterprise = self.asked_about
        return enterprise.get_absolute_url() if enterprise else "/visits/"

    def perform(self, form: Any) -> Any:
        enterprise = form.cleaned_data["enterprise"]
        services.record_visit(
            enterprise=enterprise, facts=form.visit(), need=form.cleaned_data["need"], today=self.today,
            actor=self.request.user,
        )  # fmt: skip
        seen = resolve_scope(self.request.user, permissions.VIEW).covers(enterprise.org_path)
        return enterprise if seen else "/visits/"


class VisitPage(DetailPage):
    """One visit."""

    permission = permissions.VIEW

    def get_queryset(self) -> Any:
        return Visit.objects.select_related("enterprise", "instructor")

    def get_title(self) -> str:
        return f"走访：{self.object.enterprise.name}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [VISITS]

    def get_actions(self) -> list[dict[str, Any]]:
        return buttons(
            self.request.user, self.object, (permissions.VISIT, "修改", f"/visits/{self.object.pk}/edit/")
        )

    def get_badges(self) -> list[dict[str, str]]:
        badges = [{"text": self.object.get_method_display(), "tone": "info"}]
        late = late_days(self.object)
        if late > LATE_FROM:
            badges.append({"text": f"{late} 天后登记", "tone": "warning"})
        return badges

    def get_facts(self) -> list[dict[str, Any]]:
        visit = self.object
        needs = list(Need.objects.filter(visit=visit))
        return [
            {"label": "企业", "value": visit.enterprise.name, "url": visit.enterprise.get_absolute_url()},
            {"label": "走访日期", "value": visit.on},
            {"label": "走访人", "value": visit.visitor},
            {"label": "指导员", "value": visit.instructor and visit.instructor.name},
            {"label": "接待人", "value": visit.met},
            {"label": "企业主认同度", "value": visit.get_attitude_display()},
            {"label": "登记时间", "value": minute(visit.recorded_at)},
            {"label": "走访情况", "value": visit.summary, "wide": True},
            *({"label": "企业诉求", "value": need.text, "hint": need.get_state_display(), "wide": True} for need in needs),
        ]


class EditVisit(PartOfEnterprise):
    """修改走访."""

    permission = permissions.VISIT
    form_class = VisitEditForm
    title = "修改走访"

    def get_queryset(self) -> Any:
        return Visit.objects.select_related("enterprise", "instructor")

    def get_cancel_url(self) -> str:
        return f"/visits/{self.object.pk}/"

    def perform(self, form: Any) -> str:
        visit = services.change_visit(
            visit=self.object, facts=form.facts(), version=form.cleaned_data["version"], today=self.today,
            actor=self.request.user,
        )  # fmt: skip
        return f"/visits/{visit.pk}/"


class RaiseNeed(AboutEnterprise):
    """登记诉求."""

    permission = permissions.VISIT
    form_class = NeedForm
    title = "登记诉求"
    submit_label = "登记"
    success_message = "已登记诉求。"

    def get_initial(self) -> dict[str, Any]:
        return {"raised_on": self.today, "owner": self.request.user.display_name}

    def perform(self, form: Any) -> Enterprise:
        services.raise_need(enterprise=self.enterprise, facts=form.facts(), **self.common())
        return self.enterprise


class NeedPage(PartOfEnterprise):
    """A form about a need."""

    permission = permissions.KEEP

    def get_queryset(self) -> Any:
        return Need.objects.select_related("enterprise")

    def said(self) -> str:
        return f"{self.object.raised_on:%Y-%m-%d} 提出：{self.object.text}"

    def get_locked(self) -> str:
        if self.object.closed_on:
            return f"这项诉求已于 {self.object.closed_on:%Y-%m-%d} 办结：{self.object.result}"
        return ""


class WorkOnNeed(NeedPage):
    """办理诉求."""

    form_class = NeedWorkForm
    title = "办理诉求"

    def perform(self, form: Any) -> Enterprise:
        return services.work_on_need(
            need=self.object, facts=form.facts(), version=form.cleaned_data["version"], actor=self.request.user
        ).enterprise


class CloseNeed(NeedPage):
    """办结诉求."""

    form_class = CloseNeedForm
    title = "办结诉求"
    submit_label = "办结"
    success_message = "已办结。"

    def perform(self, form: Any) -> Enterprise:
        return services.close_need(
            need=self.object, on=form.cleaned_data["on"], result=form.cleaned_data["result"], today=self.today,
            actor=self.request.user,
        ).enterprise  # fmt: skip


class PlanAction(AboutEnterprise):
    """制定措施 (一企一策)."""

    permission = permissions.KEEP
    form_class = PlanForm
    title = "一企一策"
    submit_label = "制定"
    success_message = "已制定措施。"

    def get_initial(self) -> dict[str, Any]:
        return {"owner": self.request.user.display_name}

    def perform(self, form: Any) -> Enterprise:
        services.plan_action(enterprise=self.enterprise, facts=form.facts(), actor=self.request.user)
        return self.enterprise


class PlanPage(PartOfEnterprise):
    """A form about a measure."""

    permission = permissions.KEEP

    def get_queryset(self) -> Any:
        return ActionPlan.objects.select_related("enterprise")

    def said(self) -> str:
        return f"{self.object.measure}（{self.object.due_on:%Y-%m-%d} 前，{self.object.owner}）"

    def get_locked(self) -> str:
        return f"这项措施已于 {self.object.closed_on:%Y-%m-%d} 完成。" if self.object.closed_on else ""


class EditPlan(PlanPage):
    """更新进度."""

    form_class = PlanForm
    title = "更新措施"

    def perform(self, form: Any) -> Enterprise:
        return services.change_action(
            plan=self.object, facts=form.facts(), version=form.cleaned_data["version"], actor=self.request.user
        ).enterprise


class ClosePlan(PlanPage):
    """完成措施."""

    form_class = ClosePlanForm
    title = "完成措施"
    submit_label = "完成"
    success_message = "已完成。"

    def perform(self, form: Any) -> Enterprise:
        return services.close_action(
            plan=self.object, on=form.cleaned_data["on"], progress=form.cleaned_data["progress"], today=self.today,
            actor=self.request.user,
        ).enterprise  # fmt: skip
