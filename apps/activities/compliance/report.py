"""The report of one organisation and period: what the command, the API and the workbook say, in the same words.

Parameters are `org` (code; without it the organisation that one answers for) and `period` (2026Q3, or a month of it).
Whatever makes no sense is a DomainError.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.branches.models import PartyOrg
from apps.core.errors import DomainError
from apps.core.periods import Period
from apps.core.scoping import required_scope

from ..kinds import DutySubject
from .cells import Board, Owing, board, owing


@dataclass(frozen=True)
class Report:
    """A board with the names behind it: everybody of whom something is asked, by column key."""

    board: Board
    owing: dict[str, list[Owing]]
    codes: dict[int, str]

    def missing(self, key: str) -> list[Owing]:
        return [each for each in self.owing[key] if not each.is_met]

    @property
    def label(self) -> str:
        return f"{self.board.period.label}{'（已封存）' if self.board.is_frozen else ''}"


def read(params: Mapping[str, str], *, today: datetime.date) -> Report:
    """The report that the parameters name, inside the active scope."""
    org, period = _node(params.get("org", "")), _period(params.get("period", ""), today)
    found = board(org, period, today=today)
    names = owing(org, period, found.columns, today=today)
    ids = {each.org_id for each in (row for rows in names.values() for row in rows)}
    codes = dict(PartyOrg.objects.filter(pk__in=ids).values_list("pk", "code"))
    return Report(found, names, codes)


def as_json(report: Report) -> dict[str, Any]:
    """The one object that other programs read."""
    found = report.board
    return {
        "org": found.org.code,
        "period": str(found.period),
        "as_of": found.as_of.isoformat(),
        "frozen": found.is_frozen,
        "corrections": found.corrections,
        "kinds": [
            {
                "kind": column.kind.code,
                "name": column.kind.name,
                "rhythm": column.rhythm.value,
                "subject": column.subject.value,
                "period": str(cell.period),
                "due_on": cell.due_on.isoformat(),
                "open": cell.is_open,
                "organisations": cell.bound,
                "expected": cell.expected,
                "actual": cell.actual,
                "on_time": cell.on_time,
                "late": cell.late,
                "missing": [_named(each, report) for each in report.missing(column.key)],
            }
            for column in found.columns
            for cell in [found.total.cells[column.key]]
        ],
    }


def as_text(report: Report) -> str:
    """The same for people at a terminal."""
    found = report.board
    lines = [f"{found.org.name}：{report.label}，数据截至 {found.as_of:%Y-%m-%d}"]
    for column in found.columns:
        cell = found.total.cells[column.key]
        unit = "名" if column.subject == DutySubject.MEMBER else "次"
        lines.append(
            f"{column.label}：应 {cell.expected} {unit}，实 {cell.actual} {unit}，按时 {cell.on_time}，"
            f"未完成的党组织 {cell.missing} 个{'（期限未到）' if cell.is_open else ''}"
        )
        lines += [f"  {each.name}：{each.actual}/{each.expected}" for each in report.missing(column.key)]
    return "\n".join(lines)


def _named(each: Owing, report: Report) -> dict[str, Any]:
    return {
        "org": report.codes.get(each.org_id, ""), "name": each.name, "expected": each.expected, "actual": each.actual,
        "periods": [str(period) for period in each.periods],
    }  # fmt: skip


def _node(code: str) -> PartyOrg:
    if code:
        org = PartyOrg.objects.filter(code=code).first()
        if org is None:
            raise DomainError(f"没有代码为「{code}」的党组织。", code="bad_filter", field="org")
        return org
    paths = required_scope().roots()
    roots = PartyOrg.objects.filter(parent=None) if "" in paths else PartyOrg.objects.filter(path__in=paths)
    found = list(roots[:2])
    if len(found) != 1:
        raise DomainError("请用组织代码指明党组织。", code="bad_filter", field="org")
    return found[0]


def _period(text: str, today: datetime.date) -> Period:
    if not text:
        return Period.quarter_of(today)
    try:
        period = Period.parse(text)
    except ValueError as error:
        raise DomainError(str(error), code="bad_filter", field="period") from None
    if period.kind == "year":
        raise DomainError("期间须为季度（2026Q3）或月份（2026-09）。", code="bad_filter", field="period")
    if period.start > today:
        raise DomainError(f"{period.label}尚未开始，还没有数据。", code="future_period", field="period")
    return period
