"""`compliance_report --org ORGCODE --period 2026Q3 --as USER [--out FILE.xlsx] [--json]`."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from apps.activities import permissions
from apps.activities.compliance.report import Report, as_json, as_text, read
from apps.activities.compliance.workbook import write_workbook
from apps.core import audit
from apps.core.commands import ActingCommand
from apps.core.errors import DomainError


class Command(ActingCommand):
    help = "组织生活落实情况：某一党组织在某一季度或月份应完成、已完成、按时完成和未完成的"
    permission = permissions.VIEW

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--period", required=True, metavar="2026Q3", help="季度或月份：已封存的取封存数据")
        parser.add_argument("--out", metavar="FILE.xlsx", help="同时写出工作簿")

    def act(self, *, org: Any, actor: Any, options: dict[str, Any]) -> int:
        report = read({"org": org.code, "period": options["period"]}, today=timezone.localdate())
        if options["out"]:
            self._write(Path(options["out"]), report, actor)
        self.answer(options, as_json(report), as_text(report))
        return 0

    def _write(self, target: Path, report: Report, actor: Any) -> None:
        """Write beside the target and rename, so that a file with its name is always whole."""
        if target.suffix.lower() != ".xlsx":
            raise DomainError(f"“{target}”应以 .xlsx 结尾。")
        if not target.parent.is_dir():
            raise DomainError(f"目录“{target.parent}”不存在。")
        try:
            with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".", suffix=".part", delete=False) as part:
                try:
                    write_workbook(part, report, user_name=actor.display_name, now=timezone.now())
                    part.flush()
                    os.fsync(part.fileno())
                    os.chmod(part.name, 0o640)
                    os.replace(part.name, target)
                except BaseException:
                    Path(part.name).unlink(missing_ok=True)
                    raise
        except OSError as error:
            raise DomainError(f"文件“{target}”没有写成：{error.strerror}。") from error
        audit.record(
            actor, "compliance.exported", report.board.org, summary=f"命令导出{report.board.org}组织生活落实情况"
        )
