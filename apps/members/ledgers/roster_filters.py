"""What a roster can be narrowed by. Every figure of the statistics opens as one of these filters.

A roster of today is rows of members, one of another day rows of memberships: `who` puts the way to the member in
front of a condition.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Q

from apps.branches.ledgers.common import organization_filter
from apps.branches.models import PartyOrg
from apps.branches.rules import OrgKind
from apps.core.errors import DomainError
from apps.core.ledger import Filter
from apps.enterprises.models import Enterprise

from ..kinds import NATIONS, Education, ManagementMode, Occupation, Sex, Stage, Standing
from ..querysets.member import joining_key
from ..querysets.modes import lacks, mode_is
from ..rules.bands import Band, age_bands, joining_bands
from ..rules.mobile import Lack

UNSAID = "none"
"""The code under which the filters know an empty value."""

MINORITY = "minority"
MINORITY_NATIONS = [code for code, _ in NATIONS if "02" <= code <= "56"]
COLLEGE = "college_up"
COLLEGE_UP = [
    Education.DOCTOR, Education.MASTER, Education.POSTGRADUATE, Education.BACHELOR, Education.COLLEGE
]  # fmt: skip
"""大专及以上, as the bulletin counts it."""

_UNSAID_CHOICE = (UNSAID, "未填写")


def behind(prefix: str, condition: Q) -> Q:
    """The condition on members as one on rows from which `prefix` leads to the member."""
    if not prefix:
        return condition
    moved = [
        behind(prefix, child) if isinstance(child, Q) else (prefix + child[0], child[1])
        for child in condition.children
    ]  # fmt: skip
    return Q(*moved, _connector=condition.connector, _negated=condition.negated)


def who(rows: Any, ledger: Any, condition: Q) -> Any:
    """Narrow to the rows of the members that fulfil the condition."""
    return rows.filter(behind(ledger.prefix, condition))


def value_of(column: str, groups: dict[str, Sequence[str]] | None = None) -> Callable[[Any, str, Any], Any]:
    """Narrow to one stored value, to an empty one, or to one of the named groups of values."""

    def apply(rows: Any, value: str, ledger: Any) -> Any:
        if groups and value in groups:
            return who(rows, ledger, Q(**{f"{column}__in": groups[value]}))
        return who(rows, ledger, Q(**{column: "" if value == UNSAID else value}))

    return apply


def within(column: str, band: Band) -> Q:
    """The members whose date lies in the band."""
    inside = Q(**{f"{column}__isnull": False})
    if band.since:
        inside &= Q(**{f"{column}__gte": band.since})
    return inside & Q(**{f"{column}__lt": band.until}) if band.until else inside


def by_age(rows: Any, value: str, ledger: Any) -> Any:
    """One band of ages on the day of the roster."""
    if value == UNSAID:
        return who(rows, ledger, Q(born_on__isnull=True))
    (band,) = (band for band in ages(ledger) if band.code == value)
    return who(rows, ledger, within("born_on", band))


def by_joining(rows: Any, value: str, ledger: Any) -> Any:
    """One stretch of joining dates, asked of the expression that the index holds."""
    if value == UNSAID:
        return who(rows, ledger, Q(joined_on__isnull=True))
    (band,) = (band for band in joining_bands() if band.code == value)
    rows = who(rows, ledger, Q(joined_on__isnull=False)).annotate(joined_key=joining_key(ledger.prefix))
    if band.since:
        rows = rows.filter(joined_key__gte=band.since)
    return rows.filter(joined_key__lt=band.until) if band.until else rows


def band_choices(bands: Callable[[Any], Sequence[Band]]) -> Callable[[Any], list[tuple[str, str]]]:
    return lambda ledger: [*((band.code, band.label) for band in bands(ledger)), _UNSAID_CHOICE]


def ages(ledger: Any) -> Sequence[Band]:
    return age_bands(ledger.on)


def of_stage(rows: Any, value: str, ledger: Any) -> Any:
    """正式 or 预备 on the day of the roster. Nothing is recorded ahead of its day, so today the date alone tells."""
    probationary = Q(formal_on__isnull=True)
    if not ledger.is_today:
        probationary |= Q(formal_on__gt=ledger.on)
    formal = Q(formal_on__isnull=False, formal_on__lte=ledger.on)
    return who(rows, ledger, formal if value == Stage.FORMAL else probationary)


def in_group(rows: Any, text: str, ledger: Any) -> Any:
    """Narrow to the 党小组 of a code or a name; several branches may have one of that name."""
    named = Q(code__iexact=text.strip()) | Q(name=text.strip()) | Q(short_name=text.strip())
    return rows.filter(group__in=PartyOrg.objects.filter(named, kind=OrgKind.GROUP.value))


def of_enterprise(rows: Any, text: str, ledger: Any) -> Any:
    """Narrow to the members of the enterprises whose name or credit code the text is, or is a part of."""
    column = "employer" if ledger.is_today else "enterprise"
    return rows.filter(**{f"{column}__in": Enterprise.objects.matching(text)})


def only_own(rows: Any, value: bool, ledger: Any) -> Any:
    """The branch's own members without those of the organisations below it; needs the organisation beside it."""
    found = PartyOrg.objects.called(ledger.params.get("org", ""))
    if len(found) != 1:
        return rows.none() if value else rows
    return rows.filter(org=found[0]) if value else rows.exclude(org=found[0])


