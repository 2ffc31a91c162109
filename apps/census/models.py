"""The census: a round for a period, one return for each enterprise, and how each return moved."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Final

import pghistory
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from apps.branches.models import OrgOwned
from apps.core.choices import Choice
from apps.core.clock import minute
from apps.core.periods import Period, PeriodKind
from apps.core.scoping import ScopedManager, ScopedModel
from apps.core.versions import Versioned
from apps.enterprises.kinds import Attitude, ContactMethod, PoliticalStatus, Status, UnbuiltReason
from apps.enterprises.models import Enterprise

from .querysets import CensusReturnQuerySet
from .rules import Action, State, on_time


class RoundKind(Choice):
    """The rhythm of a round: both rhythms exist, and one-off campaigns."""

    QUARTER = "quarter", "季度摸底"
    YEAR = "year", "年度摸底"
    CAMPAIGN = "campaign", "集中普查"


KIND_OF_PERIOD: Final[Mapping[PeriodKind, RoundKind]] = {
    "quarter": RoundKind.QUARTER, "year": RoundKind.YEAR, "month": RoundKind.CAMPAIGN,
}  # fmt: skip
"""A period says what kind of round it is: a campaign takes a month."""


@pghistory.track()
class CensusRound(Versioned, OrgOwned):
    """One census of the enterprises below `org`, for one period.

    Its row is the lock of the period: every dated write into the period takes it FOR SHARE, the closing
    FOR UPDATE. Facts of the period are those in force on its last day, or on the closing day if earlier.
    """

    kind = models.CharField("类型", max_length=10, choices=RoundKind.choices(), default=RoundKind.QUARTER.value)
    period = models.CharField("周期", max_length=10)
    title = models.CharField("名称", max_length=60)
    starts_on = models.DateField("周期起始日")
    ends_on = models.DateField("周期次日")
    opens_on = models.DateField("开始日期")
    due_on = models.DateField("截止日期")
    on_time_days = models.PositiveSmallIntegerField("截止后仍算按时的天数", default=0)
    opened_by_name = models.CharField("发起人", max_length=50)
    closed_at = models.DateTimeField("关闭时间", null=True, blank=True)
    closed_by_name = models.CharField("关闭人", max_length=50, blank=True)

    objects = ScopedManager()

    class Meta:
        verbose_name = "摸底"
        ordering = ["-starts_on", "org_path"]
        constraints = [
            models.UniqueConstraint(fields=["org", "kind", "period"], name="one_round_a_period",
                                    violation_error_message="这个组织在这个周期已经开展摸底。"),
            models.CheckConstraint(condition=Q(due_on__gte=F("opens_on")), name="round_due_after_opening",
                                   violation_error_message="截止日期不能早于开始日期。"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/census/{self.pk}/"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def span(self) -> Period:
        return Period.parse(self.period)

    @property
    def closed_on(self) -> datetime.date | None:
        return timezone.localdate(self.closed_at) if self.closed_at else None

    @property
    def locks_period(self) -> bool:
        """A closed quarter or year takes no more dated writes; a campaign locks its own returns only."""
        return self.kind != RoundKind.CAMPAIGN

    def as_of(self, today: datetime.date) -> datetime.date:
        """The day whose facts the round is about: the period's last, or the closing day (today) if earlier."""
        return min(self.span.last_day, self.closed_on or today)

    def takes_in_time(self, day: datetime.date) -> bool:
        """Whether a return that is submitted on the day is on time."""
        return on_time(day, due_on=self.due_on, on_time_days=self.on_time_days)

    def closing_sentence(self) -> str:
        """Who closed the round and when. Only for a closed one."""
        day = self.closed_on
        assert day is not None
        return f"{self.span.label}已于{day.year}年{day.month}月{day.day}日由{self.closed_by_name}关闭"


