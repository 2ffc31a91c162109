"""变更说明: what changed between two periods, enterprise by enterprise, in sentences. Pure functions over `Fact` rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from apps.core.choices import Choice
from apps.enterprises.kinds import Form, Status, UnbuiltReason
from apps.enterprises.rules import LEAVING

from .rules import Exclusion


class ChangeKind(Choice):
    """What can change, in the order in which the explanation lists it."""

    ARRIVED = "arrived", "新增企业"
    LEFT = "left", "退出企业"
    STATUS = "status", "经营状态变化"
    DENOMINATOR = "denominator", "计入范围变化"
    FORM = "form", "组建方式变化"
    COVERING = "covering", "覆盖党组织变化"
    MEMBERS = "members", "正式党员增减"
    STAFF = "staff", "职工增减"
    REASON = "reason", "未建原因变化"
    MOVED = "moved", "责任党组织变化"


@dataclass(frozen=True)
class Change:
    """One difference of one enterprise; `before` and `now` as people read them."""

    kind: ChangeKind
    enterprise: Any
    before: str
    now: str

    @property
    def sentence(self) -> str:
        match self.kind:
            case ChangeKind.ARRIVED:
                return f"{self.enterprise.name}本期新增，{self.now}。"
            case ChangeKind.LEFT:
                return f"{self.enterprise.name}{self.now}。"
            case _:
                return f"{self.enterprise.name}：{self.kind.label}，由“{self.before}”变为“{self.now}”。"


def changes(before: Mapping[int, Any], now: Mapping[int, Any]) -> list[Change]:
    """Every difference between two sets of enterprises, by kind and then in the order of `now`."""
    found: list[Change] = []
    for pk, row in now.items():
        found += _of_one(before.get(pk), row)
    found += [Change(ChangeKind.LEFT, row, status(row), "本期不再列入") for pk, row in before.items() if pk not in now]
    order = list(ChangeKind)
    return sorted(found, key=lambda change: order.index(change.kind))


def _of_one(old: Any | None, new: Any) -> Iterable[Change]:
    if old is None:
        return [
            Change(ChangeKind.ARRIVED, new, "", f"{status(new)}，职工{new.staff}人，正式党员{new.formal_members}人")
        ]
    if new.status in LEAVING and old.status not in LEAVING:
        return [Change(ChangeKind.LEFT, new, status(old), f"本期{status(new)}")]
    pairs = {
        ChangeKind.STATUS: (status(old), status(new)),
        ChangeKind.DENOMINATOR: (standing(old), standing(new)),
        ChangeKind.FORM: (forms(old), forms(new)),
        ChangeKind.COVERING: (covering(old), covering(new)),
        ChangeKind.MEMBERS: (str(old.formal_members), str(new.formal_members)),
        ChangeKind.STAFF: (str(old.staff), str(new.staff)),
        ChangeKind.REASON: (unbuilt(old), unbuilt(new)),
        ChangeKind.MOVED: (old.org_name, new.org_name),
    }
    return [Change(kind, new, *pair) for kind, pair in pairs.items() if pair[0] != pair[1]]


def explanation(found: Iterable[Change], *, earlier: str) -> list[str]:
    """The draft of the explanation: one sentence with the numbers, one for each kind of change."""
    rows = list(found)
    if not rows:
        return [f"与{earlier}相比，没有变化。"]
    counted = Counter(change.kind for change in rows)
    parts = [f"{kind.label}{counted[kind]}家" for kind in ChangeKind if counted[kind]]
    return [f"与{earlier}相比：{'，'.join(parts)}。", *_members(rows)]


def _members(rows: list[Change]) -> list[str]:
    deltas = [int(c.now) - int(c.before) for c in rows if c.kind is ChangeKind.MEMBERS]
    up, down = sum(d for d in deltas if d > 0), -sum(d for d in deltas if d < 0)
    return [f"正式党员增加{up}人，减少{down}人，净变化{up - down:+d}人。"] if deltas else []


def status(row: Any) -> str:
    return Status(row.status).label


def standing(row: Any) -> str:
    """计入分母, or the reason why not."""
    return "计入" if row.in_denominator else f"剔除（{Exclusion(row.reason).label}）"


def members_source(row: Any) -> str:
    """Where the number of members comes from."""
    return "党员名册" if row.from_roster else "摸底"


def forms(row: Any) -> str:
    return "、".join(form.label for form in Form if form.value in row.forms) or "未组建"


def covering(row: Any) -> str:
    return "、".join(dict.fromkeys(each["org"] for each in row.covering)) or "无"


def unbuilt(row: Any) -> str:
    if not row.unbuilt_reason:
        return "—"
    label = UnbuiltReason(row.unbuilt_reason).label
    return f"{label}：{row.unbuilt_note}" if row.unbuilt_note else label
