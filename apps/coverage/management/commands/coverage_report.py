"""`coverage_report --org CODE (--period 2026Q3 | --as-of DATE) --as USER [--definition CODE] [--out FILE.xlsx]`."""

from __future__ import annotations

import os
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from apps.core import audit
from apps.core.commands import ActingCommand
from apps.core.errors import DomainError
from apps.coverage import figures, permissions
from apps.coverage.reading import Reading, read
from apps.coverage.report import as_json
from apps.coverage.rules import Totals
from apps.coverage.workbook import write_workbook


class Command(ActingCommand):
    help = "两个覆盖：某一党组织在某一期间或某一天的覆盖率"
    permission = permissions.VIEW

    def add_own_arguments(self, parser: CommandParser) -> None:
        when = parser.add_mutually_exclusive_group(required=True)
        when.add_argument("--period", metavar="2026Q3", help="期间：已封存的取封存数据")
        when.add_argument("--as-of", dest="day", metavar="DATE", help="截至日期，如 2026-09-30")
        parser.add_argument("--definition", default="", metavar="CODE", help="口径代码，缺省为默认口径")
        parser.add_argument("--out", metavar="FILE.xlsx", help="同时写出报表工作簿")

    def act(self, *, org: Any, actor: Any, options: dict[str, Any]) -> int:
        asked = {"org": org.code, "period": options["period"] or "", "day": options["day"] or ""}
        reading = read({**asked, "definition": options["definition"]}, today=timezone.localdate())
        totals = figures.total(reading.basis, reading.definition)
        if options["out"]:
            self._write(Path(options["out"]), reading, actor)
        self.answer(options, as_json(reading, totals), as_text(reading, totals))
        return 0

    def _write(self, target: Path, reading: Reading, actor: Any) -> None:
        """Write beside the target and rename, so that a file with its name is always whole."""
        if target.suffix.lower() != ".xlsx":
            raise DomainError(f"“{target}”应以 .xlsx 结尾。")
        if not target.parent.is_dir():
            raise DomainError(f"目录“{target.parent}”不存在。")
        try:
            with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".", suffix=".part", delete=False) as part:
                try:
                    write_workbook(part, reading, user_name=actor.display_name, now=timezone.now())
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
            actor, "coverage.exported", reading.basis.org, summary=f"命令导出{reading.basis.org}两个覆盖工作簿"
        )


def as_text(reading: Reading, totals: Totals) -> str:
    def percent(rate: Decimal | None) -> str:
        return "—" if rate is None else f"{rate:.2%}"

    lines = [
        f"{reading.basis.org.name}：{reading.basis.describe()}",
        f"口径：{reading.definition.name}（{reading.definition.code}）。{reading.definition.describe()}",
        f"应计企业 {totals.enterprises} 家，剔除 {sum(totals.excluded.values())} 家",
        f"组织覆盖 {totals.organisation_covered} 家，{percent(totals.organisation_rate)}",
        f"工作覆盖 {totals.work_covered} 家，{percent(totals.work_rate)}",
        f"单独组建 {totals.single_built} 家，{percent(totals.single_rate)}",
        f"{reading.definition.focus_staff}人以上单独组建 {totals.focus_single_built}/{totals.focus} 家，"
        f"{percent(totals.focus_single_rate)}",
        f"应建未建 {totals.should_build} 家，应联未联 {totals.should_join} 家，未覆盖 {totals.uncovered} 家",
    ]
    return "\n".join(lines)
