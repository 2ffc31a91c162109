"""口径: what counts as covered, and of which enterprises."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from apps.core.dated import in_force
from apps.enterprises.kinds import Form

from ..rules import Definition

DENOMINATORS = [("three_have", "“三有”企业"), ("operating", "全部在营企业")]


@dataclass(frozen=True)
class Thresholds:
    """The numbers of staff that a definition takes from the dated parameters where it has none of its own."""

    min_staff: int
    focus_staff: int
    attention_staff: int


class DefinitionQuerySet(models.QuerySet["DefinitionVersion"]):
    def in_force(self, day: datetime.date) -> DefinitionQuerySet:
        """The definitions that a report as of `day` may use, in the order in which they are offered."""
        return self.filter(in_force(day)).order_by("rank", "code")


class DefinitionVersion(models.Model):
    """One version of the definition of coverage, in force from a date until a date; printed on every report.

    A row is never changed, only ended. The three numbers of staff are its own where given; where they are
    empty the dated parameters of the whole tree speak, so that the sums of all nodes agree.
    """

    code = models.CharField("代码", max_length=40, unique=True)
    version = models.CharField("版本", max_length=20)
    name = models.CharField("名称", max_length=60)
    counted_forms = ArrayField(
        models.CharField(max_length=10, choices=Form.choices()), verbose_name="计入组织覆盖的组建方式"
    )
    denominator = models.CharField("分母", max_length=10, choices=DENOMINATORS)
    min_staff = models.PositiveIntegerField("三有职工人数下限", null=True, blank=True)
    focus_staff = models.PositiveIntegerField("应单独组建的职工人数", null=True, blank=True)
    attention_staff = models.PositiveIntegerField("应有党员的职工人数", null=True, blank=True)
    rank = models.PositiveSmallIntegerField("顺序", default=100)
    since = models.DateField("施行日期")
    until = models.DateField("停用日期", null=True, blank=True)
    source = models.CharField("依据", max_length=300)
    author_name = models.CharField("设置人", max_length=100, default="系统预置")
    created_at = models.DateTimeField("设置时间", db_default=Now())

    objects = DefinitionQuerySet.as_manager()

    class Meta:
        verbose_name = "覆盖口径"
        ordering = ["rank", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("since")),
                name="definition_dates",
                violation_error_message="停用日期须晚于施行日期。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.code}）"

    def filled(self, thresholds: Thresholds) -> Definition:
        """The definition as the rules take it, with the numbers in force where it has none of its own."""
        return Definition(
            code=self.code,
            version=self.version,
            name=self.name,
            counted_forms=frozenset(Form(form) for form in self.counted_forms),
            denominator=self.denominator,  # type: ignore[arg-type]
            min_staff=thresholds.min_staff if self.min_staff is None else self.min_staff,
            focus_staff=thresholds.focus_staff if self.focus_staff is None else self.focus_staff,
            attention_staff=thresholds.attention_staff if self.attention_staff is None else self.attention_staff,
        )
