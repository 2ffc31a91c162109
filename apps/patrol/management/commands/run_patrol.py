"""Look at every row against every patrol rule. Running it again on the same day changes nothing."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from apps.core.commands import OperatorCommand
from apps.patrol.patrolling import RuleRun, run_patrol


class Command(OperatorCommand):
    """Exit code 0 when every rule was looked at, 1 when one failed; what the database said is on stderr."""

    help = "按全部巡查规则检查一遍（可重复执行）：退出码 0 为全部完成，1 为有规则出错。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="打印一个 JSON 对象")

    def handle(self, *args: Any, **options: Any) -> None:
        today = timezone.localdate()
        runs = run_patrol(today)
        if options["json"]:
            self.stdout.write(json.dumps(self._body(runs, today.isoformat()), ensure_ascii=False))
        else:
            self.stdout.write("\n".join(map(self._line, runs)))
        failed = [run for run in runs if run.problem]
        for run in failed:
            self.stderr.write(f"规则“{run.rule.label}”（{run.rule.code}）没有跑成：{run.problem}")
        if failed:
            sys.exit(1)

    @staticmethod
    def _body(runs: list[RuleRun], day: str) -> dict[str, Any]:
        rules = [
            {"rule": run.rule.code, "label": run.rule.label, "found": run.found, "new": run.new,
             "resolved": run.resolved, "ok": not run.problem}
            for run in runs
        ]  # fmt: skip
        return {
            "on": day,
            "rules": rules,
            "found": sum(run.found for run in runs),
            "ok": not any(r.problem for r in runs),
        }

    @staticmethod
    def _line(run: RuleRun) -> str:
        if run.problem:
            return f"{run.rule.label}：出错"
        return f"{run.rule.label}：{run.found} 项（新发现 {run.new}，消除 {run.resolved}）"
