"""Celery entry points of coverage."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from apps.core.scoping import unscoped


@shared_task(name="apps.coverage.tasks.rebuild")
def rebuild() -> None:
    """Count every node again for today, and the frozen quarters under definitions that are new."""
    from . import summaries
    from .models import Snapshot

    with unscoped("the nightly rebuild counts the whole tree"):
        summaries.rebuild(timezone.localdate())
        for snapshot in Snapshot.objects.select_related("org"):
            summaries.summarise_snapshot(snapshot)
