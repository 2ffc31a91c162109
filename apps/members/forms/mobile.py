"""What people type about members away from their branch. Filled in advance as far as the portal knows."""

from __future__ import annotations

from typing import Any

from django import forms

from apps.branches.fields import OrgChoiceField
from apps.core.forms import BaseForm
from apps.enterprises.fields import EnterpriseChoiceField, optional

from ..fields import BranchDirectoryField
from ..kinds import ContactMethod, LostOutcome, MobileReason
from .members import CONFIRM_HELP, KEEPERS

TILES = {"class": "choice-tiles"}


def short_text(label: str, hint: str) -> forms.CharField:
    return forms.CharField(label=label, max_length=200, widget=forms.Textarea(attrs={"rows": 2, "placeholder": hint}))


def keeper_field(label: str) -> OrgChoiceField:
    return OrgChoiceField(label=label, kinds=KEEPERS)


class ContactForm(BaseForm):
    """登记联系: on a phone in under a minute; how, when and who are filled in."""

    method = forms.ChoiceField(
        label="联系方式", choices=ContactMethod.choices(), initial=ContactMethod.PHONE.value,
        widget=forms.RadioSelect(attrs=TILES),
    )  # fmt: skip
    thoughts = short_text("思想动态", "关心什么，有什么想法和困难")
    study = short_text("学习情况", "近期学习了什么，参加了哪些组织生活")
    conduct = short_text("现实表现", "工作、生活和发挥作用的情况")
    on = forms.DateField(label="联系日期", help_text="日期决定计入哪个季度")
    contact_name = forms.CharField(label="联系人", max_length=50)


class PersonForm(BaseForm):
    """Somebody whose relation is elsewhere, named by name and ID number."""

    name = forms.CharField(label="姓名", max_length=50, help_text="与身份证一致")
    id_number = forms.CharField(
        label="身份证号", max_length=30, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="系统据此查重；已在平台内的自动关联",
    )  # fmt: skip
    confirmed = forms.BooleanField(label="已对照证件核对换算后的号码", required=False, help_text=CONFIRM_HELP)
    phone = forms.CharField(
        label="联系电话", max_length=20, required=False, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )


class AgreementFacts(BaseForm):
    """What an agreement says."""

    org = keeper_field("管理党组织")
    enterprise = EnterpriseChoiceField(label="所在企业")
    home_text = forms.CharField(label="关系所在党组织", max_length=100, required=False, help_text="按本人所说填写全称")
    since = forms.DateField(label="起始日期")
    until = forms.DateField(label="到期日期", required=False, help_text="从这一天起不再有效；留空按规定期限")
    signed_on = forms.DateField(label="签订日期")
    number = forms.CharField(label="协议编号", max_length=40, required=False)
    contact_name = forms.CharField(label="季度联系人", max_length=50, required=False)
    note = forms.CharField(label="备注", max_length=200, required=False)


AGREEMENT_FIELDS = (
    {"title": "协议", "fields": ("org", "enterprise", "home_text", "since", "until", "signed_on")},
    {"title": "其他", "fields": ("number", "contact_name", "note")},
)


class SignWithMemberForm(AgreementFacts):
    """签订协议 with a member of the scope."""

    fieldsets = AGREEMENT_FIELDS


class SignForm(PersonForm, AgreementFacts):
    """签订协议 with somebody named by name and ID number."""

    fieldsets = (
        {"title": "本人", "fields": ("name", "id_number", "confirmed", "phone")},
        *AGREEMENT_FIELDS,
    )


class AgreementForm(BaseForm):
    """修改协议."""

    home_text = forms.CharField(label="关系所在党组织", max_length=100, required=False)
    signed_on = forms.DateField(label="签订日期")
    number = forms.CharField(label="协议编号", max_length=40, required=False)
    contact_name = forms.CharField(label="季度联系人", max_length=50, required=False)
    note = forms.CharField(label="备注", max_length=200, required=False)


class RenewForm(BaseForm):
    """续签."""

    since = forms.DateField(label="起始日期")
    until = forms.DateField(label="到期日期", required=False, help_text="从这一天起不再有效；留空按规定期限")
    signed_on = forms.DateField(label="签订日期")
    number = forms.CharField(label="协议编号", max_length=40, required=False)
    note = forms.CharField(label="备注", max_length=200, required=False)


