"""What people type about transfers and departures, one class for each step."""

from __future__ import annotations

import datetime
import re
from typing import Any, Final

from django import forms

from apps.branches.fields import OrgChoiceField
from apps.branches.models import PartyOrg
from apps.branches.rules import OrgKind
from apps.core.forms import BaseForm
from apps.enterprises.fields import EnterpriseChoiceField

from ..directory import HOLDING
from ..fields import BranchDirectoryField, MemberChoiceField
from ..kinds import DepartureReason, Relation, Stage
from ..models import Transfer

_MONTH: Final = re.compile(r"(\d{4})[-年./](\d{1,2})月?")
_NOTE: Final = {"rows": 2}


class MonthField(forms.CharField):
    """A month, as its first day: 2026-10, 2026年10月."""

    widget = forms.TextInput(attrs={"type": "month", "placeholder": "2026-10"})

    def to_python(self, value: Any) -> datetime.date | None:
        text = super().to_python(value)
        if not text:
            return None
        found = _MONTH.fullmatch(text.strip())
        try:
            return datetime.date(int(found[1]), int(found[2]), 1) if found else self._refuse()
        except ValueError:
            return self._refuse()

    def prepare_value(self, value: Any) -> Any:
        return f"{value:%Y-%m}" if isinstance(value, datetime.date) else value

    def _refuse(self) -> Any:
        raise forms.ValidationError("请按 2026-10 的格式填写月份。")


class RequestForm(BaseForm):
    """发起转出."""

    member = MemberChoiceField(label="党员")
    requested_on = forms.DateField(label="申请日期")
    receiver = BranchDirectoryField(
        label="接收党支部", required=False, help_text="平台内的党支部，输入名称查找；同一党委内不需要介绍信"
    )
    outside = forms.CharField(
        label="平台外党组织", max_length=100, required=False, help_text="转往平台外的，填写党组织全称"
    )
    reason = forms.CharField(label="转接原因", max_length=200, required=False)
    note = forms.CharField(
        label="备注", max_length=200, required=False, widget=forms.Textarea(attrs=_NOTE),
        help_text="介绍信过期后重新办理的，写明支部出具的证明",
    )  # fmt: skip

    fieldsets = (
        {"title": "谁", "fields": ("member", "requested_on")},
        {"title": "转往哪里（两项只填一项）", "fields": ("receiver", "outside")},
        {"title": "说明", "fields": ("reason", "note"), "wide": True},
    )


