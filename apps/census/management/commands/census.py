"""Open, look at or close a census round.

`census open|status|close --org ORGCODE --period 2026Q4 --as USER [--json]`. Exit codes: 0 done, 1 the round is
closed already, 2 the call was wrong. A closing by command is confirmed by being typed; it prints what it cuts off.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from apps.census import progress
from apps.census.models import KIND_OF_PERIOD, CensusRound
from apps.census.permissions import CLOSE, OPEN, VIEW
from apps.census.services import close_round, open_round
from apps.core.commands import ActingCommand
from apps.core.errors import Conflict, DomainError
from apps.core.periods import Period


class Command(ActingCommand):
    help = "发起、查看或关闭一次摸底"

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=("open", "status", "close"), help="发起、查看、关闭")
        parser.add_argument("--period", required=True, help="周期：2026Q4（季度）、2026（年度）、2026-11（集中普查）")

    def needed_permission(self, options: dict[str, Any]) -> str:
        return {"open": OPEN, "status": VIEW, "close": CLOSE}[options["action"]]

    def act(self, *, org: Any, actor: Any, options: dict[str, Any]) -> int:
        try:
            period = Period.parse(options["period"])
        except ValueError as error:
            raise DomainError(str(error)) from error
        today = timezone.localdate()
        if options["action"] == "open":
            try:
                opening = open_round(org=org, period=period, today=today, actor=actor)
            except Conflict as error:
                return self._refused(error)
            self._tell(opening.round, options, today, added=opening.added, created=opening.is_new)
            return 0
        row = CensusRound.objects.filter(org=org, kind=KIND_OF_PERIOD[period.kind], period=str(period)).first()
        if row is None:
            raise DomainError(f"「{org}」没有发起{period.label}的摸底。")
        if options["action"] == "close":
            try:
                row = close_round(census_round=row, today=today, actor=actor, confirmed=True)
            except Conflict as error:
                return self._refused(error)
        self._tell(row, options, today)
        return 0

    def _refused(self, error: Conflict) -> int:
        self.stderr.write(error.message)
        return 1

    def _tell(self, row: CensusRound, options: dict[str, Any], today: Any, **more: Any) -> None:
        counts = progress.totals(row, today=today)
        body = {
            "round": row.pk, "title": row.title, "period": row.period, "org": row.org.code,
            "state": "open" if row.is_open else "closed", "opens_on": row.opens_on, "due_on": row.due_on,
            "as_of": row.as_of(today), **counts.as_json(), **more,
        }  # fmt: skip
        text = (
            f"{row.title}（{row.org}）{'进行中' if row.is_open else '已关闭'}：应报 {counts.expected}，"
            f"已报 {counts.reported}（按时 {counts.on_time}），待审核 {counts.submitted}，退回 {counts.returned}，"
            f"已审 {counts.approved}，未报 {counts.outstanding}"
        )
        self.answer(options, body, text)
