"""Celery entry points of organisational life."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone


@shared_task(name="apps.activities.tasks.freshen_compliance")
def freshen_compliance() -> None:
    """Count again what was noted as changed, so that the next reader finds it done."""
    from .compliance.summary import freshen

    freshen()


@shared_task(name="apps.activities.tasks.tend_compliance")
def tend_compliance() -> None:
    """Count every node of the kept quarters again from the records."""
    from .compliance.summary import tend

    tend(timezone.localdate())


@shared_task(name="apps.activities.tasks.deliver_tip_sheets")
def deliver_tip_sheets() -> None:
    """Hand sheets that are out to the branches founded since."""
    from .services.tips import deliver_to_new_branches

    deliver_to_new_branches(today=timezone.localdate())
