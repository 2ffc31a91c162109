"""A plan of restructuring in words: its steps as sentences, its two trees with what happens to each node."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from apps.core.ledger import Kind
from apps.core.templatetags.ui import percent

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
    """One line of one of the two trees: `marks` say what the plan does to it, each with its tone.

    `gone` is struck through; `rest` are children to which, with all below them, nothing happens.
    """

    place: Place
    marks: list[tuple[str, str]] = field(default_factory=list)
    gone: bool = False
    touched: bool = False
    children: list[Node] = field(default_factory=list)
    rest: list[Node] = field(default_factory=list)

    @property
    def kind_label(self) -> str:
        return OrgKind(self.place.kind).label

    @property
    def tone(self) -> str:
        return TONES.get(OrgKind(self.place.kind), "neutral")


def trees(found: Comparison, steps: Iterable[RestructuringStep]) -> tuple[list[Node], list[Node]]:
    """The tree before and the tree after, each nested, with what changes marked in both and the rest folded."""
    before = {pk: Node(place, touched=pk in found.named) for pk, place in found.before.items()}
    after = {pk: Node(place, touched=pk in found.named) for pk, place in found.after.items()}
    for pk, node in before.items():
        node.gone = pk not in after
        if not node.gone and found.after[pk].parent != node.place.parent:
            node.marks.append(("划出", "info"))
    for node in after.values():
        node.marks += _marks(node.place, found)
    for step in steps:
        if step.pk not in found.errors:
            _mark_step(step, before, after)
    return _nested(before), _nested(after)


def _mark_step(step: RestructuringStep, before: Mapping[int, Node], after: Mapping[int, Node]) -> None:
    """What becomes of the organisation of a step in the tree before, and of who takes over in the tree after."""
    kind, old, new = StepKind(step.kind), before.get(step.org_id or 0), after.get(step.target_id or 0)
    said = {
        StepKind.MERGE: (f"并入{who(step.target, step.target_step)}", "warning"),
        StepKind.SPLIT: ("拆分后撤销" if step.ends else "拆分", "warning"),
        StepKind.DISSOLVE: ("撤销", "danger"),
    }.get(kind)
    if old and said and said not in old.marks:
        old.marks.append(said)
    if new and kind in (StepKind.MERGE, StepKind.DISSOLVE) and ("接收", "warning") not in new.marks:
        new.marks.append(("接收", "warning"))


def _marks(place: Place, found: Comparison) -> list[tuple[str, str]]:
    """What is new about an organisation in the tree after."""
    old = found.before.get(place.pk)
    if old is None:
        return [("新设", "success")]
    marks = []
    if old.parent != place.parent:
        marks.append((f"由「{found.label_of(old.parent)}」划入", "info"))
    if old.kind != place.kind:
        marks.append((f"由{OrgKind(old.kind).label}升格", "brand"))
    if old.name != place.name:
        marks.append((f"原名「{old.name}」", "neutral"))
    return marks


def _nested(nodes: Mapping[int, Node]) -> list[Node]:
    tops: list[Node] = []
    for node in nodes.values():
        above = nodes.get(node.place.parent or 0)
        (above.children if above else tops).append(node)
    for node in tops:
        _fold(node)
    return tops


def _fold(node: Node) -> bool:
    """Put the children to which nothing happens aside; tells whether anything happens at the node or below."""
    stays = {child.place.pk for child in node.children if not _fold(child)}
    if len(stays) > 1:
        node.rest = [child for child in node.children if child.place.pk in stays]
        node.children = [child for child in node.children if child.place.pk not in stays]
    return bool(node.marks) or node.touched or len(stays) < len(node.children) + len(node.rest)


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
    return percent(value) if kind is Kind.PERCENT else f"{value:,}"
