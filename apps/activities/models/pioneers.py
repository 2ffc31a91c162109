"""What members do for the enterprise: posts, promises, suggestions."""

from __future__ import annotations

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Q

from apps.branches.models import OrgOwned
from apps.core.dated import Dated, dates_in_order
from apps.core.scoping import ScopedManager
from apps.core.versions import Versioned
from apps.enterprises.models import Enterprise
from apps.enterprises.models.enterprise import Days, Identity
from apps.members.models import Member

from ..kinds import PledgeState, PostKind, SuggestionState
from ..querysets import PioneerPostQuerySet, PledgeQuerySet, PostMemberQuerySet, SuggestionQuerySet


@pghistory.track()
class PioneerPost(Versioned, Dated, OrgOwned):
    """责任区, 先锋岗, 评比台, 攻坚队, 技术革新, 互助队 of a branch, from a date until a date, with its members."""

    kind = models.CharField("类别", max_length=12, choices=PostKind.choices())
    name = models.CharField("名称", max_length=80)
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, null=True, blank=True, related_name="+",
                                   verbose_name="所在企业")  # fmt: skip
    place = models.CharField("岗位（区域）", max_length=80, blank=True)
    duty = models.CharField("职责（内容）", max_length=300, blank=True)
    result = models.CharField("成效", max_length=300, blank=True)
    ended_reason = models.CharField("撤销原因", max_length=100, blank=True)

    objects = ScopedManager.from_queryset(PioneerPostQuerySet)()

    class Meta:
        verbose_name = "先锋岗"
        ordering = ["org_path", "kind", "id"]
        constraints = [dates_in_order("pioneer_post_dates")]
        indexes = [
            models.Index(fields=["org_path", "id"], name="pioneer_post_in_tree_order"),
            models.Index(fields=["kind"], condition=Q(until__isnull=True), name="pioneer_post_live"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/pioneer-posts/{self.pk}/"


@pghistory.track()
class PostMember(Dated, OrgOwned):
    """A member at a pioneer post, from a date until a date. Of a member who has left the branch the seat is vacant."""

    post = models.ForeignKey(PioneerPost, models.CASCADE, related_name="holders", verbose_name="先锋岗")
    member = models.ForeignKey(Member, models.PROTECT, related_name="pioneer_posts", verbose_name="党员")
    leads = models.BooleanField("负责人", default=False)

    objects = ScopedManager.from_queryset(PostMemberQuerySet)()

    class Meta:
        verbose_name = "先锋岗成员"
        ordering = ["-leads", "id"]
        constraints = [
            dates_in_order("pioneer_seat_dates"),
            ExclusionConstraint(
                name="one_seat_per_post",
                expressions=[
                    (Identity("post"), RangeOperators.OVERLAPS),
                    (Identity("member"), RangeOperators.OVERLAPS),
                    (Days("since", "until"), RangeOperators.OVERLAPS),
                ],
                violation_error_message="这名党员已在这个岗上。",
            ),
        ]


@pghistory.track()
class Pledge(Versioned, OrgOwned):
    """公开承诺 of a member: 承诺 → 进展 → 验收. `progress` is what was noted on the way, each note with its day."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="pledges", verbose_name="党员")
    post = models.ForeignKey(PioneerPost, models.PROTECT, null=True, blank=True, related_name="pledges",
                             verbose_name="先锋岗")  # fmt: skip
    content = models.CharField("承诺事项", max_length=300)
    made_on = models.DateField("承诺日期")
    due_on = models.DateField("兑现期限")
    state = models.CharField("状态", max_length=8, choices=PledgeState.choices(), default=PledgeState.PROMISED.value)
    progress = models.JSONField("进展", default=list, blank=True)
    verified_on = models.DateField("验收日期", null=True, blank=True)
    verified_by_name = models.CharField("验收人", max_length=50, blank=True)
    verdict = models.CharField("验收意见", max_length=300, blank=True)

    objects = ScopedManager.from_queryset(PledgeQuerySet)()

    class Meta:
        verbose_name = "公开承诺"
        ordering = ["-made_on", "-id"]
        indexes = [models.Index(fields=["org_path", "id"], name="pledge_in_tree_order")]

    def __str__(self) -> str:
        return self.content

    def get_absolute_url(self) -> str:
        return f"/pledges/{self.pk}/"


@pghistory.track()
class Suggestion(Versioned, OrgOwned):
    """合理化建议: 提出 → 采纳 → 效果. `benefit` is what it brought, in 万元, where somebody reckoned it."""

    member = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="党员")
    proposer = models.CharField("提出人", max_length=50)
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, null=True, blank=True, related_name="+",
                                   verbose_name="企业")  # fmt: skip
    content = models.CharField("建议内容", max_length=500)
    proposed_on = models.DateField("提出日期")
    state = models.CharField(
        "状态", max_length=9, choices=SuggestionState.choices(), default=SuggestionState.PROPOSED.value
    )
    decided_on = models.DateField("答复日期", null=True, blank=True)
    answer = models.CharField("答复", max_length=300, blank=True)
    effect = models.CharField("效果", max_length=300, blank=True)
    benefit = models.DecimalField("效益（万元）", max_digits=10, decimal_places=2, null=True, blank=True)

    objects = ScopedManager.from_queryset(SuggestionQuerySet)()

    class Meta:
        verbose_name = "合理化建议"
        ordering = ["-proposed_on", "-id"]
        indexes = [models.Index(fields=["org_path", "id"], name="suggestion_in_tree_order")]

    def __str__(self) -> str:
        return self.content[:40]

    def get_absolute_url(self) -> str:
        return f"/suggestions/{self.pk}/"
