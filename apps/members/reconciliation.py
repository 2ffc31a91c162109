"""与全国系统核对, step by step: read the file, map its columns, compare, keep the result and delete the file.

Files of page size are answered at once; longer ones are read and compared by a job, under the right that holds then.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from pathlib import PurePath
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from apps.branches.models import PartyOrg
from apps.core.errors import DomainError
from apps.core.excel.limits import COMMAND_LIMITS
from apps.core.excel.problems import WorkbookRefused
from apps.core.excel.reader import Table, read_table, unpack
from apps.core.imports.mapping import guess, remember, remembered, signature, usable
from apps.core.jobs import JobRun, start_job
from apps.core.models import Job
from apps.core.text import clean_name

from .comparison import Outcome, compare
from .imports.national import NationalExport, lacking, read_rows
from .kinds import ReconciliationState
from .models import Member, Reconciliation
from .permissions import RECONCILE
from .services import reconciliations as kept

KIND = "members.reconcile"
MOST_MEMBERS = COMMAND_LIMITS.max_rows
"""A file cannot hold more people: a larger node is compared part by part."""


def begin(*, org: PartyOrg, file_name: str, data: bytes, today: datetime.date, actor: Any) -> Reconciliation | Job:
    """Read a file and compare it at once where its columns explain themselves; a long one goes to a job.

    Raises WorkbookRefused for what cannot be read, DomainError for a node with more members than a file holds.
    """
    _refuse_too_large(org)
    name = clean_name(PurePath(file_name.replace("\\", "/")).name) or "未命名"
    try:
        table = read_table(data, name=name)
    except WorkbookRefused as refused:
        if refused.code != "too_many_rows":
            raise
        return _later(_opened(org, name, data, ReconciliationState.READING, actor), actor)
    mapping = _mapping(table, org)
    waits = table.packed() if lacking(mapping) else b""
    row = _opened(org, name, waits, ReconciliationState.MAPPING, actor, table=table, mapping=mapping)
    return row if waits else finish(row, table, mapping, today=today, actor=actor)


def map_columns(
    *, reconciliation: Reconciliation, mapping: Mapping[str, str], today: datetime.date, actor: Any
) -> Reconciliation:
    """Compare with the columns that a person named, and remember them for the next file with these headers."""
    table = table_of(reconciliation)
    found = usable(NationalExport, table.headers, mapping)
    if problem := lacking(found):
        raise DomainError(problem, code="header_missing")
    facts = {"importer": NationalExport.code, "org_id": reconciliation.org_id, "org_path": reconciliation.org_path}
    remember(SimpleNamespace(**facts, header_signature=reconciliation.header_signature), found)  # type: ignore[arg-type]
    return finish(reconciliation, table, found, today=today, actor=actor)


def finish(
    row: Reconciliation, table: Table, mapping: Mapping[str, str], *, today: datetime.date, actor: Any
) -> Reconciliation:
    """Compare the table with today's rosters and keep what was found."""
    rows, problems = read_rows(table, mapping, today)
    outcome = compare(rows, problems, row.org, today)
    result = json.dumps(outcome.as_json(), ensure_ascii=False).encode("utf-8", "surrogatepass")
    return kept.keep_result(  # type: ignore[no-any-return]
        reconciliation=row, mapping=mapping, rows=len(table.rows), result=result, counts=outcome.counts,
        now=timezone.now(), actor=actor,
    )  # fmt: skip


def run(job: JobRun) -> None:
    """The work of the job: read the long file, and compare it unless a person has to name its columns first."""
    row = Reconciliation.objects.select_related("org").filter(pk=job.params["reconciliation"]).first()
    if row is None:
        raise DomainError("这次核对已不在您的范围内，或已删除。")
    today = timezone.localdate()
    try:
        table = read_table(kept.content_of(row), name=row.file_name, limits=COMMAND_LIMITS)
    except WorkbookRefused:
        kept.discard_reconciliation(reconciliation=row, actor=job.actor)
        raise
    mapping = _mapping(table, row.org)
    job.progress(0, len(table.rows), "已读取，正在核对")
    if lacking(mapping):
        facts = {"rows": len(table.rows), "signature": signature(table.headers), "mapping": mapping}
        kept.keep_table(reconciliation=row, table=table.packed(), actor=job.actor, **facts)
        job.progress(len(table.rows), len(table.rows), "已读取，请打开「全国系统核对」指明各列")
        return
    finish(row, table, mapping, today=today, actor=job.actor)
    job.progress(len(table.rows), len(table.rows), "已核对，请打开「全国系统核对」查看结果")


def table_of(row: Reconciliation) -> Table:
    """The table that waits for its columns. Raises DomainError when the file is unread, compared or gone."""
    if row.state != ReconciliationState.MAPPING:
        raise DomainError("这次核对不再等待指明各列。", code="not_waiting")
    return unpack(kept.content_of(row), COMMAND_LIMITS)


def outcome_of(row: Reconciliation) -> Outcome:
    return Outcome.of_json(json.loads(kept.result_of(row)))


def _mapping(table: Table, org: PartyOrg) -> dict[str, str]:
    return remembered(NationalExport, table.headers, org.pk) or guess(NationalExport, table.headers)


def _opened(
    org: PartyOrg, name: str, content: bytes, state: ReconciliationState, actor: Any, *, table: Table | None = None,
    mapping: Mapping[str, str] | None = None,
) -> Reconciliation:  # fmt: skip
    return kept.open_reconciliation(  # type: ignore[no-any-return]
        org=org, file_name=name, content=content, state=state, rows=len(table.rows) if table else 0,
        signature=signature(table.headers) if table else "", mapping=mapping or {}, now=timezone.now(), actor=actor,
    )  # fmt: skip


def _later(row: Reconciliation, actor: Any) -> Job:
    title = f"与全国系统核对：{row.org}"
    return start_job(kind=KIND, title=title, params={"reconciliation": row.pk}, permission=RECONCILE, actor=actor)


def _refuse_too_large(org: PartyOrg) -> None:
    members = Member.objects.on_roster().filter(org_path__startswith=org.path).order_by().values("pk")
    if members[: MOST_MEMBERS + 1].count() > MOST_MEMBERS:
        message = f"「{org}」的党员超过 {MOST_MEMBERS:,} 名，请选择下级党组织分别核对。"
        raise DomainError(message, code="too_many_members", field="org")
