"""What people type about terms of office and the steps of an election."""

from __future__ import annotations

from typing import Any

from django import forms

from apps.core.forms import BaseForm

from ..headcount import Voters
from ..models import Election
from ..rules.elections import CandidatePost, ExclusionReason, Meeting
from ..services.election_steps import seats_of
from ..services.votes import PEOPLE, Exclusion, VoteRecord, WrittenIn

WRITTEN_IN_LINES = 3
"""How many lines for people whom voters wrote in a form offers (appearance only)."""
EVERYBODY_TOGETHER = 100_000


def _reason(label: str = "情况说明", help_text: str = "规则要求说明原因时填写") -> forms.CharField:
    return forms.CharField(label=label, max_length=300, required=False, widget=forms.Textarea, help_text=help_text)


def _count(label: str, **kwargs: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=0, max_value=EVERYBODY_TOGETHER, **kwargs)


class TermForm(BaseForm):
    """登记 or 更正 one term."""

    number = forms.IntegerField(label="届次", min_value=1, max_value=200, help_text="第几届，只填数字")
    since = forms.DateField(label="起始日期", help_text="一般为选举产生之日")
    expires_on = forms.DateField(label="届满日期", required=False, help_text="从这一天起任期已满；留空按任期规定推算")
    expiry_reason = forms.CharField(
        label="届满日期调整原因", max_length=200, required=False, help_text="与规定的任期不同时填写"
    )
    until = forms.DateField(label="终止日期", required=False, help_text="现届留空；下一届开始时自动终止")
    seats = forms.IntegerField(
        label="委员人数", min_value=0, max_value=100, required=False, help_text="不设委员会的填0"
    )
    result_document = forms.CharField(label="选举结果报告文号", max_length=60, required=False)
    approval_document = forms.CharField(label="批准文号", max_length=60, required=False)
    note = forms.CharField(label="备注", max_length=300, required=False, widget=forms.Textarea)

    fieldsets = (
        {"title": "任期", "fields": ("number", "since", "expires_on", "expiry_reason", "until")},
        {"title": "选举结果", "fields": ("seats", "result_document", "approval_document", "note")},
    )


class PlanForm(BaseForm):
    """制定换届计划."""

    number = forms.IntegerField(label="选举产生第几届", min_value=1, max_value=200)
    planned_on = forms.DateField(label="计划选举日期")
    meeting = forms.ChoiceField(label="选举方式", choices=Meeting.choices())
    seats = forms.IntegerField(
        label="应选委员名额", min_value=0, max_value=100, help_text="不设委员会的填0，由大会直接选举书记"
    )
    deputies = forms.IntegerField(label="副书记名额", min_value=0, max_value=5, help_text="不设的填0")
    reason = _reason()

    fieldsets = ({"title": "", "fields": ("number", "planned_on", "meeting", "seats", "deputies", "reason")},)


class StepFields(forms.Form):
    """The day of a step and the document behind it."""

    on = forms.DateField(label="日期")
    document = forms.CharField(label="文号", max_length=60, required=False)


class RequestForm(BaseForm, StepFields):
    """请示上级."""

    reason = _reason()

    fieldsets = ({"title": "", "fields": ("on", "document", "reason")},)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].label, self.fields["document"].label = "请示日期", "请示文号"


class ConsentForm(BaseForm, StepFields):
    """上级批复."""

    timing_document = forms.CharField(label="提前（延期）换届批准文号", max_length=60, required=False)
    reason = _reason()

    fieldsets = ({"title": "", "fields": ("on", "document", "timing_document", "reason")},)

    def __init__(self, *args: Any, timing: str, **kwargs: Any) -> None:
        """`timing` says why the day needs approval of its own; empty when it does not."""
        super().__init__(*args, **kwargs)
        self.fields["on"].label, self.fields["document"].label = "批复日期", "批复文号"
        self.fields["document"].required = True
        if timing:
            self.fields["timing_document"].help_text = timing
            self.fields["timing_document"].required = True
        else:
            del self.fields["timing_document"]


