"""Undo of a batch: the row history says what the commit wrote, and whether anybody wrote after it.

Works for every importer alike: rows that the commit inserted are deleted, rows that it changed go back to
their version before it. This is the one place that writes tables by name; it touches only the rows that
the batch itself wrote, and those were in the scope of its organisation.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pghistory.models
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from .. import audit
from ..errors import Conflict, DomainError
from ..models import ImportBatch
from ..period_guard import guard_period
from .batches import State, acting, org_of
from .spec import importer_class

_SHOWN = 5


@dataclass(frozen=True)
class Touched:
    """What a commit wrote into one table: ids inserted, and ids changed with the first event of the change."""

    model: type[models.Model]
    events: Any
    inserted: list[int]
    changed: dict[int, int]
    """Row id → id of the row's first event in the batch."""
    last: dict[int, int]
    """Row id → id of the row's last event in the batch."""


def undo_batch(*, batch: ImportBatch, actor: Any) -> ImportBatch:
    """Take the last batch back. Raises DomainError that says what has changed since, or what depends on it."""
    importer = importer_class(batch.importer)
    with acting(importer, batch.org_path, actor), audit.writing(intent="undo_import", actor=actor.pk, batch=batch.pk):
        batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        _refuse_unless_last(batch)
        touched = touched_by(batch)
        for table in touched:
            _refuse_if_changed_since(table)
        guard_period(batch.org_path, min(affected_days(batch, touched)))
        reader = importer(org=org_of(batch), actor=actor, today=timezone.localdate())
        reader.before_undo({table.model: table.inserted for table in touched})
        _take_back(touched)
        batch.state = State.UNDONE
        batch.undone_at = timezone.now()
        batch.undone_by_name = actor.display_name
        batch.history_id = None
        batch.save(update_fields=["state", "undone_at", "undone_by_name", "history_id"])
        summary = f"撤销「{importer.title}」导入批次 {batch.pk}：删除 {batch.created}、还原 {batch.updated}"
        audit.record(actor, "import.undone", batch, summary=summary, data={"importer": importer.code})
    return batch


def _refuse_unless_last(batch: ImportBatch) -> None:
    if batch.state != State.COMMITTED or batch.history_id is None:
        raise DomainError("只能撤销已导入的批次。", code="not_committed")
    later = ImportBatch.objects.filter(
        importer=batch.importer, org_id=batch.org_id, state=State.COMMITTED, committed_at__gt=batch.committed_at
    )
    if later.exists():
        raise DomainError("只能撤销最近一次导入。请先撤销这之后的批次。", code="not_last")


def touched_by(batch: ImportBatch) -> list[Touched]:
    """What the commit wrote, table by table."""
    found = []
    for events in event_models():
        rows = list(
            events._default_manager.filter(pgh_context_id=batch.history_id)
            .order_by("pgh_id").values_list("pgh_id", "pgh_obj_id", "pgh_label")
        )  # fmt: skip
        if rows:
            inserted = {row for _, row, label in rows if label == "insert"}
            first = {row: event for event, row, _ in reversed(rows)}
            last = {row: event for event, row, _ in rows}
            changed = {row: event for row, event in first.items() if row not in inserted}
            found.append(Touched(events.pgh_tracked_model, events, sorted(inserted), changed, last))
    return found


def event_models() -> list[Any]:
    """The event table of every tracked model."""
    return [model for model in apps.get_models() if issubclass(model, pghistory.models.Event)]


def _refuse_if_changed_since(table: Touched) -> None:
    newest = (
        table.events._default_manager.filter(pgh_obj_id__in=list(table.last))
        .values("pgh_obj_id").annotate(newest=models.Max("pgh_id")).values_list("pgh_obj_id", "newest")
    )  # fmt: skip
    changed = [row for row, event in newest if event != table.last[row]]
    if changed:
        names = [str(row) for row in table.model._default_manager.filter(pk__in=changed[:_SHOWN])]
        more = "等" if len(changed) > len(names) else ""
        noun = table.model._meta.verbose_name
        raise Conflict(
            f"不能撤销：{len(changed)} 条{noun}在导入之后又被修改（{'、'.join(names)}{more}）。请逐条核对修改。"
        )


def affected_days(batch: ImportBatch, touched: list[Touched]) -> Iterator[datetime.date]:
    """Days from which the past will read differently once the batch is gone: closed periods are asked about them.

    What has no dates of its own was true from the day of the commit on.
    """
    assert batch.committed_at is not None
    yield timezone.localtime(batch.committed_at).date()
    for table in touched:
        names = {field.name for field in table.model._meta.concrete_fields}
        if "since" in names:
            yield from _changed_spans(table)
        elif "on" in names:
            yield from table.events._default_manager.filter(pgh_id__in=list(table.last.values())).values_list(
                "on", flat=True
            )


def _changed_spans(table: Touched) -> Iterator[datetime.date]:
    """For rows that hold in [since, until): the first day on which the version before the batch says otherwise."""
    spans = table.events._default_manager.filter(pgh_obj_id__in=list(table.last)).order_by("pgh_id")
    before: dict[int, tuple[datetime.date, datetime.date | None]] = {}
    for event, row, since, until in spans.values_list("pgh_id", "pgh_obj_id", "since", "until"):
        if event < table.changed.get(row, 0):
            before[row] = (since, until)
        elif event == table.last[row]:
            earlier = before.get(row)
            if earlier is None or earlier[0] != since or earlier[1] == until:
                yield since if earlier is None else min(since, earlier[0])
            else:
                yield min(day for day in (until, earlier[1]) if day is not None)


def _take_back(touched: list[Touched]) -> None:
    """Delete what was inserted, then restore what was changed. Foreign keys are deferred: asked at the end."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            for table in touched:
                if table.inserted:
                    name = connection.ops.quote_name(table.model._meta.db_table)
                    cursor.execute(f"DELETE FROM {name} WHERE id = ANY(%s)", [table.inserted])  # noqa: S608
            for table in touched:
                if table.changed:
                    cursor.execute(_restoring(table), [list(table.changed), list(table.changed.values())])
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    except IntegrityError as error:
        raise Conflict(
            "不能撤销：导入的记录已被其他台账引用（例如已登记走访、组建或摸底）。请先处理这些记录。"
        ) from error


def _restoring(table: Touched) -> str:
    """SQL that gives rows their version before an event back. A version stamp goes on counting."""
    quote = connection.ops.quote_name
    names = [field.column for field in table.events._meta.concrete_fields if not field.name.startswith("pgh_")]
    values = [
        f"{quote(name)} = {'target.version + 1' if name == 'version' else f'earlier.{quote(name)}'}"
        for name in names
        if name != "id"
    ]
    events = quote(table.events._meta.db_table)
    return f"""
        UPDATE {quote(table.model._meta.db_table)} AS target SET {", ".join(values)}
        FROM unnest(%s::bigint[], %s::bigint[]) AS batch (row_id, first_event)
        CROSS JOIN LATERAL (
            SELECT * FROM {events} WHERE pgh_obj_id = batch.row_id AND pgh_id < batch.first_event
            ORDER BY pgh_id DESC LIMIT 1
        ) AS earlier
        WHERE target.id = batch.row_id
    """  # noqa: S608 - names of tables and columns of our own models
