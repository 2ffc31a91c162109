from django.apps import AppConfig
from django.db.models.signals import post_migrate


class BranchesConfig(AppConfig):
    name = "apps.branches"
    verbose_name = "党组织"

    def ready(self) -> None:
        from .owned_paths import install

        post_migrate.connect(install, dispatch_uid="owned_paths", sender=self)
