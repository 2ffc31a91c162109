"""One row per form that was sent: a double click or a second send creates nothing twice."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class Submission(models.Model):
    """The token of one rendered form and where its one result is. Written in the transaction of the write."""

    token = models.UUIDField(primary_key=True)
    user_id = models.BigIntegerField()
    result_url = models.CharField(max_length=500)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "表单提交"

    def __str__(self) -> str:
        return str(self.token)
