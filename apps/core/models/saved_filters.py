"""Filters that a person keeps under a name."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class SavedFilter(models.Model):
    """One person's named filter of one ledger: the query string of the list page."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    ledger = models.CharField(max_length=60)
    name = models.CharField("名称", max_length=30)
    query = models.CharField(max_length=1000, blank=True)

    class Meta:
        verbose_name = "常用筛选"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "ledger", "name"],
                name="one_saved_filter_per_name",
                violation_error_message="您已有同名的常用筛选。",
            )
        ]

    def __str__(self) -> str:
        return self.name
