"""Thresholds that are local, proposed or unconfirmed: settings with an effective date, never constants."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from .fields import PathField


class Parameter(models.Model):
    """The value of one parameter from a date on, for the subtree of `org_path` (empty: everywhere).

    A row is never changed: a new value is a new row with its own effective date, source and author.
    """

    code = models.CharField("代码", max_length=60)
    org_path = PathField("适用节点", blank=True, default="")
    org_name = models.CharField("适用范围", max_length=100, blank=True, default="")
    since = models.DateField("生效日期")
    value = models.JSONField("取值")
    source = models.CharField("依据", max_length=300)
    note = models.CharField("说明", max_length=300, blank=True)
    author_name = models.CharField("设置人", max_length=100, default="系统预置")
    created_at = models.DateTimeField("设置时间", db_default=Now())

    class Meta:
        verbose_name = "参数"
        ordering = ["code", "org_path", "-since", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "org_path", "since"],
                name="one_value_per_parameter_node_and_day",
                violation_error_message="这个参数在这一天已有取值，请换一个生效日期。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} = {self.value} 自 {self.since:%Y-%m-%d}"
