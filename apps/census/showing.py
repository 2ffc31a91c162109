"""How the progress of a round is shown: figures, a table, a bar, a chart. Every number leads to its returns."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode

from .models import CensusRound
from .progress import Counts, Group

LIST = "/census/returns/"


def list_url(row: CensusRound | None, **filters: str) -> str:
    query = {**({"round": str(row.pk)} if row else {}), **filters}
    return f"{LIST}?{urlencode(query)}"


def progress_bar(counts: Counts) -> list[dict[str, Any]]:
    """已审 in green, 已报待审 in amber, 退回 in red; shares of 应报."""
    whole = counts.expected or 1
    parts = [("已审", "success", counts.approved), ("已报待审", "warning", counts.submitted),
             ("退回", "danger", counts.returned)]  # fmt: skip
    return [{"label": label, "tone": tone, "share": 100 * n / whole} for label, tone, n in parts]


def cockpit_figures(row: CensusRound, counts: Counts) -> list[dict[str, Any]]:
    """The row of figures on top of the cockpit."""
    share = f"占应报 {100 * counts.reported / counts.expected:.1f}%" if counts.expected else ""
    late = counts.reported - counts.on_time
    return [
        {"label": "应报", "value": counts.expected, "url": list_url(row),
         "hint": f"未开始 {counts.not_started} · 草稿 {counts.draft}"},
        {"label": "已报", "value": counts.reported, "url": list_url(row, state="reported"), "hint": share},
        {"label": "按时", "value": counts.on_time, "url": list_url(row, on_time="1"), "hint": f"逾期报 {late}"},
        {"label": "待审核", "value": counts.submitted, "url": list_url(row, state="submitted"), "hint": "已报未审"},
        {"label": "退回", "value": counts.returned, "url": list_url(row, state="returned"), "hint": "等待重报"},
        {"label": "已审", "value": counts.approved, "url": list_url(row, state="approved"), "hint": "已写入台账"},
    ]  # fmt: skip


COLUMNS: Final[tuple[tuple[str, str, dict[str, str]], ...]] = (
    ("应报", "expected", {}),
    ("已报", "reported", {"state": "reported"}),
    ("按时", "on_time", {"on_time": "1"}),
    ("待审核", "submitted", {"state": "submitted"}),
    ("退回", "returned", {"state": "returned"}),
    ("已审", "approved", {"state": "approved"}),
    ("未报", "outstanding", {"state": "outstanding"}),
)


def group_table(row: CensusRound, noun: str, groups: Sequence[Group], total: Counts) -> dict[str, Any]:
    """One line for each group; figures are links, zeros are not."""
    lines = [
        {
            "label": group.label,
            "url": f"?by=org&org={group.query['org']}" if group.path else "",
            "cells": _cells(row, group.counts, group.query),
            "bar": progress_bar(group.counts),
        }
        for group in groups
    ]
    return {"noun": noun, "headers": [label for label, _, _ in COLUMNS], "lines": lines,
            "total": _cells(row, total, {})}  # fmt: skip


def _cells(row: CensusRound | None, counts: Counts, query: dict[str, str]) -> list[dict[str, Any]]:
    cells = []
    for label, name, filters in COLUMNS:
        value = getattr(counts, name)
        cells.append({"label": label, "value": value, "url": list_url(row, **query, **filters) if value else ""})
    return cells


def daily_chart(
    row: CensusRound, by_day: Sequence[tuple[datetime.date, int]], total: Counts, *, today: datetime.date
) -> dict[str, Any] | None:
    """累计上报 against 应报, day by day from the opening to today or the closing; None while nothing has come in."""
    if not by_day:
        return None
    new = dict(by_day)
    first, last = min(row.opens_on, *new), max(min(row.closed_on or today, today), *new)
    days = [first + datetime.timedelta(days=n) for n in range((last - first).days + 1)]
    running, sums = 0, []
    for day in days:
        running += new.get(day, 0)
        sums.append(running)
    labels = [f"{day.month}月{day.day}日" for day in days]
    option = {
        "legend": {"data": ["累计已报", "应报"], "top": 0},
        "xAxis": {"type": "category", "data": labels, "boundaryGap": False},
        "yAxis": {"type": "value", "minInterval": 1},
        "series": [
            {"name": "累计已报", "type": "line", "step": "end", "data": sums, "areaStyle": {"opacity": 0.12},
             "symbol": "none"},
            {"name": "应报", "type": "line", "data": [total.expected] * len(days), "symbol": "none",
             "lineStyle": {"type": "dashed"}},
        ],
    }  # fmt: skip
    rows = [[{"text": label}, {"text": new.get(day, 0), "numeric": True}, {"text": done, "numeric": True}]
            for label, day, done in zip(labels, days, sums, strict=True)]  # fmt: skip
    headers = [{"label": "日期"}, {"label": "当日上报", "numeric": True}, {"label": "累计已报", "numeric": True}]
    return {"option": option, "table": {"headers": headers, "rows": rows}}
