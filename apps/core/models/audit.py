"""The audit trail: who did what, append-only, each entry chained to the one before by a keyed hash."""

from __future__ import annotations

import pgtrigger
from django.db import models

from ..clock import minute
from .fields import PathField


class AuditEntry(models.Model):
    """One act: a write, a raw view, an export, a sign-in or a denial. Written only by `core.audit`.

    Holds the actor's id and name as they were, not a foreign key: the trail outlives the account.
    """

    at = models.DateTimeField("时间")
    actor_id = models.BigIntegerField("操作人编号", null=True)
    actor_name = models.CharField("操作人", max_length=100)
    action = models.CharField("动作", max_length=60)
    summary = models.CharField("内容", max_length=500)
    org_path = PathField("所属节点", blank=True)
    target_type = models.CharField("对象类型", max_length=60, blank=True)
    target_id = models.CharField("对象编号", max_length=40, blank=True)
    data = models.JSONField("明细", default=dict)
    request_id = models.CharField("请求编号", max_length=36, blank=True)
    address = models.CharField("来源地址", max_length=45, blank=True)
    previous_mac = models.CharField(max_length=64)
    mac = models.CharField(max_length=64, unique=True)

    class Meta:
        verbose_name = "审计记录"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["org_path", "-id"], name="audit_by_org"),
            models.Index(fields=["target_type", "target_id"], name="audit_by_target"),
            models.Index(fields=["actor_id", "-id"], name="audit_by_actor"),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{minute(self.at)} {self.actor_name} {self.summary}"
