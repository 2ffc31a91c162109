"""After a record was saved: the queue counts again at once; without it, whoever reads first does."""

from __future__ import annotations

import logging

from django.db import transaction

from ..services.following import Change

logger = logging.getLogger(__name__)


def follow_records(change: Change) -> None:
    """Queue the counting for when the change is committed. What is to be counted was noted by the database."""
    transaction.on_commit(_queue)


def _queue() -> None:
    from ..tasks import freshen_compliance

    try:
        freshen_compliance.apply_async(retry=False)
    except Exception:
        logger.warning("queue away, compliance is counted again by its next reader")
