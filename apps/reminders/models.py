"""What is due, to whom, by which channel, exactly once."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from apps.branches.models import OrgOwned
from apps.core.models.fields import PathField
from apps.core.scoping import ScopedManager
from apps.core.versions import Versioned


class Channel(models.TextChoices):
    IN_APP = "in_app", "站内消息"
    EMAIL = "email", "电子邮件"
    ROBOT = "robot", "群机器人"


class Robot(Versioned, OrgOwned):
    """A DingTalk/WeCom-style group robot that gets one digest a day of what is due below its organisation."""

    class Kind(models.TextChoices):
        DINGTALK = "dingtalk", "钉钉"
        WECOM = "wecom", "企业微信"
        PLAIN = "plain", "通用（JSON）"

    name = models.CharField("名称", max_length=40)
    kind = models.CharField("类型", max_length=10, choices=Kind)
    url = models.URLField("Webhook 地址", max_length=400)
    secret = models.CharField("加签密钥", max_length=100, blank=True)
    is_active = models.BooleanField("启用", default=True)

    objects = ScopedManager()

    class Meta:
        verbose_name = "群机器人"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Digest(models.Model):
    """What one person (or robot) got by one external channel on one day: at most one a day.

    Claimed before the channel is called and marked after. A claim that never got its mark is 状态不明:
    a channel that cannot de-duplicate is not called a second time on its own; a person decides.
    """

    class State(models.TextChoices):
        CLAIMED = "claimed", "发送中"
        SENT = "sent", "已发送"
        FAILED = "failed", "发送失败"
        UNKNOWN = "unknown", "状态不明"

    channel = models.CharField("渠道", max_length=10, choices=Channel)
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    robot = models.ForeignKey(Robot, models.CASCADE, null=True, related_name="+")
    day = models.DateField("日期")
    key = models.UUIDField(unique=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.CLAIMED)
    items = models.PositiveIntegerField("事项数", default=0)
    attempts = models.PositiveSmallIntegerField("次数", default=1)
    lease_until = models.DateTimeField()
    problem = models.CharField("问题", max_length=300, blank=True)
    sent_at = models.DateTimeField("发送时间", null=True)

    class Meta:
        verbose_name = "每日汇总"
        ordering = ["-day", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "recipient", "robot", "day"], name="one_digest_a_day", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} {self.get_channel_display()}"


class Reminder(models.Model):
    """One thing due, told to one recipient by one channel, once for each step (opening, 7 days before, …).

    Belongs to its recipient, not to a scope: who holds the post when it is planned gets it. `org_path`
    is that of the subject, for the one level up when nobody holds the post.
    """

    class State(models.TextChoices):
        PLANNED = "planned", "待发"
        CLAIMED = "claimed", "发送中"
        SENT = "sent", "已发"
        DROPPED = "dropped", "已不需要"

    rule = models.CharField("规则", max_length=60)
    subject_id = models.BigIntegerField()
    period = models.CharField("周期", max_length=10)
    step = models.CharField("步骤", max_length=20)
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    robot = models.ForeignKey(Robot, models.CASCADE, null=True, related_name="+")
    channel = models.CharField("渠道", max_length=10, choices=Channel)
    org_path = PathField()
    title = models.CharField("事项", max_length=200)
    when_text = models.CharField("时限", max_length=60)
    url = models.CharField(max_length=200)
    due_on = models.DateField("到期日")
    state = models.CharField("状态", max_length=10, choices=State, default=State.PLANNED, db_default=State.PLANNED)
    digest = models.ForeignKey(Digest, models.SET_NULL, null=True, related_name="reminders")
    planned_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "提醒"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "subject_id", "period", "step", "recipient", "robot", "channel"],
                name="one_reminder_a_step", nulls_distinct=False,
            )
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["id"], condition=Q(state="planned"), name="reminder_planned"),
            models.Index(
                fields=["recipient", "-id"], condition=Q(channel="in_app", state="sent"), name="reminder_inbox"
            ),
            models.Index(fields=["digest"], name="reminder_by_digest"),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.when_text}"
