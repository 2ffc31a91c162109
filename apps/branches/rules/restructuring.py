"""重组: what may merge with what, and what the regulations say about an organisation as a plan leaves it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from apps.core.choices import Choice
from apps.core.regulations import Citation, Finding

from .organisations import (
    BRANCH_KINDS,
    BRANCH_RULES,
    JOINT_BRANCH,
    BranchThresholds,
    OrgKind,
    founding_findings,
    joint_branch_findings,
    placement_finding,
    upgrade_finding,
)

ADJUSTMENT = Citation(BRANCH_RULES, "第七条", "ZB-09", "K")


class StepKind(Choice):
    """What one step of a plan does."""

    FOUND = "found", "新设"
    MERGE = "merge", "合并"
    SPLIT = "split", "拆分"
    UPGRADE = "upgrade", "升格"
    MOVE = "move", "划转"
    DISSOLVE = "dissolve", "撤销"
    RENAME = "rename", "更名"


class PlanState(Choice):
    """A plan is drafted, waits for its day, has happened, or was given up."""

    DRAFT = "draft", "草案"
    SCHEDULED = "scheduled", "待生效"
    APPLIED = "applied", "已实施"
    DISCARDED = "discarded", "已作废"


FOUNDING: Final = frozenset({StepKind.FOUND, StepKind.SPLIT})
"""Steps that give an organisation to which later steps may refer."""

_LASTING_BRANCHES: Final = frozenset({OrgKind.BRANCH, OrgKind.JOINT_BRANCH})

MERGES: Final[Mapping[OrgKind, frozenset[OrgKind]]] = {
    **{kind: _LASTING_BRANCHES | {kind} for kind in BRANCH_KINDS},
    OrgKind.GENERAL_BRANCH: frozenset({OrgKind.GENERAL_BRANCH, OrgKind.COMMITTEE}),
    OrgKind.COMMITTEE: frozenset({OrgKind.COMMITTEE, OrgKind.WORK_COMMITTEE}),
    OrgKind.WORK_COMMITTEE: frozenset({OrgKind.WORK_COMMITTEE}),
    OrgKind.GUIDANCE_STATION: frozenset({OrgKind.GUIDANCE_STATION}),
    OrgKind.GROUP: frozenset({OrgKind.GROUP}),
    OrgKind.AUTHORITY: frozenset({OrgKind.AUTHORITY}),
}
"""Into which kinds an organisation of a kind may go over: its like, or the larger one of its line."""


def merge_refusal(kind: OrgKind, into: OrgKind) -> Finding | None:
    """Return why an organisation of this kind cannot be merged into one of that kind, or None. Source: ZB-09."""
    if into in MERGES[kind]:
        return None
    return Finding("no_merge", f"{kind.label}不能并入{into.label}，请并入同类党组织或先划转。", ADJUSTMENT, "block")


@dataclass(frozen=True)
class Standing:
    """An organisation as a plan leaves it. None where members are not known; `parent` None for a root.

    `members` also counts 预备党员; `units` are the enterprises that it covers.
    """

    kind: OrgKind
    parent: OrgKind | None
    formal_members: int | None = None
    members: int | None = None
    units: int = 0


def standing_findings(standing: Standing, thresholds: BranchThresholds) -> list[Finding]:
    """Return what the regulations question about an organisation as it would stand. Sources: ZB-01..04, ZB-07, XJ-06."""
    kind, formal, units = standing.kind, standing.formal_members, standing.units
    found = [placement_finding(kind, standing.parent)]
    if formal is not None:
        members = formal if standing.members is None else standing.members
        found += founding_findings(kind, formal_members=formal, members=members, units=units)
        found.append(upgrade_finding(kind, formal, thresholds))
    elif kind is OrgKind.JOINT_BRANCH:
        found += joint_branch_findings(units=units)
    if kind is OrgKind.BRANCH and units > 1:
        found.append(Finding("not_joint", f"覆盖{units}个单位，应为联合党支部。", JOINT_BRANCH, "warn"))
    return [finding for finding in found if finding is not None]
