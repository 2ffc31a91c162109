"""What was asked and what was done, summed up for every node, and as it stood when a quarter was closed.

`figures` is a list of rows of eight whole numbers: kind, slot, organisations bound, organisations that met it,
expected, done, done on time, done late (`rules.compliance`). Everything here but the frozen rows is derived and can
be thrown away and built again from the records (`activities.compliance`).
"""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from apps.branches.models import PartyOrg
from apps.core.models.fields import PathField
from apps.core.scoping import ScopedManager, ScopedModel

FROZEN = pgtrigger.Update | pgtrigger.Delete


class ComplianceSummary(ScopedModel):
    """The figures of one organisation and everything below it for one quarter, as the records have it now.

    Derived, and written a hundred thousand at a time from the tree itself: a foreign key in the database would check
    each row again.
    """

    scope_lookup = "org__path"

    org = models.ForeignKey(PartyOrg, models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    quarter = models.CharField("季度", max_length=6)
    figures = ArrayField(ArrayField(models.IntegerField()), default=list)

    objects = ScopedManager()

    class Meta:
        verbose_name = "组织生活汇总"
        constraints = [models.UniqueConstraint(fields=["org", "quarter"], name="one_summary_per_node_and_quarter")]

    def __str__(self) -> str:
        return f"{self.org_id} {self.quarter}"


class ComplianceChange(models.Model):
    """An organisation whose figures have to be counted again; without `org_id` all of them: the dirty flag.

    Written by statement triggers on the tables of facts (`compliance.noticing`), removed by whoever counts again.
    Rows are only ever added, so that writers do not wait for each other.
    """

    org_id = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = "未汇总的变更"

    def __str__(self) -> str:
        return str(self.org_id)


class ComplianceSnapshot(ScopedModel):
    """The compliance of everything below `org` as it stood when the quarter was closed; it never changes.

    `sha256` is of the canonical text of its rows (`ComplianceFrozen`), `rows` their number. What is approved later as
    a correction stands beside it with its number.
    """

    scope_lookup = "org__path"

    org = models.ForeignKey(PartyOrg, models.PROTECT, related_name="+", verbose_name="党组织")
    quarter = models.CharField("季度", max_length=6)
    as_of = models.DateField("截至")
    rows = models.PositiveIntegerField("党组织数", default=0)
    sha256 = models.CharField(max_length=64, blank=True, default="")
    closed_at = models.DateTimeField("封存时间", db_default=Now())
    closed_by_name = models.CharField("封存人", max_length=100)

    objects = ScopedManager()

    class Meta:
        verbose_name = "组织生活封存数据"
        ordering = ["-quarter", "-id"]
        constraints = [models.UniqueConstraint(fields=["org", "quarter"], name="one_compliance_snapshot")]
        triggers = [
            pgtrigger.Protect(name="sealed", operation=pgtrigger.Update, condition=pgtrigger.Q(old__sha256__gt="")),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.org} {self.quarter}"


class ComplianceFrozen(ScopedModel):
    """One organisation of a closed quarter, with the name and the place that it had then.

    `own` is what was asked of the organisation itself: [{kind, slot, period, requirement, times, expected, actual,
    on_time, late}]; `figures` also hold what was below it.
    """

    scope_lookup = "org__path"
    keeps_old_path = True

    snapshot = models.ForeignKey(ComplianceSnapshot, models.PROTECT, related_name="frozen_rows", db_index=False)
    org = models.ForeignKey(PartyOrg, models.PROTECT, related_name="+", db_index=False)
    path = PathField("当时路径")
    name = models.CharField("当时名称", max_length=100)
    own = models.JSONField("封存数据", default=list)
    figures = ArrayField(ArrayField(models.IntegerField()), default=list)

    objects = ScopedManager()

    class Meta:
        verbose_name = "组织生活封存的党组织"
        ordering = ["snapshot", "path"]
        constraints = [
            models.UniqueConstraint(fields=["snapshot", "org"], name="one_frozen_compliance_per_org"),
            models.UniqueConstraint(fields=["snapshot", "path"], name="one_frozen_compliance_per_path"),
        ]
        indexes = [models.Index(fields=["org", "snapshot"], name="frozen_compliance_by_org")]
        triggers = [pgtrigger.Protect(name="kept", operation=FROZEN)]

    def __str__(self) -> str:
        return self.name
