"""What branches and the committee type about points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from apps.branches.fields import OrgChoiceField
from apps.core.forms import BaseForm
from apps.members.models import Member

from ..models import ActivityKind, PointRule
from ..rules.points import plain


def rule_label(rule: PointRule) -> str:
    """A rule as it is chosen: what for, how much, and how much a year."""
    limit = f"，每年至多{plain(rule.yearly_limit)}分" if rule.yearly_limit is not None else ""
    return f"{rule.name}（{plain(rule.points)}分{limit}）"


class EnterPointsForm(BaseForm):
    """登记积分: one deed of one member or of several."""

    rule = forms.TypedChoiceField(label="积分事项")
    on = forms.DateField(label="日期", help_text="做这件事的日期，决定记入哪一年")
    members = forms.MultipleChoiceField(label="党员", widget=forms.CheckboxSelectMultiple())
    points = forms.DecimalField(
        label="分值",
        max_digits=5,
        decimal_places=1,
        min_value=0,
        required=False,
        help_text="留空按规则的分值，可以少给",
    )
    note = forms.CharField(label="说明", max_length=200, required=False, help_text="如表彰名称、帮扶对象、课题")

    fieldsets = (
        {"title": "做了什么", "fields": ("rule", "on", "points", "note")},
        {"title": "谁", "fields": ("members",)},
    )

    def __init__(self, *args: Any, rules: Sequence[PointRule], roster: Sequence[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        by_pk, people = {str(rule.pk): rule for rule in rules}, {str(member.pk): member for member in roster}
        field: Any = self.fields["rule"]
        field.choices = [("", "请选择"), *((pk, rule_label(rule)) for pk, rule in by_pk.items())]
        field.coerce = by_pk.get
        chosen: Any = self.fields["members"]
        chosen.choices = [(pk, member.name) for pk, member in people.items()]
        self.people = people

    def clean_members(self) -> list[Member]:
        return [self.people[pk] for pk in self.cleaned_data["members"]]


class RefuseForm(BaseForm):
    note = forms.CharField(label="原因", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))


class CorrectForm(BaseForm):
    """更正已公布的积分."""

    difference = forms.DecimalField(
        label="增减分值", max_digits=5, decimal_places=1, help_text="多记的填负数，如 -2；少记的填正数"
    )
    note = forms.CharField(label="更正原因", max_length=150, widget=forms.Textarea(attrs={"rows": 2}))


class PointRuleForm(BaseForm):
    """设置积分规则."""

    org = OrgChoiceField(label="适用范围", required=False, help_text="这个组织和它之下的所有组织")
    kind = forms.ModelChoiceField(
        label="活动类别", queryset=None, required=False, empty_label="不是参加活动，由支部登记",
        help_text="选了类别的，活动确认后自动给到会党员计分",
    )  # fmt: skip
    name = forms.CharField(
        label="事项", max_length=60, help_text="如：讲党课、受到表彰。不得为签到、登录、在线时长计分"
    )
    points = forms.DecimalField(label="分值", max_digits=5, decimal_places=1, min_value=0, help_text="填0表示不计分")
    yearly_limit = forms.DecimalField(
        label="每人每年上限", max_digits=6, decimal_places=1, min_value=0, required=False, help_text="留空不限"
    )
    source = forms.CharField(label="依据", max_length=200, help_text="如：本园区党员积分管理办法第三条")
    since = forms.DateField(label="施行日期", help_text="从这一天起；同一事项的旧规则到这一天为止")

    def __init__(self, *args: Any, whole: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind: Any = self.fields["kind"]
        kind.queryset = ActivityKind.objects.filter(active=True)
        org: Any = self.fields["org"]
        org.required, org.empty_label = not whole, "整个平台" if whole else "请选择"


class EndRuleForm(BaseForm):
    on = forms.DateField(label="停止日期", help_text="从这一天起不再按这条规则计分；已有的积分不变")
