"""Members whose work and relation are in different places: 流动党员, 双重管理, contacts, visitors, lost contact."""

from __future__ import annotations

import datetime

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from apps.branches.models import OrgOwned, Shared
from apps.core.dated import Dated, dates_in_order
from apps.core.scoping import ScopedManager
from apps.core.versions import Versioned
from apps.enterprises.models import Enterprise
from apps.enterprises.models.enterprise import Days, Identity

from ..kinds import ContactMethod, Direction, LostOutcome, LostStage, MobileReason
from ..querysets import AgreementQuerySet, ContactQuerySet, LostContactQuerySet, MobileQuerySet
from .member import Member


@pghistory.track()
class MobileRecord(Versioned, Dated, Shared):
    """流动党员 out of or into `org`, from a date until the return. A person may be registered in both places.

    `other_org` or `counterpart` names the other side; dates of contact are the `ContactNote` rows.
    """

    member = models.ForeignKey(Member, models.PROTECT, related_name="mobile_records", verbose_name="党员")
    direction = models.CharField("流动方向", max_length=3, choices=Direction.choices())
    counterpart = models.CharField("对方党组织（平台外）", max_length=100, blank=True)
    place = models.CharField("流动地点", max_length=100, blank=True)
    reason = models.CharField("流动原因", max_length=14, choices=MobileReason.choices())
    card_number = models.CharField("流动党员活动证号", max_length=30, blank=True)
    reported_on = models.DateField("报到日期", null=True, blank=True)
    contact_name = models.CharField("联系人", max_length=50, blank=True)
    dues_paid_until = models.DateField("党费交至", null=True, blank=True)
    expected_return_on = models.DateField("预计返回", null=True, blank=True)
    note = models.CharField("备注", max_length=200, blank=True)

    objects = ScopedManager.from_queryset(MobileQuerySet)()

    class Meta:
        verbose_name = "流动党员"
        ordering = ["-since", "-id"]
        constraints = [
            dates_in_order("mobile_record_dates"),
            ExclusionConstraint(
                name="one_mobile_record_a_day",
                expressions=[
                    (Identity("member"), RangeOperators.OVERLAPS),
                    (Identity("org"), RangeOperators.OVERLAPS),
                    (Days("since", "until"), RangeOperators.OVERLAPS),
                ],
                violation_error_message="这名党员在这段时间已登记流动。",
            ),
        ]
        indexes = [
            models.Index(fields=["org_path", "id"], name="mobile_record_in_tree_order"),
            models.Index(fields=["other_path", "id"], name="mobile_record_by_other"),
        ]

    def __str__(self) -> str:
        return f"{self.member} {self.get_direction_display()}"

    def get_absolute_url(self) -> str:
        return f"/mobile/{self.pk}/"


@pghistory.track()
class DualAgreement(Versioned, Dated, Shared):
    """双重管理协议: `org` manages daily life, the home branch (`other_org` or `home_text`) keeps the relation.

    `enterprise` is where the person works in the care of `org`. It holds in [since, until): `until` is the expiry, or
    the day on which it was ended early with a reason. The scan is an attachment.
    """

    member = models.ForeignKey(Member, models.PROTECT, related_name="agreements", verbose_name="党员")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, null=True, blank=True, related_name="+",
                                   verbose_name="所在企业")  # fmt: skip
    number = models.CharField("协议编号", max_length=40, blank=True)
    home_text = models.CharField("关系所在党组织（平台外）", max_length=100, blank=True)
    signed_on = models.DateField("签订日期")
    contact_name = models.CharField("季度联系人", max_length=50, blank=True)
    ended_reason = models.CharField("提前终止原因", max_length=100, blank=True)
    note = models.CharField("备注", max_length=200, blank=True)

    objects = ScopedManager.from_queryset(AgreementQuerySet)()

    class Meta:
        verbose_name = "双重管理协议"
        ordering = ["-since", "-id"]
        constraints = [
            dates_in_order("dual_agreement_dates"),
            models.CheckConstraint(condition=Q(until__isnull=False), name="dual_agreement_expires",
                                   violation_error_message="请填写协议到期日期。"),
            ExclusionConstraint(
                name="one_agreement_a_day",
                expressions=[
                    (Identity("member"), RangeOperators.OVERLAPS),
                    (Identity("org"), RangeOperators.OVERLAPS),
                    (Days("since", "until"), RangeOperators.OVERLAPS),
                ],
                violation_error_message="这名党员在这段时间已有双重管理协议。",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["org_path", "id"], name="dual_agreement_in_tree_order"),
            models.Index(fields=["other_path", "id"], name="dual_agreement_by_other"),
        ]

    def __str__(self) -> str:
        return f"{self.member} {self.since:%Y-%m-%d}"

    def get_absolute_url(self) -> str:
        return f"/agreements/{self.pk}/"

    @property
    def expires_on(self) -> datetime.date:
        """`until`, which every agreement has."""
        assert self.until is not None, "a constraint of the table"
        return self.until


