"""What the import pages ask: the file and how to take it, then which header feeds which column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from ..forms import BaseForm
from ..models import ImportBatch
from .mapping import VERSION
from .spec import ImportColumn, Importer

MODE_HELP = {
    ImportBatch.Mode.CREATE: "只新增：文件里都是新记录，已有的会作为错误提出",
    ImportBatch.Mode.UPDATE: "更新：已有的按文件修改，没有的新增；空白单元格不改动原值",
    ImportBatch.Mode.FILL: "只补空白：已有的只填空着的内容，没有的新增",
}


class UploadForm(BaseForm):
    """The file, for which organisation, and what happens to rows that exist."""

    file = forms.FileField(
        label="文件",
        help_text=".xlsx 工作簿或 UTF-8 编码的 .csv，不超过 10 MB；超过 10,000 行时在后台检查和导入。只读取第一个工作表。",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )
    org = forms.ChoiceField(label="所属党组织", help_text="导入的记录归这个组织管理；只核对它范围内的记录。")
    mode = forms.ChoiceField(label="方式", widget=forms.RadioSelect)

    def __init__(self, *args: Any, importer: type[Importer], nodes: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["org"].choices = list(nodes)  # type: ignore[attr-defined]
        self.fields["mode"].choices = [(mode.value, MODE_HELP[mode]) for mode in importer.modes]  # type: ignore[attr-defined]
        self.initial.setdefault("mode", importer.modes[0].value)


class MappingForm(BaseForm):
    """One choice of header for each column of the ledger; the mode may still be changed."""

    mode = forms.ChoiceField(label="方式", widget=forms.RadioSelect)

    def __init__(
        self, *args: Any, importer: type[Importer], batch: ImportBatch, headers: Sequence[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.columns = importer.columns
        choices = [("", "（文件里没有，不导入）"), *((header, header) for header in headers if header)]
        for column in importer.columns:
            self.fields[_field(column)] = forms.ChoiceField(
                label=column.label, choices=choices, required=False,
                help_text=f"{'必填；' if column.required else ''}{column.kind.hint}",
                initial=batch.mapping.get(column.name, ""),
            )  # fmt: skip
        self.fields["mode"].choices = [(mode.value, MODE_HELP[mode]) for mode in importer.modes]  # type: ignore[attr-defined]
        self.fields["mode"].initial = batch.mode
        self.stamp = batch.mapping.get(VERSION)
        names = [_field(column) for column in importer.columns]
        self.fieldsets = (
            {"title": "列对应", "fields": names, "note": "为台账的每一列选文件里的表头。确认后会记住，下次不用再选。"},
            {"fields": ["mode"], "wide": True},
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        used: dict[str, ImportColumn] = {}
        for column in self.columns:
            header = data.get(_field(column))
            if header and header in used:
                self.add_error(_field(column), f"表头「{header}」已对应「{used[header].label}」，一列只能用一次。")
            elif header:
                used[header] = column
        return data

    def mapping(self) -> dict[str, str]:
        """Column name → header, as chosen; the version stamp of a template stays."""
        chosen = {column.name: self.cleaned_data[_field(column)] for column in self.columns}
        stamp = {VERSION: self.stamp} if self.stamp else {}
        return {name: header for name, header in chosen.items() if header} | stamp


def _field(column: ImportColumn) -> str:
    return f"column_{column.name}"
