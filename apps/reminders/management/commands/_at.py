"""Base of the two reminder commands: a moment in ISO 8601, an answer in JSON."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandError, CommandParser

from apps.core.commands import OperatorCommand
from apps.reminders.rules import SHANGHAI


class MomentCommand(OperatorCommand):
    """A command that does one thing as of a moment; without --at it is now."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--at", metavar="ISO", help="时刻，如 2026-12-13T09:00；不写时区即北京时间；缺省为现在")
        parser.add_argument("--json", action="store_true", help="打印一个 JSON 对象")

    def do(self, at: datetime.datetime) -> Mapping[str, int]:
        raise NotImplementedError

    def handle(self, *args: Any, **options: Any) -> None:
        counts = self.do(self._moment(options["at"]))
        text = "\n".join(f"{name}: {count}" for name, count in counts.items())
        self.stdout.write(json.dumps(counts, ensure_ascii=False) if options["json"] else text)

    def _moment(self, text: str | None) -> datetime.datetime:
        if text is None:
            return datetime.datetime.now(SHANGHAI)
        try:
            moment = datetime.datetime.fromisoformat(text)
        except ValueError as error:
            raise CommandError(f"--at 应为 ISO 时刻，如 2026-12-13T09:00，收到「{text}」。", returncode=2) from error
        return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)
