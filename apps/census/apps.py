from django.apps import AppConfig


class CensusConfig(AppConfig):
    name = "apps.census"
    verbose_name = "季度摸底"

    def ready(self) -> None:
        """Closed rounds lock their period against dated writes of the apps below."""
        from apps.core.period_guard import register_period_guard

        from .period_lock import guard_closed_periods

        register_period_guard(guard_closed_periods)
