"""Celery: where tasks run, how they are delivered, and when the recurring ones are due.

Every task is idempotent: it claims rows in PostgreSQL, so a second delivery finds nothing to do. Therefore tasks are
acknowledged late and a task whose worker was killed is delivered again. Arguments are ids, results are rows.
"""

import os
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import beat_init, celeryd_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parkparty.settings")

LONGEST_TASK = 60 * 60

app = Celery("parkparty")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    timezone="Asia/Shanghai",
    enable_utc=True,
    task_serializer="json",
    accept_content=["json"],
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_time_limit=LONGEST_TASK,
    task_soft_time_limit=LONGEST_TASK - 60,
    worker_prefetch_multiplier=1,
    # What somebody waits for must not hold up what is due by the minute.
    task_routes={"apps.core.tasks.run_job": {"queue": "jobs"}},
    worker_soft_shutdown_timeout=10,
    worker_max_tasks_per_child=200,
    worker_hijack_root_logger=False,
    # However long Redis is away, workers wait for it.
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_connection_timeout=2,
    # With Redis down a page must not wait: the row stays in PostgreSQL and the sweeper queues it later.
    task_publish_retry=True,
    task_publish_retry_policy={"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0},
    broker_transport_options={
        # An unacknowledged task is delivered again after this time: it must outlast the longest task.
        "visibility_timeout": 2 * LONGEST_TASK,
        "socket_connect_timeout": 2,
        "socket_timeout": 30,
        "socket_keepalive": True,
    },
    beat_schedule={
        "plan reminders": {"task": "apps.reminders.tasks.plan", "schedule": crontab(minute="3")},
        "send reminders": {"task": "apps.reminders.tasks.send", "schedule": crontab(minute="*/5")},
        "sweep jobs": {"task": "apps.core.tasks.sweep_jobs", "schedule": crontab()},
        "verify the audit chain": {
            "task": "apps.core.tasks.verify_audit_chain",
            "schedule": crontab(hour="2", minute="10"),
        },
        "tend census rounds": {"task": "apps.census.tasks.tend_rounds", "schedule": crontab(minute="33")},
        "apply restructurings": {
            "task": "apps.branches.tasks.apply_due_restructurings",
            "schedule": crontab(minute="7"),
        },
        "forget stale sign-ins": {
            "task": "apps.accounts.tasks.forget_stale",
            "schedule": crontab(hour="4", minute="10"),
        },
        "forget old import files": {
            "task": "apps.core.tasks.forget_import_files",
            "schedule": crontab(hour="4", minute="20"),
        },
        "forget reconciliations": {
            "task": "apps.members.tasks.forget_reconciliations",
            "schedule": crontab(minute="27"),
        },
        "tend lost members": {"task": "apps.members.tasks.tend_lost", "schedule": crontab(hour="0", minute="40")},
        "patrol the rules": {"task": "apps.patrol.tasks.patrol", "schedule": crontab(hour="1", minute="40")},
        "expire letters": {"task": "apps.members.tasks.expire_letters", "schedule": crontab(hour="0", minute="20")},
        "rebuild coverage": {"task": "apps.coverage.tasks.rebuild", "schedule": crontab(hour="3", minute="10")},
        "count compliance again": {"task": "apps.activities.tasks.freshen_compliance", "schedule": crontab()},
        "deliver tip sheets": {"task": "apps.activities.tasks.deliver_tip_sheets", "schedule": crontab(hour="4", minute="40")},
        "rebuild compliance": {"task": "apps.activities.tasks.tend_compliance", "schedule": crontab(hour="3", minute="40")},
    },
)
app.autodiscover_tasks()


@celeryd_init.connect
@beat_init.connect
def ensure_services(**_: Any) -> None:
    """A worker or a beat started by hand finds the embedded services up."""
    from . import embedded

    embedded.ensure()
