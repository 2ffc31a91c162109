"""`load_demo [--on DAY] [--force]`: an invented city with its history, counted from a day. Running it again does nothing."""

from __future__ import annotations

import datetime
import time
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from apps.core.commands import OperatorCommand
from apps.core.errors import DomainError
from apps.portal.demo.load import is_loaded, load


class Command(OperatorCommand):
    """Exit code 0: loaded, or loaded already. 2: the database holds other data, or the day makes no sense."""

    help = "载入演示园区（虚构数据）；已载入的不再载入"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--on", metavar="DAY", type=datetime.date.fromisoformat, help="以这一天为今天，缺省为当天")
        parser.add_argument("--force", action="store_true", help="数据库中已有其他数据时也载入")

    def handle(self, *args: Any, **options: Any) -> None:
        if is_loaded():
            self.stdout.write("演示园区已经载入，没有改动。")
            return
        start = time.monotonic()
        try:
            loaded = load(options["on"] or timezone.localdate(), force=options["force"])
        except DomainError as error:
            raise CommandError(error.message, returncode=2) from error
        self.stdout.write(
            f"已载入演示园区：{loaded.organisations} 个党组织，{loaded.enterprises} 家企业，{loaded.accounts} 个演示账号，"
            f"用时 {time.monotonic() - start:.0f} 秒。"
        )
