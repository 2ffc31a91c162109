"""`import_ledger CODE FILE --org ORGCODE --as USER [--mode create|update|fill] [--commit] [--json]`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management.base import CommandParser
from django.utils import timezone

from apps.core.commands import ActingCommand
from apps.core.errors import DomainError
from apps.core.excel.problems import Problem, WorkbookRefused
from apps.core.imports.check import Report
from apps.core.imports.oneshot import Outcome, import_file
from apps.core.imports.spec import importer_class
from apps.core.models import ImportBatch

SHOWN = 50


class Command(ActingCommand):
    """Check a file, and with --commit import it: all of it or nothing.

    Exit code 0: checked, or imported. 1: errors and --commit, nothing was changed. 2: the call was wrong.
    """

    help = "检查或导入一个 .xlsx / .csv 文件；不加 --commit 只检查"

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", metavar="CODE", help="台账代码，如 enterprises.registry")
        parser.add_argument("file", metavar="FILE", type=Path, help="要导入的文件")
        parser.add_argument("--mode", choices=ImportBatch.Mode.values, default=ImportBatch.Mode.CREATE.value)
        parser.add_argument("--commit", action="store_true", help="没有错误时导入")

    def needed_permission(self, options: dict[str, Any]) -> str:
        return importer_class(options["code"]).permission

    def act(self, *, org: Any, actor: Any, options: dict[str, Any]) -> int:
        path: Path = options["file"]
        if not path.is_file():
            raise DomainError(f"找不到文件「{path}」。")
        try:
            outcome = import_file(
                importer=importer_class(options["code"]), path=path, org=org, actor=actor, mode=options["mode"],
                commit=options["commit"], today=timezone.localdate(),
            )  # fmt: skip
        except WorkbookRefused as refused:
            outcome = Outcome(Report(errors=refused.problems))
        except PermissionDenied:
            raise DomainError(f"账号「{actor.username}」没有权限为这个组织导入。") from None
        self.answer(options, outcome.as_json(), self._text(outcome))
        return 1 if outcome.report.errors and options["commit"] else 0

    def _text(self, outcome: Outcome) -> str:
        report = outcome.report
        lines = [_line(problem, "错误") for problem in report.errors[:SHOWN]]
        lines += [_line(problem, "提醒") for problem in report.warnings[:SHOWN]]
        more = len(report.errors) - SHOWN
        if more > 0:
            lines.append(f"另有 {more} 处错误未列出，用 --json 可看全部。")
        done = f"已导入，批次 {outcome.batch}" if outcome.committed else "没有导入"
        lines.append(
            f"{report.rows} 行，{report.valid} 行无误；新增 {report.created}，更新 {report.updated}，"
            f"无变化 {report.unchanged}；{len(report.errors)} 处错误。{done}。"
        )
        return "\n".join(lines)


def _line(problem: Problem, label: str) -> str:
    place = f"第 {problem.row} 行「{problem.column}」" if problem.row else "文件"
    return f"{label}  {place}：{problem.message}"
