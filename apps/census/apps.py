from django.apps import AppConfig


class CensusConfig(AppConfig):
    name = "apps.census"
    verbose_name = "季度摸底"
