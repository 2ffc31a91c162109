from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules

CONTRIBUTIONS = ("rights", "permissions", "parameters", "ledgers", "imports", "panels", "jobs", "reminding", "patrols")


class CoreConfig(AppConfig):
    name = "apps.core"
    verbose_name = "机制"

    def ready(self) -> None:
        """Let every app register what it contributes, and seed parameters and calendar after migrate."""
        autodiscover_modules(*CONTRIBUTIONS)
        post_migrate.connect(_seed, dispatch_uid="seeds", sender=self)


def _seed(**_: object) -> None:
    from .calendar import seed_calendar
    from .history import plan_updates
    from .parameters import seed

    seed()
    seed_calendar()
    plan_updates()
