"""Enterprises of a park: their codes, their states, what Party work is due at each. Pure functions.

Sources: 中办发〔2012〕11号 and after. Local and proposed numbers: `EnterpriseThresholds`.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Protocol, TypeVar

from apps.branches.rules import (
    MIN_FORMAL_MEMBERS,
    SETUP,
    OrgKind,
    capabilities,
    founding_findings,
    must_found_branch,
)
from apps.core.choices import Choice
from apps.core.periods import Period, add_months
from apps.core.regulations import Citation, Finding

from .kinds import Form, Status, UnbuiltReason

NON_PUBLIC = "关于加强和改进非公有制企业党的建设工作的意见（试行）"
LOCAL = "党建指导员管理的地方办法"

ORGANISATION_COVERAGE = Citation(NON_PUBLIC, "（组织覆盖）", "FG-01", "V-sec")
JOINT_BRANCH = Citation("中国共产党支部工作条例（试行）", "第五条", "ZB-03")
WORK_COVERAGE = Citation(NON_PUBLIC, "（工作覆盖）", "FG-02", "V-sec")
STAFF_FOCUS = Citation("园区非公企业职工人数重点口径", "（100人以上单独组建、50人以上有党员）", "FG-07", "local")
THREE_HAVE = Citation("中国组织人事报", "“三有”企业口径", "FG-03", "V-sec")
PARTY_FUNDS = Citation("关于非公有制企业党组织工作经费问题的通知", "（税前扣除）", "FG-09", "V-sec")
INSTRUCTOR_LOAD = Citation(LOCAL, "（联系企业数）", "", "local")
INSTRUCTOR_VISITS = Citation(LOCAL, "（走访）", "", "local")
INSTRUCTOR_TERM = Citation(LOCAL, "（任期）", "", "local")
ARRIVAL_VISIT = Citation("园区企业入驻管理的通行做法", "（入驻当月走访）", "", "local")
LIFE_CYCLE = Citation("企业全周期管理", "（筹建、在营、停产、迁出、注销）", "", "P")

PARTY_FUNDS_PERCENT: Final = 1  # FG-09: 不超过职工年度工资薪金总额1%的部分，可以税前扣除


LEAVING: Final = frozenset({Status.MOVED_OUT, Status.CANCELLED, Status.REVOKED})
"""States in which the enterprise is no longer in the park: it gets no census return and no reminder."""

STATUS_CHANGES: Final[Mapping[Status, frozenset[Status]]] = {
    Status.PREPARING: LEAVING | {Status.OPERATING, Status.SUSPENDED},
    Status.OPERATING: LEAVING | {Status.SUSPENDED},
    Status.SUSPENDED: LEAVING | {Status.OPERATING},
    Status.MOVED_OUT: frozenset({Status.PREPARING, Status.OPERATING}),
    Status.REVOKED: frozenset({Status.CANCELLED}),
    Status.CANCELLED: frozenset(),
}


class StaffBand(Choice):
    """职工人数 in the bands that the focus figures use."""

    BELOW_THREE_HAVE = "below_three_have", "不足三有人数"
    ORDINARY = "ordinary", "一般"
    ATTENTION = "attention", "应有党员"
    FOCUS = "focus", "应单独组建"


class Industry(Choice):
    """行业门类, GB/T 4754-2017."""

    A = "A", "农、林、牧、渔业"
    B = "B", "采矿业"
    C = "C", "制造业"
    D = "D", "电力、热力、燃气及水生产和供应业"
    E = "E", "建筑业"
    F = "F", "批发和零售业"
    G = "G", "交通运输、仓储和邮政业"
    H = "H", "住宿和餐饮业"
    I = "I", "信息传输、软件和信息技术服务业"  # noqa: E741
    J = "J", "金融业"
    K = "K", "房地产业"
    L = "L", "租赁和商务服务业"
    M = "M", "科学研究和技术服务业"
    N = "N", "水利、环境和公共设施管理业"
    O = "O", "居民服务、修理和其他服务业"  # noqa: E741
    P = "P", "教育"
    Q = "Q", "卫生和社会工作"
    R = "R", "文化、体育和娱乐业"
    S = "S", "公共管理、社会保障和社会组织"
    T = "T", "国际组织"


@dataclass(frozen=True)
class EnterpriseThresholds:
    """The local numbers of this module, as parameters gave them on the day in question."""

    three_have_staff: int
    attention_staff: int
    focus_staff: int
    instructor_load: int
    instructor_visits_per_quarter: int
    instructor_term_years: int
    instructor_onsite_days: int


def may_change_status(old: Status, new: Status) -> bool:
    return new in STATUS_CHANGES[old]


def status_change_finding(old: Status, new: Status) -> Finding | None:
    """Refuse a change of state that an enterprise's life does not allow (注销 is final)."""
    if may_change_status(old, new):
        return None
    message = f"企业已是“{new.label}”。" if old is new else f"企业状态不能由“{old.label}”变为“{new.label}”。"
    return Finding("status_change", message, LIFE_CYCLE, "block")