def in_mode(rows: Any, value: str, ledger: Any) -> Any:
    if not ledger.is_today:
        raise DomainError("管理模式只有今天的，请去掉“截至日期”。", code="bad_filter", field="mode")
    return rows.filter(mode_is(ManagementMode(value), ledger.on))


def lacking(rows: Any, value: str, ledger: Any) -> Any:
    """Narrow to those whose management lacks something today: the names behind the page of the four modes."""
    if not ledger.is_today:
        raise DomainError("还缺什么只看今天，请去掉“截至日期”。", code="bad_filter", field="lacks")
    return rows.filter(lacks(Lack(value), ledger.on))


def is_there(column: str) -> Callable[[Any, bool, Any], Any]:
    """Narrow by whether a date is set."""
    return lambda rows, value, ledger: who(rows, ledger, Q(**{f"{column}__isnull": not value}))


FILTERS = (
    Filter("on", "截至日期", kind="date", apply=lambda rows, on, ledger: rows),
    organization_filter(),
    Filter("stage", "党员类别", choices=Stage.choices(), apply=of_stage),
    Filter("sex", "性别", choices=Sex.choices(), apply=value_of("sex")),
    Filter("nation", "民族", choices=[(MINORITY, "少数民族"), *NATIONS, _UNSAID_CHOICE],
           apply=value_of("nation", {MINORITY: MINORITY_NATIONS})),
    Filter("education", "学历", choices=[(COLLEGE, "大专及以上"), *Education.choices(), _UNSAID_CHOICE],
           apply=value_of("education", {COLLEGE: COLLEGE_UP})),
    Filter("age", "年龄段", choices=band_choices(ages), apply=by_age),
    Filter("joined", "入党时间段", choices=band_choices(lambda ledger: joining_bands()), apply=by_joining),
    Filter("occupation", "职业", choices=[*Occupation.choices(), _UNSAID_CHOICE], apply=value_of("occupation")),
    Filter("group", "党小组（代码或名称）", kind="text", apply=in_group),
    Filter("employer", "所在企业（名称或信用代码）", kind="text", apply=of_enterprise),
    Filter("mode", "管理模式", choices=ManagementMode.choices(), apply=in_mode),
    Filter("lacks", "还缺", choices=[each for each in Lack.choices() if each[0] != Lack.EXPIRING], apply=lacking),
    Filter("mobile", "已登记流动", kind="bool", apply=lambda rows, value, ledger: rows.filter(is_mobile=value)),
    Filter("placement", "待安置", kind="bool", apply=is_there("placement_since")),
    Filter("lost", "失联", kind="bool", apply=is_there("lost_since")),
    Filter("standing", "党籍状态", choices=Standing.choices(), apply=value_of("standing")),
    Filter("own", "只看本级", kind="bool", apply=only_own),
)  # fmt: skip
