"""What a comparison with the national system leaves behind: sealed, for a few days, and never on a roster."""

from __future__ import annotations

import base64
import datetime
from collections.abc import Mapping
from typing import Any, Final

from isal import isal_zlib

from apps.branches.models import PartyOrg
from apps.core.audit import record, write
from apps.core.errors import DomainError
from apps.core.scoping import unscoped
from apps.core.sealing import new_ids, seal, unseal

from ..kinds import ReconciliationState
from ..models import Reconciliation
from .common import locked

KEEP_RESULTS: Final = datetime.timedelta(days=7)
KEEP_UNREAD: Final = datetime.timedelta(days=1)
"""How long a file waits for its columns to be mapped."""


@write
def open_reconciliation(
    *, org: PartyOrg, file_name: str, content: bytes, state: ReconciliationState, rows: int, signature: str,
    mapping: Mapping[str, str], now: datetime.datetime, actor: Any,
) -> Reconciliation:  # fmt: skip
    """Note that a file is to be compared with the rosters below `org`. `content` is sealed until that is done (b"": at once)."""
    (pk,) = new_ids(Reconciliation, 1)
    row = Reconciliation(
        pk=pk, org=org, file_name=file_name[:200], state=state.value, rows=rows, header_signature=signature,
        mapping=dict(mapping), content=_sealed("content", pk, content), uploaded_by=actor, uploaded_at=now,
        expires_at=now + KEEP_UNREAD,
    )  # fmt: skip
    row.save(force_insert=True)
    record(actor, "reconciliation.opened", row, summary=f"上传全国系统导出表，与「{org}」的名册核对",
           data={"rows": rows})  # fmt: skip
    return row


@write
def keep_table(
    *, reconciliation: Reconciliation, table: bytes, rows: int, signature: str, mapping: Mapping[str, str], actor: Any
) -> Reconciliation:
    """The file was read in the background: its table takes its place, to be mapped."""
    row = _open(reconciliation)
    row.content = _sealed("content", row.pk, table)
    row.rows, row.header_signature, row.mapping = rows, signature, dict(mapping)
    row.state = ReconciliationState.MAPPING.value
    row.save()
    return row


@write
def keep_result(
    *, reconciliation: Reconciliation, mapping: Mapping[str, str], rows: int, result: bytes, counts: Mapping[str, int],
    now: datetime.datetime, actor: Any,
) -> Reconciliation:  # fmt: skip
    """Keep what the comparison found, and delete what was uploaded."""
    row = _open(reconciliation)
    row.content, row.result = None, _sealed("result", row.pk, result)
    row.mapping, row.rows, row.counts = dict(mapping), rows, dict(counts)
    row.state, row.expires_at = ReconciliationState.DONE.value, now + KEEP_RESULTS
    row.save()
    said = f"一致 {counts['same']}、不同 {counts['different']}、只在全国系统 {counts['there']}、只在本平台 {counts['here']}"
    record(actor, "reconciliation.done", row, summary=f"全国系统核对完成：{said}", data=dict(counts))
    return row


@write
def discard_reconciliation(*, reconciliation: Reconciliation, actor: Any) -> None:
    """Delete a comparison with all that it holds, before it expires."""
    row = locked(reconciliation)
    record(actor, "reconciliation.discarded", row, summary=f"删除全国系统核对结果「{row.file_name}」")
    row.delete()


def forget_reconciliations(now: datetime.datetime) -> int:
    """Delete what has expired; how many."""
    with unscoped("comparisons of every organisation expire; a count"):
        return int(Reconciliation.objects.filter(expires_at__lt=now).delete()[0])


def content_of(row: Reconciliation) -> bytes:
    """The file or table that waits. Raises DomainError when it is gone."""
    return _opened(row, "content")


def result_of(row: Reconciliation) -> bytes:
    """What the comparison found. Raises DomainError when there is nothing."""
    return _opened(row, "result")


def _open(reconciliation: Reconciliation) -> Reconciliation:
    row = locked(reconciliation)
    if row.state == ReconciliationState.DONE:
        raise DomainError("这次核对已经完成，请重新上传文件。", code="done")
    return row


def _sealed(name: str, pk: int, data: bytes) -> bytes | None:
    if not data:
        return None
    packed = base64.b64encode(isal_zlib.compress(data, 1)).decode("ascii")
    return seal(packed, f"{Reconciliation._meta.db_table}.{name}.{pk}")


def _opened(row: Reconciliation, name: str) -> bytes:
    kept = getattr(row, name)
    if not kept:
        raise DomainError("内容已经删除，请重新上传文件。", code="expired")
    return isal_zlib.decompress(base64.b64decode(unseal(kept, f"{Reconciliation._meta.db_table}.{name}.{row.pk}")))
