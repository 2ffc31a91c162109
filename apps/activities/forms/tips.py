"""What the office types about a tip sheet."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms

from apps.branches.fields import OrgChoiceField
from apps.branches.rules import OrgKind
from apps.core.forms import BaseForm
from apps.core.periods import Period

ISSUERS = (
    OrgKind.AUTHORITY, OrgKind.WORK_COMMITTEE, OrgKind.COMMITTEE, OrgKind.GENERAL_BRANCH, OrgKind.GUIDANCE_STATION,
)  # fmt: skip


class SheetFacts(forms.Form):
    number = forms.CharField(label="编号", max_length=30)
    title = forms.CharField(label="题目", max_length=100)
    quarter = forms.ChoiceField(label="季度")
    due_on = forms.DateField(label="完成期限", help_text="在本季度之内")
    content = forms.CharField(
        label="内容", max_length=5000, widget=forms.Textarea(attrs={"rows": 12}),
        help_text="学什么、做什么、怎么落实；每项一行",
    )  # fmt: skip

    def offer_quarters(self, today: datetime.date, kept: str = "") -> None:
        """The running quarter and the next one, and the one that a draft already has."""
        now = Period.quarter_of(today)
        found = [now, now.next()]
        if kept and kept not in map(str, found):
            found.insert(0, Period.parse(kept))
        field: Any = self.fields["quarter"]
        field.choices = [(str(quarter), quarter.label) for quarter in found]


class NewSheetForm(BaseForm, SheetFacts):
    """起草."""

    org = OrgChoiceField(label="下发单位", kinds=ISSUERS, help_text="发至这个组织之下的所有党支部")
    field_order = ("org",)

    def __init__(self, *args: Any, today: datetime.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_quarters(today)


class SheetForm(BaseForm, SheetFacts):
    """修改草稿."""

    def __init__(self, *args: Any, today: datetime.date, kept: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_quarters(today, kept)
