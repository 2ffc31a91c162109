"""Walk the audit chain and say whether it is whole."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import CommandParser

from apps.core.audit import verify
from apps.core.commands import OperatorCommand
from apps.core.models import AuditEntry


class Command(OperatorCommand):
    """Exit code 0 when every entry fits the one before it, 1 when one does not; the first such entry is named."""

    help = "检查审计记录是否完整：退出码 0 为完整，1 为被改动，并指出第一条不符的记录。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="打印一个 JSON 对象")

    def handle(self, *args: Any, **options: Any) -> None:
        checked, broken = verify()
        entry = AuditEntry.objects.filter(pk=broken).first() if broken is not None else None
        if options["json"]:
            self.stdout.write(json.dumps({"ok": entry is None, "entries": checked, "first_bad": broken}))
        elif entry is None:
            self.stdout.write(f"审计记录完整，共 {checked} 条。")
        else:
            when = entry.at.isoformat(timespec="seconds")
            what = f"编号 {entry.pk}（{when}，{entry.actor_name}，{entry.action}）"
            self.stdout.write(f"前 {checked} 条完整；第一条不符的是{what}。")
        if entry is not None:
            sys.exit(1)
