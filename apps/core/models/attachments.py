"""Files that belong to a row: scans of approvals, photos, agreements."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from ..scoping import ScopedManager, ScopedModel
from .fields import PathField


class Attachment(ScopedModel):
    """One stored file of one row; scoped by the path of the row it belongs to.

    Served only through a checked view. `sha256` is of the stored bytes (images are re-encoded on upload,
    without their GPS data).
    """

    org_path = PathField("所属节点")
    target_type = models.CharField(max_length=60)
    target_id = models.BigIntegerField()
    name = models.CharField("文件名", max_length=200)
    content_type = models.CharField("类型", max_length=100)
    size = models.PositiveIntegerField("大小（字节）")
    sha256 = models.CharField(max_length=64)
    stored_name = models.CharField(max_length=100, unique=True)
    uploaded_by_id = models.BigIntegerField(null=True)
    uploaded_by_name = models.CharField("上传人", max_length=100)
    uploaded_at = models.DateTimeField("上传时间", db_default=Now())

    objects = ScopedManager()

    class Meta:
        verbose_name = "附件"
        ordering = ["id"]
        indexes = [models.Index(fields=["target_type", "target_id"], name="attachment_by_target")]

    def __str__(self) -> str:
        return self.name
