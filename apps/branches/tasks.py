"""Celery entry points of the organisation tree."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone


@shared_task(name="apps.branches.tasks.apply_due_restructurings")
def apply_due_restructurings() -> None:
    from .services.restructurings import apply_due_restructurings

    apply_due_restructurings(today=timezone.localdate())
