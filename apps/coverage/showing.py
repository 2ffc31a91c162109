"""How a report looks: figures with their links, tables beside charts. No queries and no arithmetic of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from apps.core.periods import Period
from apps.core.templatetags.ui import percent

from .figures import Group
from .reading import Reading
from .rules import Definition, Exclusion, Totals

NAMES = "/coverage/names/"
GAPS = "/coverage/gap/"


def url(path: str, reading: Reading, **changes: Any) -> str:
    """A page about the same report."""
    params = {**reading.params, **changes}
    return f"{path}?{urlencode({name: value for name, value in params.items() if value not in ('', None)})}"


BOTH_COUNTS = "".join(f"&columns={name}" for name in ("name", "park", "org", "formal_members", "census_members"))
"""The columns of a list that shows what the roster counts beside what the census says."""


def names_url(reading: Reading, figure: str, **changes: Any) -> str:
    return url(NAMES, reading, figure=figure, **changes)


def cards(reading: Reading, totals: Totals, before: tuple[Period, Totals] | None) -> list[dict[str, Any]]:
    """The four figures that everybody asks for first."""
    focus = reading.definition.focus_staff
    excluded = sum(totals.excluded.values())
    return [
        _rate_card(reading, "组织覆盖率", "organisation_rate", "organisation_covered", totals, before,
                   hint=f"口径 {reading.definition.code}"),
        _rate_card(reading, "工作覆盖率", "work_rate", "work_covered", totals, before),
        _rate_card(reading, f"{focus}人以上单独组建率", "focus_single_rate", "focus_single_built", totals, before,
                   base="focus"),
        {
            "label": "剔除（空挂、停产、迁出等）", "value": excluded, "url": names_url(reading, "excluded"),
            "numerator": {"text": "查看名单和原因", "url": names_url(reading, "excluded")},
        },
    ]  # fmt: skip


def more_cards(reading: Reading, totals: Totals, before: tuple[Period, Totals] | None) -> list[dict[str, Any]]:
    """The share of single building, and what remains to be done."""

    def count(label: str, name: str, hint: str) -> dict[str, Any]:
        return {"label": label, "value": getattr(totals, name), "url": names_url(reading, name), "hint": hint}

    return [
        _rate_card(reading, "单独组建率", "single_rate", "single_built", totals, before),
        count("应建未建", "should_build", "正式党员3名以上，未单独组建"),
        count("应联未联", "should_join", "正式党员1至2名，没有党组织"),
        count("未覆盖", "uncovered", "没有党组织、指导员和群团组织"),
    ]


def _rate_card(
    reading: Reading, label: str, name: str, numerator: str, totals: Totals, before: tuple[Period, Totals] | None,
    *, base: str = "enterprises", hint: str = "",
) -> dict[str, Any]:  # fmt: skip
    below = names_url(reading, "denominator" if base == "enterprises" else base)
    return {
        "label": label,
        "value": percent(getattr(totals, name)),
        "url": names_url(reading, numerator),
        "numerator": {"text": getattr(totals, numerator), "url": names_url(reading, numerator)},
        "denominator": {"text": f"{getattr(totals, base):,} 家", "url": below},
        "trend": _change(getattr(totals, name), before, name),
        "hint": hint,
    }


def _change(now: Decimal | None, before: tuple[Period, Totals] | None, name: str) -> dict[str, str] | None:
    """Percentage points since the last closed quarter."""
    earlier = getattr(before[1], name) if before else None
    if now is None or earlier is None:
        return None
    points = (now - earlier) * 100
    direction = "up" if points > 0 else "down" if points < 0 else "same"
    return {"label": "较上季", "direction": direction, "text": f"{abs(points):.1f}" if points else "持平"}


def comparison(reading: Reading, one: Totals, two: Totals) -> dict[str, Any]:
    """Two definitions side by side, every number open to its names."""
    definition, other = reading.definition, reading.other
    assert other is not None
    rows = []
    for label, name, figure in _compared(definition):
        a, b = getattr(one, name, None), getattr(two, name, None)
        if name == "excluded":
            a, b = sum(one.excluded.values()), sum(two.excluded.values())
        is_rate = name.endswith("_rate")
        difference = "" if a is None or b is None else f"{(b - a) * 100:+.1f} 个百分点" if is_rate else f"{b - a:+d}"
        rows.append([
            {"text": label},
            {"text": percent(a) if is_rate else f"{a:,}", "url": names_url(reading, figure), "numeric": True},
            {"text": percent(b) if is_rate else f"{b:,}", "url": names_url(reading, figure, definition=other.code),
             "numeric": True},
            {"text": "—" if not difference else "相同" if a == b else difference, "numeric": True},
        ])  # fmt: skip
    headers = [
        {"label": "指标"}, {"label": definition.name, "numeric": True}, {"label": other.name, "numeric": True},
        {"label": "差", "numeric": True},
    ]  # fmt: skip
    return {"headers": headers, "rows": rows}


def _compared(definition: Definition) -> list[tuple[str, str, str]]:
    return [
        ("应计企业（分母）", "enterprises", "denominator"),
        ("剔除", "excluded", "excluded"),
        ("组织覆盖", "organisation_covered", "organisation_covered"),
        ("组织覆盖率", "organisation_rate", "organisation_covered"),
        ("工作覆盖", "work_covered", "work_covered"),
        ("工作覆盖率", "work_rate", "work_covered"),
        ("单独组建率", "single_rate", "single_built"),
        (f"{definition.focus_staff}人以上单独组建率", "focus_single_rate", "focus_single_built"),
        (f"{definition.attention_staff}人以上单独组建率", "attention_single_rate", "attention_single_built"),
        ("应建未建", "should_build", "should_build"),
        ("应联未联", "should_join", "should_join"),
        ("未覆盖", "uncovered", "uncovered"),
    ]


GROUP_HEADERS = [
    {"label": "应计企业", "numeric": True}, {"label": "组织覆盖", "numeric": True}, {"label": "组织覆盖率", "numeric": True},
    {"label": "工作覆盖率", "numeric": True}, {"label": "单独组建率", "numeric": True}, {"label": "应建未建", "numeric": True},
    {"label": "应联未联", "numeric": True}, {"label": "未覆盖", "numeric": True}, {"label": "剔除", "numeric": True},
]  # fmt: skip


def group_table(
    reading: Reading, label: str, groups: Sequence[Group], total: Totals, narrowed: Mapping[str, Mapping[str, Any] | None],
    pages: Mapping[str, str] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """One row for each group and the total. `narrowed` gives the parameters that open a group's names, by its key."""
    rows = [
        [
            {"text": group.label, "url": (pages or {}).get(group.key, "")},
            *_cells(reading, group.totals, narrowed.get(group.key)),
        ]
        for group in groups
    ]
    rows.append([{"text": "合计"}, *_cells(reading, total, {})])
    return {"headers": [{"label": label}, *GROUP_HEADERS], "rows": rows}


