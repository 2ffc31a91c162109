"""Invented names: a city that is on no map, its parks, firms, people and numbers.

The city's name stands before each firm's, so that none of them can be a real one's.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

CITY = "丹岭"
PROVINCE = "辽宁省"

_MARK_FIRST = "恒嘉瑞锦泓澜昊铭宸弘骏晟凯盈朗翰泽鸿禾岚"
_MARK_SECOND = "远达泰辰源信和川峰林睿业诚海阳程图维"

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
_GIVEN = (
    "建国", "志强", "丽华", "晓东", "海燕", "文博", "玉兰", "明哲", "春梅", "立新", "雪松", "国栋", "思远", "慧敏",
    "振宇", "桂芳", "鹏飞", "静怡", "永胜", "雅琴", "俊峰", "秀英", "天佑", "红霞", "志远", "佳宁", "德海", "婷婷",
    "少华", "力行", "若曦", "守义", "欣然", "长江", "凤琴", "子轩", "铁军", "晓梅", "家豪", "淑贞", "伟", "敏",
    "磊", "静", "涛", "洁", "勇", "霞", "斌", "颖",
)  # fmt: skip


@dataclass(frozen=True)
class Trade:
    """A line of business: its 门类, what such firms are called, and what their licence says."""

    industry: str
    products: tuple[str, ...]
    scope: str


MACHINES = Trade("C", ("精密机械", "数控装备", "液压件", "轴承", "汽车部件", "阀门", "工业炉", "增压器"),
                 "通用设备制造；专用设备制造；机械零件、零部件加工；货物进出口。")  # fmt: skip
INSTRUMENTS = Trade("C", ("仪器仪表", "射线仪器", "测控技术", "传感科技", "电力电子", "光电科技"),
                    "仪器仪表制造；电子专用设备制造；电子元器件销售；技术服务、技术开发。")  # fmt: skip
FOOD = Trade("C", ("食品", "水产食品", "果蔬加工", "乳品", "蓝莓制品", "粮油"),
             "食品生产；食品销售；初级农产品收购；低温仓储。")  # fmt: skip
TEXTILES = Trade("C", ("服装", "针织", "户外用品", "家纺", "制衣"), "服装制造；针纺织品销售；货物进出口。")
MATERIALS = Trade("C", ("新材料", "包装材料", "化工", "塑业", "陶瓷"), "新材料技术研发；塑料制品制造；包装材料及制品销售。")
SOFTWARE = Trade("I", ("软件", "信息技术", "网络科技", "数据服务", "智能科技"),
                 "软件开发；信息系统集成服务；数据处理和存储支持服务。")  # fmt: skip
LOGISTICS = Trade("G", ("物流", "供应链管理", "国际货运代理", "仓储服务", "冷链物流"),
                  "道路货物运输；普通货物仓储服务；国际货物运输代理；装卸搬运。")  # fmt: skip
COMMERCE = Trade("F", ("商贸", "进出口贸易", "电子商务", "医药贸易"), "日用百货销售；互联网销售；货物进出口。")
SERVICES = Trade("L", ("企业管理咨询", "人力资源服务", "检测技术服务", "文化传媒"), "企业管理咨询；人力资源服务；会议及展览服务。")
ENERGY = Trade("D", ("新能源", "热力", "环保科技"), "新兴能源技术研发；热力生产和供应；环境保护专用设备制造。")

SOCIAL = (
    "江湾职业培训学校", "中小企业服务中心", "社会工作服务中心", "仪器仪表行业协会", "冷链物流协会", "青年创业服务中心",
    "装备制造商会", "志愿服务促进会", "草莓产业协会",
)  # fmt: skip

OWNERSHIPS = (
    "有限责任公司（自然人投资或控股）", "有限责任公司（自然人独资）", "有限责任公司（法人独资）",
    "股份有限公司（非上市、自然人投资或控股）", "有限责任公司（港澳台投资、非独资）", "有限责任公司（外商投资、非独资）",
)  # fmt: skip

SENDING_UNITS = (
    ("市发展和改革委员会", "三级主任科员", "department"), ("市科学技术局", "副科长", "department"),
    ("市工业和信息化局", "科长", "department"), ("市市场监督管理局", "四级主任科员", "department"),
    ("市财政局", "副科长", "department"), ("市税务局", "一级主办", "department"),
    ("市人力资源和社会保障事务中心", "副主任", "institution"), ("市职业教育中心", "教师", "institution"),
    ("江桥街道办事处", "党群办主任", "street"), ("临江镇人民政府", "组织委员", "street"),
    ("园区管委会", "企业服务科科员", "park"), ("市总工会", "退休干部", "retired"),
)  # fmt: skip


class Names:
    """Draws names without drawing one twice; the same seed gives the same city."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._marks = [a + b for a in _MARK_FIRST for b in _MARK_SECOND]
        rng.shuffle(self._marks)
        self._people: set[str] = set()
        self._phones = 0

    def mark(self) -> str:
        """A 字号 of two characters that no other firm has."""
        return self._marks.pop()

    def person(self) -> str:
        while True:
            name = self._rng.choice(_SURNAMES) + self._rng.choice(_GIVEN)
            if name not in self._people:
                self._people.add(name)
                return name

    def anybody(self) -> str:
        """Somebody of whom there may be two of one name, as on every long roster."""
        return self._rng.choice(_SURNAMES) + self._rng.choice(_GIVEN)

    def phone(self) -> str:
        """A mobile number of the range that stands in advertisements for 'some number'."""
        self._phones += 1
        return f"1380013{self._phones:04d}"

    def products(self, trade: Trade) -> str:
        return self._rng.choice(trade.products)
