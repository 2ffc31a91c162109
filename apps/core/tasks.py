"""Celery entry points of the mechanism."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone


@shared_task(name="apps.core.tasks.run_job")
def run_job(pk: int) -> None:
    from .jobs import run

    run(pk)


@shared_task(name="apps.core.tasks.sweep_jobs")
def sweep_jobs() -> None:
    from .jobs import sweep

    sweep(timezone.now())


@shared_task(name="apps.core.tasks.forget_import_files")
def forget_import_files() -> None:
    from .imports.batches import forget_files

    forget_files(timezone.now())


@shared_task(name="apps.core.tasks.verify_audit_chain")
def verify_audit_chain() -> None:
    from .audit import verify_and_report

    verify_and_report()
