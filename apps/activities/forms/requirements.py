"""What the office sets: kinds and forms of activities, and how often a kind is required of whom."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms

from apps.branches.rules import OrgKind
from apps.core.forms import BaseForm

from ..kinds import Audience, Book, DutyCondition, DutySubject, Rhythm, Weight
from ..models import ActivityKind

ASKED_OF = (
    OrgKind.BRANCH, OrgKind.JOINT_BRANCH, OrgKind.TEMPORARY_BRANCH, OrgKind.MOBILE_BRANCH, OrgKind.GROUP,
    OrgKind.GENERAL_BRANCH, OrgKind.COMMITTEE, OrgKind.WORK_COMMITTEE,
)  # fmt: skip


class KindForm(BaseForm):
    """A kind of activity. Records, books, hours and points follow from these few answers."""

    name = forms.CharField(label="名称", max_length=30)
    audience = forms.ChoiceField(label="应参加人员", choices=Audience.choices())
    book = forms.ChoiceField(label="归入", choices=Book.choices())
    study_hours = forms.DecimalField(
        label="默认学时", min_value=0, max_value=100, max_digits=4, decimal_places=1, initial=0,
        help_text="记录时自动带出，可以改；不计学时填 0。",
    )  # fmt: skip
    order = forms.IntegerField(label="次序", min_value=0, max_value=9999, initial=200, help_text="小的排在前面。")


class NewKindForm(KindForm):
    confirmed = forms.BooleanField(
        label="已核对现有类别，确需新增", required=False, help_text="名称与现有类别、形式相近时才需要勾选。"
    )


class EditKindForm(KindForm):
    active = forms.BooleanField(label="启用", required=False, help_text="停用后不能再选，已有记录和台账不变。")


class FormForm(BaseForm):
    """A form in which activities are held."""

    name = forms.CharField(label="名称", max_length=30)
    kind = forms.ModelChoiceField(
        label="适用类别", queryset=ActivityKind.objects.none(), required=False, empty_label="各类都可用"
    )
    order = forms.IntegerField(label="次序", min_value=0, max_value=9999, initial=200, help_text="小的排在前面。")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].queryset = ActivityKind.objects.filter(active=True)  # type: ignore[attr-defined]


class NewFormForm(FormForm):
    confirmed = forms.BooleanField(
        label="已核对现有形式，确需新增", required=False, help_text="名称与现有类别、形式相近时才需要勾选。"
    )


class EditFormForm(FormForm):
    active = forms.BooleanField(label="启用", required=False, help_text="停用后不能再选，已有记录和统计不变。")


class RequirementForm(BaseForm):
    """A new dated requirement; what was asked before stays for the periods before."""

    kind = forms.ModelChoiceField(label="活动类别", queryset=ActivityKind.objects.none())
    org_path = forms.ChoiceField(
        label="适用范围", required=False, help_text="对该组织及其全部下级生效；下级另有设置的从其设置。"
    )
    org_kinds = forms.MultipleChoiceField(
        label="适用的组织类别",
        choices=[(kind.value, kind.label) for kind in ASKED_OF],
        widget=forms.CheckboxSelectMultiple,
    )
    rhythm = forms.ChoiceField(label="周期", choices=Rhythm.choices())
    times = forms.IntegerField(
        label="次数", min_value=0, max_value=50, help_text="填 0 表示从生效日期起在这个范围内不作要求。"
    )
    subject = forms.ChoiceField(label="要求对象", choices=DutySubject.choices())
    condition = forms.ChoiceField(label="适用条件", choices=DutyCondition.choices())
    weight = forms.ChoiceField(label="性质", choices=Weight.choices(), initial=Weight.LOCAL.value)
    since = forms.DateField(label="生效日期", help_text="从生效日期以后开始的第一个周期起算；已封存的季度不变。")
    source = forms.CharField(label="依据", max_length=200, help_text="文件名称和文号，或会议决定。")

    def __init__(self, *args: Any, nodes: list[tuple[str, str]], today: datetime.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].queryset = ActivityKind.objects.filter(active=True)  # type: ignore[attr-defined]
        self.fields["org_path"].choices = nodes  # type: ignore[attr-defined]
        # Nothing chosen is the whole portal: only for whoever is offered it.
        self.fields["org_path"].required = "" not in dict(nodes)
        self.initial.setdefault("since", today)


class EndRequirementForm(BaseForm):
    """From when on a requirement is no longer asked for; what is asked above speaks again."""

    until = forms.DateField(label="终止日期", help_text="从这一天起不再要求；已经开始的周期仍按原要求统计。")
