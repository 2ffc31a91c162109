"""Celery entry points of the census."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone


@shared_task(name="apps.census.tasks.tend_rounds")
def tend_rounds() -> None:
    from .services import tend_rounds

    tend_rounds(today=timezone.localdate())
