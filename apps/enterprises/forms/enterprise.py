"""What people type about an enterprise: who it is, where, and what can be counted."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms

from apps.branches.fields import OrgChoiceField
from apps.core.codes import mask_phone
from apps.core.forms import BaseForm

from ..fields import optional
from ..kinds import Attitude, PoliticalStatus, Scale, Status, UnbuiltReason, UnitKind
from ..models import Building, Condition, Enterprise, Instructor, Park
from ..rules import LEAVING, STATUS_CHANGES, Industry
from ..services.conditions import COUNTED

PRESENT = [(status.value, status.label) for status in Status if status not in LEAVING]


class IdentityFields(forms.Form):
    kind = forms.ChoiceField(label="单位类别", choices=UnitKind.choices(), initial=UnitKind.ENTERPRISE.value)
    name = forms.CharField(label="企业名称", max_length=120, help_text="与营业执照一致的全称")
    credit_code = forms.CharField(label="统一社会信用代码", max_length=40, required=False)
    industry = forms.ChoiceField(
        label="行业门类", choices=optional([(i.value, f"{i.value} {i.label}") for i in Industry]), required=False
    )
    ownership = forms.CharField(label="企业类型", max_length=60, required=False, help_text="如：有限责任公司")
    scale = forms.ChoiceField(label="规模", choices=optional(Scale.choices()), required=False)
    above_scale = forms.BooleanField(label="规上企业", required=False)
    registered_on = forms.DateField(label="注册日期", required=False)
    capital = forms.DecimalField(
        label="注册资金（万元）", max_digits=16, decimal_places=4, min_value=0, required=False, localize=False
    )
    park = forms.ModelChoiceField(label="园区", queryset=Park.objects.all(), required=False, empty_label="未入园")
    building = forms.ModelChoiceField(
        label="楼栋", queryset=Building.objects.all(), required=False, empty_label="未选择"
    )
    room = forms.CharField(label="门牌（室）", max_length=30, required=False, help_text="如：301 室，按楼层排楼栋图")
    address = forms.CharField(label="注册地址", max_length=200, required=False)
    arrived_on = forms.DateField(label="入驻日期", required=False)
    leader_name = forms.CharField(label="出资人（负责人）", max_length=50, required=False)
    leader_status = forms.ChoiceField(
        label="负责人政治面貌", choices=optional(PoliticalStatus.choices()), required=False
    )
    contact_name = forms.CharField(label="联系人", max_length=50, required=False)
    contact_phone = forms.CharField(label="联系电话", max_length=20, required=False)
    attitude = forms.ChoiceField(label="企业主认同度", choices=optional(Attitude.choices()), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name_buildings(self.fields["building"])

    def clean(self) -> dict[str, Any]:
        """A building brings its park."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("building") and not data.get("park"):
            data["park"] = data["building"].park
        return data


PEOPLE = {"title": "负责人与联系人",
          "fields": ("leader_name", "leader_status", "contact_name", "contact_phone", "attitude")}  # fmt: skip
WHO = {"title": "基本情况", "fields": ("kind", "name", "credit_code", "industry", "ownership", "scale", "above_scale",
                                   "registered_on", "capital")}  # fmt: skip
WHERE = {"title": "位置", "fields": ("park", "building", "room", "address", "arrived_on")}


class RegisterForm(BaseForm, IdentityFields):
    """登记企业, with its first condition."""

    org = OrgChoiceField(
        label="责任党组织", required=False, empty_label="随园区", help_text="只有未入园的企业需要指定"
    )
    on = forms.DateField(label="情况自何日起", help_text="以下情况从这一天起计入统计")
    status = forms.ChoiceField(label="经营状态", choices=PRESENT, initial=Status.OPERATING.value)
    staff = forms.IntegerField(label="职工数", min_value=0, initial=0)
    formal_members = forms.IntegerField(label="正式党员", min_value=0, initial=0, help_text="组织关系在本企业的")
    probationary_members = forms.IntegerField(label="预备党员", min_value=0, initial=0)
    members_elsewhere = forms.IntegerField(label="关系未转入党员", min_value=0, initial=0)
    has_premises = forms.BooleanField(label="有固定经营场所", required=False, initial=True)
    has_operations = forms.BooleanField(label="有生产经营活动", required=False, initial=True)

    CONDITION = (
        "status", "staff", "formal_members", "probationary_members", "members_elsewhere", "has_premises",
        "has_operations",
    )  # fmt: skip
    fieldsets = (
        WHO,
        {**WHERE, "fields": (*WHERE["fields"], "org")},
        {"title": "现在的情况", "fields": ("on", *CONDITION), "note": "其余情况由摸底补充。"},
        PEOPLE,
    )


