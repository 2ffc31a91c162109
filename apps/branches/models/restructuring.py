"""重组方案: a new shape of a part of the tree, drafted step by step and put into effect on one day."""

from __future__ import annotations

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.core.scoping import ScopedManager, ScopedModel
from apps.core.versions import Versioned

from ..querysets import RestructuringQuerySet
from ..rules import OrgKind
from ..rules.restructuring import PlanState, StepKind
from .organisations import OrgOwned, PartyOrg


@pghistory.track(exclude=["outcome"])
class Restructuring(Versioned, OrgOwned):
    """重组方案 under the node `org`: its steps happen together on `on`, all of them or none.

    `failure` says why a plan did not come into effect on its day. `outcome` keeps the figures before and after
    as they were when it did: {"figures": [[code, label, kind]], "rows": [[id, name, {code: [before, after]}]]}.
    """

    name = models.CharField("方案名称", max_length=60)
    note = models.CharField("说明", max_length=500, blank=True)
    on = models.DateField("生效日期")
    document = models.CharField("批复文号", max_length=60, blank=True)
    state = models.CharField("状态", max_length=10, choices=PlanState.choices(), default=PlanState.DRAFT.value)
    reason = models.CharField("对规则提示的说明", max_length=300, blank=True)
    failure = models.CharField("未能生效的原因", max_length=500, blank=True)
    outcome = models.JSONField("前后对比", default=dict, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+",
                               verbose_name="编制人账号")  # fmt: skip
    author_name = models.CharField("编制人", max_length=50)
    applied_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
                                   verbose_name="实施人账号")  # fmt: skip
    applied_by_name = models.CharField("实施人", max_length=50, blank=True)
    applied_at = models.DateTimeField("实施时间", null=True, blank=True)

    objects = ScopedManager.from_queryset(RestructuringQuerySet)()

    class Meta:
        verbose_name = "重组方案"
        ordering = ["-on", "-id"]
        indexes = [
            models.Index(fields=["org_path", "id"], name="restructuring_in_tree_order"),
            models.Index(fields=["on"], condition=Q(state=PlanState.SCHEDULED.value), name="restructuring_waiting"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/restructurings/{self.pk}/"


@pghistory.track()
class RestructuringStep(ScopedModel):
    """One step of a plan. `org` is whom it is about, `target` the other end: a parent, or who takes over.

    Either may be an organisation that an earlier step of the plan founds (`org_step`, `target_step`). `picks`
    names what a split takes, by the codes of `branches.relocation`. `result` is what the step founded.
    """

    scope_lookup = "restructuring__org_path"

    restructuring = models.ForeignKey(Restructuring, models.CASCADE, related_name="steps", verbose_name="重组方案")
    position = models.PositiveSmallIntegerField("次序")
    kind = models.CharField("事项", max_length=10, choices=StepKind.choices())
    org = models.ForeignKey(PartyOrg, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="党组织")
    org_step = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+",
                                 verbose_name="前面步骤新设的党组织")  # fmt: skip
    target = models.ForeignKey(PartyOrg, models.PROTECT, null=True, blank=True, related_name="+",
                               verbose_name="上级或接收的党组织")  # fmt: skip
    target_step = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+",
                                    verbose_name="前面步骤新设的上级或接收组织")  # fmt: skip
    name = models.CharField("全称", max_length=100, blank=True)
    short_name = models.CharField("简称", max_length=40, blank=True)
    org_kind = models.CharField("类别", max_length=20, choices=OrgKind.choices(), blank=True)
    picks = models.JSONField("划出内容", default=dict, blank=True)
    ends = models.BooleanField("原组织随之撤销", default=False)
    note = models.CharField("说明", max_length=300, blank=True)
    result = models.ForeignKey(PartyOrg, models.PROTECT, null=True, blank=True, related_name="+",
                               verbose_name="新设的党组织")  # fmt: skip

    objects = ScopedManager()

    class Meta:
        verbose_name = "重组步骤"
        ordering = ["restructuring_id", "position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(org__isnull=True) | Q(org_step__isnull=True), name="step_is_about_one_organisation"
            ),
            models.CheckConstraint(
                condition=Q(target__isnull=True) | Q(target_step__isnull=True), name="step_has_one_other_end"
            ),
            models.UniqueConstraint(
                fields=["restructuring", "position"], name="one_step_a_place", deferrable=models.Deferrable.DEFERRED
            ),
        ]

    def __str__(self) -> str:
        return f"第{self.position}步 {self.get_kind_display()}"
