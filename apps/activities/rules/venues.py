"""阵地: what belongs into a room for Party life, how large it is, and what a centre owes each month.

The list is a published county standard for 活动室, used as advice: what is missing is named, nothing is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from apps.core.regulations import Citation, Finding

STANDARD: Final = Citation("党组织活动阵地建设细则", "（公开的地方考核细则，活动室部分）", "阵地", "local")
MONTHLY_EVENT: Final = Citation("园区党群服务中心运行惯例", "（每月坚持开展党建特色活动）", "", "P")
BOOKING: Final = Citation("园区阵地开放共享惯例", "", "", "P")

ROOM_MIN_AREA: Final = 20
"""Square metres that a room has …"""
AREA_PER_MEMBER: Final = 3
"""… unless it has so many for each member of the branch."""


@dataclass(frozen=True)
class CheckItem:
    """One line of the standard list: what should be there, and what the published list says about it."""

    code: str
    label: str
    detail: str = ""


CHECKLIST: Final = (
    CheckItem("flag", "党旗", "面积不小于1平方米"),
    CheckItem("systems", "三会一课等制度上墙"),
    CheckItem("constitution", "党员权利义务上墙"),
    CheckItem("plan", "年度工作计划上墙"),
    CheckItem("members", "党员名单公示"),
    CheckItem("role_models", "先进典型展示"),
    CheckItem("chairs", "桌椅"),
    CheckItem("teaching", "电化教育设备"),
    CheckItem("books", "党报党刊和图书"),
    CheckItem("columns", "宣传栏"),
    CheckItem("staff_room", "职工活动室"),
)
"""The list without the area, which is measured."""

LABELS: Final = {item.code: item.label for item in CHECKLIST}


def area_needed(members: int | None) -> int:
    """Square metres that a room of a branch with so many members should have; 20 where their number is not known."""
    return ROOM_MIN_AREA if members is None else min(ROOM_MIN_AREA, AREA_PER_MEMBER * members)


def missing_items(checklist: Mapping[str, Any]) -> list[CheckItem]:
    """The lines of the list that were not found, in its order; an empty checklist has not been looked at."""
    if not checklist:
        return []
    return [item for item in CHECKLIST if not checklist.get(item.code)]


def venue_findings(checklist: Mapping[str, Any], area: Decimal | None, members: int | None) -> list[Finding]:
    """What falls short of the list: the area first, then what is missing."""
    found = []
    needed = area_needed(members)
    if area is None:
        found.append(Finding("area_unknown", "没有登记面积。", STANDARD, "info"))
    elif area < needed:
        message = (
            f"面积{area.normalize():f}平方米，偏小：一般不少于{ROOM_MIN_AREA}平方米，或人均{AREA_PER_MEMBER}平方米。"
        )
        found.append(Finding("small", message, STANDARD))
    if not checklist:
        found.append(Finding("unchecked", "还没有对照标准配置核查。", STANDARD, "info"))
    if missing := missing_items(checklist):
        labels = "、".join(item.label for item in missing)
        found.append(Finding("incomplete", f"标准配置缺{len(missing)}项：{labels}。", STANDARD))
    return found
