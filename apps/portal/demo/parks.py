"""The eight parks of the demo, and how many enterprises of each sort every one of them has.

The sums are the published figures: 8 parks (3 provincial, 5 city), 165 enterprises, of which 143 count and 22
do not; 116 are covered by an organisation under the default definition, 18 have 100 staff or more.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Final

from apps.coverage.rules import Exclusion
from apps.enterprises.kinds import Form, ParkLevel

from . import names
from .names import Trade

COVERED: Final = {
    "single": Form.SINGLE, "joint": Form.JOINT, "regional": Form.REGIONAL, "industry": Form.INDUSTRY,
    "dispatched": Form.DISPATCHED, "leading": Form.LEADING,
}  # fmt: skip
"""Sorts of enterprises that the default definition counts as covered."""

UNCOVERED: Final = ("affiliated", "build", "join", "none")
"""Sorts that it does not: 挂靠; three members and no branch; one or two members; no member at all."""


@dataclass(frozen=True)
class DemoPark:
    """One park. `sorts` says how many enterprises of each sort count there, `excluded` why others do not."""

    code: str
    name: str
    short: str
    level: ParkLevel
    region: str
    street: str
    founded: datetime.date
    trades: tuple[Trade, ...]
    sorts: dict[str, int]
    large: int
    excluded: tuple[Exclusion, ...]
    stations: tuple[str, ...]
    instructors: int
    buildings: tuple[tuple[str, int], ...] = field(default=())

    @property
    def staffed_full_time(self) -> bool:
        """3个省级以上园区有专门机构、专职人员; 5 个市级园区指定专人."""
        return self.level is ParkLevel.PROVINCIAL


def _sorts(*counts: int) -> dict[str, int]:
    return dict(zip((*COVERED, *UNCOVERED), counts, strict=True))


X = Exclusion

PARKS: Final = (
    DemoPark(
        "DL01", "江湾高新技术产业园区", "江湾高新区", ParkLevel.PROVINCIAL, "210603", "江湾大街", datetime.date(2008, 4, 18),
        (names.INSTRUMENTS, names.SOFTWARE, names.MACHINES, names.SERVICES), _sorts(17, 9, 0, 1, 0, 0, 1, 1, 2, 2), 5,
        (X.MOVED_OUT, X.CANCELLED, X.PREPARING, X.SHELL, X.NO_OPERATIONS), ("第一党建指导站", "第二党建指导站"), 2,
        (("创新大厦 A 座", 18), ("创新大厦 B 座", 16)),
    ),
    DemoPark(
        "DL02", "东岭经济开发区", "东岭经开区", ParkLevel.PROVINCIAL, "210604", "东岭路", datetime.date(2009, 9, 1),
        (names.MACHINES, names.MATERIALS, names.ENERGY, names.COMMERCE), _sorts(12, 5, 4, 1, 1, 2, 1, 1, 1, 1), 4,
        (X.MOVED_OUT, X.SUSPENDED, X.PREPARING, X.NO_PREMISES), ("东区党建指导站", "西区党建指导站"), 2,
        (("企业服务中心", 9),),
    ),
    DemoPark(
        "DL03", "白沙口临海产业园区", "白沙口园区", ParkLevel.PROVINCIAL, "210681", "白沙口港前路", datetime.date(2010, 6, 25),
        (names.LOGISTICS, names.FOOD, names.MACHINES, names.COMMERCE), _sorts(10, 4, 3, 1, 1, 2, 1, 1, 1, 1), 4,
        (X.SUSPENDED, X.SHELL, X.TOO_FEW_STAFF), ("港区党建指导站", "加工区党建指导站"), 2,
    ),
    DemoPark(
        "DL04", "南桥装备制造园", "南桥装备园", ParkLevel.CITY, "210602", "南桥工业街", datetime.date(2012, 3, 12),
        (names.MACHINES, names.MATERIALS), _sorts(7, 3, 3, 1, 1, 0, 1, 0, 1, 1), 2,
        (X.MOVED_OUT, X.TOO_FEW_STAFF), ("党建指导站",), 1,
    ),
    DemoPark(
        "DL05", "青禾绿色食品园", "青禾食品园", ParkLevel.CITY, "210682", "青禾路", datetime.date(2012, 10, 30),
        (names.FOOD, names.COMMERCE), _sorts(6, 2, 0, 1, 1, 0, 1, 1, 1, 1), 1,
        (X.CANCELLED, X.NO_OPERATIONS), ("党建指导站",), 2,
    ),
    DemoPark(
        "DL06", "云泊软件园", "云泊软件园", ParkLevel.CITY, "210603", "云泊街", datetime.date(2013, 5, 20),
        (names.SOFTWARE, names.SERVICES), _sorts(4, 2, 0, 1, 1, 0, 0, 0, 1, 1), 1,
        (X.SUSPENDED, X.TOO_FEW_STAFF), ("党建指导站",), 1, (("云泊一号楼", 12), ("云泊二号楼", 12)),
    ),
    DemoPark(
        "DL07", "五岭物流园", "五岭物流园", ParkLevel.CITY, "210604", "五岭大道", datetime.date(2013, 11, 8),
        (names.LOGISTICS, names.COMMERCE), _sorts(3, 3, 0, 1, 0, 0, 0, 0, 1, 1), 1,
        (X.PREPARING, X.TOO_FEW_STAFF), ("党建指导站",), 1,
    ),
    DemoPark(
        "DL08", "柳溪轻纺园", "柳溪轻纺园", ParkLevel.CITY, "210624", "柳溪街", datetime.date(2014, 7, 3),
        (names.TEXTILES, names.COMMERCE), _sorts(3, 0, 0, 0, 0, 0, 0, 0, 1, 1), 0,
        (X.NO_PREMISES, X.TOO_FEW_STAFF), ("党建指导站",), 1,
    ),
)  # fmt: skip

Place = tuple[int, str, int]
"""Park, sort and number of an enterprise within them."""

ARRIVED: Final[dict[Place, int]] = {
    (0, "single", 16): 0, (2, "none", 0): 0,
    (0, "join", 1): 1, (3, "none", 0): 1, (6, "none", 0): 1,
    (1, "single", 7): 2, (2, "single", 9): 2,
    (1, "none", 0): 3, (4, "join", 0): 3,
    (5, "none", 0): 4, (2, "affiliated", 0): 4,
}  # fmt: skip
"""Who counts today and came how many quarters ago; all others were there before the history begins."""

COVERED_SINCE: Final[dict[Place, int]] = {
    (0, "single", 16): 0, (4, "joint", 0): 0, (4, "joint", 1): 0,
    (0, "single", 14): 1, (0, "single", 15): 1, (3, "regional", 0): 1, (3, "regional", 1): 1, (3, "regional", 2): 1,
    (1, "single", 7): 2, (2, "single", 9): 2, (5, "joint", 0): 2, (5, "joint", 1): 2, (2, "single", 8): 2,
    (2, "regional", 0): 3, (2, "regional", 1): 3, (2, "regional", 2): 3, (1, "dispatched", 0): 3, (0, "single", 13): 3,
    (1, "single", 10): 3,
    (6, "joint", 0): 4, (6, "joint", 1): 4, (6, "joint", 2): 4, (3, "dispatched", 0): 4, (1, "single", 8): 4,
    (1, "single", 9): 4,
}  # fmt: skip
"""Who has been covered since how many quarters ago; all other covered ones were covered before."""

AFFILIATED_BEFORE: Final[Place] = (0, "single", 14)
"""Was 挂靠 to another branch until it had one of its own."""

COVER_LOST: Final[Place] = (0, "join", 0)
COVER_LOST_QUARTER: Final = 1
"""Was in a joint branch, until its members left."""

LEFT: Final[dict[Place, int]] = {
    (1, "excluded", 0): 0, (2, "excluded", 0): 0, (0, "excluded", 0): 1, (3, "excluded", 0): 9,
}  # fmt: skip
"""Excluded enterprises that counted until so many quarters ago: moved out, or (in the third park) stopped."""

NEW_AND_EXCLUDED: Final[tuple[Place, ...]] = ((0, "excluded", 2), (3, "excluded", 1))
"""Arrived this month and do not count yet: one is being set up, one is small."""

SYNCHRONOUS: Final = 67
"""67个园区企业在成立时同步建立党组织."""

SYNCHRONOUS_FOR_SURE: Final[tuple[Place, ...]] = ((0, "single", 16), (1, "single", 7), (2, "single", 9))

COMMITTEE_MEMBERS: Final = 253
"""下设19个支部，其中2个为联合支部，共有党员253人: the enterprise committee of the first park."""

AGREEMENTS: Final = 384
"""384名未转入党组织关系的党员签订了“双重”管理协议."""

UNSIGNED: Final = 7
"""Known to work here with the relation elsewhere, and not under an agreement yet."""

DEPARTURES: Final = 79
"""79名因离职、退休、企业停产等离开企业的党员，组织关系已转往属地."""
