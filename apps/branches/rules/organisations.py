"""How Party organisations are set up and sized. Pure functions; each threshold has its Citation.

Numbers that are local practice or unconfirmed arrive as `BranchThresholds`, read from dated parameters.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from apps.core.choices import Choice
from apps.core.periods import add_months
from apps.core.regulations import Citation, Finding

BRANCH_RULES = "中国共产党支部工作条例（试行）"
ELECTION_RULES = "中国共产党基层组织选举工作条例"

SETUP = Citation(BRANCH_RULES, "第四条", "ZB-01")
BRANCH_SIZE = Citation(BRANCH_RULES, "第四条", "ZB-02")
JOINT_BRANCH = Citation(BRANCH_RULES, "第五条", "ZB-03")
JOINT_BRANCH_SIZE = Citation(BRANCH_RULES, "第五条", "ZB-04")
PROJECT_BRANCH = Citation(BRANCH_RULES, "第五条", "ZB-05")
APPROVAL = Citation(BRANCH_RULES, "第六条", "ZB-07")
TEMPORARY_BRANCH = Citation(BRANCH_RULES, "第八条", "ZB-10")
COMMITTEE = Citation(BRANCH_RULES, "第二十条", "ZW-01", "V-sec")
COMMITTEE_SIZE = Citation(BRANCH_RULES, "第二十条", "ZW-02", "V-sec")
UPGRADE = Citation("各地党组织设置的规定和惯例", "（50人总支、100人党委）", "XJ-06", "local")
APPROVING_BODY = Citation("中国共产党发展党员工作细则", "第二十一条、第二十二条", "FZ-01")

MIN_FORMAL_MEMBERS: Final = 3  # ZB-01: 有正式党员3人以上的，应当成立党支部
USUAL_MAX_MEMBERS: Final = 50  # ZB-02: 党支部党员人数一般不超过50人
JOINT_BRANCH_USUAL_MAX_UNITS: Final = 5  # ZB-04: 联合党支部覆盖单位一般不超过5个
PROJECT_MIN_MONTHS: Final = 6  # ZB-05: 工程、项目6个月以上的，符合条件应当成立党支部
APPROVAL_USUAL_MONTHS: Final = 1  # ZB-07: 批复时间一般不超过1个月
COMMITTEE_MIN_FORMAL_MEMBERS: Final = 7  # ZW-01: 正式党员7人以上的党支部应当设立支部委员会
COMMITTEE_MIN_SEATS: Final = 3  # ZW-02: 支部委员会由3至5人组成
COMMITTEE_USUAL_MAX_SEATS: Final = 7  # ZW-02: 一般不超过7人


class OrgKind(Choice):
    """建制类型 of a node of the organisation tree."""

    AUTHORITY = "authority", "组织部（社会工作部）"
    WORK_COMMITTEE = "work_committee", "党工委"
    COMMITTEE = "committee", "党委"
    GENERAL_BRANCH = "general_branch", "党总支"
    GUIDANCE_STATION = "guidance_station", "党建指导站"
    BRANCH = "branch", "党支部"
    JOINT_BRANCH = "joint_branch", "联合党支部"
    TEMPORARY_BRANCH = "temporary_branch", "临时党支部"
    MOBILE_BRANCH = "mobile_branch", "流动党员党支部"
    GROUP = "group", "党小组"


class OrgEventKind(Choice):
    """What changes the shape of the tree; old reports keep the old shape."""

    FOUNDED = "founded", "成立"
    RENAMED = "renamed", "更名"
    UPGRADED = "upgraded", "升格"
    MERGED = "merged", "合并"
    SPLIT = "split", "拆分"
    MOVED = "moved", "划转"
    DISSOLVED = "dissolved", "撤销"
    RESTORED = "restored", "恢复"


class Staffing(Choice):
    """工作力量 of a park-level organisation."""

    FULL_TIME = "full_time", "专职人员"
    PART_TIME = "part_time", "兼职人员"
    NONE = "none", "未配备"


@dataclass(frozen=True)
class Capabilities:
    """What a kind of organisation may do. `covers` tells whether it counts as 党组织 of an enterprise."""

    can_develop: bool = False
    can_discipline: bool = False
    can_collect_dues: bool = False
    can_elect: bool = False
    may_approve_probationary: bool = False
    holds_members: bool = False
    covers: bool = False
    leaders_appointed: bool = False


_BRANCH_WORK = Capabilities(
    can_develop=True,
    can_discipline=True,
    can_collect_dues=True,
    can_elect=True,
    holds_members=True,
    covers=True,
)

CAPABILITIES: Final[Mapping[OrgKind, Capabilities]] = {
    OrgKind.AUTHORITY: Capabilities(leaders_appointed=True),
    # FZ-01: “党委”包括工委; whether this one has the authority is a flag of the organisation.
    OrgKind.WORK_COMMITTEE: Capabilities(can_discipline=True, may_approve_probationary=True, leaders_appointed=True),
    OrgKind.COMMITTEE: Capabilities(can_discipline=True, can_elect=True, may_approve_probationary=True, covers=True),
    # FZ-01: 党总支 examines, it does not approve.
    OrgKind.GENERAL_BRANCH: Capabilities(can_discipline=True, can_elect=True, covers=True),
    OrgKind.GUIDANCE_STATION: Capabilities(leaders_appointed=True),
    OrgKind.BRANCH: _BRANCH_WORK,
    OrgKind.JOINT_BRANCH: _BRANCH_WORK,
    # ZB-10: 一般不发展党员、不处分处置、不收缴党费、不选举; relations stay where they are.
    OrgKind.TEMPORARY_BRANCH: Capabilities(leaders_appointed=True),
    # FZ-07, DF-08: relations stay at home; dues may be paid here; development only where 具备条件.
    OrgKind.MOBILE_BRANCH: Capabilities(can_collect_dues=True),
    OrgKind.GROUP: Capabilities(),
}

BRANCH_KINDS: Final = frozenset({OrgKind.BRANCH, OrgKind.JOINT_BRANCH, OrgKind.TEMPORARY_BRANCH, OrgKind.MOBILE_BRANCH})

_UNDER_COMMITTEE: Final = BRANCH_KINDS | {OrgKind.COMMITTEE, OrgKind.GENERAL_BRANCH}

ALLOWED_CHILDREN: Final[Mapping[OrgKind, frozenset[OrgKind]]] = {
    OrgKind.AUTHORITY: frozenset({OrgKind.AUTHORITY, OrgKind.WORK_COMMITTEE, OrgKind.COMMITTEE}),
    OrgKind.WORK_COMMITTEE: _UNDER_COMMITTEE | {OrgKind.WORK_COMMITTEE, OrgKind.GUIDANCE_STATION},
    OrgKind.COMMITTEE: _UNDER_COMMITTEE | {OrgKind.GUIDANCE_STATION},
    OrgKind.GUIDANCE_STATION: _UNDER_COMMITTEE,
    OrgKind.GENERAL_BRANCH: BRANCH_KINDS,
    **{kind: frozenset({OrgKind.GROUP}) for kind in BRANCH_KINDS},
    OrgKind.GROUP: frozenset(),
}
"""四级: 园区党工委 → 驻区企业党委 → 党建指导站 → 企业党组织; a level may be absent, committees may nest."""

ROOT_KINDS: Final = frozenset({OrgKind.AUTHORITY, OrgKind.WORK_COMMITTEE, OrgKind.COMMITTEE})


@dataclass(frozen=True)
class BranchThresholds:
    """The local numbers on size, as parameters gave them on the day in question."""

    general_branch_members: int
    committee_members: int


def capabilities(kind: OrgKind) -> Capabilities:
    return CAPABILITIES[kind]


def placement_finding(kind: OrgKind, parent: OrgKind | None) -> Finding | None:
    """Return why an organisation of this kind cannot stand there, or None. A root has no parent."""
    if parent is None:
        if kind in ROOT_KINDS:
            return None
        return Finding("no_parent", f"{kind.label}必须有上级党组织。", APPROVAL, "block")
    if kind in ALLOWED_CHILDREN[parent]:
        return None
    return Finding("wrong_parent", f"{kind.label}不能设在{parent.label}之下。", APPROVAL, "block")


def founding_findings(kind: OrgKind, *, formal_members: int, members: int, units: int = 1) -> list[Finding]:
    """Return what the regulation questions about founding, or keeping, an organisation of this size.

    `formal_members` are 正式党员 whose relation is (or will be) here, of all its units; `members` also counts
    预备党员; `units` are the enterprises it covers. Sources: ZB-01..04, 支部工作条例 第四条、第五条.
    """
    if kind not in (OrgKind.BRANCH, OrgKind.JOINT_BRANCH):
        return []
    findings = []
    if formal_members < MIN_FORMAL_MEMBERS:
        advice = "，应成立联合党支部" if kind is OrgKind.BRANCH else ""
        message = f"正式党员{formal_members}人，不足{MIN_FORMAL_MEMBERS}人{advice}。"
        findings.append(Finding("too_few", message, JOINT_BRANCH if advice else SETUP, "block"))
    if members > USUAL_MAX_MEMBERS:
        message = f"党员{members}人，党支部一般不超过{USUAL_MAX_MEMBERS}人，请说明原因。"
        findings.append(Finding("too_many", message, BRANCH_SIZE, "ask"))
    if kind is OrgKind.JOINT_BRANCH:
        findings += joint_branch_findings(units=units)
    return findings


def joint_branch_findings(*, units: int) -> list[Finding]:
    """Return what is questionable about the number of units of a 联合党支部. Source: ZB-03, ZB-04."""
    if units <= 1:
        return [Finding("single_unit", "联合党支部应由两个以上单位联合组成。", JOINT_BRANCH, "ask")]
    if units > JOINT_BRANCH_USUAL_MAX_UNITS:
        message = f"联合党支部覆盖{units}个单位，一般不超过{JOINT_BRANCH_USUAL_MAX_UNITS}个，请说明原因。"
        return [Finding("too_many_units", message, JOINT_BRANCH_SIZE, "ask")]
    return []


def must_found_branch(formal_members: int) -> bool:
    """Tell whether a unit with so many 正式党员 must have a branch of its own. Source: ZB-01."""
    return formal_members >= MIN_FORMAL_MEMBERS


def project_may_found_branch(months: int) -> bool:
    """Tell whether a 工程、项目 lasts long enough for a branch. Source: ZB-05."""
    return months >= PROJECT_MIN_MONTHS


def approval_due(applied_on: datetime.date) -> datetime.date:
    """Return the day by which 基层党委 usually answers an application to found a branch. Source: ZB-07."""
    return add_months(applied_on, APPROVAL_USUAL_MONTHS)


def needs_committee(formal_members: int) -> bool:
    """Tell whether a branch must elect a 支部委员会. Source: ZW-01."""
    return formal_members >= COMMITTEE_MIN_FORMAL_MEMBERS


def committee_findings(*, formal_members: int, seats: int) -> list[Finding]:
    """Return what is wrong with a branch committee of so many members (0: none). Sources: ZW-01, ZW-02."""
    if seats == 0:
        if not needs_committee(formal_members):
            return []
        message = f"正式党员{formal_members}人，{COMMITTEE_MIN_FORMAL_MEMBERS}人以上应当设立支部委员会。"
        return [Finding("committee_missing", message, COMMITTEE, "warn")]
    if seats < COMMITTEE_MIN_SEATS:
        message = f"支部委员会{seats}人，应不少于{COMMITTEE_MIN_SEATS}人。"
        return [Finding("committee_too_small", message, COMMITTEE_SIZE, "ask")]
    if seats > COMMITTEE_USUAL_MAX_SEATS:
        message = f"支部委员会{seats}人，一般不超过{COMMITTEE_USUAL_MAX_SEATS}人，请说明原因。"
        return [Finding("committee_too_large", message, COMMITTEE_SIZE, "ask")]
    return []


def suggest_kind(formal_members: int, thresholds: BranchThresholds) -> OrgKind:
    """Return the kind of organisation that this many 正式党员 usually form. Sources: ZB-01, ZB-03, XJ-06."""
    if formal_members < MIN_FORMAL_MEMBERS:
        return OrgKind.JOINT_BRANCH
    if formal_members < thresholds.general_branch_members:
        return OrgKind.BRANCH
    return OrgKind.GENERAL_BRANCH if formal_members < thresholds.committee_members else OrgKind.COMMITTEE


def upgrade_finding(kind: OrgKind, formal_members: int, thresholds: BranchThresholds) -> Finding | None:
    """Suggest 总支 or 党委 to an organisation that has outgrown its kind; never changes it. Source: XJ-06."""
    suggested = suggest_kind(formal_members, thresholds)
    outgrown = {
        OrgKind.GENERAL_BRANCH: (OrgKind.BRANCH, OrgKind.JOINT_BRANCH),
        OrgKind.COMMITTEE: (OrgKind.BRANCH, OrgKind.JOINT_BRANCH, OrgKind.GENERAL_BRANCH),
    }
    if kind not in outgrown.get(suggested, ()):
        return None
    message = f"正式党员{formal_members}人，可按程序报上级研究设立{suggested.label}。"
    return Finding("upgrade", message, UPGRADE, "warn")


def approval_authority_finding(kind: OrgKind, *, can_approve_probationary: bool) -> Finding | None:
    """Refuse the flag 可审批预备党员 on a kind that may never have it. Source: FZ-01."""
    if not can_approve_probationary or CAPABILITIES[kind].may_approve_probationary:
        return None
    message = f"{kind.label}不能审批预备党员，只有党委（工委）可以。"
    return Finding("no_authority", message, APPROVING_BODY, "block")


UPGRADES: Final[Mapping[OrgKind, tuple[OrgKind, ...]]] = {
    OrgKind.GROUP: (OrgKind.BRANCH,),
    OrgKind.TEMPORARY_BRANCH: (OrgKind.BRANCH, OrgKind.JOINT_BRANCH),
    OrgKind.MOBILE_BRANCH: (OrgKind.BRANCH,),
    OrgKind.JOINT_BRANCH: (OrgKind.BRANCH, OrgKind.GENERAL_BRANCH, OrgKind.COMMITTEE),
    OrgKind.BRANCH: (OrgKind.GENERAL_BRANCH, OrgKind.COMMITTEE),
    OrgKind.GENERAL_BRANCH: (OrgKind.COMMITTEE,),
    OrgKind.COMMITTEE: (OrgKind.WORK_COMMITTEE,),
}
"""升格: 支部 → 总支 → 党委, and what may become a branch."""


def upgrade_refusal(kind: OrgKind, to: OrgKind) -> Finding | None:
    """Return why an organisation of this kind cannot be upgraded to that one, or None."""
    if to in UPGRADES.get(kind, ()):
        return None
    return Finding("no_upgrade", f"{kind.label}不能升格为{to.label}。", UPGRADE, "block")
