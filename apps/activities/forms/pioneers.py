"""What people type about pioneer posts, promises and suggestions."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from django import forms

from apps.branches.fields import OrgChoiceField
from apps.core.forms import BaseForm, ReasonForm
from apps.enterprises.fields import EnterpriseChoiceField, optional
from apps.members.fields import MemberChoiceField
from apps.members.models import Member

from ..kinds import PostKind

CREW_LISTED = 200
"""How many members of a branch the form lists to be ticked (appearance only)."""


class PostFacts(forms.Form):
    name = forms.CharField(label="名称", max_length=80, help_text="如“装配一线先锋岗”")
    enterprise = EnterpriseChoiceField(label="所在企业", required=False)
    place = forms.CharField(label="岗位（区域）", max_length=80, required=False)
    duty = forms.CharField(
        label="职责（内容）", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    result = forms.CharField(label="成效", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))


class CrewFields(forms.Form):
    """Who is at a post: ticked on the list of the branch, one of them in charge."""

    leader = forms.TypedChoiceField(label="负责人", required=False, coerce=int, empty_value=None)
    members = forms.TypedMultipleChoiceField(
        label="成员", required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )

    def offer(self, people: Sequence[Member]) -> None:
        """The people of the branch; two of one name are told apart by their codes."""
        self.people = {member.pk: member for member in people}
        names = [member.name for member in people]
        choices = [(m.pk, f"{m.name}（{m.code}）" if names.count(m.name) > 1 else m.name) for m in people]
        self.fields["members"].choices = choices  # type: ignore[attr-defined]
        self.fields["leader"].choices = optional(choices, "不设负责人")  # type: ignore[attr-defined,arg-type]

    def crew(self) -> dict[str, Any]:
        """The members and the leader as the service takes them."""
        given = self.cleaned_data
        leader = self.people.get(given["leader"]) if given.get("leader") else None
        return {"leader": leader, "members": [self.people[pk] for pk in given.get("members", ())]}


class SetUpPostForm(BaseForm, PostFacts, CrewFields):
    """登记 a post of the organisation that the page names."""

    kind = forms.ChoiceField(label="类别", choices=optional(PostKind.choices(), "请选择"))
    since = forms.DateField(label="设立日期")

    fieldsets = (
        {"title": "基本情况", "fields": ("kind", "name", "since", "enterprise", "place", "duty", "result")},
        {"title": "成员", "fields": ("leader", "members")},
    )

    def clean_kind(self) -> PostKind:
        return PostKind(self.cleaned_data["kind"])


class PostForm(BaseForm, PostFacts):
    """修改."""

    fieldsets = ({"title": "基本情况", "fields": ("name", "enterprise", "place", "duty", "result")},)


class CrewForm(BaseForm, CrewFields):
    """调整成员 from a day on."""

    on = forms.DateField(label="调整日期", help_text="从这一天起")

    fieldsets = ({"title": "", "fields": ("on", "leader", "members")},)


class EndPostForm(BaseForm):
    on = forms.DateField(label="撤销日期", help_text="从这一天起不再设立")
    reason = forms.CharField(label="撤销原因", max_length=100, help_text="如任务完成、岗位调整")
    result = forms.CharField(label="成效", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))


class PickOrgForm(forms.Form):
    """Which organisation a form is about, where the user answers for several."""

    org = OrgChoiceField(label="党组织")


class PledgeFacts(forms.Form):
    content = forms.CharField(label="承诺事项", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    due_on = forms.DateField(label="兑现期限")


class PledgesForm(BaseForm):
    """登记承诺: one field for each member of the branch, blank for those who promise nothing; or one for all."""

    made_on = forms.DateField(label="承诺日期")
    due_on = forms.DateField(label="兑现期限")
    common = forms.CharField(label="共同承诺", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}),
                             help_text="填写后，下面勾选“共同承诺”的党员都登记这一条")  # fmt: skip

    def __init__(self, *args: Any, people: Sequence[Member] = (), only: Member | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = [only] if only else list(people)
        if only:
            del self.fields["common"]
        names = [member.name for member in self.people]
        for member in self.people:
            label = f"{member.name}（{member.code}）" if names.count(member.name) > 1 else member.name
            self.fields[f"text_{member.pk}"] = forms.CharField(
                label="承诺事项" if only else label, max_length=300, required=only is not None,
                widget=forms.Textarea(attrs={"rows": 2}) if only else forms.TextInput(),
            )  # fmt: skip
            if not only:
                self.fields[f"joins_{member.pk}"] = forms.BooleanField(
                    label=f"{label}参加共同承诺", required=False,
                    widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
                )  # fmt: skip

    def lines(self) -> list[tuple[Member, Any, Any]]:
        """(member, own text, ticked) as bound fields, for the page."""
        return [(m, self[f"text_{m.pk}"], self[f"joins_{m.pk}"]) for m in self.people if f"joins_{m.pk}" in self.fields]

    def heads(self) -> list[Any]:
        return [self[name] for name in ("made_on", "due_on", "common") if name in self.fields]

    def promises(self) -> list[tuple[Member, str]]:
        """Who promises what: the own text, and the common one for those who join it."""
        given, found = self.cleaned_data, []
        for member in self.people:
            if text := given.get(f"text_{member.pk}", "").strip():
                found.append((member, text))
            if given.get(f"joins_{member.pk}") and given.get("common", "").strip():
                found.append((member, given["common"].strip()))
        return found

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        joined = any(given.get(f"joins_{member.pk}") for member in self.people)
        if joined and not given.get("common", "").strip():
            self.add_error("common", "请填写共同承诺，或取消勾选。")
        return given


class PledgeForm(BaseForm, PledgeFacts):
    """修改."""


class ProgressForm(BaseForm):
    on = forms.DateField(label="日期")
    text = forms.CharField(label="进展", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class VerifyForm(BaseForm):
    kept = forms.TypedChoiceField(
        label="结果", choices=[("1", "已兑现"), ("0", "未兑现")], coerce=lambda value: value == "1",
        widget=forms.RadioSelect, initial="1",
    )  # fmt: skip
    on = forms.DateField(label="验收日期")
    by = forms.CharField(label="验收人", max_length=50, help_text="党支部指定的同志，不能是承诺人本人")
    verdict = forms.CharField(label="验收意见", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}),
                              help_text="未兑现的须说明情况")  # fmt: skip


class WithdrawVerdictForm(ReasonForm):
    """撤回验收."""


class SuggestionFacts(forms.Form):
    content = forms.CharField(label="建议内容", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    proposed_on = forms.DateField(label="提出日期")
    enterprise = EnterpriseChoiceField(label="企业", required=False, help_text="建议提给哪家企业")


class ProposeForm(BaseForm, SuggestionFacts):
    """登记建议 of a member, or of somebody who is only named."""

    org = OrgChoiceField(label="党组织")
    member = MemberChoiceField(label="提出人（名册上的）", required=False)
    proposer = forms.CharField(
        label="提出人姓名", max_length=50, required=False, help_text="不在名册上的填姓名，如职工"
    )

    fieldsets = ({"title": "", "fields": ("org", "member", "proposer", "content", "proposed_on", "enterprise")},)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not self.errors.get("member") and given.get("member") is None and not given.get("proposer", "").strip():
            self.add_error("member", "请选择名册上的党员；不在名册上的，请填写姓名。")
        return given


class SuggestionForm(BaseForm, SuggestionFacts):
    """修改."""


class AnswerForm(BaseForm):
    adopted = forms.TypedChoiceField(
        label="答复", choices=[("1", "采纳"), ("0", "不采纳")], coerce=lambda value: value == "1",
        widget=forms.RadioSelect, initial="1",
    )  # fmt: skip
    on = forms.DateField(label="答复日期")
    answer = forms.CharField(label="答复意见", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}),
                             help_text="不采纳的须说明理由")  # fmt: skip


class EffectForm(BaseForm):
    effect = forms.CharField(label="效果", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))
    benefit = forms.DecimalField(label="效益（万元）", required=False, min_value=0, max_digits=10, decimal_places=2,
                                 help_text="没有核算的留空")  # fmt: skip


def year_end(day: datetime.date) -> datetime.date:
    """31 December of the year: by when most promises are to be kept."""
    return day.replace(month=12, day=31)
