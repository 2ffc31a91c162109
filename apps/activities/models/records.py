"""The record of an activity, which branches held it, who was there, what was voted, what follows."""

from __future__ import annotations

import uuid

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from apps.branches.models import OrgOwned, Shared
from apps.branches.rules.voting import VoteKind
from apps.core.scoping import ScopedManager
from apps.core.versions import Versioned
from apps.members.models import Member

from ..kinds import COUNTED, AbsenceReason, Presence, State
from ..querysets import ActivityQuerySet, AttendanceQuerySet, ParticipationQuerySet
from .education import Lecturer, Theme
from .kinds import ActivityForm, ActivityKind
from .venues import Venue


@pghistory.track()
class Activity(Versioned, OrgOwned):
    """One activity that `org` held, or plans to hold: logged once, everything else follows from it.

    It belongs to the period of `held_on`, the local day of its start, however late it is entered; `reported_on` is
    the day of the first 提交, from which 按时 is judged. `second_kind` is the other kind that the record serves where
    the rules allow it (党课 inside 主题党日). Which branches held it are the `Participation` rows, the host among
    them. `minutes` is plain text or, with `minutes_rich`, cleaned HTML. `key` comes from the form: a record is saved
    once, however often it is sent. Into a closed quarter it is a correction with its reason and a number on approval;
    one that is to change a record of a closed quarter stands beside it (`replaces`) and is taken over into it then.
    """

    kind = models.ForeignKey(ActivityKind, models.PROTECT, related_name="+", db_index=False, verbose_name="类别")
    second_kind = models.ForeignKey(ActivityKind, models.PROTECT, null=True, blank=True, related_name="+",
                                    db_index=False, verbose_name="同时作为")  # fmt: skip
    form = models.ForeignKey(ActivityForm, models.PROTECT, null=True, blank=True, related_name="+",
                             db_index=False, verbose_name="形式")  # fmt: skip
    state = models.CharField("状态", max_length=10, choices=State.choices(), default=State.DRAFT.value)
    title = models.CharField("主题", max_length=100)
    starts_at = models.DateTimeField("开始时间")
    ends_at = models.DateTimeField("结束时间", null=True, blank=True)
    held_on = models.DateField("日期", editable=False)
    place = models.CharField("地点", max_length=100, blank=True)
    venue = models.ForeignKey(Venue, models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
                              verbose_name="阵地")  # fmt: skip
    link = models.URLField("线上地址", max_length=300, blank=True)
    chair = models.CharField("主持人", max_length=50, blank=True)
    recorder = models.CharField("记录人", max_length=50, blank=True)
    lecturer = models.ForeignKey(Lecturer, models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
                                 verbose_name="讲师")  # fmt: skip
    speaker = models.CharField("主讲人", max_length=50, blank=True)
    theme = models.ForeignKey(Theme, models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
                              verbose_name="专题")  # fmt: skip
    guests = models.CharField("列席人员", max_length=300, blank=True)
    units = models.CharField("参加单位", max_length=300, blank=True)
    agenda = models.TextField("议题", max_length=2000, blank=True)
    minutes = models.TextField("内容记录", max_length=50000, blank=True)
    minutes_rich = models.BooleanField("内容记录含格式", default=False)
    resolution = models.TextField("形成的决议", max_length=5000, blank=True)
    study_hours = models.DecimalField("学时", max_digits=4, decimal_places=1, default=0)
    expected = models.PositiveIntegerField("应到", default=0)
    present = models.PositiveIntegerField("实到", default=0)
    visitors = models.PositiveIntegerField("来访党员", default=0)
    others_present = models.PositiveIntegerField("其他参加人数", default=0, help_text="入党积极分子、职工群众等")
    key = models.UUIDField("表单编号", default=uuid.uuid4, unique=True, editable=False)
    recorded_at = models.DateTimeField("登记时间", db_default=Now())
    recorded_by_name = models.CharField("登记人", max_length=100, blank=True)
    reported_on = models.DateField("提交日期", null=True, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
                               db_index=False, verbose_name="提交人")  # fmt: skip
    reviewed_at = models.DateTimeField("审核时间", null=True, blank=True)
    reviewed_by_name = models.CharField("审核人", max_length=100, blank=True)
    review_note = models.CharField("审核意见", max_length=300, blank=True)
    correction_number = models.PositiveSmallIntegerField("更正编号", null=True, blank=True)
    correction_reason = models.CharField("更正原因", max_length=300, blank=True)
    replaces = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
                                 verbose_name="所更正的记录")  # fmt: skip

    objects = ScopedManager.from_queryset(ActivityQuerySet)()

    class Meta:
        verbose_name = "活动"
        ordering = ["-held_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")), name="activity_times",
                violation_error_message="结束时间须晚于开始时间。",
            ),
            models.CheckConstraint(
                condition=Q(second_kind__isnull=True) | ~Q(second_kind=F("kind")), name="activity_kinds_differ",
                violation_error_message="“同时作为”须是另一种类别。",
            ),
            models.CheckConstraint(
                condition=Q(present__lte=F("expected")), name="activity_present_within_expected",
                violation_error_message="实到人数不能多于应到人数。",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["org_path", "id"], name="activity_in_tree_order"),
            models.Index(fields=["org", "held_on"], name="activity_by_branch"),
            models.Index(fields=["-held_on", "-id"], name="activity_newest"),
            models.Index(fields=["org_path"], condition=Q(state=State.SUBMITTED.value), name="activity_waiting"),
            models.Index(fields=["venue", "held_on"], condition=Q(venue__isnull=False), name="activity_by_venue"),
            models.Index(
                fields=["lecturer", "held_on"], condition=Q(lecturer__isnull=False), name="activity_by_lecturer"
            ),
            models.Index(fields=["theme"], condition=Q(theme__isnull=False), name="activity_by_theme"),
            models.Index(fields=["replaces"], condition=Q(replaces__isnull=False), name="activity_by_replaced"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/activities/{self.pk}/"


class Participation(OrgOwned):
    """A branch that held an activity: the host, and in a joint activity each other branch, which sees the record.

    One activity is one record, counted once for each of its branches. Kind, day and state repeat those of the
    activity, so that lists and counts of millions need no join; the record services alone write them.
    """

    activity = models.ForeignKey(Activity, models.CASCADE, related_name="participations", verbose_name="活动")
    is_host = models.BooleanField("主办", default=True)
    kind = models.ForeignKey(ActivityKind, models.PROTECT, related_name="+", db_index=False, verbose_name="类别")
    second_kind = models.ForeignKey(ActivityKind, models.PROTECT, null=True, blank=True, related_name="+",
                                    db_index=False, verbose_name="同时作为")  # fmt: skip
    held_on = models.DateField("日期")
    state = models.CharField("状态", max_length=10, choices=State.choices())
    reported_on = models.DateField("提交日期", null=True, blank=True)
    expected = models.PositiveIntegerField("应到", default=0)
    present = models.PositiveIntegerField("实到", default=0)

    objects = ScopedManager.from_queryset(ParticipationQuerySet)()

    class Meta:
        verbose_name = "参加党组织"
        ordering = ["-held_on", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["activity", "org"], name="one_participation_per_branch",
                                    violation_error_message="这个党组织已列入这次活动。"),
            models.UniqueConstraint(fields=["activity"], condition=Q(is_host=True), name="one_host_per_activity"),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["org_path", "-held_on", "-id"], name="participation_in_tree"),
            models.Index(fields=["org", "held_on"], include=["kind", "second_kind", "reported_on"],
                         condition=Q(state__in=[s.value for s in COUNTED]), name="participation_counted"),
            models.Index(fields=["-held_on", "-id"], name="participation_newest"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.org} {self.activity}"

    def get_absolute_url(self) -> str:
        return f"/activities/{self.activity_id}/"


