"""Celery entry point of the patrol."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone


@shared_task(name="apps.patrol.tasks.patrol")
def patrol() -> None:
    from .patrolling import run_patrol

    run_patrol(timezone.localdate())
