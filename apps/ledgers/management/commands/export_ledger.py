"""Write a ledger to a file: export_ledger CODE --org ORGCODE --as USER --out FILE."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from apps.core.commands import ActingCommand
from apps.core.errors import DomainError
from apps.core.files import replacing
from apps.core.ledger import registry
from apps.core.scoping import required_scope, use_scope
from apps.ledgers.exporting import FORMATS, write_ledger


class Command(ActingCommand):
    help = "把台账写成 xlsx 或 csv 文件"

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", metavar="CODE", help="台账代码，如 enterprises.roster")
        parser.add_argument("--out", required=True, metavar="FILE", help="输出文件，.xlsx 或 .csv")

    def needed_permission(self, options: dict[str, Any]) -> str:
        if options["code"] not in registry:
            raise DomainError(f"没有代码为「{options['code']}」的台账；可用：{'、'.join(sorted(registry))}。")
        return registry[options["code"]].permission

    def act(self, *, org: Any, actor: Any, options: dict[str, Any]) -> int:
        target = Path(options["out"])
        chosen = target.suffix.lstrip(".").lower()
        if chosen not in FORMATS:
            raise DomainError("输出文件名须以 .xlsx 或 .csv 结尾。")
        at = timezone.localtime()
        with use_scope(required_scope().narrowed_to(org.path)):
            ledger = registry[options["code"]](today=at.date(), user=actor)
            try:
                with replacing(target) as stream:
                    rows = write_ledger(ledger, stream, format=chosen, at=at, actor=actor)
            except OSError as error:
                raise DomainError(f"无法写入 {target}：{error.strerror}。") from error
        body = {"ledger": options["code"], "org": org.code, "rows": rows, "file": str(target)}
        self.answer(options, body, f"已写入 {target}，共 {rows} 行。")
        return 0
