"""Who holds a Party post, who could, and the people outside the Party whom the united front keeps in mind."""

from __future__ import annotations

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from apps.branches.models import Grams, OrgOwned, Term
from apps.core.dated import Dated, dates_in_order
from apps.core.scoping import ScopedManager
from apps.core.sealing import IndexField, SealedField, sealed
from apps.core.versions import Versioned
from apps.enterprises.models import Enterprise
from apps.enterprises.models.enterprise import Days, Identity

from ..kinds import PostBasis, PostRole, PostSource, Sex, TalentKind, UnitedFrontKind
from ..querysets import PostQuerySet, TalentQuerySet, UnitedFrontQuerySet
from .member import Member


@pghistory.track()
class Post(Versioned, Dated, OrgOwned):
    """班子任职: who holds which post in `org`, from a date until a date.

    The holder may be a member of the roster or somebody sent (街道党工委副书记 as park secretary): then `member` is
    empty. `source_unit` is where the person comes from, `concurrent` the posts held besides. 书记、副书记 are
    approved (批准) and 委员 put on file (备案) by the organisation above.
    """

    member = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="posts", verbose_name="党员")
    name = models.CharField("姓名", max_length=50)
    role = models.CharField("党内职务", max_length=12, choices=PostRole.choices())
    term = models.ForeignKey(Term, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="届次")
    basis = models.CharField("产生方式", max_length=12, choices=PostBasis.choices(), default=PostBasis.ELECTED.value)
    source = models.CharField("选配来源", max_length=10, choices=PostSource.choices(), blank=True)
    source_unit = models.CharField("来源单位", max_length=80, blank=True)
    concurrent = models.CharField("兼任职务", max_length=100, blank=True)
    full_time = models.BooleanField("专职", default=False)
    document = models.CharField("批准（备案）文号", max_length=60, blank=True)
    document_on = models.DateField("批准（备案）日期", null=True, blank=True)
    note = models.CharField("备注", max_length=200, blank=True)

    objects = ScopedManager.from_queryset(PostQuerySet)()

    class Meta:
        verbose_name = "班子任职"
        ordering = ["org_path", "-since", "id"]
        constraints = [
            dates_in_order("post_dates"),
            ExclusionConstraint(
                name="one_secretary_a_day",
                expressions=[
                    (Identity("org"), RangeOperators.OVERLAPS),
                    (Days("since", "until"), RangeOperators.OVERLAPS),
                ],
                condition=Q(role=PostRole.SECRETARY.value),
                violation_error_message="这个党组织在这段时间已有书记。",
            ),
        ]
        indexes = [models.Index(fields=["org_path", "id"], name="post_in_tree_order")]

    def __str__(self) -> str:
        return f"{self.name} {self.get_role_display()}"

    def get_absolute_url(self) -> str:
        return f"/posts/{self.pk}/"


@pghistory.track()
class Talent(Versioned, OrgOwned):
    """党务人才库: somebody fit for Party work, with the certificate and where the person was placed."""

    member = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="talents", verbose_name="党员")
    name = models.CharField("姓名", max_length=50)
    unit = models.CharField("所在单位", max_length=100, blank=True)
    kind = models.CharField("人才类别", max_length=20, choices=TalentKind.choices())
    joined_on = models.DateField("入库日期")
    certificate = models.CharField("资质证书", max_length=60, blank=True)
    certificate_number = models.CharField("证书编号", max_length=40, blank=True)
    issued_on = models.DateField("发证日期", null=True, blank=True)
    expires_on = models.DateField("证书有效期至", null=True, blank=True)
    placed_on = models.DateField("输送日期", null=True, blank=True)
    placed_as = models.CharField("输送去向", max_length=100, blank=True)
    in_management = models.BooleanField("进入管理层", default=False)
    left_on = models.DateField("出库日期", null=True, blank=True)
    note = models.CharField("备注", max_length=200, blank=True)

    objects = ScopedManager.from_queryset(TalentQuerySet)()

    class Meta:
        verbose_name = "党务人才"
        ordering = ["org_path", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_on__isnull=True) | Q(issued_on__isnull=True) | Q(expires_on__gt=F("issued_on")),
                name="talent_certificate_dates", violation_error_message="证书有效期须晚于发证日期。",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/talents/{self.pk}/"


@pghistory.track(exclude=["grams"])
class UnitedFrontPerson(Versioned, OrgOwned):
    """统战对象: somebody outside the Party in a park enterprise. Seen only with a permission of its own."""

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, null=True, blank=True, related_name="+",
                                   verbose_name="所在企业")  # fmt: skip
    name = models.CharField("姓名", max_length=50)
    initials = models.CharField("拼音首字母", max_length=60, blank=True)
    grams = models.GeneratedField(
        expression=Grams(F("name"), F("initials")), output_field=ArrayField(models.TextField()), db_persist=True
    )
    sex = models.CharField("性别", max_length=1, choices=Sex.choices(), default=Sex.UNKNOWN.value)
    kind = models.CharField("类别", max_length=20, choices=UnitedFrontKind.choices())
    party = models.CharField("所属党派", max_length=20, blank=True)
    nationality = models.CharField("国籍（地区）", max_length=30, blank=True)
    position = models.CharField("职务（职称）", max_length=60, blank=True)
    speciality = models.CharField("专业特长", max_length=100, blank=True)
    appointments = models.CharField("社会职务", max_length=100, blank=True)
    phone_sealed = SealedField()
    phone_index = IndexField(db_index=True)
    contact_name = models.CharField("联系人", max_length=50, blank=True)
    registered_on = models.DateField("登记日期")
    left_on = models.DateField("离开日期", null=True, blank=True)
    note = models.CharField("备注", max_length=300, blank=True)

    phone = sealed("phone")

    objects = ScopedManager.from_queryset(UnitedFrontQuerySet)()

    class Meta:
        verbose_name = "统战对象"
        ordering = ["org_path", "id"]
        indexes = [GinIndex(fields=["grams"], name="united_front_by_grams")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/united-front/{self.pk}/"
