"""Import batches: one uploaded workbook, what it says, and what was done with it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from ..scoping import ScopedManager, ScopedModel
from .fields import PathField


class ImportBatch(ScopedModel):
    """One file for one importer and one organisation, from upload to commit or discard.

    Nothing of the file is in the business tables before `committed`; the commit is one transaction that
    also changes this row, so the state is true whenever a process dies. An undone batch may be committed
    again. Counts are those of the last check, or of the commit once there is one. `history_id` is the
    context of the row history under which the commit wrote: what undo takes back.
    """

    class State(models.TextChoices):
        UPLOADED = "uploaded", "待对应列"
        MAPPED = "mapped", "待检查"
        CHECKED = "checked", "已检查，待确认"
        COMMITTED = "committed", "已导入"
        DISCARDED = "discarded", "已放弃"
        UNDONE = "undone", "已撤销"

    class Mode(models.TextChoices):
        CREATE = "create", "只新增"
        UPDATE = "update", "更新"
        FILL = "fill", "只补空白"

    importer = models.CharField("导入类型", max_length=60)
    org_id = models.BigIntegerField("组织编号")
    org_path = PathField("所属节点")
    org_name = models.CharField("所属组织", max_length=100)
    mode = models.CharField("方式", max_length=10, choices=Mode.choices, default=Mode.CREATE)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.UPLOADED)
    file_name = models.CharField("文件名", max_length=200)
    file_size = models.PositiveIntegerField("大小（字节）")
    file_hash = models.CharField(max_length=64)
    header_signature = models.CharField(max_length=64, blank=True)
    mapping = models.JSONField("列对应", default=dict)
    rows = models.PositiveIntegerField("数据行", default=0)
    valid = models.PositiveIntegerField("无误行", default=0)
    errors = models.PositiveIntegerField("错误", default=0)
    warnings = models.PositiveIntegerField("提醒", default=0)
    created = models.PositiveIntegerField("新增", default=0)
    updated = models.PositiveIntegerField("更新", default=0)
    unchanged = models.PositiveIntegerField("无变化", default=0)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="上传人"
    )
    uploaded_at = models.DateTimeField("上传时间", db_default=Now())
    committed_at = models.DateTimeField("导入时间", null=True)
    committed_by_name = models.CharField("导入人", max_length=100, blank=True)
    history_id = models.UUIDField(null=True)
    undone_at = models.DateTimeField("撤销时间", null=True)
    undone_by_name = models.CharField("撤销人", max_length=100, blank=True)

    objects = ScopedManager()

    class Meta:
        verbose_name = "导入批次"
        ordering = ["-id"]
        indexes = [models.Index(fields=["org_path", "-id"], name="import_batch_by_org")]
        constraints = [
            models.UniqueConstraint(
                fields=["importer", "org_id", "file_hash"],
                condition=Q(state="committed"),
                name="one_commit_per_file_and_org",
                violation_error_message="这个文件已经导入过了。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.file_name}（{self.get_state_display()}）"

    def get_absolute_url(self) -> str:
        return f"/imports/{self.pk}/check/"


class ImportContent(ScopedModel):
    """What a batch carries, kept apart so that lists of batches never load it.

    `file` are the uploaded bytes, for the annotated copy; `table` is what the child process read from
    them and `report` what the last check found (both compressed JSON).
    """

    scope_lookup = "batch__org_path"

    batch = models.OneToOneField(ImportBatch, models.CASCADE, primary_key=True, related_name="content")
    file = models.BinaryField("文件")
    table = models.BinaryField("读出的表")
    report = models.BinaryField("检查结果", default=bytes)

    objects = ScopedManager()

    class Meta:
        verbose_name = "导入内容"

    def __str__(self) -> str:
        return f"批次 {self.pk}"


class ImportMapping(ScopedModel):
    """Which header feeds which column, remembered for the next file with the same headers."""

    importer = models.CharField("导入类型", max_length=60)
    org_id = models.BigIntegerField("组织编号")
    org_path = PathField("所属节点")
    header_signature = models.CharField(max_length=64)
    mapping = models.JSONField("列对应", default=dict)
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    objects = ScopedManager()

    class Meta:
        verbose_name = "列对应"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["importer", "org_id", "header_signature"], name="one_mapping_per_header_and_org"
            )
        ]

    def __str__(self) -> str:
        return f"{self.importer} {self.header_signature[:8]}"
