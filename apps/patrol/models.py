"""What the patrol found, and when each rule was last looked at."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from apps.branches.models import OrgOwned
from apps.core.scoping import ScopedManager
from apps.core.versions import Versioned

from .querysets import PatrolHitQuerySet


class PatrolHit(Versioned, OrgOwned):
    """One subject that stands against one rule, from the day it was first found until it no longer was.

    `org` is the organisation nearest above the subject. A row that is not resolved was found by the last patrol too, so
    a night writes only what changed. What comes back after it was resolved is a new row. Written by the patrol
    (`patrolling`); people only put a row off (暂缓): until `dismissed_until`, the first day on which it is listed again.
    It repeats what other rows say, so it has no row history; who put what off is in the trail.
    """

    rule = models.CharField("规则", max_length=60)
    subject_type = models.CharField("对象类型", max_length=60)
    subject_id = models.BigIntegerField("对象编号")
    title = models.CharField("对象", max_length=200)
    value = models.CharField("实际情况", max_length=200)
    limit = models.CharField("规定", max_length=200)
    url = models.CharField(max_length=200)
    first_found_on = models.DateField("首次发现")
    resolved_on = models.DateField("消除日期", null=True, blank=True)
    dismissed_reason = models.CharField("暂缓原因", max_length=300, blank=True, db_default="")
    dismissed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
                                     verbose_name="暂缓决定人")  # fmt: skip
    dismissed_until = models.DateField("重新列出日期", null=True, blank=True)

    objects = ScopedManager.from_queryset(PatrolHitQuerySet)()

    class Meta:
        verbose_name = "巡查发现"
        ordering = ["-first_found_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "subject_type", "subject_id"], condition=Q(resolved_on__isnull=True),
                name="one_standing_hit_a_rule_and_subject",
            ),
            models.CheckConstraint(
                condition=Q(resolved_on__isnull=True) | Q(resolved_on__gte=F("first_found_on")),
                name="patrol_hit_days_in_order", violation_error_message="发现和消除的日期前后颠倒。",
            ),
            models.CheckConstraint(
                condition=Q(dismissed_until__isnull=True, dismissed_by__isnull=True, dismissed_reason="")
                | (Q(dismissed_until__isnull=False, dismissed_by__isnull=False) & ~Q(dismissed_reason="")),
                name="patrol_hit_put_off_with_a_reason", violation_error_message="暂缓处理须有原因、决定人和期限。",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["org_path", "id"], name="patrol_hit_in_tree_order"),
            models.Index(fields=["-first_found_on", "-id"], name="patrol_hit_newest"),
            models.Index(
                fields=["rule", "org_path"], condition=Q(resolved_on__isnull=True), name="patrol_hit_standing"
            ),
            models.Index(
                fields=["dismissed_until"], condition=Q(dismissed_until__isnull=False), name="patrol_hit_put_off"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/patrol/{self.pk}/"


class PatrolRun(models.Model):
    """When one rule was last looked at for everybody, and when its SQL last failed; NULL: never."""

    rule = models.CharField("规则", max_length=60, unique=True)
    done_at = models.DateTimeField("最近巡查", null=True)
    failed_at = models.DateTimeField("最近出错", null=True)

    class Meta:
        verbose_name = "巡查记录"
        ordering = ["rule"]

    def __str__(self) -> str:
        return self.rule

    @property
    def is_broken(self) -> bool:
        """Whether the last look failed: what is listed is then as of the look before."""
        return self.failed_at is not None and (self.done_at is None or self.done_at < self.failed_at)
