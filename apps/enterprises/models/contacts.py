"""What people do for an enterprise: visits, needs to be met, plans."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from apps.core.scoping import ScopedManager, ScopedModel
from apps.core.versions import Versioned

from ..kinds import Attitude, ContactMethod, NeedState
from ..querysets import DueQuerySet
from .coverage_facts import Instructor
from .enterprise import Enterprise


def _closed_with_a_date(name: str) -> models.CheckConstraint:
    """The database constraint that what is 已办结 has its date, and nothing else has."""
    return models.CheckConstraint(
        condition=Q(state=NeedState.CLOSED.value, closed_on__isnull=False)
        | (~Q(state=NeedState.CLOSED.value) & Q(closed_on__isnull=True)),
        name=name, violation_error_message="已办结的事项须有办结日期，未办结的不能有。",
    )  # fmt: skip


@pghistory.track()
class Visit(Versioned, ScopedModel):
    """走访: one contact with an enterprise on a day, by whom and how. The date of the visit decides its quarter."""

    scope_lookup = "enterprise__org_path"

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="visits", verbose_name="企业")
    on = models.DateField("走访日期")
    method = models.CharField("方式", max_length=10, choices=ContactMethod.choices(), default=ContactMethod.VISIT.value)
    visitor = models.CharField("走访人", max_length=50)
    instructor = models.ForeignKey(Instructor, models.PROTECT, null=True, blank=True, related_name="visits",
                                   verbose_name="指导员")  # fmt: skip
    met = models.CharField("接待人", max_length=50, blank=True)
    summary = models.TextField("走访情况", max_length=2000, blank=True)
    attitude = models.CharField("企业主认同度", max_length=10, choices=Attitude.choices(), blank=True)
    recorded_by_id = models.BigIntegerField(null=True, editable=False)
    recorded_at = models.DateTimeField("登记时间", db_default=Now())

    objects = ScopedManager()

    class Meta:
        verbose_name = "走访"
        ordering = ["-on", "-id"]
        indexes = [models.Index(fields=["enterprise", "-on"], name="visit_by_enterprise")]

    def __str__(self) -> str:
        return f"{self.on:%Y-%m-%d} {self.get_method_display()} {self.visitor}"


@pghistory.track()
class Need(Versioned, ScopedModel):
    """诉求: something an enterprise asked for, followed until closed."""

    scope_lookup = "enterprise__org_path"

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="needs", verbose_name="企业")
    visit = models.ForeignKey(Visit, models.SET_NULL, null=True, blank=True, related_name="needs")
    text = models.CharField("诉求内容", max_length=300)
    raised_on = models.DateField("提出日期")
    owner = models.CharField("责任人", max_length=50, blank=True)
    due_on = models.DateField("办理期限", null=True, blank=True)
    state = models.CharField("状态", max_length=10, choices=NeedState.choices(), default=NeedState.OPEN.value)
    result = models.CharField("办理结果", max_length=300, blank=True)
    closed_on = models.DateField("办结日期", null=True, blank=True)

    objects = ScopedManager.from_queryset(DueQuerySet)()

    class Meta:
        verbose_name = "企业诉求"
        ordering = ["-raised_on", "-id"]
        constraints = [_closed_with_a_date("need_closed_with_a_date")]
        indexes = [models.Index(fields=["due_on"], condition=~Q(state="closed"), name="need_open_by_due_day")]

    def __str__(self) -> str:
        return self.text[:30]


@pghistory.track()
class ActionPlan(Versioned, ScopedModel):
    """一企一策: one measure for an enterprise, with owner, due date and progress."""

    scope_lookup = "enterprise__org_path"

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="action_plans", verbose_name="企业")
    measure = models.CharField("推进措施", max_length=300)
    owner = models.CharField("责任人", max_length=50)
    due_on = models.DateField("完成时限")
    progress = models.CharField("工作进度", max_length=300, blank=True)
    state = models.CharField("状态", max_length=10, choices=NeedState.choices(), default=NeedState.OPEN.value)
    closed_on = models.DateField("完成日期", null=True, blank=True)

    objects = ScopedManager.from_queryset(DueQuerySet)()

    class Meta:
        verbose_name = "一企一策"
        ordering = ["due_on", "id"]
        constraints = [_closed_with_a_date("action_plan_closed_with_a_date")]

    def __str__(self) -> str:
        return self.measure[:30]
