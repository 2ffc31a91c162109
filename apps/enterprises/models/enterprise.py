"""The enterprise and its dated condition."""

from __future__ import annotations

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from apps.branches.models import Grams, OrgOwned
from apps.core.dated import Dated, DatedQuerySet, Days, Identity, dates_in_order
from apps.core.scoping import ScopedManager, ScopedModel
from apps.core.versions import Versioned

from ..kinds import Attitude, DatePrecision, PoliticalStatus, Scale, Status, UnbuiltReason, UnitKind
from ..querysets import EnterpriseQuerySet
from ..rules import Industry
from .places import Building, Park


@pghistory.track(exclude=["grams"])
class Enterprise(Versioned, OrgOwned):
    """An enterprise or social organisation of a park: who it is and where. Never deleted.

    `org` is the organisation responsible for Party work there today: its own branch, the joint branch, the
    branch in charge of its building, else the park committee. What can be counted about it (status, staff,
    members, 三有) is in the dated `Condition` rows, so that every past day can be counted again.
    """

    kind = models.CharField("单位类别", max_length=20, choices=UnitKind.choices(), default=UnitKind.ENTERPRISE.value)
    name = models.CharField("企业名称", max_length=120)
    initials = models.CharField("拼音首字母", max_length=60, blank=True)
    grams = models.GeneratedField(
        expression=Grams(F("name"), F("initials")), output_field=ArrayField(models.TextField()), db_persist=True
    )
    credit_code = models.CharField("统一社会信用代码", max_length=18, null=True, blank=True, unique=True,
                                   error_messages={"unique": "这个统一社会信用代码已登记。"})  # fmt: skip
    park = models.ForeignKey(Park, models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
                             verbose_name="园区")  # fmt: skip
    building = models.ForeignKey(Building, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="楼栋")
    room = models.CharField("门牌（室）", max_length=30, blank=True)
    address = models.CharField("注册地址", max_length=200, blank=True)
    province = models.CharField("所在省份", max_length=20, blank=True)
    city = models.CharField("地区", max_length=20, blank=True)
    registered_on = models.DateField("注册日期", null=True, blank=True)
    registered_precision = models.CharField("注册日期精度", max_length=5, choices=DatePrecision.choices(),
                                            default=DatePrecision.DAY.value)  # fmt: skip
    arrived_on = models.DateField("入驻日期", null=True, blank=True)
    ownership = models.CharField("企业类型", max_length=60, blank=True)
    industry = models.CharField("行业门类", max_length=1, choices=Industry.choices(), blank=True)
    scale = models.CharField("规模", max_length=10, choices=Scale.choices(), blank=True)
    above_scale = models.BooleanField("规上企业", default=False)
    capital = models.DecimalField("注册资金（万元）", max_digits=16, decimal_places=4, null=True, blank=True)
    capital_text = models.CharField("注册资金原文", max_length=60, blank=True)
    business_scope = models.TextField("经营范围", blank=True)
    leader_name = models.CharField("出资人（负责人）", max_length=50, blank=True)
    leader_status = models.CharField("负责人政治面貌", max_length=2, choices=PoliticalStatus.choices(), blank=True)
    contact_name = models.CharField("联系人", max_length=50, blank=True)
    contact_phone = models.CharField("联系电话", max_length=20, blank=True)
    attitude = models.CharField("企业主认同度", max_length=10, choices=Attitude.choices(), blank=True)
    venue_area = models.PositiveIntegerField("党组织活动场所（㎡）", null=True, blank=True)
    party_funds = models.DecimalField("年度党建经费（元）", max_digits=12, decimal_places=2, null=True, blank=True)
    sync_planned_on = models.DateField("筹建同步组建", null=True, blank=True)
    sync_recruited_on = models.DateField("招工同步引进党员", null=True, blank=True)
    sync_founded_on = models.DateField("投产同步成立党组织", null=True, blank=True)
    remark = models.CharField("备注", max_length=300, blank=True)

    objects = ScopedManager.from_queryset(EnterpriseQuerySet)()

    class Meta:
        verbose_name = "企业"
        ordering = ["org_path", "id"]
        indexes = [
            models.Index(fields=["org_path", "id"], name="enterprise_in_tree_order"),
            models.Index(fields=["park", "id"], name="enterprise_by_park"),
            GinIndex(fields=["grams"], name="enterprise_by_grams"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/enterprises/{self.pk}/"


def _at_most(part: str, message: str) -> models.CheckConstraint:
    """The database constraint that a part of the staff is not larger than the staff."""
    return models.CheckConstraint(
        condition=Q(**{f"{part}__isnull": True}) | Q(**{f"{part}__lte": F("staff")}),
        name=f"condition_{part}", violation_error_message=message,
    )  # fmt: skip


@pghistory.track()
class Condition(Dated, ScopedModel):
    """What can be counted about an enterprise, from a date until a date: one row without gap follows another.

    Numbers are persons. `formal_members` are 正式党员 whose relation is here; `members_elsewhere` work here
    while their relation is not. The three flags of 三有: premises, staff, operations.
    """

    scope_lookup = "enterprise__org_path"

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="conditions", db_index=False,
                                   verbose_name="企业")  # fmt: skip
    status = models.CharField("经营状态", max_length=10, choices=Status.choices(), default=Status.OPERATING.value)
    checked_on = models.DateField("核查日期", null=True, blank=True)
    has_premises = models.BooleanField("有固定经营场所", default=True)
    has_operations = models.BooleanField("有生产经营活动", default=True)
    staff = models.PositiveIntegerField("职工数", default=0)
    staff_under_35 = models.PositiveIntegerField("35岁以下职工", null=True, blank=True)
    staff_college = models.PositiveIntegerField("大专以上职工", null=True, blank=True)
    formal_members = models.PositiveIntegerField("正式党员", default=0)
    probationary_members = models.PositiveIntegerField("预备党员", default=0)
    members_elsewhere = models.PositiveIntegerField("关系未转入党员", default=0)
    applicants = models.PositiveIntegerField("入党申请人和积极分子", default=0)
    unbuilt_reason = models.CharField("未建党组织原因", max_length=20, choices=UnbuiltReason.choices(), blank=True)
    unbuilt_note = models.CharField("未建原因说明", max_length=200, blank=True)
    source = models.CharField("来源", max_length=30, blank=True, help_text="登记、导入、或某期摸底")
    recorded_at = models.DateTimeField(db_default=Now())

    objects = ScopedManager.from_queryset(DatedQuerySet)()

    class Meta:
        verbose_name = "企业情况"
        ordering = ["-since"]
        constraints = [
            dates_in_order("condition_dates"),
            ExclusionConstraint(
                name="one_condition_a_day",
                expressions=[
                    (Identity("enterprise"), RangeOperators.OVERLAPS),
                    (Days("since", "until"), RangeOperators.OVERLAPS),
                ],
                violation_error_message="同一企业同一天只能有一条情况记录。",
            ),
            _at_most("staff_under_35", "35岁以下职工不能多于职工数。"),
            _at_most("staff_college", "大专以上职工不能多于职工数。"),
        ]
        indexes = [models.Index(fields=["enterprise", "since"], name="condition_by_enterprise")]

    def __str__(self) -> str:
        return f"{self.since:%Y-%m-%d} {self.get_status_display()}"
