"""How the board looks: kinds, organisations and months, every figure a link to its records or to who is missing."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import urlencode

from apps.core.periods import Period
from apps.core.templatetags.ui import percent

from .compliance.cells import Board, Cell, Column, Line
from .kinds import Book, DutySubject
from .models import ActivityKind
from .rules.compliance import Tally

BOARD: Final = "/activities/board/"
NAMES: Final = "/activities/board/names/"
LEDGERS: Final = {Book.MEETINGS.value: "activities.meetings", Book.THEME_DAYS.value: "activities.theme_days"}
"""The book in which the records of a kind stand; those of all others stand in one."""


def board_url(org_code: str, period: Period) -> str:
    return f"{BOARD}?{urlencode({'org': org_code, 'period': str(period)})}"


def names_url(org_code: str, period: Period, column: Column, **more: str) -> str:
    """Who of the subtree owes it; with `all` also who has done it."""
    query = {"org": org_code, "period": str(period), "column": column.key, **more}
    return f"{NAMES}?{urlencode(query)}"


def records_url(org_code: str, kind: ActivityKind, period: Period) -> str:
    """The records of a kind that were held in the period, below the organisation."""
    query = {
        "kind": kind.pk,
        "org": org_code,
        "held_from": period.start.isoformat(),
        "held_to": period.last_day.isoformat(),
    }
    return f"/ledgers/{LEDGERS.get(kind.book, 'activities.records')}/?{urlencode(query)}"


def tone(cell: Cell, today: datetime.date) -> str:
    """Green once it is met, amber while there is time, red when the period is over without it, frozen or not."""
    if not cell.missing:
        return "success"
    return "warning" if cell.period.end > today else "danger"


def bar(tally: Tally) -> list[dict[str, Any]]:
    """按时 in green, 逾期报 in amber, what lacks stays empty; shares of 应."""
    whole = tally.expected or 1
    return [{"label": "按时", "tone": "success", "share": 100 * tally.on_time / whole},
            {"label": "逾期报", "tone": "warning", "share": 100 * tally.late / whole}]  # fmt: skip


def rate(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def kind_rows(board: Board, code: str, today: datetime.date) -> list[dict[str, Any]]:
    """One row for each kind: 应, 实, 按时, 逾期报, 差 and how many organisations have not met it."""
    rows = []
    for column in board.columns:
        cell = board.total.cells.get(column.key)
        if cell is None:
            continue
        rows.append({
            "label": column.kind.name, "hint": f"每名党员{column.rhythm.label}" if column.subject == DutySubject.MEMBER
            else column.rhythm.label, "unit": "名" if column.subject == DutySubject.MEMBER else "次",
            "cell": cell, "bar": bar(cell.tally), "tone": tone(cell, today), "rate": percent(rate(cell.actual, cell.expected)),
            "basis": cell.requirement.source if cell.requirement else "",
            "records_url": records_url(code, column.kind, cell.period) if cell.actual else "",
            "missing_url": names_url(code, board.period, column) if cell.missing else "",
            "all_url": names_url(code, board.period, column, all="1"), "lacking": cell.tally.lacking,
        })  # fmt: skip
    return rows


def organisation_rows(board: Board, codes: dict[int, str], today: datetime.date) -> list[dict[str, Any]]:
    """One row for each organisation below with a place for every kind; `codes` are those that the reader may open."""
    return [_row(board, line, codes.get(line.org_id, ""), today) for line in board.lines]


def _row(board: Board, line: Line, code: str, today: datetime.date) -> dict[str, Any]:
    places = []
    for column in board.columns:
        cell = line.cells.get(column.key)
        where = _place(board, column, cell, code, today)
        places.append({"label": column.kind.name, "hint": column.rhythm.label, "cell": cell, **where})
    return {
        "name": f"{line.name}（本级）" if line.is_own else line.name, "places": places,
        "url": board_url(code, board.period) if code and not line.is_own else "",
    }  # fmt: skip


def _place(board: Board, column: Column, cell: Cell | None, code: str, today: datetime.date) -> dict[str, Any]:
    if cell is None or not code:
        return {"url": "", "tone": tone(cell, today) if cell else ""}
    url = names_url(code, board.period, column) if cell.missing else records_url(code, column.kind, cell.period)
    return {"url": url, "tone": tone(cell, today)}


def chart(rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """完成率 and 按时率 of each kind, as an ECharts option; rates are plain numbers from 0 to 1."""
    shown = list(rows)

    def series(label: str, name: str) -> dict[str, Any]:
        data = [rate(getattr(row["cell"], name), row["cell"].expected) for row in shown]
        return {"name": label, "type": "bar", "barMaxWidth": 14, "data": data}

    return {
        "percent": True,
        "legend": {"top": 0},
        "xAxis": {"type": "value", "min": 0, "max": 1},
        "yAxis": {"type": "category", "inverse": True, "data": [f"{row['label']}（{row['hint']}）" for row in shown]},
        "series": [series("完成率", "actual"), series("按时率", "on_time")],
    }


def chart_table(rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The same figures as the chart, as numbers."""
    headers = [
        {"label": "类别"},
        *({"label": label, "numeric": True} for label in ("应", "实", "按时", "完成率", "按时率")),
    ]
    body = [
        [{"text": f"{row['label']}（{row['hint']}）"}, *({"text": number, "numeric": True} for number in (
            row["cell"].expected, row["cell"].actual, row["cell"].on_time, row["rate"],
            percent(rate(row["cell"].on_time, row["cell"].expected))))]
        for row in rows
    ]  # fmt: skip
    return {"headers": headers, "rows": body}
