"""What study is fed from: themes of the month, lecturers, materials."""

from __future__ import annotations

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from apps.branches.models import OrgOwned, Shared
from apps.core.dated import Dated, dates_in_order
from apps.core.scoping import ScopedManager
from apps.core.versions import Versioned
from apps.members.models import Member

from ..kinds import BookingState
from ..querysets import LecturerBookingQuerySet, LecturerQuerySet, ThemeQuerySet


@pghistory.track()
class Theme(Versioned, OrgOwned):
    """一月一专题: what `org` asks the branches below it to study in a month. Done where a record names it."""

    month = models.DateField("月份", help_text="当月第一天")
    title = models.CharField("专题", max_length=100)
    outline = models.TextField("要点", max_length=2000, blank=True)

    objects = ScopedManager.from_queryset(ThemeQuerySet)()

    class Meta:
        verbose_name = "月度专题"
        ordering = ["-month", "id"]
        constraints = [
            models.UniqueConstraint(fields=["org", "month", "title"], name="one_theme_of_a_name",
                                    violation_error_message="这个月已有同名专题。"),
        ]  # fmt: skip
        indexes = [models.Index(fields=["org_path", "month"], name="theme_in_tree")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/themes/{self.pk}/"


@pghistory.track()
class Lecturer(Versioned, Dated, OrgOwned):
    """红色讲师团: somebody whom branches may invite to teach, from a date until a date."""

    name = models.CharField("姓名", max_length=50)
    member = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="党员")
    unit = models.CharField("单位及职务", max_length=100, blank=True)
    topics = models.CharField("主讲专题", max_length=300, blank=True)
    note = models.CharField("备注", max_length=200, blank=True)

    objects = ScopedManager.from_queryset(LecturerQuerySet)()

    class Meta:
        verbose_name = "讲师"
        ordering = ["org_path", "id"]
        constraints = [dates_in_order("lecturer_dates")]
        indexes = [models.Index(fields=["org_path", "id"], name="lecturer_in_tree_order")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/lecturers/{self.pk}/"


@pghistory.track()
class LecturerBooking(Versioned, Shared):
    """A branch (`other_org`) invites a lecturer of `org`; done when a record of the activity names the lecturer."""

    lecturer = models.ForeignKey(Lecturer, models.PROTECT, related_name="bookings", verbose_name="讲师")
    on = models.DateField("日期")
    topic = models.CharField("题目", max_length=100)
    place = models.CharField("地点", max_length=100, blank=True)
    contact_name = models.CharField("联系人", max_length=50, blank=True)
    state = models.CharField("状态", max_length=9, choices=BookingState.choices(), default=BookingState.REQUESTED.value)
    answer = models.CharField("答复", max_length=200, blank=True)
    requested_at = models.DateTimeField("预约时间", db_default=Now())

    objects = ScopedManager.from_queryset(LecturerBookingQuerySet)()

    class Meta:
        verbose_name = "讲师预约"
        ordering = ["-on", "-id"]
        indexes = [
            models.Index(fields=["org_path", "id"], name="lecturer_booking_in_tree"),
            models.Index(fields=["other_path", "id"], name="lecturer_booking_by_other"),
        ]

    def __str__(self) -> str:
        return f"{self.lecturer} {self.topic}"


@pghistory.track()
class StudyMaterial(Versioned, OrgOwned):
    """学习材料 that `org` hands to everybody below it; files are attachments. Reading it needs no receipt."""

    title = models.CharField("题目", max_length=100)
    body = models.TextField("内容", max_length=20000, blank=True)
    theme = models.ForeignKey(
        Theme, models.PROTECT, null=True, blank=True, related_name="materials", verbose_name="专题"
    )
    published_on = models.DateField("发布日期")
    keywords = ArrayField(models.CharField(max_length=20), verbose_name="关键词", default=list, blank=True)

    objects = ScopedManager()

    class Meta:
        verbose_name = "学习材料"
        ordering = ["-published_on", "-id"]
        indexes = [models.Index(fields=["org_path", "id"], name="study_material_in_tree")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/materials/{self.pk}/"
