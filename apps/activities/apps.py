from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ActivitiesConfig(AppConfig):
    name = "apps.activities"
    verbose_name = "组织生活"

    def ready(self) -> None:
        """Install the built-in kinds and requirements, and tell the apps below what hangs on organisations."""
        from apps.branches.dependents import register_dependents
        from apps.branches.relocation import register_ending, register_relocation
        from apps.core.closing import register_closing

        from .compliance import following, freezing, noticing
        from .seeding import seed
        from .services import point_records, restructuring, tips
        from .services.following import register_follower

        register_follower("activities.tip_sheets", tips.follow_records)
        register_follower("activities.points", point_records.follow_records)
        register_dependents("activities.venues", restructuring.venues_left)
        register_relocation(restructuring.POSTS, "先锋岗", restructuring.move_posts, restructuring.posts_of, order=60)
        register_relocation(restructuring.VENUES, "阵地", restructuring.move_venues, restructuring.venues_of, order=60)
        register_relocation(
            "activities.life",
            "组织生活计划和待办事项",
            restructuring.move_life,
            restructuring.nothing_to_pick,
            order=70,
        )
        register_ending("activities.life", restructuring.end_life)
        register_follower("activities.compliance", following.follow_records)
        register_closing(freezing.freeze)
        post_migrate.connect(noticing.install, sender=self, dispatch_uid="activities.noticing")
        post_migrate.connect(seed, sender=self, dispatch_uid="activities.seed")