class Attendance(Shared):
    """One person at one activity: expected and there, expected and absent with a reason, or there as a visitor.

    `org` is the participating organisation (支部, 党小组, 班子) on whose roster of that day the person stood, or, for
    a visitor, the host; `other_org` is the home branch of a visitor, and of whoever else has the relation in a branch
    that would not see the row otherwise. `hours` are the 学时 that it gave, 0 for who was absent. Narrow on purpose:
    there are tens of millions of them.
    """

    activity = models.ForeignKey(Activity, models.CASCADE, related_name="attendances", verbose_name="活动")
    member = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False, verbose_name="党员")
    held_on = models.DateField("日期")
    is_visitor = models.BooleanField("来访", default=False)
    presence = models.CharField("到会情况", max_length=7, choices=Presence.choices())
    reason = models.CharField("缺席原因", max_length=9, choices=AbsenceReason.choices(), blank=True)
    note = models.CharField("说明", max_length=60, blank=True)
    hours = models.DecimalField("学时", max_digits=4, decimal_places=1, default=0)
    counted = models.BooleanField("计入", default=False, help_text="记录已提交或已确认")

    objects = ScopedManager.from_queryset(AttendanceQuerySet)()

    class Meta:
        verbose_name = "签到"
        ordering = ["activity", "id"]
        constraints = [
            models.UniqueConstraint(fields=["activity", "member"], name="one_attendance_per_person",
                                    violation_error_message="同一人在一次活动中只记一次。"),
            models.CheckConstraint(
                condition=Q(presence=Presence.PRESENT.value, reason="") | (Q(presence=Presence.ABSENT.value) & ~Q(reason="")),
                name="absent_with_reason", violation_error_message="缺席须选择原因。",
            ),
            models.CheckConstraint(
                condition=Q(presence=Presence.PRESENT.value) | Q(hours=0), name="no_hours_for_absent",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["member", "held_on"], name="attendance_by_member"),
            models.Index(fields=["other_path"], condition=~Q(other_path=""), name="attendance_by_home"),
        ]

    def __str__(self) -> str:
        return f"{self.member} {self.get_presence_display()}"


