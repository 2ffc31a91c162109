"""What is typed about a vote: who voted is ticked already, the portal knows the rest but the totals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django import forms

from apps.branches.models import PartyOrg
from apps.branches.rules.voting import VoteKind
from apps.core.forms import BaseForm, ReasonForm
from apps.members.fields import MemberChoiceField
from apps.members.models import Member

from ..rules.votes import SECRET
from ..services.votes import NUMBERS, Ballot, Electorate

OPEN, BY_BALLOT = "open", "secret"


def number(label: str, help_text: str = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label, min_value=0, max_value=9999, required=False, help_text=help_text,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip


class VoteForm(BaseForm):
    """登记表决. The kinds of matter are those that the meeting may decide."""

    kind = forms.ChoiceField(label="表决事项类别")
    matter = forms.CharField(label="表决事项", max_length=150)
    person = forms.CharField(
        label="涉及的人", max_length=30, required=False, help_text="接收预备党员时填写姓名，一次一人"
    )
    member = MemberChoiceField(label="涉及的党员", required=False, help_text="转正、延长或取消预备期时选择，一次一人")
    ballot = forms.ChoiceField(
        label="表决方式", choices=[(OPEN, "举手等公开方式"), (BY_BALLOT, "无记名投票")], initial=OPEN, required=False,
        widget=forms.RadioSelect(attrs={"class": "choice-tiles"}),
    )  # fmt: skip
    voters = forms.MultipleChoiceField(
        label="参加表决的", required=False, widget=forms.CheckboxSelectMultiple(),
        help_text="到会的已勾选；只记谁参加了表决，不记谁投了什么票",
    )  # fmt: skip
    unfiled = number("名册外的委员参加表决")
    yes = number("赞成")
    no = number("反对")
    abstained = number("弃权")
    written_yes = number("书面意见赞成", "未到会、会前送达的书面意见")
    written_no = number("书面意见反对")
    left_out = number("不计入应到会的人数", "如留党察看期间的；须有上级党组织批准")
    left_out_reason = forms.CharField(label="不计入的原因和批准", max_length=200, required=False)

    ABOUT: Final = ("person", "member", "written_yes", "written_no")
    """What only an admission asks."""

    def __init__(
        self, *args: Any, kinds: Sequence[VoteKind], electorate: Electorate, orgs: Sequence[PartyOrg], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.electorate = electorate
        self.fields["kind"].choices = [(kind.value, kind.label) for kind in kinds]
        self.fields["voters"].choices = [(str(member.pk), self._called(member)) for member in electorate.members]
        if len(orgs) > 1:
            self.fields["org"] = forms.TypedChoiceField(
                label="党支部", choices=[(str(org.pk), str(org)) for org in orgs],
                coerce={str(org.pk): org for org in orgs}.get,
            )  # fmt: skip
        if VoteKind.ADMISSION not in kinds:
            for name in self.ABOUT:
                del self.fields[name]
        if electorate.unfiled:
            self.fields["unfiled"].help_text = "、".join(electorate.unfiled)
        else:
            del self.fields["unfiled"]
        self.fieldsets = (
            {"title": "表决什么", "fields": ("org", "kind", "matter", "ballot")},
            {"title": "涉及的人（接收预备党员、转正、延长或取消预备期）", "folds": True, "fields": ("person", "member")},
            {"title": "票数", "fields": ("yes", "no", "abstained", "unfiled")},
            {"title": "书面意见和不计入的", "folds": True,
             "fields": ("written_yes", "written_no", "left_out", "left_out_reason")},
            {"title": "谁参加了表决", "fields": ("voters",)},
        )  # fmt: skip

    def _called(self, member: Member) -> str:
        return member.name if member.pk in self.electorate.there else f"{member.name}（缺席）"

    def ballot_of(self) -> Ballot:
        """The vote as the service takes it. Admissions and elections are secret whatever was left unsaid."""
        given = self.cleaned_data
        facts = {name: given.get(name) or 0 for name in NUMBERS}
        said = given.get("ballot") or (BY_BALLOT if given["kind"] in SECRET else OPEN)
        return Ballot(
            facts={
                **facts, "kind": given["kind"], "matter": given.get("matter", ""), "member": given.get("member"),
                "is_secret": said == BY_BALLOT, "left_out_reason": given.get("left_out_reason", ""),
            },
            voters=[int(pk) for pk in given.get("voters", ())], unfiled=given.get("unfiled") or 0,
            person=given.get("person", ""),
        )  # fmt: skip


class FollowUpForm(BaseForm):
    """登记落实事项."""

    content = forms.CharField(label="事项", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))
    owner_name = forms.CharField(label="责任人", max_length=50, help_text="姓名或单位")
    due_on = forms.DateField(label="完成期限")


class FinishForm(BaseForm):
    """办结."""

    on = forms.DateField(label="完成日期")
    result = forms.CharField(label="落实情况", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class DropForm(ReasonForm):
    """删除登记有误的."""
