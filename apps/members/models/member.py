"""The member, and in which branch the relation was on which day."""

from __future__ import annotations

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from apps.branches.models import Grams, OrgOwned, PartyOrg
from apps.core.dated import Dated, dates_in_order
from apps.core.scoping import ScopedManager
from apps.core.sealing import IndexField, SealedField, sealed
from apps.core.versions import Versioned
from apps.enterprises.models import Enterprise
from apps.enterprises.models.enterprise import Days, Identity

from ..kinds import (
    NATIONS,
    Degree,
    Education,
    Entry,
    Focus,
    HonourKind,
    LeavingReason,
    Occupation,
    Relation,
    Sex,
    Stage,
    Standing,
)
from ..querysets import MemberQuerySet, MembershipQuerySet
from ..querysets.member import joining_key


@pghistory.track(exclude=["grams"])
class Member(Versioned, OrgOwned):
    """A Party member whom an organisation of the portal keeps. Never deleted.

    `org` is the branch that answers for the person today: where the relation is (`relation` here), where the
    person is looked after although the relation is elsewhere, or the last branch of somebody who has left. The
    rosters of past days are the dated `Membership` rows. Whether somebody is a full member on a day follows from
    `formal_on`. ID number and phone are sealed at rest.
    """

    code = models.CharField("党员编号", max_length=20, unique=True, editable=False)
    name = models.CharField("姓名", max_length=50)
    initials = models.CharField("拼音首字母", max_length=60, blank=True)
    grams = models.GeneratedField(
        expression=Grams(F("name"), F("initials")), output_field=ArrayField(models.TextField()), db_persist=True
    )
    sex = models.CharField("性别", max_length=1, choices=Sex.choices(), default=Sex.UNKNOWN.value)
    nation = models.CharField("民族", max_length=2, choices=NATIONS, blank=True)
    native_place = models.CharField("籍贯", max_length=50, blank=True)
    born_on = models.DateField("出生日期", null=True, blank=True)
    id_number_sealed = SealedField()
    id_number_index = IndexField(unique=True)
    phone_sealed = SealedField()
    phone_index = IndexField(db_index=True)
    address = models.CharField("住址", max_length=200, blank=True)
    household = models.CharField("户籍所在地", max_length=200, blank=True)
    education = models.CharField("学历", max_length=2, choices=Education.choices(), blank=True)
    degree = models.CharField("学位", max_length=1, choices=Degree.choices(), blank=True)
    school = models.CharField("毕业院校及专业", max_length=80, blank=True)
    work_since = models.DateField("参加工作日期", null=True, blank=True)
    joined_on = models.DateField("入党日期", null=True, blank=True, help_text="支部大会接收为预备党员的日期")
    formal_on = models.DateField("转正日期", null=True, blank=True, help_text="留空表示预备党员")
    probation_until = models.DateField("预备期延长至", null=True, blank=True)
    occupation = models.CharField("职业", max_length=12, choices=Occupation.choices(), blank=True)
    position = models.CharField("工作岗位（职务）", max_length=60, blank=True)
    employer = models.ForeignKey(Enterprise, models.PROTECT, null=True, blank=True, related_name="+",
                                 db_index=False, verbose_name="所在企业")  # fmt: skip
    group = models.ForeignKey(PartyOrg, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="党小组")
    card_number = models.CharField("党员证编号", max_length=30, blank=True)
    focus = ArrayField(models.CharField(max_length=12, choices=Focus.choices()), verbose_name="重点对象",
                       default=list, blank=True)  # fmt: skip
    relation = models.CharField("组织关系", max_length=10, choices=Relation.choices(), default=Relation.HERE.value)
    home_text = models.CharField("组织关系所在党组织", max_length=100, blank=True, help_text="关系在外时填写")
    standing = models.CharField("党籍状态", max_length=10, choices=Standing.choices(), default=Standing.NORMAL.value)
    lost_since = models.DateField("失去联系日期", null=True, blank=True)
    placement_since = models.DateField("待安置起始", null=True, blank=True)
    left_on = models.DateField("离开日期", null=True, blank=True)
    leaving_reason = models.CharField("离开原因", max_length=14, choices=LeavingReason.choices(), blank=True)
    destination = models.CharField("去向", max_length=100, blank=True)
    remark = models.CharField("备注", max_length=300, blank=True)

    id_number = sealed("id_number")
    phone = sealed("phone")

    objects = ScopedManager.from_queryset(MemberQuerySet)()

    class Meta:
        verbose_name = "党员"
        ordering = ["org_path", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(formal_on__isnull=True) | Q(joined_on__isnull=True) | Q(formal_on__gte=F("joined_on")),
                name="member_formal_after_joining", violation_error_message="转正日期不能早于入党日期。",
            ),
            models.CheckConstraint(
                condition=Q(born_on__isnull=True) | Q(joined_on__isnull=True) | Q(joined_on__gt=F("born_on")),
                name="member_joined_after_birth", violation_error_message="入党日期须晚于出生日期。",
            ),
            models.CheckConstraint(
                condition=Q(relation=Relation.LEFT.value, left_on__isnull=False)
                | (~Q(relation=Relation.LEFT.value) & Q(left_on__isnull=True)),
                name="member_left_on_a_day", violation_error_message="已转出的党员须有离开日期。",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["org_path", "id"], condition=Q(relation=Relation.HERE.value), name="member_on_roster"),
            models.Index(fields=["org_path", "id"], condition=Q(relation=Relation.ELSEWHERE.value), name="member_elsewhere"),
            models.Index(fields=["org_path", "id"], name="member_in_tree_order"),
            models.Index(fields=["org"], include=["formal_on"], condition=Q(relation=Relation.HERE.value),
                         name="member_headcount"),
            models.Index(fields=["joined_on"], condition=Q(relation=Relation.HERE.value, formal_on__isnull=True),
                         name="member_on_probation"),
            models.Index(fields=["lost_since"], condition=Q(lost_since__isnull=False), name="member_lost"),
            models.Index(fields=["initials", "id"], condition=Q(relation=Relation.HERE.value), name="member_by_initials"),
            # What the roster is narrowed by, where few of a million answer to it; the common values are met on the way.
            models.Index(fields=["nation"], name="member_by_nation"),
            models.Index(fields=["education"], name="member_by_education"),
            models.Index(fields=["occupation"], name="member_by_occupation"),
            models.Index(fields=["born_on"], name="member_by_birth"),
            models.Index(joining_key(), "id", name="member_by_joining"),
            models.Index(fields=["standing"], condition=~Q(standing="normal"), name="member_by_standing"),
            models.Index(fields=["employer"], condition=Q(employer__isnull=False), name="member_by_employer"),
            models.Index(fields=["placement_since"], condition=Q(placement_since__isnull=False),
                         name="member_awaiting_placement"),
            GinIndex(fields=["grams"], name="member_by_grams"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/members/{self.pk}/"

    def stage_on(self, day: object) -> Stage:
        return Stage.FORMAL if self.formal_on and self.formal_on <= day else Stage.PROBATIONARY


@pghistory.track()
class Membership(Dated, OrgOwned):
    """组织关系 in a branch, from a date until a date: the roster of any day. Ranges of a person cannot overlap.

    `enterprise` is the unit through which the member belongs to a joint branch, as it was then; `group` the 党小组.
    """

    member = models.ForeignKey(Member, models.PROTECT, related_name="memberships", db_index=False, verbose_name="党员")
    group = models.ForeignKey(PartyOrg, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="党小组")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, null=True, blank=True, related_name="+",
                                   db_index=False, verbose_name="所在企业")  # fmt: skip
    entry = models.CharField("转入方式", max_length=14, choices=Entry.choices(), default=Entry.INITIAL.value)
    exit = models.CharField("结束原因", max_length=14, choices=LeavingReason.choices(), blank=True)
    note = models.CharField("说明", max_length=200, blank=True)
    recorded_at = models.DateTimeField("登记时间", db_default=Now())

    objects = ScopedManager.from_queryset(MembershipQuerySet)()

    class Meta:
        verbose_name = "组织关系"
        ordering = ["-since", "-id"]
        constraints = [
            dates_in_order("membership_dates"),
            ExclusionConstraint(
                name="one_membership_a_day",
                expressions=[
                    (Identity("member"), RangeOperators.OVERLAPS),
                    (Days("since", "until"), RangeOperators.OVERLAPS),
                ],
                violation_error_message="同一党员同一天只能在一个党支部。",
            ),
        ]
        indexes = [
            models.Index(fields=["org_path", "id"], name="membership_in_tree_order"),
            models.Index(fields=["member", "since"], name="membership_by_member"),
            models.Index(fields=["enterprise"], condition=Q(enterprise__isnull=False), name="membership_by_enterprise"),
        ]

    def __str__(self) -> str:
        return f"{self.member} {self.since:%Y-%m-%d}"


@pghistory.track()
class Honour(OrgOwned):
    """荣誉、任职推荐、处分 of a member, with the document that says so."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="honours", verbose_name="党员")
    kind = models.CharField("类别", max_length=12, choices=HonourKind.choices())
    title = models.CharField("名称", max_length=100)
    level = models.CharField("授予（任职）单位", max_length=60, blank=True)
    on = models.DateField("日期")
    document = models.CharField("文号", max_length=60, blank=True)
    note = models.CharField("说明", max_length=300, blank=True)

    objects = ScopedManager()

    class Meta:
        verbose_name = "奖惩记录"
        ordering = ["-on", "-id"]

    def __str__(self) -> str:
        return self.title
