"""Frozen quarters: facts as they were when the period was closed, and the numbered corrections beside them."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from apps.branches.models import PartyOrg
from apps.core.models.fields import PathField
from apps.core.periods import Period
from apps.core.scoping import ScopedManager, ScopedModel
from apps.enterprises.models import Enterprise

IMMUTABLE = pgtrigger.Update | pgtrigger.Delete


def never_added_to(name: str) -> pgtrigger.Trigger:
    """Rows may only join a snapshot that has not been sealed."""
    return pgtrigger.Trigger(
        name=name,
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        referencing=pgtrigger.Referencing(new="new_values"),
        func="""
            IF EXISTS (SELECT 1 FROM coverage_snapshot s
                       WHERE s.sha256 <> '' AND s.id IN (SELECT snapshot_id FROM new_values)) THEN
                RAISE EXCEPTION 'rows cannot be added to a sealed snapshot';
            END IF;
            RETURN NULL;
        """,
    )


class Snapshot(ScopedModel):
    """One closed period of one organisation. Sealed by the sha256 of its canonical rows; then it never changes.

    `as_of` is the day whose facts it holds, `thresholds` the numbers in force on that day.
    """

    scope_lookup = "org__path"

    org = models.ForeignKey(PartyOrg, models.PROTECT, related_name="+", verbose_name="党组织")
    org_name = models.CharField("组织名称", max_length=100)
    period = models.CharField("期间", max_length=7)
    as_of = models.DateField("数据截止日期")
    thresholds = models.JSONField("人数标准", default=dict)
    rows = models.PositiveIntegerField("企业数", default=0)
    sha256 = models.CharField("校验值", max_length=64, blank=True, default="")
    closed_at = models.DateTimeField("封存时间", db_default=Now())
    closed_by_id = models.BigIntegerField(null=True)
    closed_by_name = models.CharField("封存人", max_length=100)

    objects = ScopedManager()

    class Meta:
        verbose_name = "封存数据"
        ordering = ["-as_of", "id"]
        constraints = [
            models.UniqueConstraint(fields=["org", "period"], name="one_snapshot_per_org_and_period",
                                    violation_error_message="本期已经封存。"),
        ]  # fmt: skip
        triggers = [
            pgtrigger.Protect(name="sealed", operation=pgtrigger.Update, condition=pgtrigger.Q(old__sha256__gt="")),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.org_name} {self.label}"

    @property
    def label(self) -> str:
        return Period.parse(self.period).label


class SnapshotOrg(ScopedModel):
    """The organisation tree of a snapshot: old reports keep the old shape and the old names."""

    scope_lookup = "org__path"
    keeps_old_path = True

    snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="orgs")
    org = models.ForeignKey(PartyOrg, models.PROTECT, related_name="+")
    path = PathField("当时路径")
    code = models.CharField("组织代码", max_length=20)
    name = models.CharField("当时名称", max_length=100)
    short_name = models.CharField("当时简称", max_length=40, blank=True)
    kind = models.CharField("当时类别", max_length=20)

    objects = ScopedManager()

    class Meta:
        verbose_name = "封存时的组织"
        ordering = ["snapshot", "path"]
        constraints = [
            models.UniqueConstraint(fields=["snapshot", "org"], name="one_frozen_org_per_snapshot"),
            models.UniqueConstraint(fields=["snapshot", "path"], name="one_frozen_path_per_snapshot"),
        ]
        triggers = [
            pgtrigger.Protect(name="immutable", operation=IMMUTABLE),
            never_added_to("never_added_to"),
        ]

    def __str__(self) -> str:
        return self.short_name or self.name


class SnapshotRow(ScopedModel):
    """Every fact about one enterprise that a report of the period needs, with the names of that day.

    Facts and not results: every definition, also one written later, can be counted on it.
    """

    scope_lookup = "org__path"
    keeps_old_path = True

    snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="frozen_rows", db_index=False)
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="+")
    name = models.CharField("企业名称", max_length=120)
    credit_code = models.CharField("统一社会信用代码", max_length=18, blank=True)
    unit_kind = models.CharField("单位类别", max_length=20)
    industry = models.CharField("行业门类", max_length=1, blank=True)
    org = models.ForeignKey(PartyOrg, models.PROTECT, related_name="+", db_index=False)
    org_path = PathField("当时路径")
    org_name = models.CharField("责任党组织", max_length=100)
    org_line = models.CharField("组织层级", max_length=800)
    park_id = models.BigIntegerField(null=True)
    park_name = models.CharField("园区", max_length=60, blank=True)
    park_level = models.CharField("园区级别", max_length=10, blank=True)
    building_id = models.BigIntegerField(null=True)
    building_name = models.CharField("楼栋", max_length=60, blank=True)
    status = models.CharField("经营状态", max_length=10)
    has_premises = models.BooleanField("有固定经营场所")
    has_operations = models.BooleanField("有生产经营活动")
    staff = models.PositiveIntegerField("职工数")
    formal_members = models.PositiveIntegerField("正式党员")
    probationary_members = models.PositiveIntegerField("预备党员")
    members_elsewhere = models.PositiveIntegerField("关系未转入党员")
    applicants = models.PositiveIntegerField("入党申请人和积极分子")
    unbuilt_reason = models.CharField("未建原因", max_length=20, blank=True)
    unbuilt_note = models.CharField("未建原因说明", max_length=200, blank=True)
    forms = ArrayField(models.CharField(max_length=10), verbose_name="组建方式")
    covering = models.JSONField("覆盖的党组织")
    has_instructor = models.BooleanField("有指导员")
    instructor_names = models.CharField("党建指导员", max_length=500, blank=True)
    has_mass = models.BooleanField("有群团组织")
    mass_kinds = ArrayField(models.CharField(max_length=12), verbose_name="群团组织")
    return_state = models.CharField("摸底表状态", max_length=12, blank=True)
    surveyed = models.BooleanField("已摸底", db_default=True)
    from_roster = models.BooleanField("党员数取自名册", db_default=False)
    census_members = models.PositiveIntegerField("摸底正式党员", null=True)

    objects = ScopedManager()

    class Meta:
        verbose_name = "封存的企业情况"
        ordering = ["snapshot", "enterprise"]
        constraints = [
            models.UniqueConstraint(fields=["snapshot", "enterprise"], name="one_frozen_row_per_enterprise"),
        ]
        indexes = [models.Index(fields=["snapshot", "org_path"], name="frozen_row_by_path")]
        triggers = [
            pgtrigger.Protect(name="immutable", operation=IMMUTABLE),
            never_added_to("never_added_to"),
        ]

    def __str__(self) -> str:
        return self.name


class Correction(ScopedModel):
    """更正说明: what turned out wrong in a closed period, and why. Stands beside the snapshot, never in it.

    Written by one person and approved by another; the number is given on approval and then nothing changes.
    `changes` lists {enterprise_id, enterprise, field, before, after} as texts.
    """

    scope_lookup = "snapshot__org__path"

    snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="corrections", verbose_name="封存数据")
    number = models.PositiveSmallIntegerField("编号", null=True, blank=True)
    reason = models.CharField("更正原因", max_length=300)
    changes = models.JSONField("更正内容", default=list)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="提出人")
    author_name = models.CharField("提出人", max_length=100)
    created_at = models.DateTimeField("提出时间", db_default=Now())
    approver = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
                                 verbose_name="批准人")  # fmt: skip
    approver_name = models.CharField("批准人", max_length=100, blank=True)
    approved_at = models.DateTimeField("批准时间", null=True, blank=True)

    objects = ScopedManager()

    class Meta:
        verbose_name = "更正说明"
        ordering = ["snapshot", "number", "id"]
        constraints = [
            models.UniqueConstraint(fields=["snapshot", "number"], name="one_correction_per_number"),
            models.CheckConstraint(
                condition=Q(approver__isnull=True) | ~Q(approver=models.F("author")),
                name="correction_approved_by_another",
                violation_error_message="更正说明须由提出人以外的人批准。",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="approved", operation=pgtrigger.Update, condition=pgtrigger.Q(old__approved_at__isnull=False)
            ),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"更正说明第{self.number}号" if self.number else "更正说明（待批准）"

    def get_absolute_url(self) -> str:
        return f"/coverage/corrections/{self.pk}/"
