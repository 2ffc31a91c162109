"""党员学时: each member of a roster with the hours of a year, and 书记轮训: each secretary with this year's training."""

from __future__ import annotations

import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import BooleanField, Case, DateField, ExpressionWrapper, F, IntegerField, Q, Value, When

from apps.branches.ledgers.common import organization_filter
from apps.core.errors import DomainError
from apps.core.ledger import Column, Filter, Kind, Ledger, register
from apps.core.periods import add_months
from apps.enterprises.ledgers.common import link_to
from apps.members.ledgers.roster_filters import behind
from apps.members.models import Membership, Post
from apps.members.querysets.member import called

from .. import permissions, study_figures
from ..rules.education import NEW_SECRETARY_MONTHS, TRAININGS_A_YEAR, Coverage, Trainings, coverage_of
from ..rules.hours import LEADER_HOURS, MEMBER_HOURS, hours_missing, leaders_day
from .records import recent_years

COVERAGE_TONES = {
    Coverage.TRAINED: "success", Coverage.WAITING: "warning", Coverage.NEW: "info", Coverage.LATE: "danger",
}  # fmt: skip


@register
class HoursLedger(Ledger):
    """党员学时: the roster at the end of the year, or today's, each member with the hours of that calendar year."""

    code, title, permission = "activities.hours", "党员学时", permissions.VIEW
    lead = f"一般每名党员每年不少于{MEMBER_HOURS}学时，书记和班子成员不少于{LEADER_HOURS}学时；来访参加的计入本人。"
    columns = (
        Column("name", "姓名", "member.name", link=lambda row: f"{row.member.get_absolute_url()}#hours"),
        Column("code", "党员编号", "member.code", default=False),
        Column("org", "党组织", lambda row: str(row.org), link=link_to("org")),
        Column("org_code", "党组织代码", "org.code", default=False),
        Column("leader", "班子成员", kind=Kind.BOOL),
        Column("hours", "学时", kind=Kind.MONEY),
        Column("needed", "应有学时", kind=Kind.INTEGER),
        Column("missing", "还差", lambda row: hours_missing(Decimal(row.hours), is_leader=row.leader), kind=Kind.MONEY),
        Column("met", "达标", lambda row: row.hours >= row.needed, kind=Kind.BOOL),
        Column("trainings", "集中培训（次）", kind=Kind.INTEGER),
    )
    filters = (
        Filter("year", "年度", choices=recent_years, apply=lambda rows, value, ledger: rows),
        organization_filter(),
        Filter("met", "达标", kind="bool", apply=lambda rows, value, ledger: rows.filter(reached=value)),
        Filter("leader", "班子成员", kind="bool"),
        Filter("trained", "参加过集中培训", kind="bool",
               apply=lambda rows, value, ledger: rows.filter(trainings__gt=0) if value else rows.filter(trainings=0)),
    )  # fmt: skip
    search_hint = "姓名、拼音首字母或编号"
    empty_text = "名册上还没有党员。"

    @cached_property
    def year(self) -> int:
        text = self.params.get("year", "") or str(self.today.year)
        if not text.isdecimal() or int(text) not in {int(value) for value, _ in recent_years(self)}:
            raise DomainError("筛选条件「年度」没有这个选项。", code="bad_filter", field="year")
        return int(text)

    @property
    def on(self) -> datetime.date:
        """The day whose roster is listed."""
        return min(datetime.date(self.year, 12, 31), self.today)

    def rows(self) -> Any:
        leaders = leaders_day(self.year, self.today)
        needed = Case(
            When(leader=True, then=Value(LEADER_HOURS)), default=Value(MEMBER_HOURS), output_field=IntegerField()
        )
        rows = Membership.objects.as_of(self.on).select_related("member", "org").annotate(
            leader=study_figures.is_leader(leaders), hours=study_figures.hours_in(self.year),
            trainings=study_figures.trainings_in(self.year),
        )  # fmt: skip
        reached = ExpressionWrapper(Q(hours__gte=F("needed")), output_field=BooleanField())
        return rows.annotate(needed=needed).annotate(reached=reached)

    def search(self, rows: Any, text: str) -> Any:
        return rows.filter(behind("member__", called(text)))


