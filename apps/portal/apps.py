from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "apps.portal"
    verbose_name = "首页"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from .shell import keep_environment_note

        user_logged_in.connect(keep_environment_note, dispatch_uid="environment note")
