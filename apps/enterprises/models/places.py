"""Where enterprises are: parks and their buildings."""

from __future__ import annotations

import pghistory
from django.db import models

from apps.branches.models import OrgOwned, PartyOrg
from apps.core.scoping import ScopedManager
from apps.core.versions import Versioned

from ..kinds import ParkLevel
from ..querysets import BuildingQuerySet, ParkQuerySet


@pghistory.track()
class Park(Versioned, OrgOwned):
    """A park; `org` is its work committee or the committee that answers for it."""

    code = models.CharField("园区代码", max_length=20, unique=True)
    name = models.CharField("园区名称", max_length=60, unique=True)
    level = models.CharField("级别", max_length=10, choices=ParkLevel.choices())
    address = models.CharField("地址", max_length=200, blank=True)

    objects = ScopedManager.from_queryset(ParkQuerySet)()

    class Meta:
        verbose_name = "园区"
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/parks/{self.pk}/"


@pghistory.track()
class Building(Versioned, OrgOwned):
    """A building of a park. `org` is the branch in charge of it, else the park's organisation."""

    park = models.ForeignKey(Park, models.PROTECT, related_name="buildings", verbose_name="园区")
    code = models.CharField("楼栋代码", max_length=20)
    name = models.CharField("楼栋名称", max_length=60)
    floors = models.PositiveSmallIntegerField("层数", null=True, blank=True)
    address = models.CharField("地址", max_length=200, blank=True)
    instructor = models.ForeignKey("enterprises.Instructor", models.SET_NULL, null=True, blank=True,
                                   related_name="buildings", verbose_name="楼栋指导员")  # fmt: skip

    objects = ScopedManager.from_queryset(BuildingQuerySet)()

    class Meta:
        verbose_name = "楼栋"
        ordering = ["park__code", "code"]
        constraints = [
            models.UniqueConstraint(fields=["park", "code"], name="building_code_in_park",
                                    violation_error_message="这个园区已有相同代码的楼栋。"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/buildings/{self.pk}/"

    @property
    def branch_in_charge(self) -> PartyOrg | None:
        """The branch that answers for the building, None while the park's organisation does."""
        return self.org if self.org_id != self.park.org_id else None
