"""Start, stop and look at the embedded PostgreSQL and Redis."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from parkparty import embedded


class Command(BaseCommand):
    help = "Start, stop or show the embedded services. status exits with 1 when one of them does not answer."
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
            raise CommandError(str(error)) from None
        states = services.status()
        for state in states:
            self.stdout.write(f"{state.name}: {state.detail}")
        if not states:
            self.stdout.write("database and queue are given by DATABASE_URL and REDIS_URL: nothing is embedded")
        if action == "status" and not all(state.running for state in states):
            sys.exit(1)
