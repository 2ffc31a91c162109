"""Work outside the request, visible to its owner under 我的任务."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class Job(models.Model):
    """One piece of background work: what, for whom, how far.

    The row is the truth and the queue only a hint: a sweeper queues rows again whose message was lost,
    and fails rows whose worker died. `params` holds ids and filters, never names or numbers of people.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "排队中"
        RUNNING = "running", "进行中"
        DONE = "done", "已完成"
        FAILED = "failed", "未完成"

    kind = models.CharField("类型", max_length=60)
    title = models.CharField("任务", max_length=200)
    params = models.JSONField(default=dict)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name="发起人")
    permission = models.CharField(max_length=60)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.QUEUED)
    done = models.PositiveIntegerField("已处理", default=0)
    total = models.PositiveIntegerField("总数", default=0)
    message = models.CharField("说明", max_length=500, blank=True)
    file_name = models.CharField("结果文件", max_length=200, blank=True)
    stored_name = models.CharField(max_length=100, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField("发起时间", db_default=Now())
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField("完成时间", null=True)
    expires_at = models.DateTimeField("文件保留至", null=True)

    class Meta:
        verbose_name = "任务"
        ordering = ["-id"]
        indexes = [models.Index(fields=["user", "-id"], name="job_by_user")]

    def __str__(self) -> str:
        return f"{self.title}（{self.get_state_display()}）"

    def get_absolute_url(self) -> str:
        return f"/jobs/{self.pk}/"

    @property
    def percent(self) -> int:
        if self.state == self.State.DONE:
            return 100
        return min(99, self.done * 100 // self.total) if self.total else 0
