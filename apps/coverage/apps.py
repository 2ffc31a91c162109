from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CoverageConfig(AppConfig):
    name = "apps.coverage"
    verbose_name = "两个覆盖"

    def ready(self) -> None:
        """Give the built-in definitions their rows after migrate; take the snapshot when a period closes, and
        propose corrections of it when something becomes known later."""
        from apps.core.closing import register_closing, register_correction_proposer

        from .late_facts import propose_corrections
        from .services import freeze_closed_period

        post_migrate.connect(_seed, dispatch_uid="coverage definitions", sender=self)
        register_closing(freeze_closed_period)
        register_correction_proposer(propose_corrections)


def _seed(**_: object) -> None:
    from .definitions import seed

    seed()