class NotifyForm(BaseForm):
    """确定候选人, and when the members meet."""

    on = forms.DateField(label="通知日期")
    planned_on = forms.DateField(label="大会日期")
    notice = forms.CharField(label="通知内容", max_length=300, required=False, widget=forms.Textarea,
                             help_text="时间、地点、议程等")  # fmt: skip
    reason = _reason()

    def __init__(self, *args: Any, election: Election, least: int, **kwargs: Any) -> None:
        """`least`: how many candidates the committee needs for a choice."""
        super().__init__(*args, **kwargs)
        posts = seats_of(election)
        for post, seats in posts.items():
            hint = f"每行一名；应选{seats}名"
            if post is CandidatePost.MEMBER:
                hint += f"，差额选举至少{least}名候选人"
            names = [each.name for each in election.candidates.filter(post=post, is_nominated=True)]
            self.fields[post.value] = forms.CharField(
                label=f"{post.label}候选人", widget=forms.Textarea(attrs={"rows": max(seats + 1, 3)}), help_text=hint,
                max_length=2000, initial="\n".join(names),
            )  # fmt: skip
        self.posts = tuple(posts)
        self.fieldsets = (
            {"title": "通知", "fields": ("on", "planned_on", "notice")},
            {"title": "候选人", "fields": (*(post.value for post in posts), "reason")},
        )

    def facts(self) -> dict[str, Any]:
        found = super().facts()
        found["candidates"] = {post: found.pop(post.value).splitlines() for post in self.posts}
        return found


