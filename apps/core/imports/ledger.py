"""导入记录: the book of the batches."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from ..guard import may, resolve_scope
from ..ledger import Column, Filter, Kind, Ledger, Ordering
from ..models import ImportBatch
from ..rights import IMPORT
from .spec import Importer, registry

State = ImportBatch.State
STATE_TONES = {"committed": "success", "checked": "info", "uploaded": "warning", "mapped": "warning"}


def allowed_importers(user: Any) -> list[type[Importer]]:
    return [cls for _, cls in sorted(registry.items()) if may(user, cls.permission)]


class BatchLedger(Ledger):
    """The batches that one may see: of each ledger in the subtrees where one may import it."""

    code, title, permission = "core.imports", "导入记录", IMPORT
    lead = "每次导入都可以查看检查结果；最近一次导入在没有人改动之前可以撤销。"
    columns = (
        Column("file_name", "文件", link=lambda batch: batch.get_absolute_url()),
        Column("importer", "类型", source=lambda batch: _title(batch.importer)),
        Column(
            "state",
            "状态",
            source=lambda batch: batch.get_state_display(),
            tone=lambda batch: STATE_TONES.get(batch.state, "neutral"),
        ),
        Column("org_name", "所属党组织"),
        Column("rows", "数据行", kind=Kind.INTEGER),
        Column("created", "新增", kind=Kind.INTEGER),
        Column("updated", "更新", kind=Kind.INTEGER),
        Column("errors", "错误", kind=Kind.INTEGER),
        Column("uploaded_by", "上传人", source="uploaded_by.display_name"),
        Column("uploaded_at", "上传时间", kind=Kind.DATETIME),
    )
    filters = (
        Filter("importer", "类型", choices=lambda ledger: [(c.code, c.title) for c in allowed_importers(ledger.user)]),
        Filter("state", "状态", choices=State.choices),
    )
    orderings = {"": Ordering("最近的在前", ("-pk",))}
    empty_text = "还没有导入过文件。"

    def rows(self) -> Any:
        seen = Q(pk__in=[])
        for importer in allowed_importers(self.user):
            scope = resolve_scope(self.user, importer.permission)
            seen |= Q(importer=importer.code) & scope.as_q("org_path")
        return ImportBatch.objects.filter(seen).select_related("uploaded_by")


def _title(code: str) -> str:
    return registry[code].title if code in registry else code