@pghistory.track()
class Vote(Versioned, OrgOwned):
    """表决 at a meeting: who voted and the totals; with a secret ballot never the link between the two.

    `expected` are those with the right to vote on the day, without who may be left out (`left_out`, with the
    reason); whether there was a quorum and a majority is `branches.rules.voting`, kept as it was found.
    """

    activity = models.ForeignKey(Activity, models.CASCADE, related_name="votes", verbose_name="活动")
    kind = models.CharField("表决事项类别", max_length=10, choices=VoteKind.choices())
    matter = models.CharField("表决事项", max_length=200)
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="涉及的党员"
    )
    is_secret = models.BooleanField("无记名", default=False)
    expected = models.PositiveIntegerField("应到会有表决权人数")
    present = models.PositiveIntegerField("实到有表决权人数")
    yes = models.PositiveIntegerField("赞成")
    no = models.PositiveIntegerField("反对", default=0)
    abstained = models.PositiveIntegerField("弃权", default=0)
    written_yes = models.PositiveIntegerField("书面赞成", default=0)
    written_no = models.PositiveIntegerField("书面反对", default=0)
    left_out = models.PositiveIntegerField("不计入人数", default=0)
    left_out_reason = models.CharField("不计入的原因和批准", max_length=200, blank=True)
    is_passed = models.BooleanField("通过")
    voters = ArrayField(models.BigIntegerField(), verbose_name="参加表决的党员", default=list, blank=True)

    objects = ScopedManager()

    class Meta:
        verbose_name = "表决"
        ordering = ["id"]

    def __str__(self) -> str:
        return self.matter


@pghistory.track()
class FollowUp(Versioned, OrgOwned):
    """What a resolution asks for: who does what until when, and when it was done (联席会议 above all)."""

    activity = models.ForeignKey(Activity, models.CASCADE, related_name="follow_ups", verbose_name="活动")
    content = models.CharField("事项", max_length=200)
    owner_name = models.CharField("责任人", max_length=50)
    due_on = models.DateField("完成期限")
    done_on = models.DateField("完成日期", null=True, blank=True)
    result = models.CharField("落实情况", max_length=300, blank=True)

    objects = ScopedManager()

    class Meta:
        verbose_name = "落实事项"
        ordering = ["due_on", "id"]
        indexes = [
            models.Index(fields=["org_path", "due_on"], condition=Q(done_on__isnull=True), name="follow_up_open")
        ]

    def __str__(self) -> str:
        return self.content


class SignInCode(OrgOwned):
    """扫码签到 of one activity: a token that expires. Optional, and off unless the place switches it on."""

    activity = models.OneToOneField(Activity, models.CASCADE, related_name="sign_in_code", verbose_name="活动")
    token = models.CharField("签到码", max_length=64, unique=True)
    expires_at = models.DateTimeField("失效时间")

    objects = ScopedManager()

    class Meta:
        verbose_name = "签到码"
