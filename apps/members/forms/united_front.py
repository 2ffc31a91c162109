"""What people type about 统战对象. The phone is shown masked; sent back unchanged it stays as it is."""

from __future__ import annotations

from typing import Any

from django import forms

from apps.branches.fields import OrgChoiceField
from apps.core.codes import mask_phone
from apps.core.forms import BaseForm
from apps.enterprises.fields import EnterpriseChoiceField, optional

from ..kinds import Sex, UnitedFrontKind
from ..models import UnitedFrontPerson


class PersonFacts(forms.Form):
    name = forms.CharField(label="姓名", max_length=50)
    sex = forms.ChoiceField(label="性别", choices=Sex.choices())
    kind = forms.ChoiceField(label="类别", choices=optional(UnitedFrontKind.choices(), "请选择"))
    party = forms.CharField(label="所属党派", max_length=20, required=False, help_text="民主党派成员必填")
    nationality = forms.CharField(label="国籍（地区）", max_length=30, required=False, help_text="外籍人士必填")
    position = forms.CharField(label="职务（职称）", max_length=60, required=False)
    speciality = forms.CharField(label="专业特长", max_length=100, required=False)
    appointments = forms.CharField(label="社会职务", max_length=100, required=False, help_text="人大代表、政协委员等")
    phone = forms.CharField(label="联系电话", max_length=20, required=False,
                            widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}))  # fmt: skip
    contact_name = forms.CharField(label="联系人", max_length=50, required=False, help_text="由谁经常联系")
    registered_on = forms.DateField(label="登记日期")
    note = forms.CharField(label="备注", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))


REST = (
    {"title": "职务和专长", "fields": ("position", "speciality", "appointments")},
    {"title": "联系", "fields": ("phone", "contact_name", "registered_on", "note")},
)


class RegisterPersonForm(BaseForm, PersonFacts):
    """登记统战对象."""

    enterprise = EnterpriseChoiceField(label="所在企业", required=False)
    org = OrgChoiceField(label="责任党组织", required=False, help_text="不在企业的填写；在企业的随企业")

    fieldsets = (
        {"title": "本人", "fields": ("name", "sex", "kind", "party", "nationality", "enterprise", "org")},
        *REST,
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not self.errors and given.get("enterprise") is None and given.get("org") is None:
            self.add_error("enterprise", "请选择所在企业；不在企业的，请选择责任党组织。")
        return given


class PersonForm(BaseForm, PersonFacts):
    """修改."""

    fieldsets = ({"title": "本人", "fields": ("name", "sex", "kind", "party", "nationality")}, *REST)

    def __init__(self, *args: Any, person: UnitedFrontPerson, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if person.phone:
            self.initial["phone"] = mask_phone(person.phone)


class PartForm(BaseForm):
    on = forms.DateField(label="离开日期")
