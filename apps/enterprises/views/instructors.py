"""Pages of the instructors: whom each contacts, and their visits."""

from __future__ import annotations

from typing import Any

from apps.core.codes import mask_phone
from apps.core.views import DetailPage, EditPage, FormPage

from .. import permissions, services
from ..forms.cover import InstructorForm, LastDayForm
from ..models import Instructor, InstructorAssignment, Visit
from . import tables
from .common import INSTRUCTORS, buttons, can, crumb

VISITS_SHOWN = 10


class InstructorPage(DetailPage):
    """One instructor: whom they contact, and their visits."""

    permission = permissions.VIEW

    def get_queryset(self) -> Any:
        return Instructor.objects.select_related("org").with_load(self.today).with_visits(self.today)

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [INSTRUCTORS]

    def get_badges(self) -> list[dict[str, str]]:
        row = self.object
        if row.until:
            return [{"text": f"{row.until:%Y-%m-%d} 结束任期", "tone": "neutral"}]
        visited = row.quarter_visits > 0
        return [{"text": f"本季走访 {row.quarter_visits} 次", "tone": "success" if visited else "warning"}]

    def get_actions(self) -> list[dict[str, Any]]:
        here = self.object.get_absolute_url()
        found = buttons(self.request.user, self.object, (permissions.INSTRUCT, "修改", f"{here}edit/"))
        if found and not self.object.until:
            found.append({"label": "结束任期", "url": f"{here}end/", "danger": True})
        return found

    def get_facts(self) -> list[dict[str, Any]]:
        row = self.object
        phone = {"label": "联系电话", "value": mask_phone(row.phone) if row.phone else ""}
        if row.phone and can(self.request.user, permissions.REVEAL, row):
            phone |= {"url": f"{row.get_absolute_url()}phone/", "hint": "查看原文"}
        return [
            {"label": "派出单位", "value": row.unit},
            {"label": "职务", "value": row.post},
            {"label": "选派来源", "value": row.get_source_display()},
            {"label": "管理党组织", "value": row.org.name, "url": tables.linked(row.org, "")["url"]},
            {"label": "选派日期", "value": row.since},
            phone,
            {"label": "联系企业", "value": f"{row.load} 家", "url": f"/enterprises/?instructor={row.pk}"},
            {"label": "最近走访", "value": row.last_visit_on},
        ]

    def get_sections(self) -> list[dict[str, Any]]:
        row = self.object
        sent = InstructorAssignment.objects.filter(instructor=row).select_related("enterprise", "enterprise__park")
        may_recall = can(self.request.user, permissions.INSTRUCT, row)
        cells = [
            [
                {"text": one.enterprise.name, "url": one.enterprise.get_absolute_url()},
                {"text": one.enterprise.park.name if one.enterprise.park else ""},
                tables.span(one),
                tables.state(one),
                *([tables.act(one, f"/assignments/{one.pk}/recall/", "召回", allowed=True)] if may_recall else []),
            ]
            for one in sorted(sent, key=lambda one: one.until is not None)
        ]
        headers = ("企业", "园区", "期间", "状态", *(("办理",) if may_recall else ()))
        visits = Visit.objects.filter(instructor=row).select_related("enterprise")[:VISITS_SHOWN]
        logged = [
            [
                {"text": f"{one.on:%Y-%m-%d}", "url": f"/visits/{one.pk}/", "nowrap": True},
                {"text": one.enterprise.name, "url": one.enterprise.get_absolute_url()},
                {"text": one.get_method_display()},
                {"text": one.summary if len(one.summary) <= 40 else one.summary[:39] + "…"},
            ]
            for one in visits
        ]
        return [
            tables.section("sent", "联系企业", tables.table(headers, cells, "还没有联系企业。在企业台账勾选后选派。"),
                           may_recall and ("到企业台账选派", "/enterprises/")),
            tables.section("visits", "走访", tables.table(("日期", "企业", "方式", "情况"), logged, "还没有走访记录。"),
                           ("全部走访", f"/visits/?instructor={row.pk}") if logged else None),
        ]  # fmt: skip


class RegisterInstructor(FormPage):
    """登记指导员."""

    permission = permissions.INSTRUCT
    form_class = InstructorForm
    title = "登记指导员"
    submit_label = "登记"
    success_message = "已登记指导员。"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [INSTRUCTORS]

    def get_initial(self) -> dict[str, Any]:
        return {"since": self.today}

    def get_cancel_url(self) -> str:
        return "/instructors/"

    def perform(self, form: Any) -> Instructor:
        return services.register_instructor(facts=form.facts(), actor=self.request.user)


class EditInstructor(EditPage):
    """修改指导员."""

    permission = permissions.INSTRUCT
    form_class = InstructorForm

    def get_queryset(self) -> Any:
        return Instructor.objects.select_related("org", "user")

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [INSTRUCTORS, crumb(self.object)]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "instructor": self.object}

    def get_initial(self) -> dict[str, Any]:
        return {**super().get_initial(), "username": self.object.user.username if self.object.user else ""}

    def perform(self, form: Any) -> Instructor:
        return services.change_instructor(
            instructor=self.object, facts=form.facts(), version=form.cleaned_data["version"], actor=self.request.user
        )


class EndInstructor(EditPage):
    """结束任期."""

    permission = permissions.INSTRUCT
    form_class = LastDayForm
    title = "结束任期"
    submit_label = "结束任期"
    success_message = "已结束任期，联系的企业同日起不再由其联系。"
    danger = True

    def get_queryset(self) -> Any:
        return Instructor.objects.all()

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [INSTRUCTORS, crumb(self.object)]

    def get_initial(self) -> dict[str, Any]:
        return {"until": self.today}

    def perform(self, form: Any) -> Instructor:
        return services.end_instructor(
            instructor=self.object, until=form.cleaned_data["until"], today=self.today, actor=self.request.user
        )
