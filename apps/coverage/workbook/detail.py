"""明细: one row for each enterprise, with a 0 or 1 for each figure under each definition. The formulas count here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl.utils import get_column_letter

from apps.enterprises.kinds import MassKind, Status, UnitKind
from apps.enterprises.rules import Industry

from .. import changes
from ..figures import Group
from ..rules import Definition, Exclusion, Step

FIRST_ROW = 4

FLAGS = {
    "enterprises": "计入分母",
    "organisation_covered": "组织覆盖",
    "work_covered": "工作覆盖",
    "single_built": "单独组建",
    "focus": "重点规模",
    "attention": "应有党员规模",
    "should_build": "应建未建",
    "should_join": "应联未联",
    "uncovered": "未覆盖",
}
"""Flags of a row under one definition; the names are those of `Totals` and of `Fact`."""

_INDUSTRIES = dict(Industry.choices())

FACTS: dict[str, tuple[str, float, Any]] = {
    "number": ("序号", 6, None),
    "node": ("汇总序号", 6, None),
    "node_name": ("下级组织", 24, None),
    "name": ("企业名称", 32, lambda r: r.name),
    "credit_code": ("统一社会信用代码", 21, lambda r: r.credit_code),
    "unit_kind": ("单位类别", 9, lambda r: UnitKind(r.unit_kind).label),
    "park": ("园区", 14, lambda r: r.park_name),
    "building": ("楼栋", 12, lambda r: r.building_name),
    "industry": ("行业", 18, lambda r: _INDUSTRIES.get(r.industry, "")),
    "org": ("责任党组织", 26, lambda r: r.org_name),
    "org_line": ("组织层级", 40, lambda r: r.org_line),
    "status": ("经营状态", 9, lambda r: Status(r.status).label),
    "premises": ("固定经营场所", 8, lambda r: "有" if r.has_premises else "无"),
    "operations": ("生产经营活动", 8, lambda r: "有" if r.has_operations else "无"),
    "staff": ("职工数", 8, lambda r: r.staff),
    "formal": ("正式党员", 8, lambda r: r.formal_members),
    "members_source": ("党员数来源", 9, changes.members_source),
    "census_members": ("摸底正式党员", 8, lambda r: r.census_members),
    "probationary": ("预备党员", 8, lambda r: r.probationary_members),
    "elsewhere": ("关系未转入", 8, lambda r: r.members_elsewhere),
    "applicants": ("申请人和积极分子", 8, lambda r: r.applicants),
    "forms": ("组建方式", 14, changes.forms),
    "covering": ("覆盖党组织", 26, lambda r: "、".join(dict.fromkeys(c["org"] for c in r.covering))),
    "instructor": ("党建指导员", 12, lambda r: r.instructor_names),
    "mass": ("群团组织", 12, lambda r: "、".join(MassKind(k).label for k in r.mass_kinds)),
    "unbuilt": ("未建原因", 16, lambda r: changes.unbuilt(r) if r.unbuilt_reason else ""),
    "return_state": ("摸底表", 9, None),
}


@dataclass(frozen=True)
class Layout:
    """Which column of 明细 holds what, and how many rows there are."""

    definitions: tuple[Definition, ...]
    rows: int

    @property
    def columns(self) -> list[str]:
        names = list(FACTS)
        for place, _ in enumerate(self.definitions):
            names += [f"{flag}:{place}" for flag in FLAGS] + [f"reason:{place}", f"step:{place}"]
        return names

    @property
    def last_row(self) -> int:
        return max(FIRST_ROW + self.rows - 1, FIRST_ROW)

    def range_of(self, column: str) -> str:
        """The cells of a column as a formula names them."""
        letter = get_column_letter(self.columns.index(column) + 1)
        return f"明细!${letter}${FIRST_ROW}:${letter}${self.last_row}"

    @property
    def headers(self) -> list[str]:
        heads = [label for label, *_ in FACTS.values()]
        for mark, _ in zip("甲乙", self.definitions, strict=False):
            heads += [f"口径{mark}：{label}" for label in [*FLAGS.values(), "剔除原因", "最近的路"]]
        return heads

    @property
    def widths(self) -> list[float]:
        return [width for _, width, _ in FACTS.values()] + [*[8.0] * len(FLAGS), 22.0, 22.0] * len(self.definitions)


@dataclass(frozen=True)
class Numbered:
    """The node of 汇总 that a row belongs to: its number there and its name."""

    number: int
    label: str


def numbered(groups: Sequence[Group]) -> dict[str, Numbered]:
    """The rows of 汇总 by path."""
    return {group.key: Numbered(number, group.label) for number, group in enumerate(groups, start=1)}


def values(row: Any, other: Any, number: int, node: Numbered, return_state: str) -> Iterable[Any]:
    """The cells of one enterprise; `other` is the same enterprise under the second definition, or None."""
    own = {"number": number, "node": node.number, "node_name": node.label, "return_state": return_state}
    for name, (_, _, read) in FACTS.items():
        yield own[name] if read is None else read(row)
    for each in (row, other):
        if each is not None:
            yield from (int(_flag(each, flag)) for flag in FLAGS)
            yield Exclusion(each.reason).label if each.reason else ""
            yield Step(each.step).label if each.step else ""


def _flag(row: Any, flag: str) -> bool:
    return bool(row.in_denominator if flag == "enterprises" else getattr(row, flag))
