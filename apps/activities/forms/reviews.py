"""What people type about the yearly reviews: a round, the results of everybody at once, one member, a talk."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from django import forms
from django.forms import BoundField

from apps.core.forms import BaseForm, ReasonForm
from apps.enterprises.fields import optional

from ..kinds import Grade, OpinionSource, ReviewKind
from ..models import ReviewResult, ReviewRound
from ..rules.reviews import SIDES, grade_labels

UNSAID: Final = "未评"
YEARS_OFFERED: Final = 3
"""How many years back a round may be opened from the page; older ones come in by import (appearance only)."""


def years(today: datetime.date) -> list[tuple[str, str]]:
    return [(str(today.year - n), f"{today.year - n}年") for n in range(YEARS_OFFERED)]


class OpenReviewForm(BaseForm):
    """开展评议 of a branch."""

    kind = forms.ChoiceField(label="评议类别", choices=ReviewKind.choices(), widget=forms.RadioSelect)
    year = forms.TypedChoiceField(label="评议年度", coerce=int)
    held_on = forms.DateField(label="评议日期", help_text="按这一天的名册带出参加评议的党员")

    def __init__(self, *args: Any, today: datetime.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["year"].choices = years(today)  # type: ignore[attr-defined]

    def clean_kind(self) -> ReviewKind:
        return ReviewKind(self.cleaned_data["kind"])


class ReviewForm(BaseForm):
    """修改: the day, and the record of the meeting at which it was held."""

    held_on = forms.DateField(label="评议日期", help_text="改日期后按新日期的名册更新参加人员，已登记的保留")
    activity = forms.TypedChoiceField(label="会议记录", required=False, coerce=int, empty_value=None,
                                      help_text="列出评议年度内本支部的民主评议、组织生活会和党员大会记录")  # fmt: skip

    def __init__(self, *args: Any, records: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["activity"].choices = optional(list(records), "不关联")  # type: ignore[attr-defined,arg-type]


PARTS: Final[Mapping[ReviewKind, Sequence[tuple[str, str]]]] = {
    ReviewKind.DEMOCRATIC: (("grade", "等次和评语"), ("sides", "自评和互评"), ("ballot", "民主测评")),
    ReviewKind.THREE_SIDED: (("sides", "三方意见"),),
}
"""The parts in which the results of a round are entered: few fields for each member, so that a phone can follow."""


class EntryForm(BaseForm):
    """One part of the results, a line for each member; 合格 is filled in, only exceptions are changed."""

    def __init__(
        self, *args: Any, review: ReviewRound, results: Sequence[ReviewResult], part: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.part = ReviewKind(review.kind), part
        self.results = [r for r in results if not (part == "grade" and r.is_probationary)]
        for result in self.results:
            for name, field in self._fields_of(result):
                self.fields[f"{name}_{result.pk}"] = field

    def _fields_of(self, result: ReviewResult) -> Iterator[tuple[str, forms.Field]]:
        if self.part == "grade":
            yield "grade", self._steps("等次", result.grade or (not result.comment and Grade.QUALIFIED.value) or "")
            yield "comment", forms.CharField(label="评语", max_length=300, required=False, initial=result.comment,
                                             widget=forms.TextInput(attrs={"placeholder": "评语（可不填）"}))  # fmt: skip
        elif self.part == "sides":
            for side in SIDES[self.kind]:
                given = result.opinions.get(side.value)
                yield side.value, self._steps(side.label, given or ("" if result.comment else Grade.QUALIFIED.value))
        else:
            votes = result.opinions.get(OpinionSource.BALLOT.value, {})
            for grade in Grade:
                yield (
                    grade.value,
                    forms.IntegerField(
                        label=grade.label, min_value=0, max_value=9999, required=False, initial=votes.get(grade.value)
                    ),
                )

    def _steps(self, label: str, initial: str) -> forms.ChoiceField:
        choices = optional(grade_labels(self.kind), UNSAID)
        return forms.ChoiceField(label=label, choices=choices, required=False, initial=initial)

    def names(self) -> list[str]:
        """The columns of the part, as the fields of each member are called."""
        if self.part == "grade":
            return ["grade", "comment"]
        return [side.value for side in SIDES[self.kind]] if self.part == "sides" else [grade.value for grade in Grade]

    def lines(self) -> list[tuple[ReviewResult, list[BoundField]]]:
        return [(result, [self[f"{name}_{result.pk}"] for name in self.names()]) for result in self.results]

    def entries(self) -> dict[int, dict[str, Any]]:
        """What the service takes: {id of the result: facts}."""
        return {result.pk: self._facts_of(result) for result in self.results}

    def _facts_of(self, result: ReviewResult) -> dict[str, Any]:
        given = {name: self.cleaned_data[f"{name}_{result.pk}"] for name in self.names()}
        if self.part == "grade":
            return given
        if self.part == "ballot":
            votes = {name: count for name, count in given.items() if count is not None}
            given = {OpinionSource.BALLOT.value: votes}
        kept = {side: said for side, said in result.opinions.items() if side not in given}
        return {"opinions": {**kept, **{side: said for side, said in given.items() if said}}}


class ResultForm(BaseForm):
    """Everything about one member: for those of whom there is more to say."""

    grade = forms.ChoiceField(label="等次", choices=optional(Grade.choices(), UNSAID), required=False)
    comment = forms.CharField(label="评语", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}),
                              help_text="不能评定等次的，说明原因")  # fmt: skip
    assessor = forms.CharField(label="代为评议的党组织", max_length=100, required=False,
                               help_text="流动党员在流入地（流动党员党组织）参加评议时填写")  # fmt: skip
    talk_needed = forms.BooleanField(label="需要警示谈话", required=False)
    follow_up = forms.CharField(label="帮教（处置）措施", max_length=300, required=False,
                                widget=forms.Textarea(attrs={"rows": 2}),
                                help_text="基本合格的帮助提高，不合格的教育帮助、组织处置")  # fmt: skip
    follow_up_due = forms.DateField(label="帮教期限", required=False)

    def __init__(self, *args: Any, result: ReviewResult, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        three_sided = result.round.kind == ReviewKind.THREE_SIDED
        if three_sided or result.is_probationary:
            del self.fields["grade"]
        if three_sided:
            del self.fields["follow_up"], self.fields["follow_up_due"]
        else:
            del self.fields["talk_needed"]


class TalkForm(BaseForm):
    """警示谈话."""

    on = forms.DateField(label="谈话日期")
    by = forms.CharField(label="谈话人", max_length=50)
    note = forms.CharField(label="谈话内容", max_length=500, widget=forms.Textarea(attrs={"rows": 4}))


class WaiveForm(ReasonForm):
    """不谈话: why."""


class FinishForm(BaseForm):
    """帮教完成."""

    on = forms.DateField(label="完成日期")
    outcome = forms.CharField(label="结果", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class CloseForm(BaseForm):
    """办结."""

    reason = forms.CharField(label="优秀超出比例的原因", max_length=200, required=False,
                             widget=forms.Textarea(attrs={"rows": 2}))  # fmt: skip


class ReopenForm(ReasonForm):
    """重新打开."""


class WithdrawForm(BaseForm):
    """撤销: nothing to say, only to confirm."""
