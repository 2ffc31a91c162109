"""The life of a batch up to the commit: upload, mapping, check, discard.

Every step asks for the actor's right as it is now and works in the scope of the batch's organisation only:
an import for one organisation neither sees nor touches what others answer for.
"""

from __future__ import annotations

import datetime
import gc
import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import PurePath
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from isal import isal_zlib

from .. import audit
from ..clock import minute
from ..errors import DomainError
from ..excel.limits import PAGE_LIMITS, Limits
from ..excel.problems import Problem
from ..excel.reader import Table, read_table, unpack
from ..guard import scope_or_denied
from ..models import ImportBatch, ImportContent
from ..scoping import Scope, unscoped, use_scope
from ..text import clean_name
from .check import Plan, Report, check_table
from .mapping import guess, missing, remember, remembered, signature, usable
from .spec import Importer, importer_class

State = ImportBatch.State
KEEP_FILES = datetime.timedelta(days=30)
"""How long an uploaded file is kept: it may hold personal data that nobody needs once it is imported."""

OPEN_STATES = (State.UPLOADED, State.MAPPED, State.CHECKED, State.UNDONE)


@contextmanager
def acting(importer: type[Importer], org_path: str, actor: Any) -> Iterator[None]:
    """Work in the subtree of `org_path`, provided that the actor may import there now. Raises PermissionDenied."""
    if not scope_or_denied(actor, importer.permission).covers(org_path):
        raise PermissionDenied
    with use_scope(Scope(frozenset({org_path}))), _collector_paused():
        yield


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Thousands of rows are made at once and none in cycles: the collector would only walk the whole process."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def upload_file(
    *, importer: type[Importer], org: Any, file_name: str, data: bytes, mode: str, actor: Any,
    limits: Limits = PAGE_LIMITS,
) -> ImportBatch:  # fmt: skip
    """Read a file and keep it as a batch. Raises WorkbookRefused, after which there is nothing.

    Its columns are mapped from memory, else by label; `mapped` says that nothing required is missing.
    """
    with acting(importer, org.path, actor):
        refuse_mode(importer, mode)
        table = read_table(data, name=file_name, limits=limits)
        return keep_table(
            importer=importer, org=org, file_name=file_name, data=data, table=table, mode=mode, actor=actor
        )


@audit.write
def keep_table(
    *, importer: type[Importer], org: Any, file_name: str, data: bytes, table: Table | None, mode: str, actor: Any
) -> ImportBatch:
    """The batch of a table that was read, or (None) of a file that is still to be read in the background."""
    batch = ImportBatch(
        importer=importer.code,
        org_id=org.pk,
        org_path=org.path,
        org_name=str(org)[:100],
        mode=mode,
        file_name=clean_name(PurePath(file_name.replace("\\", "/")).name)[:200] or "未命名",
        file_size=len(data),
        file_hash=hashlib.sha256(data).hexdigest(),
        uploaded_by=actor,
        uploaded_at=timezone.now(),
    )
    if table is not None:
        _describe(batch, table)
    batch.save(force_insert=True)
    ImportContent.objects.create(batch=batch, file=data, table=table.packed() if table else b"")
    summary = f"上传「{importer.title}」导入文件，{f'{batch.rows} 行，待检查' if table else '待读取'}"
    audit.record(actor, "import.uploaded", batch, summary=summary, data={"importer": importer.code})
    return batch


def _describe(batch: ImportBatch, table: Table) -> None:
    """What the reading says of the batch, and the mapping that follows from memory or from the labels."""
    importer = importer_class(batch.importer)
    batch.rows = len(table.rows)
    batch.header_signature = signature(table.headers)
    batch.mapping = remembered(importer, table.headers, batch.org_id) or guess(importer, table.headers)
    batch.state = State.UPLOADED if missing(importer, batch.mapping, batch.mode) else State.MAPPED


def read_batch(*, batch: ImportBatch, actor: Any, limits: Limits) -> ImportBatch:
    """Read the file of a batch that was kept unread. Raises WorkbookRefused."""
    with acting(importer_class(batch.importer), batch.org_path, actor):
        table = read_table(stored(batch, "file"), name=batch.file_name, limits=limits)
        with audit.writing(intent="read_import", actor=actor.pk):
            batch = locked(batch)
            _describe(batch, table)
            batch.save(update_fields=["rows", "header_signature", "mapping", "state"])
            ImportContent.objects.filter(pk=batch.pk).update(table=table.packed())
    return batch


def is_read(batch: ImportBatch) -> bool:
    """Whether the table of the batch can be looked at: read, and still kept."""
    return ImportContent.objects.filter(pk=batch.pk).exclude(table=b"").exists()


def stored(batch: ImportBatch, what: str) -> bytes:
    """One part of the content: file, table or report. Raises DomainError when the content is no longer kept."""
    found = ImportContent.objects.filter(pk=batch.pk).values_list(what, flat=True).first()
    if found is None:
        raise DomainError(f"上传的文件只保留 {KEEP_FILES.days} 天，已经删除。请重新上传。", code="expired")
    return bytes(found)


def table_of(batch: ImportBatch) -> Table:
    return unpack(stored(batch, "table"))