def _cells(reading: Reading, totals: Totals, narrowed: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    def cell(text: Any, figure: str) -> dict[str, Any]:
        link = names_url(reading, figure, **narrowed) if narrowed is not None and text not in (0, "—") else ""
        return {"text": text, "url": link, "numeric": True}

    return [
        cell(totals.enterprises, "denominator"),
        cell(totals.organisation_covered, "organisation_covered"),
        {"text": percent(totals.organisation_rate), "numeric": True},
        {"text": percent(totals.work_rate), "numeric": True},
        {"text": percent(totals.single_rate), "numeric": True},
        cell(totals.should_build, "should_build"),
        cell(totals.should_join, "should_join"),
        cell(totals.uncovered, "uncovered"),
        cell(sum(totals.excluded.values()), "excluded"),
    ]


def notes(reading: Reading) -> list[dict[str, Any]]:
    """What stands under every report: the definition in words, the day, the seal."""
    basis, definition = reading.basis, reading.definition
    facts: list[dict[str, Any]] = [
        {"label": "口径", "value": f"{definition.name}（{definition.code}，版本 {definition.version}）"},
        {"label": "数据截至", "value": f"{basis.as_of:%Y-%m-%d}"},
        {"label": "口径说明", "value": definition.describe(), "wide": True},
        {"label": "数据来源", "value": basis.describe(), "wide": True},
        {"label": "党员人数", "value": "建有名册的取自名册，其余取自摸底", "url": names_url(reading, "from_roster")},
        {
            "label": "人数核对",
            "value": "名册与摸底不一致的企业",
            "url": names_url(reading, "disagreement") + BOTH_COUNTS,
        },
    ]
    for snapshot in basis.snapshots:
        seal = f"{snapshot.closed_by_name}封存，{snapshot.rows}家企业，校验值 {snapshot.sha256[:16]}…"
        facts.append({"label": snapshot.org_name, "value": seal, "wide": True})
    return facts


def excluded_rows(reading: Reading, totals: Totals) -> list[dict[str, Any]]:
    return [
        {"label": reason.label, "count": totals.excluded[reason],
         "url": names_url(reading, "excluded", reason=reason.value)}
        for reason in Exclusion if totals.excluded.get(reason)
    ]  # fmt: skip


def bar_chart(groups: Sequence[Group]) -> dict[str, Any]:
    """组织覆盖率 and 工作覆盖率 of each group, as an ECharts option; rates are plain numbers from 0 to 1."""

    def series(label: str, name: str) -> dict[str, Any]:
        data = [_plain(getattr(group.totals, name)) for group in groups]
        return {"name": label, "type": "bar", "barMaxWidth": 14, "data": data}

    return {
        "percent": True,
        "legend": {"top": 0},
        "xAxis": {"type": "value", "min": 0, "max": 1},
        "yAxis": {"type": "category", "inverse": True, "data": [group.label for group in groups]},
        "series": [series("组织覆盖率", "organisation_rate"), series("工作覆盖率", "work_rate")],
    }


def trend_chart(history: Sequence[tuple[str, Totals]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The rates by quarter as a line chart, and their table."""
    lines = [("组织覆盖率", "organisation_rate"), ("工作覆盖率", "work_rate"), ("单独组建率", "single_rate")]
    option = {
        "percent": True,
        "legend": {"top": 0},
        "xAxis": {"type": "category", "data": [label for label, _ in history]},
        "yAxis": {"type": "value", "min": 0, "max": 1},
        "series": [
            {"name": label, "type": "line", "data": [_plain(getattr(totals, name)) for _, totals in history]}
            for label, name in lines
        ],
    }
    headers = [
        {"label": "期间"},
        {"label": "应计企业", "numeric": True},
        *({"label": label, "numeric": True} for label, _ in lines),
    ]
    rows = [
        [{"text": label}, {"text": totals.enterprises, "numeric": True},
         *({"text": percent(getattr(totals, name)), "numeric": True} for _, name in lines)]
        for label, totals in history
    ]  # fmt: skip
    return option, {"headers": headers, "rows": rows}


def _plain(rate: Decimal | None) -> float | None:
    return None if rate is None else float(rate)
