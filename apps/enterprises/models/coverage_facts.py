"""What covers an enterprise: establishments, instructors, mass organisations; each from a date until a date."""

from __future__ import annotations

import pghistory
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Q

from apps.branches.models import OrgOwned, PartyOrg
from apps.core.dated import Dated, DatedQuerySet, Days, Identity, dates_in_order
from apps.core.scoping import ScopedManager, ScopedModel
from apps.core.versions import Versioned

from ..kinds import Form, InstructorSource, MassKind
from ..querysets import EstablishmentQuerySet, InstructorQuerySet
from .enterprise import Enterprise


@pghistory.track()
class Establishment(Versioned, Dated, ScopedModel):
    """组建: an organisation covers an enterprise in one form, from a date until a date.

    An enterprise may be covered twice (own branch and industry branch); it counts once.
    """

    scope_lookup = "enterprise__org_path"

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="establishments", verbose_name="企业")
    org = models.ForeignKey(PartyOrg, models.PROTECT, related_name="+", verbose_name="党组织")
    form = models.CharField("组建方式", max_length=10, choices=Form.choices())
    document = models.CharField("批复文号", max_length=60, blank=True)
    note = models.CharField("备注", max_length=200, blank=True)

    objects = ScopedManager.from_queryset(EstablishmentQuerySet)()

    class Meta:
        verbose_name = "组建"
        ordering = ["-since", "-id"]
        constraints = [
            dates_in_order("establishment_dates"),
            ExclusionConstraint(
                name="one_establishment_a_day",
                expressions=[
                    (Identity("enterprise"), RangeOperators.OVERLAPS),
                    (Identity("org"), RangeOperators.OVERLAPS),
                    (Days("since", "until"), RangeOperators.OVERLAPS),
                ],
                violation_error_message="这家企业在这段时间已由同一党组织覆盖。",
            ),
        ]
        indexes = [
            models.Index(fields=["enterprise"], condition=Q(until__isnull=True), name="establishment_now"),
            models.Index(fields=["-since", "-id"], name="establishment_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.get_form_display()} {self.org}"


@pghistory.track()
class Instructor(Versioned, Dated, OrgOwned):
    """党建指导员: a person sent by a department; `org` is the organisation that manages the instructor."""

    name = models.CharField("姓名", max_length=50)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
                             verbose_name="登录账号")  # fmt: skip
    unit = models.CharField("派出单位", max_length=80, blank=True)
    post = models.CharField("职务", max_length=40, blank=True)
    source = models.CharField("选派来源", max_length=12, choices=InstructorSource.choices(), blank=True)
    phone = models.CharField("联系电话", max_length=20, blank=True)
    initials = models.CharField("拼音首字母", max_length=60, blank=True)

    objects = ScopedManager.from_queryset(InstructorQuerySet)()

    class Meta:
        verbose_name = "党建指导员"
        ordering = ["org_path", "id"]
        constraints = [dates_in_order("instructor_dates")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/instructors/{self.pk}/"


@pghistory.track()
class InstructorAssignment(Dated, ScopedModel):
    """派驻: an instructor contacts an enterprise from a date until a date."""

    scope_lookup = "enterprise__org_path"

    instructor = models.ForeignKey(Instructor, models.PROTECT, related_name="assignments", verbose_name="指导员")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="instructor_assignments",
                                   verbose_name="企业")  # fmt: skip

    objects = ScopedManager.from_queryset(DatedQuerySet)()

    class Meta:
        verbose_name = "指导员派驻"
        ordering = ["-since", "-id"]
        constraints = [
            dates_in_order("instructor_assignment_dates"),
            ExclusionConstraint(
                name="one_assignment_a_day",
                expressions=[
                    (Identity("instructor"), RangeOperators.OVERLAPS),
                    (Identity("enterprise"), RangeOperators.OVERLAPS),
                    (Days("since", "until"), RangeOperators.OVERLAPS),
                ],
                violation_error_message="这位指导员在这段时间已联系这家企业。",
            ),
        ]
        indexes = [
            models.Index(fields=["enterprise"], condition=Q(until__isnull=True), name="instructor_assignment_now")
        ]

    def __str__(self) -> str:
        return f"{self.instructor} → {self.enterprise}"


@pghistory.track()
class MassOrganization(Dated, ScopedModel):
    """群团: a union, youth league or women's federation in an enterprise. Feeds work coverage (FG-02)."""

    scope_lookup = "enterprise__org_path"

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="mass_organizations", verbose_name="企业")
    kind = models.CharField("类别", max_length=12, choices=MassKind.choices())
    leader = models.CharField("负责人", max_length=50, blank=True)
    headcount = models.PositiveIntegerField("人数", null=True, blank=True)

    objects = ScopedManager.from_queryset(DatedQuerySet)()

    class Meta:
        verbose_name = "群团组织"
        ordering = ["-since", "-id"]
        constraints = [
            dates_in_order("mass_organization_dates"),
            models.UniqueConstraint(fields=["enterprise", "kind"], condition=Q(until__isnull=True),
                                    name="one_open_mass_organization",
                                    violation_error_message="这家企业已登记这类群团组织。"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.get_kind_display()
