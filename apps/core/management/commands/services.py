"""Start, stop and look at the embedded PostgreSQL and Redis."""

import sys
from typing import Any

from django.core.management.base import CommandError, CommandParser

from apps.core.commands import OperatorCommand
from parkparty import embedded


class Command(OperatorCommand):
    help = "启动、停止或查看内置的数据库和队列；status 在有服务未应答时以 1 退出"
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["start", "stop", "status"])

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        services = embedded.services()
        try:
            if action == "start":
                embedded.ensure()
            elif action == "stop":
                services.stop()
        except embedded.ServiceError as error:
            raise CommandError(str(error), returncode=2) from None
        states = services.status()
        for state in states:
            self.stdout.write(f"{state.name}: {state.detail}")
        if not states:
            self.stdout.write("数据库和队列由 DATABASE_URL、REDIS_URL 指定，没有内置服务。")
        if action == "status" and not all(state.running for state in states):
            sys.exit(1)
