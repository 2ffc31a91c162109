"""阵地: rooms for Party life, what stands in them, who may use them when."""

from __future__ import annotations

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Now

from apps.branches.models import OrgOwned, Shared
from apps.core.dated import Dated, dates_in_order
from apps.core.scoping import ScopedManager
from apps.core.versions import Versioned
from apps.enterprises.models import Enterprise, Park
from apps.enterprises.models.enterprise import Identity

from ..kinds import BookingState, VenueKind
from ..querysets import BookingQuerySet, VenueQuerySet


class Times(Func):
    """[starts_at, ends_at) as a range of moments."""

    function = "tstzrange"
    output_field = DateTimeRangeField()


@pghistory.track()
class Venue(Versioned, Dated, OrgOwned):
    """阵地 that `org` runs, from a date until a date: a centre, a room, a base.

    `checklist` holds for each code of the standard list (`rules.venues`) whether it is there. A venue that is `open_to_others`
    may be booked by every branch of the portal; a centre owes an event each month. A room inside a larger venue names it
    (`part_of`); then the rooms are booked, never the whole.
    """

    name = models.CharField("名称", max_length=60)
    kind = models.CharField("类别", max_length=14, choices=VenueKind.choices())
    park = models.ForeignKey(Park, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="园区")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, null=True, blank=True, related_name="+",
                                   verbose_name="所在企业")  # fmt: skip
    part_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="rooms",
                                verbose_name="所属阵地")  # fmt: skip
    address = models.CharField("地址", max_length=120, blank=True)
    area = models.DecimalField("面积（平方米）", max_digits=8, decimal_places=1, null=True, blank=True)
    seats = models.PositiveSmallIntegerField("座位数", null=True, blank=True)
    layout = models.CharField("布局", max_length=200, blank=True, help_text="如：一廊两站七室一基地")
    checklist = models.JSONField("标准配置", default=dict, blank=True)
    checked_on = models.DateField("核查日期", null=True, blank=True)
    open_to_others = models.BooleanField("向其他党组织开放", default=False)
    opening_hours = models.CharField("开放时间", max_length=100, blank=True)
    contact_name = models.CharField("联系人", max_length=50, blank=True)
    note = models.CharField("备注", max_length=200, blank=True)

    objects = ScopedManager.from_queryset(VenueQuerySet)()

    class Meta:
        verbose_name = "阵地"
        ordering = ["org_path", "id"]
        constraints = [dates_in_order("venue_dates")]
        indexes = [
            models.Index(fields=["org_path", "id"], name="venue_in_tree_order"),
            models.Index(fields=["id"], condition=Q(open_to_others=True), name="venue_open"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/venues/{self.pk}/"


@pghistory.track()
class VenueBooking(Versioned, Shared):
    """A venue for some hours. `org` runs the venue and answers, `other_org` asked; hours never overlap."""

    venue = models.ForeignKey(Venue, models.PROTECT, related_name="bookings", verbose_name="阵地")
    starts_at = models.DateTimeField("开始时间")
    ends_at = models.DateTimeField("结束时间")
    purpose = models.CharField("用途", max_length=100)
    people = models.PositiveSmallIntegerField("人数", null=True, blank=True)
    contact_name = models.CharField("预约人", max_length=50, blank=True)
    state = models.CharField("状态", max_length=9, choices=BookingState.choices(), default=BookingState.REQUESTED.value)
    answer = models.CharField("答复", max_length=200, blank=True)
    requested_at = models.DateTimeField("预约时间", db_default=Now())

    objects = ScopedManager.from_queryset(BookingQuerySet)()

    class Meta:
        verbose_name = "阵地预约"
        ordering = ["-starts_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="venue_booking_times",
                                   violation_error_message="结束时间须晚于开始时间。"),
            ExclusionConstraint(
                name="no_double_booking",
                expressions=[
                    (Identity("venue"), RangeOperators.OVERLAPS),
                    (Times("starts_at", "ends_at"), RangeOperators.OVERLAPS),
                ],
                condition=Q(state__in=[BookingState.REQUESTED.value, BookingState.ACCEPTED.value]),
                violation_error_message="这段时间已有预约。",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["org_path", "id"], name="venue_booking_in_tree_order"),
            models.Index(fields=["other_path", "id"], name="venue_booking_by_other"),
        ]

    def __str__(self) -> str:
        return f"{self.venue} {self.purpose}"
