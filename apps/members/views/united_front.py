"""统战对象: pages of a permission of their own; the phone masked, its original for a reason."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from apps.core.attachments import attach
from apps.core.codes import mask_phone
from apps.core.forms import ReasonForm
from apps.core.scoping import required_scope
from apps.core.text import row_id
from apps.core.views import DetailPage, EditPage, FormPage
from apps.enterprises.models import Enterprise
from apps.enterprises.views.attachments import FileForm, files_section
from apps.enterprises.views.lists import RegisterList

from .. import permissions
from ..forms import united_front as forms
from ..ledgers.united_front import SECRECY, UnitedFrontLedger
from ..models import UnitedFrontPerson
from ..services import united_front as services
from .common import buttons

PEOPLE = {"label": "统战对象", "url": "/united-front/"}


class UnitedFrontList(RegisterList):
    """统战对象."""

    ledger = UnitedFrontLedger
    offers = (
        (permissions.UNITED_FRONT_KEEP, "登记", "/united-front/new/"),
        (permissions.UNITED_FRONT_KEEP, "导入", "/imports/members.united_front/"),
    )


def people() -> Any:
    return UnitedFrontPerson.objects.select_related("org", "enterprise")


class PersonPage(DetailPage):
    """One person, with the phone masked."""

    permission = permissions.UNITED_FRONT_VIEW
    object: UnitedFrontPerson

    def get_queryset(self) -> Any:
        return people()

    def get_title(self) -> str:
        return self.object.name

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [PEOPLE]

    def get_badges(self) -> list[dict[str, str]]:
        badges = [{"text": self.object.get_kind_display(), "tone": "info"}]
        return [*badges, {"text": "已离开", "tone": "neutral"}] if self.object.left_on else badges

    def get_actions(self) -> list[dict[str, Any]]:
        here, keep = self.object.get_absolute_url(), permissions.UNITED_FRONT_KEEP
        parting = [] if self.object.left_on else [(keep, "登记离开", f"{here}leave/")]
        return buttons(self.request.user, self.object, (keep, "修改", f"{here}edit/"), *parting)

    def get_facts(self) -> list[dict[str, Any]]:
        row, scope = self.object, required_scope()
        firm = row.enterprise
        phone: dict[str, Any] = {"label": "联系电话", "value": mask_phone(row.phone) if row.phone else ""}
        if row.phone:
            phone |= {"url": f"{row.get_absolute_url()}reveal/", "hint": "查看原文"}
        named = [("所属党派", row.party), ("国籍（地区）", row.nationality), ("社会职务", row.appointments)]
        return [
            {"label": "姓名", "value": row.name},
            {"label": "性别", "value": row.get_sex_display()},
            {"label": "类别", "value": row.get_kind_display()},
            *({"label": label, "value": value} for label, value in named if value),
            {"label": "所在企业", "value": firm.name if firm else "",
             "url": firm.get_absolute_url() if firm and scope.covers(firm.org_path) else ""},
            {"label": "责任党组织", "value": row.org.name, "url": row.org.get_absolute_url()},
            {"label": "职务（职称）", "value": row.position},
            {"label": "专业特长", "value": row.speciality},
            phone,
            {"label": "联系人", "value": row.contact_name},
            {"label": "登记日期", "value": row.registered_on},
            *([{"label": "离开日期", "value": row.left_on}] if row.left_on else []),
            *([{"label": "备注", "value": row.note, "wide": True}] if row.note else []),
        ]  # fmt: skip

    def get_sections(self) -> list[dict[str, Any]]:
        files = files_section(self.object, self.request.user, keep=permissions.UNITED_FRONT_KEEP)  # type: ignore[arg-type]
        return [{**files, "empty": "还没有附件。"}]


class RegisterPerson(FormPage):
    """登记; `?enterprise=` names the firm."""

    permission = permissions.UNITED_FRONT_KEEP
    form_class = forms.RegisterPersonForm
    title = "登记统战对象"
    lead = SECRECY
    submit_label = "登记"
    success_message = "已登记。"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [PEOPLE]

    def get_cancel_url(self) -> str:
        return PEOPLE["url"]

    def get_initial(self) -> dict[str, Any]:
        firm = Enterprise.objects.filter(pk=row_id(self.request.GET.get("enterprise"))).first()
        return {"enterprise": firm, "registered_on": self.today,
                "contact_name": getattr(self.request.user, "display_name", "")}  # fmt: skip

    def perform(self, form: Any) -> UnitedFrontPerson:
        facts = form.facts()
        firm, phone, org = facts.pop("enterprise"), facts.pop("phone"), facts.pop("org")
        return services.register_person(
            org=firm.org if firm else org, enterprise=firm, phone=phone, facts=facts, today=self.today,
            actor=self.request.user,
        )  # fmt: skip


class PartOfPerson(EditPage):
    """A form about one person."""

    permission = permissions.UNITED_FRONT_KEEP
    object: UnitedFrontPerson

    def get_queryset(self) -> Any:
        return people()

    def get_title(self) -> str:
        return f"{self.title}：{self.object.name}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [PEOPLE, {"label": self.object.name, "url": self.object.get_absolute_url()}]

    def common(self, form: Any) -> dict[str, Any]:
        version = form.cleaned_data["version"]
        return {"person": self.object, "today": self.today, "actor": self.request.user, "version": version}


class EditPerson(PartOfPerson):
    form_class = forms.PersonForm
    title = "修改统战对象"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "person": self.object}

    def get_initial(self) -> dict[str, Any]:
        return {**super().get_initial(), "phone": ""}

    def perform(self, form: Any) -> UnitedFrontPerson:
        facts = form.facts()
        return services.change_person(phone=facts.pop("phone"), facts=facts, **self.common(form))


class PartWithPerson(PartOfPerson):
    form_class = forms.PartForm
    title = "登记离开"
    submit_label = "确认"
    success_message = "已登记离开。"

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.object.version, "on": self.today}

    def perform(self, form: Any) -> UnitedFrontPerson:
        return services.part_with(**form.facts(), **self.common(form))


class RevealPhone(PartOfPerson):
    """查看原文: asks for a reason, leaves an entry in the trail, shows the number once."""

    permission = permissions.UNITED_FRONT_VIEW
    form_class = ReasonForm
    template_name = "members/reveal.html"
    title = "查看联系电话"
    submit_label = "查看"
    lead = "查看会记入审计，只在本页显示一次。"

    def get_initial(self) -> dict[str, Any]:
        return {}

    def form_valid(self, form: Any) -> HttpResponse:
        original = services.reveal_phone(
            person=self.object, reason=form.cleaned_data["reason"], actor=self.request.user
        )
        context = self.get_context_data(form=form, original=original, label="联系电话", is_phone=True)
        response = self.render_to_response(context)
        response["Cache-Control"] = "no-store"
        return response


class AttachToPerson(PartOfPerson):
    form_class = FileForm
    title = "上传附件"
    submit_label = "上传"
    success_message = "附件已保存。"

    def get_initial(self) -> dict[str, Any]:
        return {}

    def perform(self, form: Any) -> str:
        attach(file=form.cleaned_data["file"], target=self.object, actor=self.request.user)
        return f"{self.object.get_absolute_url()}#files"