def trainings_of(row: Any) -> Trainings | None:
    return None if row.member_id is None else Trainings(row.this_year, row.since_appointment)


def coverage(row: Any) -> Coverage:
    """Where the secretary of a row of `SecretaryTrainingLedger` stands on its day."""
    return coverage_of(row.since, trainings_of(row), row.asked_on)


def coverage_is(state: Coverage, on: datetime.date) -> Q:
    """The condition that puts a row into a state, as `coverage_of` has it."""
    trained, ever = Q(this_year__gte=TRAININGS_A_YEAR), Q(since_appointment__gt=0)
    known = Q(member__isnull=False)
    over = Q(since__lte=_appointed_before(on))
    conditions = {
        Coverage.UNKNOWN: Q(member__isnull=True), Coverage.TRAINED: known & trained,
        Coverage.WAITING: known & ~trained & ever, Coverage.LATE: known & ~trained & ~ever & over,
        Coverage.NEW: known & ~trained & ~ever & ~over,
    }  # fmt: skip
    return conditions[state]


def _appointed_before(on: datetime.date) -> datetime.date:
    """The latest day of taking a post whose months are over on the day; a clamped month end is asked again."""
    day = add_months(on, -NEW_SECRETARY_MONTHS)
    while add_months(day + datetime.timedelta(days=1), NEW_SECRETARY_MONTHS) <= on:
        day += datetime.timedelta(days=1)
    return day


@register
class SecretaryTrainingLedger(Ledger):
    """书记轮训: today's secretaries, who of them has been in a class this year, who is new and late."""

    code, title, permission = "activities.secretaries", "书记轮训", permissions.VIEW
    lead = f"书记每年至少参加{TRAININGS_A_YEAR}次上级举办的集中培训；新任书记一般在{NEW_SECRETARY_MONTHS}个月内参训。"
    columns = (
        Column("name", "书记", link=lambda row: row.get_absolute_url()),
        Column("org", "党组织", lambda row: str(row.org), link=link_to("org")),
        Column("org_code", "党组织代码", "org.code", default=False),
        Column("since", "任职日期", kind=Kind.DATE),
        Column("this_year", "今年参训（次）", kind=Kind.INTEGER),
        Column("since_appointment", "任职以来（次）", kind=Kind.INTEGER, default=False),
        Column(
            "coverage",
            "情况",
            coverage,
            choices=dict(Coverage.choices()),
            tone=lambda row: COVERAGE_TONES.get(coverage(row), "neutral"),
        ),
        Column(
            "due_on",
            "新任参训期限",
            lambda row: add_months(row.since, NEW_SECRETARY_MONTHS),
            kind=Kind.DATE,
            default=False,
        ),
    )
    filters = (
        organization_filter(),
        Filter("coverage", "情况", choices=Coverage.choices(),
               apply=lambda rows, value, ledger: rows.filter(coverage_is(Coverage(value), ledger.today))),
        Filter("lacking", "今年还没有参训", kind="bool", apply=lambda rows, value, ledger: lacking(rows, value)),
    )  # fmt: skip
    search_hint = "姓名"
    empty_text = "还没有登记现任书记。"

    def rows(self) -> Any:
        return secretaries(self.today)

    def search(self, rows: Any, text: str) -> Any:
        return rows.filter(name__icontains=text.strip())


def secretaries(on: datetime.date) -> Any:
    """Today's secretaries of the scope with the classes that they attended: adds this_year, since_appointment."""
    rows = Post.objects.as_of(on).secretaries().select_related("org", "member")
    return rows.annotate(
        this_year=study_figures.rounds_in(on.year), since_appointment=study_figures.rounds_since("since"),
        asked_on=Value(on, output_field=DateField()),
    )  # fmt: skip


def lacking(rows: Any, value: bool) -> Any:
    trained = Q(this_year__gte=TRAININGS_A_YEAR)
    return rows.exclude(trained) if value else rows.filter(trained)
