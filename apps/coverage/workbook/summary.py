"""汇总: every figure a formula over 明细, for each node and the total, under both definitions."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from openpyxl.utils import get_column_letter

from apps.core.excel.formulas import DASH, Formula, Sheet

from ..figures import Level
from ..rules import Definition, Totals
from .detail import Layout

Count = tuple[str, tuple[str, ...]]


def figures_of(definition: Definition) -> list[tuple[str, str, tuple[str, ...]]]:
    """(label, name in Totals, flags of 明细 that must all be 1). `excluded` counts rows that are not in the denominator."""
    focus, attention = definition.focus_staff, definition.attention_staff
    return [
        ("登记企业", "registered", ()),
        ("剔除", "excluded", ()),
        ("应计企业（分母）", "enterprises", ("enterprises",)),
        ("组织覆盖", "organisation_covered", ("organisation_covered",)),
        ("工作覆盖", "work_covered", ("work_covered",)),
        ("单独组建", "single_built", ("single_built",)),
        (f"{focus}人以上企业", "focus", ("focus",)),
        (f"{focus}人以上单独组建", "focus_single_built", ("focus", "single_built")),
        (f"{attention}人以上企业", "attention", ("attention",)),
        (f"{attention}人以上单独组建", "attention_single_built", ("attention", "single_built")),
        ("应建未建", "should_build", ("should_build",)),
        ("应联未联", "should_join", ("should_join",)),
        ("未覆盖", "uncovered", ("uncovered",)),
    ]


def rates_of(definition: Definition) -> list[tuple[str, str, str, str]]:
    """(label, name in Totals, numerator, denominator)."""
    return [
        ("组织覆盖率", "organisation_rate", "organisation_covered", "enterprises"),
        ("工作覆盖率", "work_rate", "work_covered", "enterprises"),
        ("单独组建率", "single_rate", "single_built", "enterprises"),
        (f"{definition.focus_staff}人以上单独组建率", "focus_single_rate", "focus_single_built", "focus"),
        (
            f"{definition.attention_staff}人以上单独组建率",
            "attention_single_rate",
            "attention_single_built",
            "attention",
        ),
    ]


def value_of(totals: Totals, name: str) -> int:
    if name == "excluded":
        return sum(totals.excluded.values())
    if name == "registered":
        return totals.enterprises + sum(totals.excluded.values())
    return int(getattr(totals, name))


def shown(rate: Decimal | None) -> Any:
    return DASH if rate is None else rate


class Block:
    """The table of one definition: one row for each node, then the total. Writes it and knows where its cells are."""

    def __init__(self, sheet: Sheet, layout: Layout, place: int) -> None:
        self.sheet, self.layout, self.place = sheet, layout, place
        self.definition = layout.definitions[place]
        self.counts = figures_of(self.definition)
        self.rates = rates_of(self.definition)
        names = [name for _, name, _ in self.counts]
        self.columns = {name: get_column_letter(3 + number) for number, name in enumerate(names)}
        self.total_row = 0

    def write(self, level: Level) -> None:
        mark = "甲乙"[self.place]
        self.sheet.add([f"口径{mark}：{self.definition.name}（{self.definition.code}）"], "pp section")
        self.sheet.add([self.definition.describe()], "pp note")
        heads = ["序号", "党组织", *(label for label, *_ in self.counts), *(label for label, *_ in self.rates)]
        self.sheet.add(heads, "pp head")
        for number, group in enumerate(level.rows, start=1):
            self._row(number, group.label, group.totals, self._of_node)
        self.total_row = self._row("", "合计", level.total, self._of_all)
        self.sheet.skip()

    def _row(self, number: Any, label: str, totals: Totals, count: Callable[[tuple[str, ...], int], str]) -> int:
        row = self.sheet.rows + 1
        cells: list[Any] = [number, label]
        for _, name, flags in self.counts:
            text = (
                f"{self.columns['registered']}{row}-{self.columns['enterprises']}{row}" if name == "excluded"
                else count(flags, row)
            )  # fmt: skip
            cells.append(Formula(text, value_of(totals, name)))
        for _, name, numerator, denominator in self.rates:
            top, below = f"{self.columns[numerator]}{row}", f"{self.columns[denominator]}{row}"
            text = f'IF({below}=0,"{DASH}",ROUND({top}/{below},4))'
            cells.append(Formula(text, shown(getattr(totals, name))))
        return self.sheet.add(
            cells, ["pp number", "pp text", *["pp number"] * len(self.counts), *["pp percent"] * len(self.rates)]
        )

    def _of_node(self, flags: tuple[str, ...], row: int) -> str:
        return self._countifs([f"{self.layout.range_of('node')},$A{row}"], flags)

    def _of_all(self, flags: tuple[str, ...], row: int) -> str:
        return self._countifs([f'{self.layout.range_of("number")},">0"'], flags)

    def _countifs(self, criteria: list[str], flags: tuple[str, ...]) -> str:
        own = [f"{self.layout.range_of(f'{flag}:{self.place}')},1" for flag in flags]
        return f"COUNTIFS({','.join([*criteria, *own])})"

    def cell(self, name: str) -> str:
        """The address of a total."""
        if name in self.columns:
            return f"${self.columns[name]}${self.total_row}"
        place = [rate for _, rate, _, _ in self.rates].index(name)
        return f"${get_column_letter(3 + len(self.counts) + place)}${self.total_row}"


def compare(sheet: Sheet, blocks: list[Block], levels: list[Level]) -> None:
    """Both definitions side by side: the totals and what lies between them."""
    sheet.add(["两种口径对照"], "pp section")
    sheet.add(["", "指标", "口径甲", "口径乙", "差（比率为百分点）"], "pp head")
    one, two = (level.total for level in levels)
    for label, name, _ in blocks[0].counts:
        cells = [block.cell(name) for block in blocks]
        a, b = value_of(one, name), value_of(two, name)
        sheet.add(["", label, Formula(cells[0], a), Formula(cells[1], b), Formula(f"{cells[1]}-{cells[0]}", b - a)],
                  ["pp number", "pp text", *["pp number"] * 3])  # fmt: skip
    for label, name, *_ in blocks[0].rates:
        cells = [block.cell(name) for block in blocks]
        rates = [getattr(totals, name) for totals in (one, two)]
        points = DASH if None in rates else (rates[1] - rates[0]) * 100
        text = f'IF(COUNT({cells[0]},{cells[1]})=2,ROUND(({cells[1]}-{cells[0]})*100,2),"{DASH}")'
        sheet.add(["", label, Formula(cells[0], shown(rates[0])), Formula(cells[1], shown(rates[1])), Formula(text, points)],
                  ["pp number", "pp text", "pp percent", "pp percent", "pp points"])  # fmt: skip
    sheet.skip()
