"""Celery entry points of the reminder engine."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone


@shared_task(name="apps.reminders.tasks.plan")
def plan() -> None:
    from .planning import plan

    plan(timezone.now())


@shared_task(name="apps.reminders.tasks.send")
def send() -> None:
    from .sending import retry_failed, send

    retry_failed(timezone.now())
    send(timezone.now())