@pghistory.track()
class ContactNote(Versioned, OrgOwned):
    """季度联系: one contact with a member who is away or under dual management, in three short fields.

    `org` is the branch that has to keep in touch; the day of the contact decides its quarter, however late it is
    entered.
    """

    member = models.ForeignKey(Member, models.PROTECT, related_name="contacts", verbose_name="党员")
    on = models.DateField("联系日期")
    method = models.CharField("联系方式", max_length=8, choices=ContactMethod.choices())
    contact_name = models.CharField("联系人", max_length=50)
    thoughts = models.CharField("思想动态", max_length=200)
    study = models.CharField("学习情况", max_length=200)
    conduct = models.CharField("现实表现", max_length=200)
    recorded_at = models.DateTimeField("登记时间", db_default=Now())

    objects = ScopedManager.from_queryset(ContactQuerySet)()

    class Meta:
        verbose_name = "季度联系"
        ordering = ["-on", "-id"]
        indexes = [
            models.Index(fields=["member", "on"], name="contact_by_member"),
            models.Index(fields=["org_path", "on"], name="contact_by_branch"),
            models.Index(fields=["-on", "-id"], name="contact_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.member} {self.on:%Y-%m-%d}"

    def get_absolute_url(self) -> str:
        return f"/contacts/{self.pk}/"


@pghistory.track()
class Visitor(Shared):
    """A member of another organisation who takes part in the life of `org` with the 党员证.

    `other_org` is the branch of the member where it is in the portal: both sides see the visit.
    """

    member = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="visits",
                               verbose_name="党员")  # fmt: skip
    name = models.CharField("姓名", max_length=50)
    home_text = models.CharField("组织关系所在党组织", max_length=100, blank=True)
    card_number = models.CharField("党员证编号", max_length=30, blank=True)
    on = models.DateField("日期")
    purpose = models.CharField("参加的活动", max_length=100, blank=True)

    objects = ScopedManager()

    class Meta:
        verbose_name = "来访党员"
        ordering = ["-on", "-id"]
        indexes = [
            models.Index(fields=["org_path", "id"], name="visitor_in_tree_order"),
            models.Index(fields=["other_path", "id"], name="visitor_by_other"),
        ]

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class LostContact(Versioned, OrgOwned):
    """失联 case: raised after six months, again two years after the suspension. People decide, never the portal."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="lost_contacts", verbose_name="党员")
    stage = models.CharField("应办事项", max_length=14, choices=LostStage.choices())
    since = models.DateField("失去联系日期")
    opened_on = models.DateField("提出日期")
    outcome = models.CharField("处理结果", max_length=10, choices=LostOutcome.choices(), blank=True)
    decided_on = models.DateField("处理日期", null=True, blank=True)
    document = models.CharField("批准文号", max_length=60, blank=True)
    note = models.CharField("说明", max_length=300, blank=True)

    objects = ScopedManager.from_queryset(LostContactQuerySet)()

    class Meta:
        verbose_name = "失联党员"
        ordering = ["-opened_on", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["member"], condition=Q(decided_on__isnull=True), name="one_open_lost_contact",
                                    violation_error_message="这名党员已有未办结的失联事项。"),
        ]  # fmt: skip
        indexes = [models.Index(fields=["org_path", "id"], name="lost_contact_in_tree_order")]

    def __str__(self) -> str:
        return f"{self.member} {self.get_stage_display()}"

    def get_absolute_url(self) -> str:
        return f"/lost/{self.pk}/"
