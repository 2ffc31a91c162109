"""The working-day calendar: the State Council's days off and make-up days, with overrides."""

from __future__ import annotations

from django.db import models


class WorkCalendarDay(models.Model):
    """One day that differs from Monday-to-Friday, or a weekday kept for its name.

    Rows of a year exist once its calendar is published; a year without rows falls back to weekdays and
    every answer about it is flagged 暂算.
    """

    day = models.DateField("日期", unique=True)
    is_working = models.BooleanField("是否工作日")
    name = models.CharField("名称", max_length=40, blank=True)
    is_override = models.BooleanField("人工调整", default=False)

    class Meta:
        verbose_name = "工作日历"
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} {'班' if self.is_working else '休'} {self.name}".strip()
