"""A comparison of the rosters with what the national system exported."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from apps.branches.models import OrgOwned
from apps.core.scoping import ScopedManager
from apps.core.sealing import SealedField

from ..kinds import ReconciliationState


class Reconciliation(OrgOwned):
    """与全国系统核对: one exported workbook beside the rosters below `org`. Nothing of it reaches the rosters.

    `content` is the file or its table, and only until it is compared; `result` is what the comparison found. Both
    are sealed, and the whole row is deleted when it expires.
    """

    state = models.CharField("状态", max_length=10, choices=ReconciliationState.choices())
    file_name = models.CharField("文件名", max_length=200)
    rows = models.PositiveIntegerField("文件行数", default=0)
    header_signature = models.CharField(max_length=64, blank=True)
    mapping = models.JSONField("列对应", default=dict)
    counts = models.JSONField("结果", default=dict)
    content = SealedField()
    result = SealedField()
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="上传人")
    uploaded_at = models.DateTimeField("上传时间", db_default=Now())
    expires_at = models.DateTimeField("保留至")

    objects = ScopedManager()

    class Meta:
        verbose_name = "全国系统核对"
        ordering = ["-id"]
        indexes = [models.Index(fields=["expires_at"], name="reconciliation_by_expiry")]

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return f"/members/reconciliation/{self.pk}/"
