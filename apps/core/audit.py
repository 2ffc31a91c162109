"""The audit trail and the transaction it lives in.

A service is wrapped in `@write`: one transaction, its audit entries in it. Entries are collected and
chained at the end of the outermost service, because the chain needs one writer at a time: taking that
lock last keeps it short and cannot deadlock with the row locks of the services.
"""

from __future__ import annotations

import datetime
import functools
import hashlib
import hmac
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

import pghistory
from django.conf import settings
from django.db import connection, models, transaction
from django.utils import timezone

from .context import circumstances
from .models import AuditEntry

logger = logging.getLogger(__name__)

CHAIN_LOCK = 0x70617274  # advisory lock of the chain, one writer at a time
FIRST_LINK = "0" * 64

_pending: ContextVar[list[AuditEntry] | None] = ContextVar("pending_audit_entries", default=None)
Service = TypeVar("Service", bound=Callable[..., Any])


@contextmanager
def writing(**history: Any) -> Iterator[None]:
    """One transaction whose audit entries are written before it commits. Nests: the outermost one writes."""
    if _pending.get() is not None:
        yield
        return
    token = _pending.set([])
    try:
        with transaction.atomic(), pghistory.context(request=circumstances().request_id, **history):
            yield
            _append(_pending.get() or [])
    finally:
        _pending.reset(token)


@contextmanager
def rehearsing() -> Iterator[None]:
    """A write that is tried and taken back: its rows, their history and its audit entries are gone at the end."""
    token = _pending.set([])
    try:
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
    finally:
        _pending.reset(token)


def write(service: Service) -> Service:
    """Decorate a service `verb_noun(*, ..., actor)`: one transaction, the audit in it."""

    @functools.wraps(service)
    def run(*args: Any, **kwargs: Any) -> Any:
        actor = kwargs.get("actor")
        with writing(intent=service.__name__, actor=getattr(actor, "pk", None)):
            return service(*args, **kwargs)

    return run  # type: ignore[return-value]


def record(
    actor: Any,
    action: str,
    target: models.Model | None = None,
    *,
    summary: str,
    org_path: str | None = None,
    data: dict[str, Any] | None = None,
) -> None:
    """Note that `actor` did `action` (noun.verb_in_past) to `target`. `actor` None means the system itself.

    `summary` is the Chinese sentence an auditor reads; it must not contain ID numbers or phones.
    `org_path` defaults to the path that scopes the target.
    """
    now = circumstances()
    if org_path is None:
        org_path = target.scope_path() if target is not None and hasattr(target, "scope_path") else ""
    entry = AuditEntry(
        at=timezone.now(),
        actor_id=getattr(actor, "pk", None),
        actor_name=(actor.display_name if actor is not None and actor.pk else "系统"),
        action=action,
        summary=summary[:500],
        org_path=org_path,
        target_type=target._meta.label_lower if target is not None else "",
        target_id=str(target.pk) if target is not None and target.pk is not None else "",
        data=data or {},
        request_id=now.request_id,
        address=now.address,
    )
    pending = _pending.get()
    if pending is not None:
        pending.append(entry)
    else:
        with transaction.atomic():
            _append([entry])


def _append(entries: list[AuditEntry]) -> None:
    if not entries:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHAIN_LOCK])
    last = AuditEntry.objects.order_by("-id").values_list("mac", flat=True).first() or FIRST_LINK
    for entry in entries:
        entry.previous_mac = last
        last = entry.mac = seal(entry)
    AuditEntry.objects.bulk_create(entries)


def seal(entry: AuditEntry) -> str:
    """The keyed hash of an entry and of the link before it."""
    content = [
        entry.previous_mac, entry.at.astimezone(datetime.UTC).isoformat(timespec="microseconds"), entry.actor_id,
        entry.actor_name, entry.action, entry.summary, entry.org_path, entry.target_type, entry.target_id,
        entry.data, entry.request_id, entry.address,
    ]  # fmt: skip
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, default=str)
    return hmac.new(settings.AUDIT_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()


def verify() -> tuple[int, int | None]:
    """Walk the chain. Returns (entries checked, id of the first entry that does not fit or None)."""
    checked, last = 0, FIRST_LINK
    for entry in AuditEntry.objects.order_by("id").iterator(chunk_size=2000):
        if entry.previous_mac != last or not hmac.compare_digest(entry.mac, seal(entry)):
            return checked, entry.pk
        checked, last = checked + 1, entry.mac
    return checked, None


def verify_and_report() -> None:
    """The nightly check: a broken chain is logged as critical, for the operator's alarm."""
    checked, broken = verify()
    if broken is not None:
        logger.critical("audit chain broken at entry %s after %s good entries", broken, checked)
