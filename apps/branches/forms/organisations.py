"""What people type about an organisation. Forms check shapes; services decide."""

from __future__ import annotations

from typing import Any

from django import forms

from apps.core.codes import mask_phone
from apps.core.forms import BaseForm

from ..fields import OrgChoiceField
from ..models import PartyOrg
from ..rules import ALLOWED_CHILDREN, UPGRADES, OrgKind, Staffing
from ..services import CONTACTS


def kind_choices(kinds: Any) -> list[tuple[str, str]]:
    return [("", "请选择"), *((kind.value, kind.label) for kind in OrgKind if kind in kinds)]


class NameFields(forms.Form):
    name = forms.CharField(label="全称", max_length=100, help_text="与印章一致，如“中共某某有限公司支部委员会”")
    short_name = forms.CharField(label="简称", max_length=40, required=False)


class EventFields(forms.Form):
    """When it happened and which document decided it."""

    on = forms.DateField(label="生效日期")
    document = forms.CharField(label="批复文号", max_length=60, required=False)
    note = forms.CharField(label="说明", max_length=300, required=False, widget=forms.Textarea)


class FactFields(forms.Form):
    staffing = forms.ChoiceField(label="工作力量", choices=[("", "未填写"), *Staffing.choices()], required=False)
    can_approve_probationary = forms.BooleanField(label="有审批预备党员的权限", required=False)
    national_code = forms.CharField(label="全国系统代码", max_length=40, required=False)
    contact_name = forms.CharField(label="联系人", max_length=50, required=False)
    contact_phone = forms.CharField(label="联系电话", max_length=20, required=False)
    address = forms.CharField(label="地址", max_length=200, required=False)


class FoundForm(BaseForm, NameFields, FactFields):
    """成立 under a parent that the page names."""

    kind = forms.ChoiceField(label="类别")
    code = forms.CharField(
        label="组织代码", max_length=20, required=False, help_text="本系统内的短代码，导入和命令按它识别；留空自动编号"
    )
    founded_on = forms.DateField(label="成立日期")
    document = forms.CharField(label="批复文号", max_length=60, required=False)
    note = forms.CharField(label="说明", max_length=300, required=False, widget=forms.Textarea)

    fieldsets = (
        {"title": "组织", "fields": ("kind", "name", "short_name", "code", "founded_on", "document", "note")},
        {"title": "力量与权限", "fields": ("staffing", "can_approve_probationary", "national_code")},
        {"title": "联系方式", "fields": CONTACTS},
    )

    def __init__(self, *args: Any, parent: PartyOrg, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        allowed = ALLOWED_CHILDREN[OrgKind(parent.kind)]
        self.fields["kind"] = forms.ChoiceField(label="类别", choices=kind_choices(allowed))


class EditForm(BaseForm, FactFields):
    """Facts without a history of their own. A secretary changes the contacts only.

    The phone is shown masked; left as it is, it stays as it is.
    """

    founded_on = forms.DateField(label="成立日期", required=False)
    approval_document = forms.CharField(label="成立批复文号", max_length=60, required=False)

    fieldsets = (
        {"title": "联系方式", "fields": CONTACTS},
        {"title": "力量与权限", "fields": ("staffing", "can_approve_probationary", "national_code")},
        {"title": "成立", "fields": ("founded_on", "approval_document")},
    )

    def __init__(self, *args: Any, org: PartyOrg, contacts_only: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.org = org
        self.initial["contact_phone"] = mask_phone(org.contact_phone)
        if contacts_only:
            kept = (*CONTACTS, "submission", "version")
            self.fields = {name: field for name, field in self.fields.items() if name in kept}
        if org.contact_phone:
            self.fields["contact_phone"].help_text = "不改动则保持原号码"

    def clean_contact_phone(self) -> str:
        typed: str = self.cleaned_data["contact_phone"]
        return self.org.contact_phone if typed == mask_phone(self.org.contact_phone) else typed


class RenameForm(BaseForm, NameFields, EventFields):
    """更名."""

    fieldsets = ({"title": "", "fields": ("name", "short_name", "on", "document", "note")},)


class UpgradeForm(BaseForm, EventFields):
    """升格, usually with a new name."""

    kind = forms.ChoiceField(label="升格为")
    name = forms.CharField(label="新全称", max_length=100)
    short_name = forms.CharField(label="新简称", max_length=40, required=False)

    fieldsets = ({"title": "", "fields": ("kind", "name", "short_name", "on", "document", "note")},)

    def __init__(self, *args: Any, org: PartyOrg, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"] = forms.ChoiceField(label="升格为", choices=kind_choices(UPGRADES.get(OrgKind(org.kind), ())))


class MoveForm(BaseForm, EventFields):
    """划转 to another parent."""

    parent = OrgChoiceField(label="新的上级组织")

    fieldsets = ({"title": "", "fields": ("parent", "on", "document", "note")},)

    def __init__(self, *args: Any, org: PartyOrg, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = {parent for parent, children in ALLOWED_CHILDREN.items() if OrgKind(org.kind) in children}
        self.fields["parent"] = OrgChoiceField(label="新的上级组织", kinds=kinds)


class EndForm(BaseForm, EventFields):
    """撤销 or 恢复."""

    fieldsets = ({"title": "", "fields": ("on", "document", "note")},)