def missing_of_three(
    *, has_premises: bool, staff: int, has_operations: bool, thresholds: EnterpriseThresholds
) -> list[str]:
    """Return which of 三有 an enterprise lacks, in words; empty for a “三有”企业."""
    lacking = {
        "无固定经营场所": not has_premises,
        f"职工不足{thresholds.three_have_staff}人": staff < thresholds.three_have_staff,
        "无生产经营活动": not has_operations,
    }
    return [words for words, lacks in lacking.items() if lacks]


def staff_band(staff: int, thresholds: EnterpriseThresholds) -> StaffBand:
    """Return the band of 职工人数. Sources: 三有, FG-07."""
    if staff < thresholds.three_have_staff:
        return StaffBand.BELOW_THREE_HAVE
    if staff < thresholds.attention_staff:
        return StaffBand.ORDINARY
    return StaffBand.ATTENTION if staff < thresholds.focus_staff else StaffBand.FOCUS


def next_steps(
    *,
    formal_members: int,
    staff: int,
    forms: Collection[Form],
    has_worker: bool,
    thresholds: EnterpriseThresholds,
) -> list[Finding]:
    """Return what the rules ask for at an enterprise, the step to take first.

    `formal_members` are 正式党员 working there whose relation is there; `forms` are the ways in which it is
    covered today; `has_worker` tells of 指导员, 联络员 or 群团.
    """
    findings = []
    if formal_members >= MIN_FORMAL_MEMBERS and Form.SINGLE not in forms:
        message = f"正式党员{formal_members}人，应单独建立党组织（应建未建）。"
        findings.append(Finding("should_build", message, SETUP, "warn"))
    if 0 < formal_members < MIN_FORMAL_MEMBERS and not forms:
        message = f"正式党员{formal_members}人，应与邻近单位建立联合党支部（应联未联）。"
        findings.append(Finding("should_join", message, JOINT_BRANCH, "warn"))
    if formal_members == 0 and not forms and not has_worker:
        message = "没有党员也没有党组织，应选派党建指导员或先建群团组织（工作未覆盖）。"
        findings.append(Finding("work_uncovered", message, WORK_COVERAGE, "warn"))
    if staff >= thresholds.focus_staff and not forms:
        message = f"职工{staff}人，{thresholds.focus_staff}人以上企业应有党组织。"
        findings.append(Finding("focus_without_organisation", message, STAFF_FOCUS, "warn"))
    if staff >= thresholds.attention_staff and formal_members == 0:
        message = f"职工{staff}人，{thresholds.attention_staff}人以上企业应有党员。"
        findings.append(Finding("attention_without_members", message, STAFF_FOCUS, "info"))
    return findings


def instructor_load_finding(enterprises: int, thresholds: EnterpriseThresholds) -> Finding | None:
    """Warn when an instructor is sent to more enterprises than the place allows."""
    if enterprises <= thresholds.instructor_load:
        return None
    message = f"该指导员联系{enterprises}家企业，超过{thresholds.instructor_load}家。"
    return Finding("instructor_overloaded", message, INSTRUCTOR_LOAD, "ask")


def instructor_visit_finding(*, visits: int, quarter: Period, thresholds: EnterpriseThresholds) -> Finding | None:
    """Tell that an instructor has not visited an enterprise often enough in the quarter."""
    wanted = thresholds.instructor_visits_per_quarter
    if visits >= wanted:
        return None
    message = f"{quarter.label}应走访{wanted}次，已走访{visits}次。"
    return Finding("instructor_visits_missing", message, INSTRUCTOR_VISITS, "warn")


