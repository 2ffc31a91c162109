"""两个覆盖: who is in the denominator, who is covered and by what. The oracle of the SQL reports.

Everything here is total: any facts, any definition, always an answer. Sources: FG-01..FG-07.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Literal

from apps.branches.rules import MIN_FORMAL_MEMBERS, SETUP
from apps.core.choices import Choice
from apps.core.regulations import Citation
from apps.enterprises.kinds import Form, Status
from apps.enterprises.rules import JOINT_BRANCH, NON_PUBLIC, WORK_COVERAGE

ORGANISATION_RATE = Citation(NON_PUBLIC, "（组织覆盖率）", "FG-03", "V-sec")
SINGLE_RATE = Citation(NON_PUBLIC, "（单独组建率）", "FG-04", "V-sec")
WORK_RATE = Citation(NON_PUBLIC, "（工作覆盖率）", "FG-05", "P")

Denominator = Literal["three_have", "operating"]


class Exclusion(Choice):
    """Why an enterprise is not in the denominator, in the order in which the reasons are asked."""

    MOVED_OUT = "moved_out", "迁出"
    CANCELLED = "cancelled", "注销或吊销"
    SUSPENDED = "suspended", "停产"
    PREPARING = "preparing", "筹建"
    NOT_SURVEYED = "not_surveyed", "尚未摸底"
    SHELL = "shell", "空挂或僵尸企业（无职工且无经营）"
    NO_PREMISES = "no_premises", "不足三有：无固定经营场所"
    TOO_FEW_STAFF = "too_few_staff", "不足三有：职工人数不足"
    NO_OPERATIONS = "no_operations", "不足三有：无生产经营活动"


EXCLUDED_STATUSES: Final[Mapping[Status, Exclusion]] = {
    Status.MOVED_OUT: Exclusion.MOVED_OUT,
    Status.CANCELLED: Exclusion.CANCELLED,
    Status.REVOKED: Exclusion.CANCELLED,
    Status.SUSPENDED: Exclusion.SUSPENDED,
    Status.PREPARING: Exclusion.PREPARING,
}


@dataclass(frozen=True)
class Definition:
    """口径: which forms count as 组织覆盖, and of which enterprises. Versioned; printed on every report."""

    code: str
    version: str
    name: str
    counted_forms: frozenset[Form]
    denominator: Denominator
    min_staff: int
    focus_staff: int
    attention_staff: int

    def describe(self) -> str:
        """Return the sentence of 口径说明."""
        forms = "、".join(form.label for form in Form if form in self.counted_forms)
        three_have = f"“三有”企业（有固定经营场所、{self.min_staff}名以上职工、有生产经营活动；尚未摸底的不计）"
        whole = three_have if self.denominator == "three_have" else "全部在营企业"
        excluded = "剔除迁出、注销吊销、停产、筹建及空挂僵尸企业"
        return f"分母为{whole}，{excluded}；{forms}计入组织覆盖。"


@dataclass(frozen=True)
class EnterpriseFacts:
    """What is known of one enterprise on one day. `formal_members`: 正式党员 whose relation is there.

    Not `surveyed`: nobody has looked yet, as after an import of the registry; the numbers then say nothing.
    """

    status: Status = Status.OPERATING
    has_premises: bool = True
    has_operations: bool = True
    staff: int = 0
    formal_members: int = 0
    forms: frozenset[Form] = frozenset()
    has_instructor: bool = False
    has_mass_organisation: bool = False
    surveyed: bool = True


@dataclass(frozen=True)
class Classification:
    """Where one enterprise counts; an excluded one counts nowhere but under its reason."""

    in_denominator: bool
    excluded_reason: Exclusion | None = None
    organisation_covered: bool = False
    work_covered: bool = False
    single_built: bool = False
    focus: bool = False
    attention: bool = False
    should_build: bool = False
    should_join: bool = False
    uncovered: bool = False


_WITHOUT_AFFILIATED: Final = frozenset(Form) - {Form.AFFILIATED}


DEFINITION_NAMES: Final[Mapping[str, str]] = {
    "2026-1": "三有企业，不含挂靠",
    "2026-1-affiliated": "三有企业，含挂靠",
    "2026-1-operating": "全部在营企业，不含挂靠",
    "2026-1-operating-affiliated": "全部在营企业，含挂靠",
}
"""The definitions that the product ships, by code; the first is the default."""


def built_in_definitions(*, min_staff: int, focus_staff: int, attention_staff: int) -> dict[str, Definition]:
    """Return the shipped definitions by code.

    FG-03 names 单独 and 联合 over 实体运营, read as 三有. Whether 挂靠 counts is settled nowhere: take both.
    """
    return {
        code: Definition(
            code=code,
            version="2026-1",
            name=name,
            counted_forms=frozenset(Form) if code.endswith("-affiliated") else _WITHOUT_AFFILIATED,
            denominator="operating" if "-operating" in code else "three_have",
            min_staff=min_staff,
            focus_staff=focus_staff,
            attention_staff=attention_staff,
        )
        for code, name in DEFINITION_NAMES.items()
    }


def exclusion(facts: EnterpriseFacts, definition: Definition) -> Exclusion | None:
    """Return why the enterprise is not in the denominator, or None. Source: FG-03 (实体运营), 三有.

    Whether an enterprise has 三有 cannot be said before somebody has looked. 全部在营 goes by its status alone.
    """
    if facts.status in EXCLUDED_STATUSES:
        return EXCLUDED_STATUSES[facts.status]
    if facts.staff == 0 and not facts.has_operations:
        return Exclusion.SHELL
    if definition.denominator == "operating":
        return None
    if not facts.surveyed:
        return Exclusion.NOT_SURVEYED
    if not facts.has_premises:
        return Exclusion.NO_PREMISES
    if facts.staff < definition.min_staff:
        return Exclusion.TOO_FEW_STAFF
    return None if facts.has_operations else Exclusion.NO_OPERATIONS


def classify(facts: EnterpriseFacts, definition: Definition) -> Classification:
    """Return where one enterprise counts under a definition. Sources: FG-03..FG-05."""
    reason = exclusion(facts, definition)
    if reason is not None:
        return Classification(in_denominator=False, excluded_reason=reason)
    covered = bool(facts.forms & definition.counted_forms)
    work_covered = covered or facts.has_instructor or facts.has_mass_organisation
    single_built = Form.SINGLE in facts.forms
    return Classification(
        in_denominator=True,
        organisation_covered=covered,
        work_covered=work_covered,
        single_built=single_built,
        focus=facts.staff >= definition.focus_staff,
        attention=facts.staff >= definition.attention_staff,
        should_build=facts.formal_members >= MIN_FORMAL_MEMBERS and not single_built,
        should_join=0 < facts.formal_members < MIN_FORMAL_MEMBERS and not covered,
        uncovered=not work_covered,
    )


def rate(numerator: int, denominator: int) -> Decimal | None:
    """Return the share rounded half up to four places, None where there is nothing to share."""
    if denominator == 0:
        return None
    return (Decimal(numerator) / Decimal(denominator)).quantize(Decimal("0.0001"), ROUND_HALF_UP)


def what_if(numerator: int, denominator: int, added: int) -> Decimal | None:
    """Return the rate after `added` more enterprises of the denominator are covered."""
    return rate(min(numerator + added, denominator), denominator)


@dataclass(frozen=True)
class Totals:
    """The counted figures of a set of enterprises; rates are None where their denominator is 0."""

    enterprises: int
    excluded: Mapping[Exclusion, int]
    organisation_covered: int
    work_covered: int
    single_built: int
    focus: int
    focus_single_built: int
    attention: int
    attention_single_built: int
    should_build: int
    should_join: int
    uncovered: int

    @property
    def organisation_rate(self) -> Decimal | None:
        return rate(self.organisation_covered, self.enterprises)

    @property
    def work_rate(self) -> Decimal | None:
        return rate(self.work_covered, self.enterprises)

    @property
    def single_rate(self) -> Decimal | None:
        return rate(self.single_built, self.enterprises)

    @property
    def focus_single_rate(self) -> Decimal | None:
        return rate(self.focus_single_built, self.focus)

    @property
    def attention_single_rate(self) -> Decimal | None:
        return rate(self.attention_single_built, self.attention)


def total(classifications: Iterable[Classification]) -> Totals:
    """Count classified enterprises, each of which must be given once."""
    rows = list(classifications)
    counted = [row for row in rows if row.in_denominator]
    return Totals(
        enterprises=len(counted),
        excluded=Counter(row.excluded_reason for row in rows if row.excluded_reason is not None),
        organisation_covered=sum(row.organisation_covered for row in counted),
        work_covered=sum(row.work_covered for row in counted),
        single_built=sum(row.single_built for row in counted),
        focus=sum(row.focus for row in counted),
        focus_single_built=sum(row.focus and row.single_built for row in counted),
        attention=sum(row.attention for row in counted),
        attention_single_built=sum(row.attention and row.single_built for row in counted),
        should_build=sum(row.should_build for row in counted),
        should_join=sum(row.should_join for row in counted),
        uncovered=sum(row.uncovered for row in counted),
    )


class Step(Choice):
    """The legal ways to close a gap, the cheapest first."""

    BUILD = "build", "单独组建党支部"
    JOIN = "join", "与邻近单位建立联合党支部"
    SEND = "send", "选派党建指导员或建立群团组织"


STEP_BASIS: Final[Mapping[Step, Citation]] = {
    Step.BUILD: SETUP,
    Step.JOIN: JOINT_BRANCH,
    Step.SEND: WORK_COVERAGE,
}


def cheapest_step(facts: EnterpriseFacts, definition: Definition) -> Step | None:
    """Return the cheapest legal way to cover an enterprise that is not covered, None where no gap is.

    With 3 正式党员 it can stand alone; with 1 or 2 it can join; without any only 工作覆盖 can be reached, and
    where that is reached nothing more can be asked. Sources: ZB-01, ZB-03, FG-02.
    """
    found = classify(facts, definition)
    if not found.in_denominator or found.organisation_covered:
        return None
    if facts.formal_members >= MIN_FORMAL_MEMBERS:
        return Step.BUILD
    if facts.formal_members > 0:
        return Step.JOIN
    return None if found.work_covered else Step.SEND


@dataclass(frozen=True)
class Place:
    """Where an enterprise stands, as far as choosing a partner for a joint branch needs it."""

    park: int | None
    building: int | None = None
    industry: str = ""


def partner_distance(mine: Place, other: Place) -> int | None:
    """Return how far a partner is: 0 same building, 1 same park and trade, 2 same park; None if elsewhere.

    Source: ZB-03 (地域相邻、行业相近、规模适当、便于管理).
    """
    if mine.park is None or mine.park != other.park:
        return None
    if mine.building is not None and mine.building == other.building:
        return 0
    return 1 if mine.industry and mine.industry == other.industry else 2
