"""提示单 and 积分: what is asked of branches quarter by quarter, and what members are credited with."""

from __future__ import annotations

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from apps.branches.models import OrgOwned, Shared
from apps.core.dated import Dated, dates_in_order
from apps.core.models.fields import PathField
from apps.core.scoping import ScopedManager
from apps.core.versions import Versioned
from apps.members.models import Member

from ..kinds import PointState, TipSheetState
from ..querysets import PointQuerySet, ReceiptQuerySet, TipSheetQuerySet
from .kinds import ActivityKind
from .records import Activity


@pghistory.track()
class TipSheet(Versioned, OrgOwned):
    """学习教育提示单: what `org` asks the branches below it to study and do in a quarter."""

    number = models.CharField("编号", max_length=30)
    title = models.CharField("题目", max_length=100)
    quarter = models.CharField("季度", max_length=6, help_text="如 2026Q3")
    content = models.TextField("内容", max_length=5000)
    due_on = models.DateField("完成期限")
    state = models.CharField("状态", max_length=6, choices=TipSheetState.choices(), default=TipSheetState.DRAFT.value)
    issued_on = models.DateField("下发日期", null=True, blank=True)
    closed_on = models.DateField("办结日期", null=True, blank=True)

    objects = ScopedManager.from_queryset(TipSheetQuerySet)()

    class Meta:
        verbose_name = "提示单"
        ordering = ["-quarter", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["org", "number"], name="one_tip_sheet_of_a_number",
                                    violation_error_message="这个编号已用过。"),
        ]  # fmt: skip
        indexes = [models.Index(fields=["org_path", "id"], name="tip_sheet_in_tree_order")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/tip-sheets/{self.pk}/"


@pghistory.track()
class TipSheetReceipt(Versioned, Shared):
    """A tip sheet at one branch: `org` receives, signs for it and does it; `other_org` issued it.

    It is done from the first counted record that is linked to it on, and no longer when none is.
    """

    sheet = models.ForeignKey(TipSheet, models.CASCADE, related_name="receipts", verbose_name="提示单")
    signed_at = models.DateTimeField("签收时间", null=True, blank=True)
    signed_by_name = models.CharField("签收人", max_length=100, blank=True)
    done_on = models.DateField("完成日期", null=True, blank=True)
    note = models.CharField("说明", max_length=200, blank=True)
    activities = models.ManyToManyField(
        Activity, through="TipSheetLink", related_name="receipts", verbose_name="活动记录"
    )

    objects = ScopedManager.from_queryset(ReceiptQuerySet)()

    class Meta:
        verbose_name = "提示单签收"
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["sheet", "org"], name="one_receipt_per_branch")]
        indexes = [
            models.Index(fields=["org_path", "id"], name="receipt_in_tree_order"),
            models.Index(fields=["other_path", "id"], name="receipt_by_issuer"),
        ]

    def __str__(self) -> str:
        return f"{self.sheet} {self.org}"

    def get_absolute_url(self) -> str:
        return f"/tip-sheets/receipts/{self.pk}/"


class TipSheetLink(OrgOwned):
    """A record of the branch that answers a tip sheet."""

    receipt = models.ForeignKey(TipSheetReceipt, models.CASCADE, related_name="links", verbose_name="提示单签收")
    activity = models.ForeignKey(Activity, models.CASCADE, related_name="tip_links", verbose_name="活动")
    linked_at = models.DateTimeField("关联时间", db_default=Now())

    objects = ScopedManager()

    class Meta:
        verbose_name = "提示单记录"
        constraints = [models.UniqueConstraint(fields=["receipt", "activity"], name="one_tip_sheet_link")]


@pghistory.track()
class PointRule(Versioned, Dated):
    """How many points something gives, from a date on, in the subtree of `org_path` (empty: everywhere).

    A rule with a `kind` is for taking part in it, as the branch entered it; one without is for a deed that the branch
    names. Points for signing in or for time online do not exist.
    """

    org_path = PathField("适用节点", blank=True, default="")
    org_name = models.CharField("适用范围", max_length=100, blank=True, default="")
    name = models.CharField("事项", max_length=60)
    kind = models.ForeignKey(
        ActivityKind, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="活动类别"
    )
    points = models.DecimalField("分值", max_digits=5, decimal_places=1)
    yearly_limit = models.DecimalField("每年上限", max_digits=6, decimal_places=1, null=True, blank=True)
    source = models.CharField("依据", max_length=200)
    author_name = models.CharField("设置人", max_length=100, default="系统预置")

    class Meta:
        verbose_name = "积分规则"
        ordering = ["org_path", "name", "-since"]
        constraints = [dates_in_order("point_rule_dates")]

    def __str__(self) -> str:
        return f"{self.name} {self.points}分"


@pghistory.track()
class PointEntry(Versioned, OrgOwned):
    """Points of a member: entered by the branch or following from a record, confirmed by the committee."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="points", verbose_name="党员")
    rule = models.ForeignKey(PointRule, models.PROTECT, related_name="+", verbose_name="积分事项")
    activity = models.ForeignKey(Activity, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="活动")
    on = models.DateField("日期")
    points = models.DecimalField("分值", max_digits=5, decimal_places=1)
    note = models.CharField("说明", max_length=200, blank=True)
    state = models.CharField("状态", max_length=9, choices=PointState.choices(), default=PointState.ENTERED.value)
    entered_by_name = models.CharField("登记人", max_length=100)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="登记人账号")
    decided_by_name = models.CharField("确认人", max_length=100, blank=True)
    decided_on = models.DateField("确认日期", null=True, blank=True)
    decision_note = models.CharField("确认意见", max_length=200, blank=True)

    objects = ScopedManager.from_queryset(PointQuerySet)()

    class Meta:
        verbose_name = "党员积分"
        ordering = ["-on", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["activity", "member", "rule"], condition=Q(activity__isnull=False),
                                    name="one_point_entry_per_record"),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["org_path", "id"], name="point_in_tree_order"),
            models.Index(fields=["member", "on"], name="point_by_member"),
        ]

    def __str__(self) -> str:
        return f"{self.member} {self.points}"

    def get_absolute_url(self) -> str:
        return f"/points/entries/{self.pk}/"


@pghistory.track()
class PointPublication(OrgOwned):
    """年度积分公布: the year's confirmed totals of the members of `org`, as they were published. Not a ranking.

    `lines` is [{member_id, name, branch, points}] in the order of the roster; it does not change afterwards.
    """

    year = models.PositiveSmallIntegerField("年度")
    published_on = models.DateField("公布日期")
    published_by_name = models.CharField("公布人", max_length=100)
    lines = models.JSONField("积分", default=list)

    objects = ScopedManager()

    class Meta:
        verbose_name = "积分公布"
        ordering = ["-year", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["org", "year"], name="one_point_publication_a_year",
                                    violation_error_message="这一年度的积分已公布。"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.org} {self.year}年"

    def get_absolute_url(self) -> str:
        return f"/points/publications/{self.pk}/"