class EndAgreementForm(BaseForm):
    """提前终止."""

    on = forms.DateField(label="自何日起终止", help_text="从这一天起不再有效")
    reason = forms.CharField(label="原因", max_length=100)


class MobileFacts(BaseForm):
    """What a record of a mobile member says beyond who and where."""

    reason = forms.ChoiceField(label="流动原因", choices=optional(MobileReason.choices(), "请选择"))
    place = forms.CharField(label="流动地点", max_length=100, required=False)
    contact_name = forms.CharField(label="联系人", max_length=50, required=False)
    card_number = forms.CharField(label="流动党员活动证号", max_length=30, required=False)
    dues_paid_until = forms.DateField(label="党费交至", required=False)
    expected_return_on = forms.DateField(label="预计返回", required=False)
    note = forms.CharField(label="备注", max_length=100, required=False)
    explanation = forms.CharField(
        label="原因说明", max_length=90, required=False, help_text="预计不足 6 个月返回时填写，会记入备注"
    )

    def facts(self) -> dict[str, Any]:
        found = super().facts()
        found.pop("explanation", None)
        return found


REST = {
    "title": "其他",
    "fields": ("contact_name", "card_number", "dues_paid_until", "expected_return_on", "explanation", "note"),
}


class OutflowForm(MobileFacts):
    """登记流出."""

    since = forms.DateField(label="起始日期")
    other_org = BranchDirectoryField(
        label="流入地党支部（平台内）", required=False, help_text="选了以后对方能看到并确认报到"
    )
    counterpart = forms.CharField(label="流入地党组织（平台外）", max_length=100, required=False)

    fieldsets = (
        {"title": "去向", "fields": ("since", "reason", "place", "other_org", "counterpart")},
        REST,
    )


class InflowForm(PersonForm, MobileFacts):
    """登记流入."""

    org = keeper_field("接收党组织")
    enterprise = EnterpriseChoiceField(label="所在企业")
    counterpart = forms.CharField(label="关系所在党组织", max_length=100, help_text="按本人所说填写全称")
    since = forms.DateField(label="起始日期")
    reported_on = forms.DateField(label="报到日期", required=False, help_text="留空即起始日期")

    fieldsets = (
        {"title": "本人", "fields": ("name", "id_number", "confirmed", "phone")},
        {"title": "来处", "fields": ("org", "enterprise", "counterpart", "since", "reported_on", "reason", "place")},
        REST,
    )


class MobileForm(MobileFacts):
    """修改流动登记."""

    counterpart = forms.CharField(label="对方党组织（平台外）", max_length=100, required=False)

    fieldsets = (
        {"title": "去向", "fields": ("reason", "place", "counterpart")},
        REST,
    )


class ArriveForm(BaseForm):
    reported_on = forms.DateField(label="报到日期")


class CloseForm(BaseForm):
    on = forms.DateField(label="自何日起结束", help_text="从这一天起不再按流动党员管理")
    note = forms.CharField(label="说明", max_length=90, required=False, help_text="返回、转出组织关系或继续流动")


class VisitorForm(BaseForm):
    """登记来访."""

    org = keeper_field("参加活动的党组织")
    name = forms.CharField(label="姓名", max_length=50)
    card_number = forms.CharField(
        label="党员证编号", max_length=30, required=False, help_text="平台内党员凭姓名和编号自动关联"
    )
    home_text = forms.CharField(label="组织关系所在党组织", max_length=100, required=False)
    on = forms.DateField(label="日期")
    purpose = forms.CharField(label="参加的活动", max_length=100, required=False)


class DecideForm(BaseForm):
    """处理失联事项."""

    outcome = forms.ChoiceField(label="处理结果", widget=forms.RadioSelect(attrs=TILES))
    on = forms.DateField(label="处理日期")
    document = forms.CharField(
        label="批准文号", max_length=60, required=False, help_text="停止党籍、恢复党籍、除名须填写"
    )
    note = forms.CharField(label="说明", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, allowed: tuple[LostOutcome, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outcome"].choices = [(each.value, each.label) for each in allowed]

    def clean_outcome(self) -> LostOutcome:
        return LostOutcome(self.cleaned_data["outcome"])
