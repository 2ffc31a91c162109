from django.apps import AppConfig


class PatrolConfig(AppConfig):
    name = "apps.patrol"
    verbose_name = "规则巡查"
