"""What was expected and what was done, summed up for every node, and as it stood when a quarter was closed."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models.functions import Now

from apps.branches.models import OrgOwned
from apps.core.models.fields import PathField
from apps.core.scoping import ScopedManager, ScopedModel


class ComplianceSummary(ScopedModel):
    """The board of one organisation for one quarter, with everything below it: written by `compliance` alone.

    `figures` is {kind id: [bound organisations, those that met it, expected, actual, on time]}; `actual` counts at
    most what was expected, so that a zealous branch does not hide an idle one.
    """

    scope_lookup = "org_path"

    org_id = models.BigIntegerField()
    org_path = PathField()
    parent_id = models.BigIntegerField(null=True)
    quarter = models.CharField("季度", max_length=6)
    figures = models.JSONField(default=dict)
    summed_at = models.DateTimeField(db_default=Now())

    objects = ScopedManager()

    class Meta:
        verbose_name = "组织生活汇总"
        constraints = [models.UniqueConstraint(fields=["org_id", "quarter"], name="one_summary_per_node_and_quarter")]
        indexes = [models.Index(fields=["parent_id", "quarter"], name="summary_by_parent")]


class ComplianceSnapshot(OrgOwned):
    """The compliance of everything below `org` as it stood when the quarter was closed; it never changes.

    `rows` is [{org_id, org, kind, expected, actual, on_time}], `sha256` is of their canonical text. What is approved
    later as a correction stands beside it with its number.
    """

    quarter = models.CharField("季度", max_length=6)
    as_of = models.DateField("截至")
    rows = models.JSONField("封存数据", default=list)
    sha256 = models.CharField(max_length=64)
    closed_at = models.DateTimeField("封存时间", db_default=Now())
    closed_by_name = models.CharField("封存人", max_length=100)

    objects = ScopedManager()

    class Meta:
        verbose_name = "组织生活封存数据"
        ordering = ["-quarter", "-id"]
        constraints = [models.UniqueConstraint(fields=["org", "quarter"], name="one_compliance_snapshot")]
        triggers = [pgtrigger.Protect(name="kept", operation=pgtrigger.Update | pgtrigger.Delete)]
