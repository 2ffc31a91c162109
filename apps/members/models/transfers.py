"""组织关系转接, and the members who have left their post."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Q

from apps.branches.models import OrgOwned, Shared
from apps.core.scoping import ScopedManager
from apps.core.versions import Versioned
from apps.enterprises.models import Enterprise

from ..kinds import OPEN_TRANSFERS, DepartureReason, TransferKind, TransferState
from ..querysets import DepartureQuerySet, TransferQuerySet
from .member import Member


@pghistory.track()
class Departure(Versioned, OrgOwned):
    """离职属地管理: a member left the post in the park; open until the relation is where the person now belongs."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="departures", verbose_name="党员")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, null=True, blank=True, related_name="+",
                                   verbose_name="原所在企业")  # fmt: skip
    left_post_on = models.DateField("离职日期")
    reason = models.CharField("原因", max_length=12, choices=DepartureReason.choices())
    destination = models.CharField("去向（属地党组织）", max_length=100, blank=True)
    placed_on = models.DateField("落实日期", null=True, blank=True)
    note = models.CharField("说明", max_length=200, blank=True)

    objects = ScopedManager.from_queryset(DepartureQuerySet)()

    class Meta:
        verbose_name = "离职去向"
        ordering = ["-left_post_on", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["member"], condition=Q(placed_on__isnull=True), name="one_open_departure",
                                    violation_error_message="这名党员已登记离职，去向尚未落实。"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.member} {self.get_reason_display()}"

    def get_absolute_url(self) -> str:
        return f"/departures/{self.pk}/"


@pghistory.track()
class Transfer(Versioned, Shared):
    """组织关系转接 of one member. The portal records and reminds; it does not replace the national system.

    `org` is the sending branch, `other_org` the receiving one; for a transfer from outside the portal `org` is the
    receiving branch and `outside` names the sender, for one to the outside `outside` names the receiver. Until it
    is accepted the sending branch stays responsible (党员教育管理工作条例 第二十五条).
    """

    member = models.ForeignKey(Member, models.PROTECT, related_name="transfers", verbose_name="党员")
    kind = models.CharField("转接类型", max_length=10, choices=TransferKind.choices())
    state = models.CharField("状态", max_length=15, choices=TransferState.choices(), default=TransferState.DRAFT.value)
    outside = models.CharField("平台外党组织", max_length=100, blank=True)
    reason = models.CharField("转接原因", max_length=200, blank=True)
    dues_paid_until = models.DateField("党费交至", null=True, blank=True, help_text="所交月份的最后一天")
    requested_on = models.DateField("申请日期")
    checked_on = models.DateField("支部核实日期", null=True, blank=True)
    approved_on = models.DateField("党委批准日期", null=True, blank=True)
    letter_number = models.CharField("介绍信编号", max_length=40, blank=True)
    letter_on = models.DateField("开具日期", null=True, blank=True)
    valid_until = models.DateField("介绍信有效期至", null=True, blank=True)
    ended_on = models.DateField("接收（退回、过期）日期", null=True, blank=True)
    return_reason = models.CharField("退回原因", max_length=200, blank=True)
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, null=True, blank=True, related_name="+",
                                   verbose_name="转入后所在企业")  # fmt: skip
    departure = models.ForeignKey(Departure, models.PROTECT, null=True, blank=True, related_name="transfers",
                                  verbose_name="离职记录")  # fmt: skip
    correction = models.CharField("更正说明", max_length=100, blank=True, editable=False)
    note = models.CharField("备注", max_length=200, blank=True)

    objects = ScopedManager.from_queryset(TransferQuerySet)()

    class Meta:
        verbose_name = "组织关系转接"
        ordering = ["-requested_on", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["member"], condition=Q(state__in=[s.value for s in OPEN_TRANSFERS]),
                                    name="one_open_transfer",
                                    violation_error_message="这名党员的组织关系正在转接，不能再次发起。"),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["org_path", "id"], name="transfer_by_sender"),
            models.Index(fields=["other_path", "id"], name="transfer_by_receiver"),
        ]

    def __str__(self) -> str:
        return f"{self.member} {self.get_state_display()}"

    def get_absolute_url(self) -> str:
        return f"/transfers/{self.pk}/"
