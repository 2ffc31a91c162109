from django.apps import AppConfig


class LedgersConfig(AppConfig):
    name = "apps.ledgers"
    verbose_name = "台账与导出"
