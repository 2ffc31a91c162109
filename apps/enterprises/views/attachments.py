"""附件 of an enterprise: scans of approvals, photos of a visit, the signed census sheet."""

from __future__ import annotations

from typing import Any

from django import forms

from apps.core.attachments import ALLOWED, attach, attachments_of
from apps.core.forms import BaseForm
from apps.core.rights import ATTACHMENTS_CHANGE, ATTACHMENTS_VIEW

from ..models import Enterprise
from .common import AboutEnterprise, can


class FileForm(BaseForm):
    """One file. What it is, its content decides, not its name."""

    file = forms.FileField(label="文件", help_text=f"{ALLOWED}，不超过 10 MB；照片会去掉拍摄地点")


class AttachFile(AboutEnterprise):
    """Add one file to an enterprise."""

    permission = ATTACHMENTS_CHANGE
    form_class = FileForm
    title = "上传附件"
    submit_label = "上传"
    success_message = "附件已保存。"

    def perform(self, form: Any) -> str:
        attach(file=form.cleaned_data["file"], target=self.enterprise, actor=self.request.user)
        return f"{self.enterprise.get_absolute_url()}#files"


def files_section(enterprise: Enterprise, user: Any, *, keep: str = "") -> dict[str, Any]:
    """The card 附件 of the enterprise page: who may see them downloads them, who may change them deletes them.

    `keep`: the permission that the page of the row asks for besides, where it is narrower.
    """
    may_change = can(user, ATTACHMENTS_CHANGE, enterprise) and (not keep or can(user, keep, enterprise))
    return {
        "id": "files", "title": "附件", "template": "enterprises/_files.html", "may_change": may_change,
        "files": list(attachments_of(enterprise)) if can(user, ATTACHMENTS_VIEW, enterprise) else [],
        "link": f"{enterprise.get_absolute_url()}attach/" if may_change else "", "link_label": "上传附件",
    }  # fmt: skip
