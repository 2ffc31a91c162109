"""Celery entry points of the rosters."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone


@shared_task(name="apps.members.tasks.expire_letters")
def expire_letters() -> None:
    from .services.transfers import expire_letters as expire

    expire(today=timezone.localdate())


@shared_task(name="apps.members.tasks.tend_lost")
def tend_lost() -> None:
    from .services.lost import tend_lost as tend

    tend(today=timezone.localdate())


@shared_task(name="apps.members.tasks.forget_reconciliations")
def forget_reconciliations() -> None:
    from .services.reconciliations import forget_reconciliations as forget

    forget(timezone.now())
