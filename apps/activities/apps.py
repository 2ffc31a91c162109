from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ActivitiesConfig(AppConfig):
    name = "apps.activities"
    verbose_name = "组织生活"

    def ready(self) -> None:
        """Install the built-in kinds and requirements, and tell the apps below what hangs on organisations."""
        from apps.core.closing import register_closing

        from .compliance import freezing, noticing
        from .seeding import seed
        from .services import point_records, tips
        from .services.following import register_follower

        register_follower("activities.tip_sheets", tips.follow_records)
        register_follower("activities.points", point_records.follow_records)
        register_closing(freezing.freeze)
        post_migrate.connect(noticing.install, sender=self, dispatch_uid="activities.noticing")
        post_migrate.connect(seed, sender=self, dispatch_uid="activities.seed")
