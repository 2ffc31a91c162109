"""Forms about an enterprise itself: who it is, what can be counted, in which state it is."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.functional import cached_property

from apps.core.forms import ReasonForm
from apps.core.text import row_id
from apps.core.views import EditPage, FormPage

from .. import permissions, services
from ..forms.enterprise import ConditionForm, ContactsForm, EnterpriseForm, RegisterForm, StatusForm, fill_from
from ..kinds import Status
from ..models import Building, Condition, Enterprise, Instructor, Park
from ..rules import LEAVING, LIFE_CYCLE
from ..services.conditions import COUNTED
from .common import ENTERPRISES, INSTRUCTORS, AboutEnterprise, crumb


class RegisterEnterprise(FormPage):
    """登记企业."""

    permission = permissions.CHANGE
    form_class = RegisterForm
    title = "登记企业"
    submit_label = "登记"
    success_message = "已登记。"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [ENTERPRISES]

    def get_initial(self) -> dict[str, Any]:
        """The park where there is one only; a building page brings its own building along."""
        wanted = self.request.GET.get("building", "")
        building = Building.objects.filter(pk=row_id(wanted)).first()
        parks = list(Park.objects.all()[:2])
        park = building.park if building else parks[0] if len(parks) == 1 else None
        return {"on": self.today, "arrived_on": self.today, "park": park, "building": building}

    def get_cancel_url(self) -> str:
        return "/enterprises/"

    def perform(self, form: Any) -> Enterprise:
        data = form.facts()
        on, org = data.pop("on"), data.pop("org")
        condition = {name: data.pop(name) for name in RegisterForm.CONDITION}
        return services.register_enterprise(
            facts=data, condition=condition, on=on, org=org, today=self.today, actor=self.request.user
        )


class EditEnterprise(AboutEnterprise):
    """修改企业."""

    permission = permissions.CHANGE
    form_class: Any = EnterpriseForm
    title = "修改企业"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "enterprise": self.enterprise}

    def get_initial(self) -> dict[str, Any]:
        names = [*self.form_class.base_fields, "version"]
        return {name: getattr(self.enterprise, name) for name in names if hasattr(self.enterprise, name)}

    def perform(self, form: Any) -> Enterprise:
        return services.change_enterprise(
            enterprise=self.enterprise, facts=form.facts(), version=form.cleaned_data["version"], **self.common()
        )


class EditContacts(EditEnterprise):
    """What a branch may change of its own enterprise."""

    permission = permissions.KEEP
    form_class = ContactsForm
    title = "修改联系人"


class RecordCondition(AboutEnterprise):
    """更新情况."""

    permission = permissions.KEEP
    form_class = ConditionForm
    title = "更新情况"
    success_message = "情况已更新。"

    @cached_property
    def current(self) -> Condition | None:
        return Condition.objects.as_of(self.today).filter(enterprise=self.enterprise).first()

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "current": self.current}

    def get_initial(self) -> dict[str, Any]:
        return {**fill_from(self.current, COUNTED, self.today), "version": self.enterprise.version}

    def get_locked(self) -> str:
        if self.current is not None and self.current.status in LEAVING:
            status, since = Status(self.current.status).label, self.current.since
            return f"企业已于 {since:%Y-%m-%d} {status}，不再更新情况。确已返回的，由园区党工委工作人员办理状态变更。"
        return ""

    def perform(self, form: Any) -> Enterprise:
        services.record_condition(
            enterprise=self.enterprise, on=form.cleaned_data["on"], changes=form.changes(), source="日常更新",
            version=form.cleaned_data["version"], **self.common(),
        )  # fmt: skip
        return self.enterprise


class ChangeStatus(AboutEnterprise):
    """状态变更: the only way out of the park."""

    permission = permissions.CHANGE
    form_class = StatusForm
    title = "状态变更"
    submit_label = "办理变更"
    success_message = "状态已变更。"

    @cached_property
    def current(self) -> Status:
        now = Condition.objects.as_of(self.today).filter(enterprise=self.enterprise).first()
        return Status(now.status) if now else Status.PREPARING

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "status": self.current}

    def get_initial(self) -> dict[str, Any]:
        return {"on": self.today, "version": self.enterprise.version}

    def get_basis(self) -> list[Any]:
        return [LIFE_CYCLE]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lead = f"现在为“{self.current.label}”。迁出、注销、吊销后，组建、指导员和群团自同日终止，历史记录保留。"
        return super().get_context_data(lead=lead, **kwargs)

    def perform(self, form: Any) -> Enterprise:
        services.change_status(
            enterprise=self.enterprise, status=form.cleaned_data["status"], on=form.cleaned_data["on"],
            document=form.cleaned_data["document"], version=form.cleaned_data["version"], **self.common(),
        )  # fmt: skip
        return self.enterprise


class RevealPhone(EditPage):
    """查看原文: asks for a reason, leaves an entry in the trail, shows the number once."""

    permission = permissions.REVEAL
    form_class = ReasonForm
    template_name = "enterprises/phone.html"
    title = "查看联系电话原文"
    submit_label = "查看"
    lead = "查看会记入审计，只在本页显示一次。"
    field = ""

    def form_valid(self, form: Any) -> HttpResponse:
        number = services.reveal_phone(
            row=self.object, field=self.field, reason=form.cleaned_data["reason"], actor=self.request.user
        )
        response = self.render_to_response(self.get_context_data(form=form, number=number, row=self.object))
        response["Cache-Control"] = "no-store"
        return response


class RevealEnterprisePhone(RevealPhone):
    field = "contact_phone"

    def get_queryset(self) -> Any:
        return Enterprise.objects.all()

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [ENTERPRISES, crumb(self.object)]


class RevealInstructorPhone(RevealPhone):
    field = "phone"

    def get_queryset(self) -> Any:
        return Instructor.objects.all()

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [INSTRUCTORS, crumb(self.object)]
