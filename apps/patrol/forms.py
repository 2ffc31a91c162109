"""What an officer fills in to put a finding off."""

from __future__ import annotations

from django import forms

from apps.core.forms import BaseForm


class AsideForm(BaseForm):
    """暂缓处理: why, and from which day on the finding is listed again."""

    reason = forms.CharField(
        label="暂缓原因", max_length=300, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="写明现在不能办的具体情况，以及准备怎么办。",
    )  # fmt: skip
    until = forms.DateField(label="重新列出日期", help_text="从这一天起仍未消除的，重新列入待处理。")