class ArrivalForm(BaseForm):
    """发起转入 from outside the portal."""

    member = MemberChoiceField(
        label="已登记的党员", relations=(Relation.ELSEWHERE, Relation.LEFT), required=False,
        help_text="在本单位工作、组织关系在外的，直接选择",
    )  # fmt: skip
    name = forms.CharField(label="姓名", max_length=50, required=False)
    id_number = forms.CharField(
        label="身份证号", max_length=40, required=False, help_text="列表中没有的，按姓名和身份证号查找",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    org = OrgChoiceField(label="转入党支部", kinds=HOLDING)
    outside = forms.CharField(label="转出党组织", max_length=100, help_text="平台外党组织全称")
    letter_number = forms.CharField(label="介绍信编号", max_length=40, required=False)
    letter_on = forms.DateField(label="介绍信开具日期", required=False)
    valid_until = forms.DateField(label="有效期至", required=False, help_text="留空按一般有效期计算")
    requested_on = forms.DateField(label="申请日期")
    reason = forms.CharField(label="转接原因", max_length=200, required=False)
    note = forms.CharField(label="备注", max_length=200, required=False, widget=forms.Textarea(attrs=_NOTE))

    fieldsets = (
        {"title": "谁（选择，或填写姓名和身份证号）", "fields": ("member", "name", "id_number")},
        {"title": "从哪里来、到哪里", "fields": ("outside", "org", "requested_on")},
        {"title": "介绍信", "fields": ("letter_number", "letter_on", "valid_until")},
        {"title": "说明", "fields": ("reason", "note"), "wide": True},
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        typed = bool(data.get("name")), bool(data.get("id_number"))
        if data.get("member") and any(typed):
            self.add_error("member", "已选择党员的，不再填写姓名和身份证号。")
        elif not data.get("member") and "member" not in self.errors and not all(typed):
            self.add_error("name", "请选择已登记的党员，或同时填写姓名和身份证号。")
        return data


class CheckForm(BaseForm):
    """支部核实. The question about papers is put for a 预备党员 only."""

    on = forms.DateField(label="核实日期")
    dues_paid_until = MonthField(label="党费交至")
    papers = forms.BooleanField(label="培养教育考察等材料已移交接收党组织", required=False)
    reason = forms.CharField(
        label="说明", max_length=100, required=False, widget=forms.Textarea(attrs=_NOTE),
        help_text="党费没有交清的，说明原因",
    )  # fmt: skip

    def __init__(self, *args: Any, transfer: Transfer, today: datetime.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if transfer.member.stage_on(today) is Stage.FORMAL:
            del self.fields["papers"]


class ApproveForm(BaseForm):
    on = forms.DateField(label="批准日期")


class LetterForm(BaseForm):
    """开具介绍信."""

    number = forms.CharField(label="介绍信编号", max_length=40, help_text="网上转接的，填写全国系统中的编号")
    on = forms.DateField(label="开具日期")
    valid_until = forms.DateField(label="有效期至", required=False, help_text="留空按一般有效期计算，最长90天")


class AcceptForm(BaseForm):
    """接收 by the branch of the portal: where the member works and in which group."""

    on = forms.DateField(
        label="接收日期", help_text="日期在已关闭的季度时，名册从下一个开放的日期起变动，并提出更正说明"
    )
    enterprise = EnterpriseChoiceField(label="所在企业", required=False)
    group = forms.TypedChoiceField(label="党小组", required=False, empty_value=None)

    def __init__(self, *args: Any, receiver: PartyOrg, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = {row.pk: row for row in PartyOrg.objects.filter(parent=receiver, kind=OrgKind.GROUP, ended_on=None)}
        if not groups:
            del self.fields["group"]
            return
        field: Any = self.fields["group"]
        field.choices = [("", "不编入党小组"), *((pk, row.name) for pk, row in groups.items())]
        field.coerce = lambda pk: groups[int(pk)]


class ReceiptForm(BaseForm):
    """登记回执 of a transfer to the outside."""

    on = forms.DateField(label="对方接收日期", help_text="以回执为准")
    stays = forms.BooleanField(
        label="仍在本园区企业工作", required=False, help_text="勾选后按关系在外的党员继续联系服务"
    )


class ReturnForm(BaseForm):
    on = forms.DateField(label="退回日期")
    reason = forms.CharField(label="退回理由", max_length=200, widget=forms.Textarea(attrs={"rows": 3}))


class CancelForm(BaseForm):
    reason = forms.CharField(label="撤销原因", max_length=200, widget=forms.Textarea(attrs={"rows": 3}))


class DepartureForm(BaseForm):
    """登记离职."""

    member = MemberChoiceField(label="党员", relations=(Relation.HERE, Relation.ELSEWHERE))
    left_post_on = forms.DateField(label="离职日期")
    reason = forms.ChoiceField(
        label="原因", choices=DepartureReason.choices(), widget=forms.RadioSelect(attrs={"class": "choice-tiles"})
    )
    destination = forms.CharField(
        label="去向（属地党组织）", max_length=100, required=False, help_text="还不清楚的可以以后补"
    )
    note = forms.CharField(label="说明", max_length=200, required=False, widget=forms.Textarea(attrs=_NOTE))

    def clean_reason(self) -> DepartureReason:
        return DepartureReason(self.cleaned_data["reason"])


class ChangeDepartureForm(BaseForm):
    """修改离职记录."""

    reason = forms.ChoiceField(label="原因", choices=DepartureReason.choices())
    destination = forms.CharField(label="去向（属地党组织）", max_length=100, required=False)
    note = forms.CharField(label="说明", max_length=200, required=False, widget=forms.Textarea(attrs=_NOTE))

    def clean_reason(self) -> DepartureReason:
        return DepartureReason(self.cleaned_data["reason"])


class PlaceForm(BaseForm):
    """落实去向 by a document."""

    on = forms.DateField(label="落实日期", help_text="属地党组织接收组织关系的日期")
    destination = forms.CharField(label="接收党组织", max_length=100)
    note = forms.CharField(
        label="依据", max_length=150, widget=forms.Textarea(attrs=_NOTE), help_text="回执编号、全国系统记录或接收证明"
    )


class WithdrawForm(BaseForm):
    """重新上岗."""

    on = forms.DateField(label="上岗日期")
    note = forms.CharField(label="在哪里上岗", max_length=100)
