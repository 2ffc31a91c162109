"""What a comparison with the national system asks: the file, then which header means what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from apps.branches.fields import OrgChoiceField
from apps.branches.rules import OrgKind
from apps.core.forms import BaseForm

from ..imports.national import NationalExport, lacking


class ReconcileForm(BaseForm):
    """The exported file, and the organisation whose rosters it is compared with."""

    file = forms.FileField(
        label="全国系统导出的名册",
        help_text=".xlsx 工作簿或 UTF-8 编码的 .csv，不超过 10 MB。身份证号一列须是文本格式。核对后文件立即删除。",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )
    org = OrgChoiceField(
        label="核对的党组织", kinds=[kind for kind in OrgKind if kind is not OrgKind.GROUP],
        help_text="与它和下级党组织今天的名册核对。",
    )  # fmt: skip


class ReconcileMappingForm(BaseForm):
    """One choice of header for each thing that can be compared."""

    def __init__(self, *args: Any, headers: Sequence[str], mapping: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "（文件里没有，不核对）"), *((header, header) for header in headers if header)]
        for column in NationalExport.columns:
            self.fields[_field(column.name)] = forms.ChoiceField(
                label=column.label, choices=choices, required=False, initial=mapping.get(column.name, "")
            )
        note = "姓名必须指明；身份证号用来认定是同一人，没有时按姓名和出生日期。确认后会记住，下次不用再选。"
        self.fieldsets = ({"title": "列对应", "fields": list(map(_field, NAMES)), "note": note},)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        used: dict[str, str] = {}
        for name in NAMES:
            header = data.get(_field(name))
            if header and header in used:
                self.add_error(_field(name), f"表头「{header}」已经用过，一列只能用一次。")
            elif header:
                used[header] = name
        if problem := lacking(self.mapping()):
            self.add_error(None, problem)
        return data

    def mapping(self) -> dict[str, str]:
        """Column name → header, as chosen."""
        chosen = {name: self.cleaned_data.get(_field(name), "") for name in NAMES}
        return {name: header for name, header in chosen.items() if header}


NAMES = [column.name for column in NationalExport.columns]


def _field(name: str) -> str:
    return f"column_{name}"
