"""学习材料: what offices hand to everybody below them; files leave through a view of its own, since they lie above."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils.functional import cached_property

from apps.core.attachments import attach
from apps.core.guard import may
from apps.core.models import Attachment
from apps.core.scoping import required_scope
from apps.core.text import row_id
from apps.core.views import EditPage, FormPage, PageView
from apps.core.views_attachments import AttachmentFile
from apps.enterprises.views.attachments import FileForm
from apps.enterprises.views.common import can
from apps.enterprises.views.tables import table

from .. import directory, permissions
from ..forms import education as forms
from ..models import StudyMaterial, Theme
from ..services import materials as services
from .venues import own_org

MATERIALS = {"label": "学习材料", "url": "/materials/"}
SEARCHED = 60


class MaterialsPage(PageView):
    """The library: what the own organisation and the offices above it have published."""

    permission = permissions.VIEW
    template_name = "activities/materials.html"
    title = "学习材料"
    lead = "上级和本组织发布的学习材料，支部都可以看和下载。"

    def get_actions(self) -> list[dict[str, Any]]:
        user = self.request.user
        new = [{"label": "发布材料", "url": "/materials/new/", "primary": True}] if may(user, permissions.ISSUE) else []
        return [*new, {"label": "月度专题", "url": "/themes/"}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        word = self.request.GET.get("q", "").replace("\x00", "").strip()[:SEARCHED]
        lines = [
            [
                {"text": row.title, "url": row.get_absolute_url()},
                {"text": f"{row.published_on:%Y-%m-%d}", "nowrap": True},
                {"text": str(row.org)},
                {"text": row.theme.title if row.theme else "",
                 "url": row.theme.get_absolute_url() if row.theme else ""},
                {"text": "、".join(row.keywords)},
            ]
            for row in directory.materials_seen(word)
        ]  # fmt: skip
        headers = ("题目", "发布日期", "发布的党组织", "专题", "关键词")
        return super().get_context_data(table=table(headers, lines, ""), word=word, **kwargs)


class OneMaterial:
    """Finds the material of `pk` at, below or above the scope; any other is 404."""

    kwargs: dict[str, Any]

    @cached_property
    def material(self) -> StudyMaterial:
        found = directory.material(self.kwargs["pk"])
        if found is None:
            raise Http404
        return found


class MaterialPage(OneMaterial, PageView):
    """One piece of material with its files."""

    permission = permissions.VIEW
    template_name = "activities/material.html"

    def get_title(self) -> str:
        return self.material.title

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [MATERIALS]

    def get_actions(self) -> list[dict[str, Any]]:
        here = self.material.get_absolute_url()
        if not can(self.request.user, permissions.ISSUE, self.material):
            return []
        return [
            {"label": "上传附件", "url": f"{here}attach/", "primary": True}, {"label": "修改", "url": f"{here}edit/"},
            {"label": "撤回", "url": f"{here}withdraw/", "danger": True},
        ]  # fmt: skip

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        files = directory.files_of(self.material)
        return super().get_context_data(material=self.material, files=files, **kwargs)


class MaterialFile(OneMaterial, AttachmentFile):
    """A file of material that the scope may read."""

    permission = permissions.VIEW

    @cached_property
    def object(self) -> Attachment:
        found = next((each for each in directory.files_of(self.material) if each.pk == self.kwargs["file"]), None)
        if found is None:
            raise Http404
        return found


class PublishMaterial(FormPage):
    """发布学习材料; `?theme=` names the theme that it is for."""

    permission = permissions.ISSUE
    form_class = forms.PublishForm
    title = "发布学习材料"
    submit_label = "发布"
    success_message = "已发布。可以接着上传附件。"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [MATERIALS]

    def get_cancel_url(self) -> str:
        return MATERIALS["url"]

    def get_initial(self) -> dict[str, Any]:
        theme = Theme.objects.filter(pk=row_id(self.request.GET.get("theme", ""))).first()
        return {"org": own_org(), "published_on": self.today, "theme": theme}

    def perform(self, form: Any) -> StudyMaterial:
        facts = form.facts()
        return services.publish_material(org=facts.pop("org"), facts=facts, today=self.today, actor=self.request.user)


class PartOfMaterial(EditPage):
    """A form about material of the scope."""

    permission = permissions.ISSUE
    object: StudyMaterial

    def get_queryset(self) -> Any:
        return StudyMaterial.objects.filter(required_scope().as_q("org_path")).select_related("org", "theme")

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [MATERIALS, {"label": self.object.title, "url": self.object.get_absolute_url()}]


class EditMaterial(PartOfMaterial):
    form_class = forms.MaterialForm
    title = "修改学习材料"

    def get_initial(self) -> dict[str, Any]:
        return {**super().get_initial(), "keywords": "、".join(self.object.keywords)}

    def perform(self, form: Any) -> StudyMaterial:
        return services.change_material(
            material=self.object, facts=form.facts(), today=self.today, actor=self.request.user,
            version=form.cleaned_data["version"],
        )  # fmt: skip


class AttachToMaterial(PartOfMaterial):
    form_class = FileForm
    title = "上传附件"
    submit_label = "上传"
    success_message = "附件已保存。"

    def get_initial(self) -> dict[str, Any]:
        return {}

    def perform(self, form: Any) -> StudyMaterial:
        attach(file=form.cleaned_data["file"], target=self.object, actor=self.request.user)
        return self.object


class WithdrawMaterial(PartOfMaterial):
    form_class = forms.WithdrawForm
    title = "撤回学习材料"
    lead = "撤回后支部不再看到，附件一并删除。"
    submit_label = "撤回"
    success_message = "已撤回。"
    danger = True

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.object.version}

    def perform(self, form: Any) -> str:
        version = form.cleaned_data["version"]
        services.withdraw_material(material=self.object, actor=self.request.user, version=version)
        return MATERIALS["url"]
