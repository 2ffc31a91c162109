"""What the office may extend: kinds of activity, their forms, and what is required of whom."""

from __future__ import annotations

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.branches.rules import OrgKind
from apps.core.dated import Dated, dates_in_order
from apps.core.models.fields import PathField
from apps.core.versions import Versioned

from ..kinds import Audience, Book, DutyCondition, DutySubject, Rhythm, Weight
from ..querysets import RequirementQuerySet


@pghistory.track()
class ActivityKind(Versioned, models.Model):
    """A kind of activity, for the whole portal. The built-in ones follow the regulations; the office adds others.

    `audience` says who is expected, `book` where the record is bound, `study_hours` how many 学时 an hour and a half
    or a day of it usually is (pre-filled, never forced). A kind that is no longer used is switched off, not deleted.
    """

    code = models.CharField("代码", max_length=30, unique=True)
    name = models.CharField("名称", max_length=30, unique=True)
    audience = models.CharField("应参加人员", max_length=10, choices=Audience.choices())
    book = models.CharField("归入", max_length=12, choices=Book.choices())
    study_hours = models.DecimalField("默认学时", max_digits=4, decimal_places=1, default=0)
    order = models.PositiveSmallIntegerField("次序", default=100)
    built_in = models.BooleanField("内置", default=False, editable=False)
    active = models.BooleanField("启用", default=True)

    class Meta:
        verbose_name = "活动类别"
        ordering = ["order", "id"]

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class ActivityForm(Versioned, models.Model):
    """形式 in which an activity is held: 车间微党课, 情景互动式党课, 班前班后半小时… The office keeps the list."""

    code = models.CharField("代码", max_length=30, unique=True)
    name = models.CharField("名称", max_length=30, unique=True)
    kind = models.ForeignKey(ActivityKind, models.PROTECT, null=True, blank=True, related_name="forms",
                             verbose_name="适用类别", help_text="留空表示各类都可用")  # fmt: skip
    order = models.PositiveSmallIntegerField("次序", default=100)
    active = models.BooleanField("启用", default=True)

    class Meta:
        verbose_name = "活动形式"
        ordering = ["order", "id"]

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class Requirement(Versioned, Dated):
    """How often a kind of activity is required of which organisations, from a date on: a dated row, never a constant.

    It speaks for the subtree of `org_path` (empty: everywhere); the nearest node above an organisation wins, and a
    row with `times` 0 says that nothing is required there. What is in force on the first day of a period holds for
    the whole period.
    """

    kind = models.ForeignKey(ActivityKind, models.PROTECT, related_name="requirements", verbose_name="活动类别")
    org_path = PathField("适用节点", blank=True, default="")
    org_name = models.CharField("适用范围", max_length=100, blank=True, default="")
    org_kinds = ArrayField(models.CharField(max_length=20, choices=OrgKind.choices()), verbose_name="适用的组织类别")
    rhythm = models.CharField("周期", max_length=8, choices=Rhythm.choices())
    times = models.PositiveSmallIntegerField("次数")
    subject = models.CharField("要求对象", max_length=12, choices=DutySubject.choices(),
                               default=DutySubject.ORGANISATION.value)  # fmt: skip
    condition = models.CharField("适用条件", max_length=14, choices=DutyCondition.choices(),
                                 default=DutyCondition.ALWAYS.value)  # fmt: skip
    weight = models.CharField("性质", max_length=8, choices=Weight.choices())
    source = models.CharField("依据", max_length=200)
    rule_id = models.CharField("规则编号", max_length=20, blank=True)
    confidence = models.CharField("核实程度", max_length=8, default="P")
    author_name = models.CharField("设置人", max_length=100, default="系统预置")

    objects = models.Manager.from_queryset(RequirementQuerySet)()

    class Meta:
        verbose_name = "频次要求"
        ordering = ["kind__order", "org_path", "-since"]
        constraints = [
            dates_in_order("requirement_dates"),
            models.UniqueConstraint(
                fields=["kind", "org_path", "org_kinds", "subject", "since"], name="one_requirement_per_kind_node_and_day",
                violation_error_message="这一类别在这一天已有要求，请换一个生效日期。",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.kind} {self.get_rhythm_display()}{self.times}次"