def instructor_onsite_finding(days: int, thresholds: EnterpriseThresholds) -> Finding | None:
    """Tell that an instructor was on site on fewer days of a month than the place asks for."""
    if days >= thresholds.instructor_onsite_days:
        return None
    message = f"本月驻企{days}天，应不少于{thresholds.instructor_onsite_days}天。"
    return Finding("instructor_onsite_days_missing", message, INSTRUCTOR_VISITS, "info")


def instructor_term_expiry(sent_on: datetime.date, thresholds: EnterpriseThresholds) -> datetime.date:
    """Return the first day after the term for which an instructor is sent."""
    return add_months(sent_on, 12 * thresholds.instructor_term_years)


def arrival_visit_due(arrived_on: datetime.date) -> datetime.date:
    """Return the day by which a new arrival is visited: the last of its month. Source: 入驻当月走访."""
    return Period.month_of(arrived_on).last_day


def unbuilt_reason_needs_note(reason: UnbuiltReason) -> bool:
    return reason is UnbuiltReason.OTHER


def deductible_party_funds(payroll: Decimal) -> Decimal:
    """Return how much 党组织工作经费 of a year's payroll is deducted before 企业所得税. Source: FG-09."""
    return payroll * PARTY_FUNDS_PERCENT / 100


class Placed(Protocol):
    """An organisation, as far as its place in the tree matters."""

    path: str


Org = TypeVar("Org", bound=Placed)

_STRENGTH: Final[Mapping[Form, int]] = {Form.SINGLE: 0, Form.JOINT: 1}


def strength(form: Form) -> int:
    """Rank of a form among others: 单独 (0) before 联合 (1) before the rest (2)."""
    return _STRENGTH.get(form, len(_STRENGTH))


def responsible_org(*, covering: Sequence[tuple[Form, Org]], building: Org | None, home: Org) -> Org:
    """Return the organisation that answers for Party work at an enterprise.

    Its own branch, the joint branch, another covering branch, the branch in charge of the building, else `home`, the
    organisation of its park. `covering` holds the establishments of today, the newest first. An organisation outside
    the tree of `home` (an industry committee) covers without taking the enterprise out of its park.
    """
    ranked = [org for _, org in sorted(covering, key=lambda pair: strength(pair[0]))]
    inside = (org for org in (*ranked, building) if org is not None and org.path.startswith(home.path))
    return next(inside, home)


def establishment_findings(
    form: Form, kind: OrgKind, *, formal_members: int | None, members: int, units: int, covers_another: bool = False
) -> list[Finding]:
    """Return what speaks against covering enterprises in this form by an organisation of this kind.

    `formal_members` and `members` are those of all enterprises it will cover, `units` their number. None where the
    number was not known on that day: then size is not judged. Sources: ZB-01..ZB-04.
    """
    if not capabilities(kind).covers:
        return [Finding("does_not_cover", f"{kind.label}不能作为企业的党组织。", ORGANISATION_COVERAGE, "block")]
    if form is Form.SINGLE:
        joint = kind is OrgKind.JOINT_BRANCH
        if joint or covers_another:
            message = "联合党支部不是单独组建。" if joint else "该党组织已有其他企业，请选择“联合组建”。"
            return [Finding("not_single", message, ORGANISATION_COVERAGE, "block")]
        size_of = OrgKind.BRANCH
    elif form is Form.JOINT:
        size_of = OrgKind.JOINT_BRANCH
    else:
        return []
    if formal_members is None:
        return []
    return founding_findings(size_of, formal_members=formal_members, members=members, units=units)


def form_after_relocation(form: Form, kind: OrgKind, *, units: int, formal_members: int) -> Form:
    """Return how an organisation of this kind covers once it covers `units` enterprises with so many 正式党员.

    With several it covers none alone; the last one of an ordinary branch that may stand by itself is covered
    alone. Other forms stay. Sources: ZB-01, ZB-03.
    """
    if form is Form.SINGLE and (units > 1 or kind is OrgKind.JOINT_BRANCH):
        return Form.JOINT
    stands_alone = units <= 1 and kind is not OrgKind.JOINT_BRANCH and must_found_branch(formal_members)
    return Form.SINGLE if form is Form.JOINT and stands_alone else form
