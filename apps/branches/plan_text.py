"""A plan of restructuring in words: its steps as sentences, its two trees with what happens to each node."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from apps.core.ledger import Kind

from .models import RestructuringStep
from .outline import TONES
from .relocation import holdings
from .rules import OrgKind
from .rules.restructuring import StepKind
from .services.rehearsal import Comparison, Place

STEP_TONES: Final = {
    StepKind.FOUND: "success", StepKind.SPLIT: "success", StepKind.MERGE: "warning", StepKind.DISSOLVE: "danger",
    StepKind.MOVE: "info", StepKind.UPGRADE: "brand", StepKind.RENAME: "neutral",
}  # fmt: skip


def who(org: Any, step: RestructuringStep | None) -> str:
    """An organisation that exists by its name, one that a step founds by the step."""
    if step is not None:
        return f"「{step.name}」（第{step.position}步新设）"
    return f"「{org}」" if org is not None else ""


def sentence(step: RestructuringStep) -> str:
    """What a step does, in one sentence."""
    org, target = who(step.org, step.org_step), who(step.target, step.target_step)
    kind = OrgKind(step.org_kind).label if step.org_kind else ""
    match StepKind(step.kind):
        case StepKind.FOUND:
            return f"在{target}下新设{kind}「{step.name}」"
        case StepKind.MERGE:
            return f"{org}并入{target}"
        case StepKind.SPLIT:
            under = f"，设在{target}下" if target else ""
            ends = "；原组织随之撤销" if step.ends else ""
            return f"从{org}拆分设立{kind}「{step.name}」{under}，划入{picked(step.picks)}{ends}"
        case StepKind.UPGRADE:
            return f"{org}升格为{kind}" + (f"「{step.name}」" if step.name else "")
        case StepKind.MOVE:
            return f"{org}整建制划转至{target}"
        case StepKind.DISSOLVE:
            return f"撤销{org}" + (f"，其内容全部转到{target}" if target else "")
        case _:
            return f"{org}更名为「{step.name}」"


def picked(picks: Mapping[str, Iterable[int]]) -> str:
    """组建企业 3、党员 12."""
    counts = {code: len(list(ids)) for code, ids in picks.items()}
    return "、".join(f"{each.label} {counts[each.code]}" for each in holdings() if counts.get(each.code)) or "—"


@dataclass
class Node:
    """One line of one of the two trees: `mark` says what the plan does to it, in `tone`; `gone` is struck through."""

    place: Place
    marks: list[tuple[str, str]] = field(default_factory=list)
    gone: bool = False
    children: list[Node] = field(default_factory=list)

    @property
    def kind_label(self) -> str:
        return OrgKind(self.place.kind).label

    @property
    def tone(self) -> str:
        return TONES.get(OrgKind(self.place.kind), "neutral")


def trees(found: Comparison) -> tuple[list[Node], list[Node]]:
    """The tree before and the tree after, each nested, with what changes marked in both."""
    before = {pk: Node(place) for pk, place in found.before.items()}
    after = {pk: Node(place) for pk, place in found.after.items()}
    for pk, node in before.items():
        if pk not in after:
            node.gone = True
            node.marks.append(("撤并", "danger"))
        elif found.after[pk].parent != node.place.parent:
            node.marks.append(("划出", "info"))
    for pk, node in after.items():
        old = found.before.get(pk)
        if old is None:
            node.marks.append(("新设", "success"))
            continue
        if old.parent != node.place.parent:
            node.marks.append((f"由「{found.name_of(old.parent or 0) or '上级'}」划入", "info"))
        if old.kind != node.place.kind:
            node.marks.append((f"由{OrgKind(old.kind).label}升格", "brand"))
        if old.name != node.place.name:
            node.marks.append((f"原名「{old.name}」", "neutral"))
    return _nested(before), _nested(after)


def _nested(nodes: Mapping[int, Node]) -> list[Node]:
    tops = []
    for node in nodes.values():
        above = nodes.get(node.place.parent or 0)
        (above.children if above else tops).append(node)
    return tops


def comparison_table(outcome: Mapping[str, Any], unfounded: Collection[int] = ()) -> dict[str, Any]:
    """The figures before and after as a table, from `Comparison.outcome()` or from what an applied plan kept.

    `unfounded` are organisations that exist in a rehearsal only and have no page.
    """
    columns = [(code, label, Kind[kind]) for code, label, kind in outcome.get("figures", ())]
    rows = [
        [{"text": name, "url": "" if pk in unfounded else f"/orgs/{pk}/"},
         *({"text": _change(*numbers.get(code, (None, None)), kind=kind), "numeric": True} for code, _, kind in columns)]
        for pk, name, numbers in outcome.get("rows", ())
    ]  # fmt: skip
    headers = [{"label": "党组织（连同下级）"}, *({"label": label, "numeric": True} for _, label, _ in columns)]
    return {"headers": headers, "rows": rows, "empty": "没有涉及的党组织。"}


def _change(before: Any, after: Any, *, kind: Kind) -> str:
    """12 → 15, or only 12 where nothing changes."""
    old, new = (_number(value, kind) for value in (before, after))
    return new if old == new else f"{old} → {new}"


def _number(value: Any, kind: Kind) -> str:
    if value is None:
        return "—"
    return f"{value:.1%}" if kind is Kind.PERCENT else f"{value:,}"
