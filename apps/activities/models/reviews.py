"""三评议 and 民主评议党员: the year's opinion of each member, from each side."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Q

from apps.branches.models import OrgOwned
from apps.core.scoping import ScopedManager
from apps.core.versions import Versioned
from apps.members.models import Member

from ..kinds import Grade, ReviewKind, ReviewState
from ..querysets import ReviewQuerySet, ReviewResultQuerySet
from .records import Activity


@pghistory.track()
class ReviewRound(Versioned, OrgOwned):
    """A branch's review of its members in a year. `activity` is the meeting at which it was held."""

    kind = models.CharField("评议类别", max_length=12, choices=ReviewKind.choices())
    year = models.PositiveSmallIntegerField("年度")
    held_on = models.DateField("评议日期")
    activity = models.ForeignKey(
        Activity, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="会议记录"
    )
    state = models.CharField("状态", max_length=6, choices=ReviewState.choices(), default=ReviewState.OPEN.value)
    excess_reason = models.CharField("优秀超出比例的原因", max_length=200, blank=True)
    closed_on = models.DateField("办结日期", null=True, blank=True)

    objects = ScopedManager.from_queryset(ReviewQuerySet)()

    class Meta:
        verbose_name = "党员评议"
        ordering = ["-year", "org_path", "id"]
        constraints = [
            models.UniqueConstraint(fields=["org", "year", "kind"], name="one_review_a_year",
                                    violation_error_message="这个党支部本年度已有这项评议。"),
        ]  # fmt: skip
        indexes = [models.Index(fields=["org_path", "id"], name="review_in_tree_order")]

    def __str__(self) -> str:
        return f"{self.org} {self.year}年{self.get_kind_display()}"

    def get_absolute_url(self) -> str:
        return f"/reviews/{self.pk}/"


@pghistory.track()
class ReviewResult(Versioned, OrgOwned):
    """What a review found about a member: the opinions of the sides, the grade, and the talk where one is due.

    `opinions` is {source: grade}; ballots are totals ({grade: count} under `ballot`), never who voted what. A
    probationary member takes part and gets no grade.
    """

    round = models.ForeignKey(ReviewRound, models.CASCADE, related_name="results", verbose_name="评议")
    member = models.ForeignKey(Member, models.PROTECT, related_name="review_results", verbose_name="党员")
    is_probationary = models.BooleanField("预备党员", default=False)
    opinions = models.JSONField("各方意见", default=dict, blank=True)
    grade = models.CharField("等次", max_length=11, choices=Grade.choices(), blank=True)
    comment = models.CharField("评语", max_length=300, blank=True)
    assessor = models.CharField("代为评议的党组织", max_length=100, blank=True, help_text="流动党员在流入地评议时填写")
    talk_needed = models.BooleanField("需警示谈话", default=False)
    talked_on = models.DateField("谈话日期", null=True, blank=True)
    talked_by = models.CharField("谈话人", max_length=50, blank=True)
    talk_note = models.CharField("谈话内容", max_length=500, blank=True)
    follow_up = models.CharField("帮教（处置）措施", max_length=300, blank=True)
    follow_up_due = models.DateField("帮教期限", null=True, blank=True)
    follow_up_done_on = models.DateField("帮教完成日期", null=True, blank=True)
    follow_up_result = models.CharField("帮教结果", max_length=300, blank=True)

    objects = ScopedManager.from_queryset(ReviewResultQuerySet)()

    class Meta:
        verbose_name = "评议结果"
        ordering = ["round", "id"]
        constraints = [
            models.UniqueConstraint(fields=["round", "member"], name="one_result_per_member"),
            models.CheckConstraint(condition=Q(is_probationary=False) | Q(grade=""), name="no_grade_for_probationary",
                                   violation_error_message="预备党员参加评议，不评定等次。"),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["org_path", "id"], name="review_result_in_tree"),
            models.Index(fields=["member"], name="review_result_by_member"),
        ]

    def __str__(self) -> str:
        return f"{self.member}：{self.round}"

    def get_absolute_url(self) -> str:
        return f"/reviews/results/{self.pk}/"
