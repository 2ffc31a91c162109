"""The organisation tree: its nodes, their history, and the base of every row that hangs under one."""

from __future__ import annotations

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Q

from apps.core.models.fields import PathField
from apps.core.scoping import ScopedManager, ScopedModel
from apps.core.versions import Versioned

from ..querysets import PartyOrgQuerySet
from ..rules import OrgEventKind, OrgKind, Staffing


class Grams(Func):
    """1- and 2-grams of a name and of its pinyin initials, for search by one or two characters."""

    function = "name_grams"
    output_field = ArrayField(models.TextField())


@pghistory.track(exclude=["grams"])
class PartyOrg(Versioned, ScopedModel):
    """A node of the one tree of Party organisations: 党工委, 党委, 党总支, 党建指导站, 支部, 党小组…

    `path` is written only by `branches.tree`. `code` is the portal's own short code (commands name nodes
    by it); `national_code` is opaque text. A merged or dissolved organisation is ended, never deleted.
    """

    scope_lookup = "path"

    code = models.CharField("组织代码", max_length=20, unique=True)
    national_code = models.CharField("全国系统代码", max_length=40, blank=True)
    name = models.CharField("全称", max_length=100)
    short_name = models.CharField("简称", max_length=40, blank=True)
    initials = models.CharField("拼音首字母", max_length=60, blank=True)
    grams = models.GeneratedField(
        expression=Grams(F("name"), F("initials")), output_field=ArrayField(models.TextField()), db_persist=True
    )
    kind = models.CharField("类别", max_length=20, choices=OrgKind.choices())
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children",
                               verbose_name="上级组织")  # fmt: skip
    path = PathField("路径", unique=True)
    founded_on = models.DateField("成立日期", null=True, blank=True)
    ended_on = models.DateField("撤销日期", null=True, blank=True)
    approval_document = models.CharField("批复文号", max_length=60, blank=True)
    staffing = models.CharField("工作力量", max_length=10, choices=Staffing.choices(), blank=True)
    can_approve_probationary = models.BooleanField("有审批预备党员权限", default=False)
    contact_name = models.CharField("联系人", max_length=50, blank=True)
    contact_phone = models.CharField("联系电话", max_length=20, blank=True)
    address = models.CharField("地址", max_length=200, blank=True)

    objects = ScopedManager.from_queryset(PartyOrgQuerySet)()

    class Meta:
        verbose_name = "党组织"
        ordering = ["path"]
        indexes = [GinIndex(fields=["grams"], name="partyorg_by_grams")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(founded_on__isnull=True) | Q(ended_on__gte=F("founded_on")),
                name="partyorg_ends_after_founding",
                violation_error_message="撤销日期不能早于成立日期。",
            )
        ]

    def __str__(self) -> str:
        return self.short_name or self.name

    @property
    def depth(self) -> int:
        return len(self.path) // 4

    def get_absolute_url(self) -> str:
        return f"/orgs/{self.pk}/"


class OrgOwned(ScopedModel):
    """Base of every row that an organisation answers for.

    `org_path` repeats the path of `org`, so that a scoped list is one index range; a move of the node
    rewrites it in the same transaction (`branches.tree`).
    """

    scope_lookup = "org_path"

    org = models.ForeignKey(PartyOrg, models.PROTECT, related_name="+", verbose_name="责任党组织")
    org_path = PathField("路径")

    class Meta:
        abstract = True

    def prepare_row(self) -> None:
        self.org_path = self.org.path


class Shared(OrgOwned):
    """Base of a row between two organisations: `org` keeps it, `other_org` sees it and does its own part.

    The other side may lie outside the portal: then `other_org` is empty and a text of the row names it.
    """

    also_scoped_by = ("other_path",)

    other_org = models.ForeignKey(PartyOrg, models.PROTECT, null=True, blank=True, related_name="+",
                                  verbose_name="对方党组织")  # fmt: skip
    other_path = PathField("对方路径", blank=True, default="")

    class Meta:
        abstract = True

    def prepare_row(self) -> None:
        super().prepare_row()
        self.other_path = self.other_org.path if self.other_org else ""


@pghistory.track()
class OrgEvent(ScopedModel):
    """One dated event in the life of an organisation, with its approval document: old reports keep the old shape."""

    scope_lookup = "org__path"

    org = models.ForeignKey(PartyOrg, models.PROTECT, related_name="events", verbose_name="党组织")
    kind = models.CharField("事项", max_length=10, choices=OrgEventKind.choices())
    on = models.DateField("日期")
    document = models.CharField("批复文号", max_length=60, blank=True)
    note = models.CharField("说明", max_length=300, blank=True)
    before = models.JSONField("变更前", default=dict, blank=True)
    after = models.JSONField("变更后", default=dict, blank=True)

    objects = ScopedManager()

    class Meta:
        verbose_name = "组织沿革"
        ordering = ["-on", "-id"]

    def __str__(self) -> str:
        return f"{self.on:%Y-%m-%d} {self.get_kind_display()}"
