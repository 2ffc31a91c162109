"""Celery entry points of accounts."""

from __future__ import annotations

import datetime

from celery import shared_task
from django.core.management import call_command
from django.utils import timezone


@shared_task(name="apps.accounts.tasks.forget_stale")
def forget_stale() -> None:
    """Drop sign-in counters that no longer count and sessions that are over. Safe to run at any time."""
    from .attempts import forget_before

    forget_before(timezone.now() - datetime.timedelta(days=2))
    call_command("clearsessions")
