"""口径说明, 剔除名单, 变更说明, 环比: the sheets that let a reader check the summary without asking."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from apps.census.rules import CensusThresholds, changed_abnormally
from apps.core.clock import minute
from apps.core.excel.formulas import DASH, Sheet
from apps.enterprises.kinds import Status

from ..basis import Basis
from ..changes import Change, explanation
from ..models import Correction
from ..rules import ORGANISATION_RATE, SINGLE_RATE, WORK_RATE, Definition, Exclusion, Totals
from .summary import figures_of, rates_of, value_of


def definitions_sheet(
    sheet: Sheet, basis: Basis, definitions: Sequence[Definition], corrections: Iterable[Correction]
) -> None:
    """What the numbers mean, where they come from, and what was corrected since."""
    sheet.add(["口径说明"], "pp title")
    sheet.add([sheet.watermark], "pp note")
    sheet.add(["项目", "说明"], "pp head")
    day = f"{basis.as_of:%Y-%m-%d}"
    lines = [
        ("统计范围", f"{basis.org.name}（{basis.org.code}）及其下级"),
        ("数据截止日期", day),
        ("数据来源", basis.describe()),
    ]
    for snapshot in basis.snapshots:
        who = f"{snapshot.closed_by_name}封存于{minute(snapshot.closed_at)}，共{snapshot.rows}家企业"
        lines.append((f"封存：{snapshot.org_name}", f"{who}；数据校验值（sha256）{snapshot.sha256}"))
    for mark, definition in zip("甲乙", definitions, strict=False):
        lines.append(
            (
                f"口径{mark}",
                f"{definition.name}（{definition.code}，版本{definition.version}）：{definition.describe()}",
            )
        )
    lines += [
        ("组织覆盖率", f"组织覆盖的企业数 ÷ 应计企业数。依据{ORGANISATION_RATE}"),
        ("工作覆盖率", f"组织覆盖，或有党建指导员、群团组织的企业数 ÷ 应计企业数。依据{WORK_RATE}"),
        ("单独组建率", f"单独建立党组织的企业数 ÷ 应计企业数。依据{SINGLE_RATE}"),
        ("一家企业由两个党组织覆盖", "只计一次。"),
        (
            "党员人数",
            "党支部建有党员名册的企业取自名册，其余取自摸底；“明细”逐家注明来源，并列出摸底所报的正式党员数以便核对。",
        ),
        ("分母为零", f"比率显示为“{DASH}”。"),
        ("比率的位数", "四舍五入至小数点后四位，以百分数显示一位小数。"),
        ("公式", "汇总表的每个数字都是指向“明细”的公式，修改明细中的0和1可以重新核算。"),
    ]
    for line in lines:
        sheet.add(line, ["pp text", "pp wrapped"])
    sheet.skip()
    sheet.add(["更正说明"], "pp section")
    rows = [c for c in corrections if c.number]
    for correction in rows:
        what = "；".join(f"{c['enterprise']} {c['field']}：{c['before']} → {c['after']}" for c in correction.changes)
        text = f"{correction.reason}。{what}。提出：{correction.author_name}；批准：{correction.approver_name}"
        sheet.add([str(correction), f"{text}（{minute(correction.approved_at)}）"], ["pp text", "pp wrapped"])
    if not rows:
        sheet.add(["", "本期没有更正说明。"], "pp text")


def excluded_sheet(sheet: Sheet, pairs: Iterable[tuple[Any, Any]]) -> None:
    """Every enterprise that one of the definitions leaves out, with the reason."""
    sheet.add(["剔除名单"], "pp title")
    sheet.add([sheet.watermark], "pp note")
    sheet.add(
        [
            "序号",
            "企业名称",
            "统一社会信用代码",
            "园区",
            "责任党组织",
            "经营状态",
            "职工数",
            "口径甲剔除原因",
            "口径乙剔除原因",
        ],
        "pp head",
    )
    number = 0
    for row, other in pairs:
        reasons = [_reason(row), _reason(other)]
        if any(reasons):
            number += 1
            cells = [
                number,
                row.name,
                row.credit_code,
                row.park_name,
                row.org_name,
                Status(row.status).label,
                row.staff,
            ]
            sheet.add([*cells, *(reason or "计入" for reason in reasons)])
    if not number:
        sheet.add(["", "没有剔除的企业。"])
    sheet.freeze_below(4, 3)


def changes_sheet(sheet: Sheet, found: Sequence[Change] | None, earlier: str) -> None:
    """The difference against the last closed period, written by the program; officers add what only they know."""
    sheet.add(["变更说明"], "pp title")
    sheet.add([sheet.watermark], "pp note")
    if found is None:
        sheet.add([f"{earlier}没有封存数据，无法比较。"], "pp note")
        return
    for sentence in explanation(found, earlier=earlier):
        sheet.add([sentence], "pp note")
    sheet.add(
        ["序号", "变化", "企业名称", "统一社会信用代码", "园区", "责任党组织", "上期", "本期", "说明（可补充）"],
        "pp head",
    )
    top = sheet.rows + 1
    for number, change in enumerate(found, start=1):
        row = change.enterprise
        cells = [number, change.kind.label, row.name, row.credit_code, row.park_name, row.org_name]
        sheet.add(
            [*cells, change.before or DASH, change.now or DASH, change.sentence], ["pp text"] * 8 + ["pp wrapped"]
        )
    sheet.freeze_below(top, 4)


def comparison_sheet(
    sheet: Sheet, definition: Definition, now: Totals, earlier: Mapping[str, Totals | None],
    thresholds: CensusThresholds, points: int,
) -> None:  # fmt: skip
    """环比 and 同比 of every figure. `earlier` holds the last period and the same one a year ago, by label."""
    sheet.add(["环比与同比"], "pp title")
    sheet.add([sheet.watermark], "pp note")
    sheet.add([f"口径甲：{definition.name}（{definition.code}）"], "pp note")
    heads = ["指标", "本期"]
    for label in earlier:
        heads += [label, "增减（比率为百分点）"]
    sheet.add([*heads, "变化异常须说明"], "pp head")
    last = next(iter(earlier.values()))
    for label, name, _ in figures_of(definition):
        value = value_of(now, name)
        cells: list[Any] = [label, value]
        for totals in earlier.values():
            cells += [DASH, DASH] if totals is None else [value_of(totals, name), value - value_of(totals, name)]
        odd = last is not None and changed_abnormally(value, value_of(last, name), thresholds)
        limit = f"变化超过{thresholds.change_percent}%且超过{thresholds.change_people}，请说明原因："
        _compared(sheet, cells, "pp number", limit if odd else "")
    for label, name, *_ in rates_of(definition):
        rate = getattr(now, name)
        cells = [label, DASH if rate is None else rate]
        deltas = []
        for totals in earlier.values():
            before = getattr(totals, name) if totals is not None else None
            deltas.append(None if rate is None or before is None else (rate - before) * 100)
            cells += [DASH if before is None else before, DASH if deltas[-1] is None else deltas[-1]]
        odd = deltas[0] is not None and abs(deltas[0]) > Decimal(points)
        _compared(sheet, cells, "pp percent", f"变化超过{points}个百分点，请说明原因：" if odd else "")


def _compared(sheet: Sheet, cells: list[Any], style: str, odd: str) -> None:
    change = "pp points" if style == "pp percent" else style
    pattern = ["pp text", style, *[style, change] * ((len(cells) - 2) // 2), "pp warning" if odd else "pp text"]
    sheet.add([*cells, odd], pattern)


def _reason(row: Any) -> str:
    return Exclusion(row.reason).label if row is not None and row.reason else ""
