"""What people write about coverage: corrections of a closed quarter, and new definitions."""

from __future__ import annotations

from typing import Any

from django import forms

from apps.core.forms import BaseForm
from apps.enterprises.kinds import Form, Status, UnbuiltReason

from .models.definitions import DENOMINATORS

CORRECTABLE = {
    "staff": "职工数",
    "formal_members": "正式党员",
    "status": "经营状态",
    "has_premises": "有固定经营场所",
    "has_operations": "有生产经营活动",
    "forms": "组建方式",
    "unbuilt_reason": "未建原因",
}
"""Facts of a frozen row that a correction may name, by column."""


def shown(field: str, value: Any) -> str:
    """A frozen value as people read it."""
    match field:
        case "status":
            return Status(value).label
        case "forms":
            return "、".join(Form(form).label for form in value) or "未组建"
        case "unbuilt_reason":
            return UnbuiltReason(value).label if value else "—"
        case "has_premises" | "has_operations":
            return "是" if value else "否"
        case _:
            return str(value)


class CorrectionForm(BaseForm):
    """One wrong fact of one enterprise, and why it was wrong."""

    enterprise = forms.CharField(label="企业", max_length=120, help_text="企业全称，或统一社会信用代码")
    field = forms.ChoiceField(label="更正项目", choices=list(CORRECTABLE.items()))
    after = forms.CharField(label="更正后的内容", max_length=100)
    reason = forms.CharField(
        label="更正原因", max_length=300, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="写明错在哪里、依据什么更正。封存的数据不会改动，更正说明附在报表之后。",
    )  # fmt: skip


class EndDefinitionForm(BaseForm):
    """The day from which a definition is no longer offered."""

    until = forms.DateField(label="停用日期", help_text="这一天及以后的报表不再使用；以前的报表不受影响。")


class DefinitionForm(BaseForm):
    """A new version of the definition."""

    code = forms.SlugField(label="代码", max_length=40, help_text="字母、数字和连字符，如 2027-1")
    edition = forms.CharField(label="版本", max_length=20)
    name = forms.CharField(label="名称", max_length=60)
    denominator = forms.ChoiceField(label="分母", choices=DENOMINATORS, widget=forms.RadioSelect)
    counted_forms = forms.MultipleChoiceField(
        label="计入组织覆盖的组建方式", choices=Form.choices(), widget=forms.CheckboxSelectMultiple
    )
    min_staff = forms.IntegerField(
        label="三有职工人数下限", min_value=0, max_value=100_000, required=False, help_text="留空取参数当日的值"
    )
    focus_staff = forms.IntegerField(
        label="应单独组建的职工人数", min_value=0, max_value=100_000, required=False, help_text="留空取参数当日的值"
    )
    attention_staff = forms.IntegerField(
        label="应有党员的职工人数", min_value=0, max_value=100_000, required=False, help_text="留空取参数当日的值"
    )
    since = forms.DateField(label="施行日期")
    source = forms.CharField(label="依据", max_length=300, help_text="文件名称和文号")
