from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules

CONTRIBUTIONS = ("rights", "permissions", "parameters", "ledgers", "imports", "panels", "jobs", "reminding")


class CoreConfig(AppConfig):
    name = "apps.core"
    verbose_name = "机制"

    def ready(self) -> None:
        """Let every app register what it contributes, and give each declared parameter its row after migrate."""
        autodiscover_modules(*CONTRIBUTIONS)
        post_migrate.connect(_seed, dispatch_uid="parameters", sender=self)


def _seed(**_: object) -> None:
    from .parameters import seed

    seed()