@pghistory.track()
class CensusReturn(Versioned, ScopedModel):
    """摸底表: what one enterprise's return says, 五清 section by section. Numbers are persons.

    Pre-filled when the round opens; approving it writes the register. NULL in a count means not asked yet;
    in a 清 it means not answered, and no means 不清. A locked return keeps in `locked_from` the state in which
    the closing found it, empty for an enterprise that had left without an answer.
    """

    scope_lookup = "enterprise__org_path"

    round = models.ForeignKey(CensusRound, models.PROTECT, related_name="returns", verbose_name="摸底")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="census_returns", verbose_name="企业")
    state = models.CharField("状态", max_length=12, choices=State.choices(), default=State.NOT_STARTED.value)
    no_change = models.BooleanField("本季无变化", default=False)
    method = models.CharField("摸排方式", max_length=10, choices=ContactMethod.choices(), blank=True)
    checked_on = models.DateField("摸排日期", null=True, blank=True)
    answered_by_id = models.BigIntegerField(null=True, blank=True, editable=False)
    answered_by_name = models.CharField("填报人", max_length=50, blank=True)
    submitted_on = models.DateField("上报日期", null=True, blank=True)
    is_on_time = models.BooleanField("按时", null=True, blank=True)
    locked_from = models.CharField("关闭时状态", max_length=12, choices=State.choices(), blank=True)
    reopened_until = models.DateField("重新开放至", null=True, blank=True)

    # 经营运行
    operations_clear = models.BooleanField("经营运行清", null=True, blank=True)
    status = models.CharField("经营状态", max_length=10, choices=Status.choices(), default=Status.OPERATING.value)
    has_premises = models.BooleanField("有固定经营场所", default=True)
    has_operations = models.BooleanField("有生产经营活动", default=True)
    # 职工队伍
    staff_clear = models.BooleanField("职工队伍清", null=True, blank=True)
    staff = models.PositiveIntegerField("职工数", default=0)
    staff_under_35 = models.PositiveIntegerField("35岁以下职工", null=True, blank=True)
    staff_college = models.PositiveIntegerField("大专以上职工", null=True, blank=True)
    # 党员队伍
    members_clear = models.BooleanField("党员队伍清", null=True, blank=True)
    formal_members = models.PositiveIntegerField("正式党员", default=0)
    probationary_members = models.PositiveIntegerField("预备党员", default=0)
    members_elsewhere = models.PositiveIntegerField("关系未转入党员", default=0)
    applicants = models.PositiveIntegerField("入党申请人和积极分子", default=0)
    # 出资人（负责人）, with the 四个底数 beyond members
    owner_clear = models.BooleanField("出资人（负责人）清", null=True, blank=True)
    leader_name = models.CharField("出资人（负责人）", max_length=50, blank=True)
    leader_status = models.CharField("负责人政治面貌", max_length=2, choices=PoliticalStatus.choices(), blank=True)
    attitude = models.CharField("企业主认同度", max_length=10, choices=Attitude.choices(), blank=True)
    technologists = models.PositiveIntegerField("非党员科技人才", null=True, blank=True)
    minor_party_members = models.PositiveIntegerField("民主党派人士", null=True, blank=True)
    foreigners = models.PositiveIntegerField("外籍人士", null=True, blank=True)
    # 未建党组织原因
    unbuilt_reason = models.CharField("未建党组织原因", max_length=20, choices=UnbuiltReason.choices(), blank=True)
    unbuilt_note = models.CharField("未建原因说明", max_length=200, blank=True)
    planned_on = models.DateField("计划组建日期", null=True, blank=True)

    change_reason = models.CharField("变化说明", max_length=300, blank=True)
    comment = models.CharField("审核意见", max_length=300, blank=True)
    reviewed_by_name = models.CharField("审核人", max_length=50, blank=True)
    reviewed_at = models.DateTimeField("审核时间", null=True, blank=True)

    objects = ScopedManager.from_queryset(CensusReturnQuerySet)()

    class Meta:
        verbose_name = "摸底表"
        ordering = ["round", "id"]
        constraints = [
            models.UniqueConstraint(fields=["round", "enterprise"], name="one_return_an_enterprise",
                                    violation_error_message="这家企业在本期已有摸底表。"),
        ]  # fmt: skip
        indexes = [models.Index(fields=["round", "state"], name="return_by_state")]

    def __str__(self) -> str:
        return f"{self.round} {self.enterprise}"

    def get_absolute_url(self) -> str:
        return f"/census/returns/{self.pk}/"


@pghistory.track()
class ReturnEvent(ScopedModel):
    """One step of a return: who moved it, when, with which comment."""

    scope_lookup = "census_return__enterprise__org_path"

    census_return = models.ForeignKey(CensusReturn, models.PROTECT, related_name="events")
    action = models.CharField("动作", max_length=10, choices=Action.choices())
    at = models.DateTimeField("时间", db_default=Now())
    actor_name = models.CharField("操作人", max_length=50)
    comment = models.CharField("意见", max_length=300, blank=True)

    objects = ScopedManager()

    class Meta:
        verbose_name = "摸底表流转"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{minute(self.at)} {self.actor_name} {self.get_action_display()}"
