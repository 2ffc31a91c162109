"""Counts of every node, kept so that a page of any node is one index look-up."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from apps.branches.models import PartyOrg
from apps.core.scoping import ScopedManager, ScopedModel

from ..rules import Exclusion, Totals
from .definitions import DefinitionVersion
from .snapshots import Snapshot


class NodeSummary(ScopedModel):
    """The figures of one node under one definition: of a snapshot for good, or of a day while nothing changes.

    Derived: can be thrown away and built again from the facts (`coverage.summaries`).
    """

    scope_lookup = "org__path"

    definition = models.ForeignKey(DefinitionVersion, models.CASCADE, related_name="+")
    snapshot = models.ForeignKey(Snapshot, models.CASCADE, null=True, related_name="+")
    org = models.ForeignKey(PartyOrg, models.PROTECT, related_name="+")
    as_of = models.DateField("日期")
    enterprises = models.PositiveIntegerField()
    organisation_covered = models.PositiveIntegerField()
    work_covered = models.PositiveIntegerField()
    single_built = models.PositiveIntegerField()
    focus = models.PositiveIntegerField()
    focus_single_built = models.PositiveIntegerField()
    attention = models.PositiveIntegerField()
    attention_single_built = models.PositiveIntegerField()
    should_build = models.PositiveIntegerField()
    should_join = models.PositiveIntegerField()
    uncovered = models.PositiveIntegerField()
    excluded = models.JSONField(default=dict)

    objects = ScopedManager()

    class Meta:
        verbose_name = "覆盖汇总"
        constraints = [
            models.UniqueConstraint(
                fields=["snapshot", "definition", "org"], condition=Q(snapshot__isnull=False),
                name="one_summary_per_snapshot_definition_node",
            ),
            models.UniqueConstraint(
                fields=["definition", "org"], condition=Q(snapshot__isnull=True),
                name="one_current_summary_per_definition_node",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.org_id} {self.as_of:%Y-%m-%d}"

    def totals(self) -> Totals:
        """The figures as the rules have them."""
        return Totals(
            excluded={Exclusion(reason): count for reason, count in self.excluded.items() if count},
            **{name: getattr(self, name) for name in COUNTS},
        )


COUNTS = (
    "enterprises", "organisation_covered", "work_covered", "single_built", "focus", "focus_single_built",
    "attention", "attention_single_built", "should_build", "should_join", "uncovered",
)  # fmt: skip
"""The counted figures of `Totals`, each a column of a summary and of the counting SQL."""


class PendingChange(models.Model):
    """One transaction that changed something that counts, since the summaries were built: the dirty flag.

    Written by statement triggers on the tables of facts (migration 0002), removed by the rebuild. One row a
    transaction, inserted and never updated, so that writers do not wait for each other.
    """

    transaction = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "未汇总的变更"

    def __str__(self) -> str:
        return str(self.transaction)
