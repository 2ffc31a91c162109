"""Forms about cover: establishments, instructors sent, mass organisations; singly and for ticked enterprises."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from django.db.models import Sum

from apps.branches.rules import JOINT_BRANCH, SETUP
from apps.core.views import FormPage

from .. import permissions, services
from ..forms.cover import (
    EndForm,
    EstablishForm,
    EstablishmentForm,
    LastDayForm,
    MassOrganizationForm,
    SendForm,
)
from ..kinds import Form
from ..models import Condition, Enterprise, Establishment, InstructorAssignment, MassOrganization
from ..rules import INSTRUCTOR_LOAD, WORK_COVERAGE
from .common import AboutEnterprise, BulkFormPage, PartOfEnterprise

SIZE_RULES = [SETUP, JOINT_BRANCH]


def members_known(enterprises: Sequence[Enterprise], today: datetime.date) -> str:
    """What the size rules will look at, said before anything is typed."""
    known = Condition.objects.as_of(today).filter(enterprise__in=enterprises)
    total = known.aggregate(formal=Sum("formal_members"), probationary=Sum("probationary_members"), staff=Sum("staff"))
    if total["formal"] is None:
        return ""
    return f"正式党员 {total['formal']} 名，预备党员 {total['probationary']} 名，职工 {total['staff']} 人。"


class Establish(AboutEnterprise):
    """登记组建."""

    permission = permissions.ESTABLISH
    form_class = EstablishForm
    title = "登记组建"
    submit_label = "登记"
    success_message = "已登记组建。"

    def get_initial(self) -> dict[str, Any]:
        return {"since": self.today, "form": Form.SINGLE.value}

    def get_basis(self) -> list[Any]:
        return SIZE_RULES

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(lead=members_known([self.enterprise], self.today), **kwargs)

    def perform(self, form: Any) -> Enterprise:
        services.establish(enterprises=[self.enterprise], **form.facts(), **self.common())
        return self.enterprise


class JoinEnterprises(BulkFormPage):
    """联合组建: ticked enterprises under one organisation, their members counted together."""

    permission = permissions.ESTABLISH
    form_class = EstablishForm
    title = "联合组建"
    submit_label = "登记组建"
    success_message = "已登记组建。"

    def get_initial(self) -> dict[str, Any]:
        return {"since": self.today, "form": Form.JOINT.value}

    def get_basis(self) -> list[Any]:
        return SIZE_RULES

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(lead=members_known(self.chosen, self.today), **kwargs)

    def perform(self, form: Any) -> str:
        services.establish(
            enterprises=self.chosen, **form.facts(), today=self.today, actor=self.request.user
        )
        return f"/enterprises/?org={form.cleaned_data['org'].code}"


class EditEstablishment(PartOfEnterprise):
    """修改组建记录."""

    permission = permissions.ESTABLISH
    form_class = EstablishmentForm
    title = "修改组建记录"

    def get_queryset(self) -> Any:
        return Establishment.objects.select_related("enterprise", "org")

    def perform(self, form: Any) -> Enterprise:
        row = services.change_establishment(
            establishment=self.object, version=form.cleaned_data["version"], actor=self.request.user, **form.facts()
        )
        return row.enterprise


class EndEstablishment(PartOfEnterprise):
    """终止组建."""

    permission = permissions.ESTABLISH
    form_class = EndForm
    title = "终止组建"
    submit_label = "终止组建"
    success_message = "组建已终止，历史记录保留。"
    danger = True

    def get_queryset(self) -> Any:
        return Establishment.objects.select_related("enterprise", "org")

    def said(self) -> str:
        row = self.object
        return f"{row.get_form_display()}，{row.org.name}，自 {row.since:%Y-%m-%d} 起。"

    def perform(self, form: Any) -> Enterprise:
        row = services.end_establishment(
            establishment=self.object, version=form.cleaned_data["version"], today=self.today,
            actor=self.request.user, **form.facts(),
        )  # fmt: skip
        return row.enterprise


class SendPage(FormPage):
    """选派指导员, to one enterprise or to ticked ones."""

    permission = permissions.INSTRUCT
    form_class = SendForm
    title = "选派指导员"
    submit_label = "选派"
    success_message = "已选派。"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "today": self.today}

    def get_initial(self) -> dict[str, Any]:
        return {"since": self.today}

    def get_basis(self) -> list[Any]:
        return [WORK_COVERAGE, INSTRUCTOR_LOAD]


class SendInstructor(SendPage, AboutEnterprise):
    """To the enterprise of the page."""

    def perform(self, form: Any) -> Enterprise:
        services.send_instructor(enterprises=[self.enterprise], **form.facts(), **self.common())
        return self.enterprise


class SendInstructors(SendPage, BulkFormPage):
    """One instructor for ticked enterprises."""

    def perform(self, form: Any) -> Any:
        services.send_instructor(
            enterprises=self.chosen, **form.facts(), today=self.today, actor=self.request.user
        )
        return form.cleaned_data["instructor"]


class RecallInstructor(PartOfEnterprise):
    """召回指导员."""

    permission = permissions.INSTRUCT
    form_class = LastDayForm
    title = "召回指导员"
    submit_label = "召回"
    success_message = "已召回。"
    danger = True

    def get_queryset(self) -> Any:
        return InstructorAssignment.objects.select_related("enterprise", "instructor")

    def said(self) -> str:
        return f"{self.object.instructor.name}，自 {self.object.since:%Y-%m-%d} 起联系这家企业。"

    def perform(self, form: Any) -> Enterprise:
        row = services.recall_instructor(
            assignment=self.object, today=self.today, actor=self.request.user, **form.facts()
        )
        return row.enterprise


class RecordMassOrganization(AboutEnterprise):
    """登记群团."""

    permission = permissions.KEEP
    form_class = MassOrganizationForm
    title = "登记群团"
    submit_label = "登记"
    success_message = "已登记群团组织。"

    def get_initial(self) -> dict[str, Any]:
        return {"since": self.today}

    def get_basis(self) -> list[Any]:
        return [WORK_COVERAGE]

    def perform(self, form: Any) -> Enterprise:
        services.record_mass_organization(enterprise=self.enterprise, **form.facts(), **self.common())
        return self.enterprise


class EndMassOrganization(PartOfEnterprise):
    """终止群团."""

    permission = permissions.KEEP
    form_class = LastDayForm
    title = "终止群团"
    submit_label = "终止"
    success_message = "已终止，历史记录保留。"
    danger = True

    def get_queryset(self) -> Any:
        return MassOrganization.objects.select_related("enterprise")

    def said(self) -> str:
        return f"{self.object.get_kind_display()}，自 {self.object.since:%Y-%m-%d} 起。"

    def perform(self, form: Any) -> Enterprise:
        row = services.end_mass_organization(
            mass_organization=self.object, today=self.today, actor=self.request.user, **form.facts()
        )
        return row.enterprise