class EnterpriseForm(BaseForm, IdentityFields):
    """修改企业. The phone is shown masked; left as it is, it stays as it is."""

    initials = forms.CharField(
        label="拼音首字母", max_length=60, required=False, help_text="用于检索，多音字不对时可改"
    )
    venue_area = forms.IntegerField(label="党组织活动场所（㎡）", min_value=0, required=False)
    party_funds = forms.DecimalField(
        label="年度党建经费（元）", max_digits=12, decimal_places=2, min_value=0, required=False, localize=False
    )
    sync_planned_on = forms.DateField(label="筹建同步组建", required=False)
    sync_recruited_on = forms.DateField(label="招工同步引进党员", required=False)
    sync_founded_on = forms.DateField(label="投产同步成立党组织", required=False)
    remark = forms.CharField(label="备注", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    fieldsets = (
        {**WHO, "fields": (*WHO["fields"], "initials")},
        WHERE,
        PEOPLE,
        {"title": "党建工作", "fields": ("venue_area", "party_funds")},
        {"title": "三个同步", "fields": ("sync_planned_on", "sync_recruited_on", "sync_founded_on"),
         "note": "企业成立时同步建立党组织的，填写各项日期。"},
        {"title": "备注", "fields": ("remark",)},
    )  # fmt: skip

    def __init__(self, *args: Any, enterprise: Enterprise, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keep_masked(self, enterprise, "contact_phone")

    def clean_contact_phone(self) -> str:
        return unmasked(self, "contact_phone")


class ContactsForm(BaseForm):
    """What a branch keeps of its own enterprise: people and attitude."""

    leader_name = IdentityFields.base_fields["leader_name"]
    leader_status = IdentityFields.base_fields["leader_status"]
    contact_name = IdentityFields.base_fields["contact_name"]
    contact_phone = IdentityFields.base_fields["contact_phone"]
    attitude = IdentityFields.base_fields["attitude"]

    def __init__(self, *args: Any, enterprise: Enterprise, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keep_masked(self, enterprise, "contact_phone")

    def clean_contact_phone(self) -> str:
        return unmasked(self, "contact_phone")


class ConditionForm(BaseForm):
    """更新情况: what changed from a day on."""

    on = forms.DateField(label="自何日起", help_text="变化发生的日期；没有变化时为核查日期")
    status = forms.ChoiceField(label="经营状态", choices=PRESENT)
    has_premises = forms.BooleanField(label="有固定经营场所", required=False)
    has_operations = forms.BooleanField(label="有生产经营活动", required=False)
    staff = forms.IntegerField(label="职工数", min_value=0)
    staff_under_35 = forms.IntegerField(label="35岁以下职工", min_value=0, required=False)
    staff_college = forms.IntegerField(label="大专以上职工", min_value=0, required=False)
    formal_members = forms.IntegerField(label="正式党员", min_value=0, help_text="组织关系在本企业的")
    probationary_members = forms.IntegerField(label="预备党员", min_value=0)
    members_elsewhere = forms.IntegerField(label="关系未转入党员", min_value=0)
    applicants = forms.IntegerField(label="入党申请人和积极分子", min_value=0)
    unbuilt_reason = forms.ChoiceField(
        label="未建党组织原因", choices=optional(UnbuiltReason.choices(), "已建或未查明"), required=False
    )
    unbuilt_note = forms.CharField(label="未建原因说明", max_length=200, required=False)

    fieldsets = (
        {"title": "", "fields": ("on",)},
        {"title": "经营运行", "fields": ("status", "has_premises", "has_operations")},
        {"title": "职工队伍", "fields": ("staff", "staff_under_35", "staff_college")},
        {"title": "党员队伍", "fields": ("formal_members", "probationary_members", "members_elsewhere", "applicants")},
        {"title": "未建党组织原因", "fields": ("unbuilt_reason", "unbuilt_note")},
    )

    def __init__(self, *args: Any, current: Condition | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if current is not None:
            self.fields["status"].choices = reachable(Status(current.status))

    def changes(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in COUNTED}


def reachable(status: Status) -> list[tuple[str, str]]:
    """The states of an enterprise in the park that may follow, and the one it has."""
    allowed = {status, *(STATUS_CHANGES[status] - LEAVING)}
    return [(one.value, one.label) for one in Status if one in allowed]


class StatusForm(BaseForm):
    """状态变更, also out of the park."""

    status = forms.ChoiceField(label="变更为", widget=forms.RadioSelect(attrs={"class": "choice-tiles"}))
    on = forms.DateField(label="自何日起")
    document = forms.CharField(label="依据文号或说明", max_length=20, required=False)

    def __init__(self, *args: Any, status: Status, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        following = STATUS_CHANGES[status]
        self.fields["status"].choices = [(one.value, one.label) for one in Status if one in following]

    def clean_status(self) -> Status:
        return Status(self.cleaned_data["status"])


def name_buildings(field: Any) -> None:
    """Buildings with their park, since every park has an A1."""
    field.queryset = Building.objects.select_related("park")
    field.label_from_instance = lambda building: f"{building.park.name} {building.name}"


def name_instructors(field: Any) -> None:
    """Instructors with their unit, since two may have one name."""
    field.queryset = Instructor.objects.order_by("initials", "pk")
    field.label_from_instance = lambda one: f"{one.name}（{one.unit}）" if one.unit else one.name


def keep_masked(form: forms.Form, row: Any, name: str) -> None:
    """Show a phone masked; a field sent back unchanged keeps the number behind the mask."""
    number = getattr(row, name)
    form.kept_numbers = {name: number}  # type: ignore[attr-defined]
    if number:
        form.initial[name] = mask_phone(number)
        form.fields[name].help_text = "不改动则保持原号码"


def unmasked(form: forms.Form, name: str) -> str:
    number: str = form.kept_numbers[name]  # type: ignore[attr-defined]
    typed: str = form.cleaned_data[name]
    return number if number and typed == mask_phone(number) else typed


def fill_from(row: Any, names: tuple[str, ...], today: datetime.date) -> dict[str, Any]:
    """Initial values of a dated form: the row as it is, from today on."""
    return {"on": today, **({name: getattr(row, name) for name in names} if row is not None else {})}