def set_mapping(*, batch: ImportBatch, mapping: Mapping[str, str], mode: str, actor: Any) -> ImportBatch:
    """Say which header feeds which column, and remember it for the next file with these headers."""
    importer = importer_class(batch.importer)
    with acting(importer, batch.org_path, actor), audit.writing(intent="set_mapping", actor=actor.pk):
        refuse_mode(importer, mode)
        batch = locked(batch)
        table = table_of(batch)
        found = usable(importer, table.headers, mapping)
        problems = missing(importer, found, mode)
        if problems:
            raise DomainError(problems[0].message, code="header_missing")
        remember(batch, found)
        batch.mapping, batch.mode, batch.state = found, mode, State.MAPPED
        batch.save(update_fields=["mapping", "mode", "state"])
    return batch


def check_batch(*, batch: ImportBatch, actor: Any, today: datetime.date) -> Report:
    """Check the whole file and keep what was found; the batch is then `checked`."""
    importer = importer_class(batch.importer)
    with acting(importer, batch.org_path, actor), audit.writing(intent="check_import", actor=actor.pk):
        batch = locked(batch)
        plan = plan_for(importer(org=org_of(batch), actor=actor, today=today), batch, table_of(batch))
        keep_report(batch, plan.report)
        if batch.state != State.UNDONE:
            batch.state = State.CHECKED
        batch.save(update_fields=["state", *COUNTS])
    return plan.report


COUNTS = ("rows", "valid", "errors", "warnings", "created", "updated", "unchanged")


def keep_report(batch: ImportBatch, report: Report) -> None:
    """Set the counts on the batch (the caller saves it) and store the problems."""
    for name in ("rows", "valid", "created", "updated", "unchanged"):
        setattr(batch, name, getattr(report, name))
    batch.errors, batch.warnings = len(report.errors), len(report.warnings)
    text = json.dumps(report.as_json(), ensure_ascii=False).encode("utf-8", "surrogatepass")
    ImportContent.objects.filter(pk=batch.pk).update(report=isal_zlib.compress(text, 1))


def report_of(batch: ImportBatch) -> Report:
    """What the last check of the batch found; an empty report before the first one."""
    kept = stored(batch, "report")
    if not kept:
        return Report(rows=batch.rows)
    found = json.loads(isal_zlib.decompress(kept))
    for name in ("errors", "warnings"):
        found[name] = [Problem(**problem) for problem in found[name]]
    return Report(**found)


def plan_for(importer: Importer, batch: ImportBatch, table: Table) -> Plan:
    """Check under the active scope; a file that was already imported here is an error of the file."""
    plan = check_table(importer, table, batch.mapping, batch.mode)
    earlier = committed_twin(batch)
    if earlier is not None:
        plan.report.errors.insert(0, already_imported(earlier))
    return plan


def committed_twin(batch: ImportBatch) -> ImportBatch | None:
    """The batch by which the same file was already imported for the same organisation."""
    return ImportBatch.objects.filter(
        importer=batch.importer, org_id=batch.org_id, file_hash=batch.file_hash, state=State.COMMITTED
    ).exclude(pk=batch.pk).first()  # fmt: skip


def already_imported(earlier: ImportBatch) -> Problem:
    text = f"这个文件已由{earlier.committed_by_name}于 {minute(earlier.committed_at)} 导入（批次 {earlier.pk}），不会重复导入。"
    return Problem(0, "", "already_imported", text)


@audit.write
def discard_batch(*, batch: ImportBatch, actor: Any) -> ImportBatch:
    """Give a batch up. Its file is deleted with it; what was committed can only be undone."""
    importer = importer_class(batch.importer)
    with acting(importer, batch.org_path, actor):
        batch = locked(batch)
        batch.state = State.DISCARDED
        batch.save(update_fields=["state"])
        ImportContent.objects.filter(pk=batch.pk).delete()
        audit.record(actor, "import.discarded", batch, summary=f"放弃「{importer.title}」导入批次 {batch.pk}")
    return batch


def forget_files(now: datetime.datetime) -> int:
    """Delete the content of old batches; the batches stay, and undo needs only the row history."""
    with unscoped("files of every organisation expire"):
        return ImportContent.objects.filter(batch__uploaded_at__lt=now - KEEP_FILES).delete()[0]


def locked(batch: ImportBatch) -> ImportBatch:
    """The batch as it is now, locked until the end of the transaction. Raises DomainError when it is closed."""
    batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if batch.state == State.COMMITTED:
        raise DomainError(already_imported(batch).message, code="already_imported")
    if batch.state not in OPEN_STATES:
        raise DomainError("这个批次已放弃。请重新上传文件。", code="discarded")
    return batch


def refuse_mode(importer: type[Importer], mode: str) -> None:
    if mode not in importer.modes:
        labels = "、".join(str(ImportBatch.Mode(each).label) for each in importer.modes)
        raise DomainError(f"「{importer.title}」只能用这些方式导入：{labels}。", code="mode", field="mode")


def org_of(batch: ImportBatch) -> Any:
    """The organisation of a batch. It was in the scope when `acting` let the actor in."""
    return apps.get_model(settings.ORG_MODEL).objects.get(pk=batch.org_id)