class VoteForm(BaseForm):
    """The vote record: totals only. One line for each candidate and for each group that may be left out."""

    held_on = forms.DateField(label="选举日期")
    chair = forms.CharField(label="主持人", max_length=50, required=False)
    scrutineers = forms.CharField(label="监票人", max_length=100, required=False)
    tellers = forms.CharField(label="计票人", max_length=100, required=False)
    timing_document = forms.CharField(label="提前（延期）换届批准文号", max_length=60, required=False,
                                      help_text="批复中没有，而选举日期早于或晚于规定时间的，填写上级批准的文号")  # fmt: skip
    voters = _count("正式党员人数")
    present = _count("实到人数", help_text="到会有表决权的党员；预备党员没有表决权")
    issued = _count("发出选票")
    returned = _count("收回选票", help_text="多于发出的选票，选举无效")
    valid = _count("有效票")
    reason = _reason()

    def __init__(self, *args: Any, election: Election, known: Voters, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.election, self.known = election, known
        if election.meeting == Meeting.CONGRESS:
            self.fields["voters"].label = "应到代表人数"
        self.fields["voters"].help_text = known.source
        if election.timing_document:
            del self.fields["timing_document"]
        self.candidates = list(election.candidates.filter(is_nominated=True))
        self.fieldsets = (
            {"title": "大会", "fields": ("held_on", "chair", "scrutineers", "tellers", "timing_document")},
            {"title": "应到会有表决权人数", "fields": ("voters",)},
            {"title": "不计入应到会人数", "folds": True, "fields": self._exclusion_fields(),
             "note": "经上级同意并由大会通过，下列人员可以不计入应到会人数；只填人数，不填姓名。"},
            {"title": "选票", "fields": ("present", "issued", "returned", "valid")},
            {"title": "得票", "fields": self._vote_fields(), "note": "无记名投票，只记总数。得票超过实到人数一半的当选。"},
            {"title": "另选他人", "folds": True, "fields": self._written_in_fields(),
             "note": "选票上另选了候选人以外的人时填写。"},
            {"title": "再次投票", "folds": True, "fields": self._runoff_fields(),
             "note": "得票相等、不能确定当选人时，对票数相等的人再次投票后填写。"},
            {"title": "", "fields": ("reason",)},
        )  # fmt: skip

    def _exclusion_fields(self) -> tuple[str, ...]:
        known = {each.reason: each for each in self.election.exclusions.all()}
        names = []
        for reason in ExclusionReason:
            people, document = f"people_{reason.value}", f"document_{reason.value}"
            before = known.get(reason.value)
            self.fields[people] = _count(reason.label, required=False, initial=before and before.people)
            self.fields[document] = forms.CharField(
                label="同意或决定的文号", max_length=60, required=False, initial=before and before.document
            )
            names += [people, document]
        return tuple(names)

    def _vote_fields(self) -> tuple[str, ...]:
        for each in self.candidates:
            label = f"{each.name}（{each.get_post_display()}）得赞成票"
            self.fields[f"votes_{each.pk}"] = _count(label, initial=each.votes)
        return tuple(f"votes_{each.pk}" for each in self.candidates)

    def _runoff_fields(self) -> tuple[str, ...]:
        for each in self.candidates:
            label = f"{each.name}再次投票得票"
            self.fields[f"runoff_{each.pk}"] = _count(label, required=False, initial=each.runoff)
        return tuple(f"runoff_{each.pk}" for each in self.candidates)

    def _written_in_fields(self) -> tuple[str, ...]:
        known = list(self.election.candidates.filter(is_nominated=False))
        posts = [(post.value, post.label) for post in seats_of(self.election)]
        names: list[str] = []
        for line in range(max(WRITTEN_IN_LINES, len(known))):
            before = known[line] if line < len(known) else None
            self.fields[f"other_{line}"] = forms.CharField(
                label="姓名", max_length=50, required=False, initial=before and before.name
            )
            self.fields[f"other_votes_{line}"] = _count("得票", required=False, initial=before and before.votes)
            self.fields[f"other_runoff_{line}"] = _count(
                "再次投票得票", required=False, initial=before and before.runoff
            )
            names += [f"other_{line}", f"other_votes_{line}", f"other_runoff_{line}"]
            if len(posts) > 1:
                self.fields[f"other_post_{line}"] = forms.ChoiceField(
                    label="职务", choices=posts, required=False, initial=before and before.post
                )
                names.append(f"other_post_{line}")
        self.lines = max(WRITTEN_IN_LINES, len(known))
        return tuple(names)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for line in range(self.lines):
            if data.get(f"other_{line}") and data.get(f"other_votes_{line}") is None:
                self.add_error(f"other_votes_{line}", "请填写得票数。")
        return data

    def vote(self) -> VoteRecord:
        """What was typed, as the service takes it."""
        data = self.cleaned_data
        only = next(iter(seats_of(self.election)))
        return VoteRecord(
            held_on=data["held_on"], voters=data["voters"], voters_source=self._source(data["voters"]),
            present=data["present"], issued=data["issued"], returned=data["returned"], valid=data["valid"],
            people={name: data[name] for name in PEOPLE},
            exclusions=[
                Exclusion(reason, data[f"people_{reason.value}"] or 0, data[f"document_{reason.value}"])
                for reason in ExclusionReason
            ],
            votes={each.pk: (data[f"votes_{each.pk}"], data[f"runoff_{each.pk}"]) for each in self.candidates},
            written_in=[
                WrittenIn(CandidatePost(data.get(f"other_post_{line}") or only), data[f"other_{line}"],
                          data[f"other_votes_{line}"], data[f"other_runoff_{line}"])
                for line in range(self.lines) if data[f"other_{line}"]
            ],
        )  # fmt: skip

    def _source(self, voters: int) -> str:
        if self.election.meeting == Meeting.CONGRESS:
            return "按当选代表人数填写"
        if self.known.formal is None:
            return "按实际人数填写"
        return self.known.source if voters == self.known.formal else f"按实际人数填写（名册为{self.known.formal}人）"


class ReportForm(BaseForm, StepFields):
    """报告选举结果, with whom the new committee elected 书记 and 副书记."""

    reason = _reason()

    def __init__(self, *args: Any, election: Election, won: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].label, self.fields["document"].label = "报告日期", "选举结果报告文号"
        names = [(name, name) for name in won]
        if election.seats:
            self.fields["secretary"] = forms.ChoiceField(label="委员会选举的书记", choices=[("", "请选择"), *names])
            if election.deputies:
                self.fields["deputies"] = forms.MultipleChoiceField(
                    label=f"委员会选举的副书记（{election.deputies}名）", choices=names, required=False,
                    widget=forms.CheckboxSelectMultiple,
                )  # fmt: skip
        self.fieldsets = ({"title": "", "fields": ("on", "document", "secretary", "deputies", "reason")},)


class ApproveForm(BaseForm, StepFields):
    """上级批准: the new term begins."""

    since = forms.DateField(label="新一届起始日期", help_text="一般为选举产生之日")
    expires_on = forms.DateField(label="届满日期", required=False, help_text="留空按任期规定推算")
    expiry_reason = forms.CharField(
        label="届满日期调整原因", max_length=200, required=False, help_text="与规定的任期不同时填写"
    )

    fieldsets = (
        {"title": "批准", "fields": ("on", "document")},
        {"title": "新一届", "fields": ("since", "expires_on", "expiry_reason")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].label, self.fields["document"].label = "批准日期", "批准文号"
        self.fields["document"].required = True


class SendBackForm(BaseForm):
    """退回."""

    reason = forms.CharField(label="退回意见", max_length=300, widget=forms.Textarea)


class CancelForm(BaseForm):
    """取消."""

    on = forms.DateField(label="取消日期")
    reason = forms.CharField(label="取消原因", max_length=300, widget=forms.Textarea)
