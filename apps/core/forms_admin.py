"""Forms of the administration pages: a new value of a parameter, an adjusted day."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms

from .forms import BaseForm
from .parameters import ParameterSpec

YES_NO = [("1", "是"), ("0", "否")]


def value_field(spec: ParameterSpec) -> forms.Field:
    """The field in which the value of a parameter is typed or chosen."""
    label = f"新的取值（{spec.unit}）" if spec.unit else "新的取值"
    if spec.kind == "int":
        return forms.IntegerField(label=label, min_value=spec.minimum, max_value=spec.maximum)
    if spec.kind == "decimal":
        return forms.DecimalField(
            label=label, min_value=spec.minimum, max_value=spec.maximum, max_digits=14, decimal_places=4
        )
    if spec.kind == "bool":
        return forms.TypedChoiceField(label=label, choices=YES_NO, coerce=lambda text: text == "1")
    if spec.kind == "choice":
        return forms.ChoiceField(label=label, choices=spec.choices)
    return forms.CharField(label=label, max_length=300)


class ParameterForm(BaseForm):
    """A new value of one parameter from a day on, for the whole portal or for a node."""

    org_path = forms.ChoiceField(
        label="适用范围", required=False, help_text="在该组织及其全部下级生效；下级另有设置的从其设置。"
    )
    since = forms.DateField(
        label="生效日期", help_text="早于今天的日期会改变此后对过去日期的计算；已锁定的季度快照不受影响。"
    )
    source = forms.CharField(label="依据", max_length=300, help_text="文件名称和文号，或会议决定。")
    note = forms.CharField(label="说明", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    field_order = ("value", "org_path", "since", "source", "note")

    def __init__(
        self, *args: Any, spec: ParameterSpec, nodes: list[tuple[str, str]], today: datetime.date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["value"] = value_field(spec)
        self.fields["org_path"].choices = nodes  # type: ignore[attr-defined]
        # Nothing chosen is the whole portal: only for whoever is offered it.
        self.fields["org_path"].required = "" not in dict(nodes)
        self.initial.setdefault("since", today)
        self.order_fields(self.field_order)


class CalendarDayForm(BaseForm):
    """What a day is, and why."""

    is_working = forms.TypedChoiceField(
        label="调整为", choices=[("1", "工作日"), ("0", "休息日")], coerce=lambda text: text == "1",
        widget=forms.RadioSelect,
    )  # fmt: skip
    reason = forms.CharField(label="原因", max_length=40, help_text="例如：国务院通知调休、本市临时安排。")
