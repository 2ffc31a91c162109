"""三会一课台账, 主题党日台账 and 党员活动台账: the records of each branch, joint ones in the book of every branch.

A row is the participation of one branch. A record that serves two kinds stands in both books. Plans and drafts are
the branch's own affair and stand in none.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar

from django.db.models import Count, F, Q, QuerySet, Sum

from apps.branches.ledgers.common import organization_filter
from apps.branches.models import PartyOrg
from apps.core.errors import DomainError
from apps.core.ledger import Column, Filter, Kind, Ledger, Ordering, register
from apps.core.periods import Period
from apps.enterprises.ledgers.common import link_to, once, recent_quarters

from .. import permissions
from ..kinds import COUNTED, Book, State
from ..models import ActivityForm, ActivityKind, Participation
from ..rules.minutes import as_text
from .record_texts import (
    absent_names,
    entry_days,
    file_count,
    hours_of_day,
    lateness,
    present_names,
    visitor_names,
    vote_lines,
)

REPORTED = (State.SUBMITTED, State.CONFIRMED, State.RETURNED, State.CORRECTION)
"""States in which a record has been handed in: what a book lists."""

STATE_TONES = {
    State.SUBMITTED: "info", State.CONFIRMED: "success", State.RETURNED: "danger", State.CORRECTION: "warning",
}  # fmt: skip
YEARS_BACK = 6
SHOWN_OF_TEXT = 60
"""Characters of a long text that the page shows; every other output has all of it."""


def rate(row: Participation) -> Decimal | None:
    """到会率; None where nobody was expected."""
    return Decimal(row.present) / row.expected if row.expected else None


def recent_years(ledger: Ledger) -> list[tuple[str, str]]:
    this = ledger.today.year
    return [(str(year), f"{year}年") for year in range(this, this - YEARS_BACK, -1)]


def in_period(rows: Any, text: str, ledger: Ledger) -> Any:
    return rows.held_in(Period.parse(text))


def came_late(rows: Any, value: bool, ledger: Ledger) -> Any:
    late = Q(reported_on__gt=F("held_on") + F("entry_days"))
    return rows.filter(late) if value else rows.filter(reported_on__isnull=False).exclude(late)


def of_book(*books: Book) -> Q:
    """Participations whose first or second kind is bound in one of the books."""
    kinds = ActivityKind.objects.filter(book__in=books)
    return Q(kind__in=kinds) | Q(second_kind__in=kinds)


def minutes_text(row: Participation) -> str:
    return as_text(row.activity.minutes, rich=row.activity.minutes_rich)


def host_of(row: Participation) -> str:
    """Who held a joint activity, where it was another branch."""
    return "" if row.is_host else str(row.activity.org)


COLUMNS = (
    Column("number", "记录编号", lambda row: str(row.activity_id), default=False),
    Column("kind", "类型", "kind.name"),
    Column("second_kind", "同时作为", "second_kind.name"),
    Column("form", "形式", "activity.form.name", default=False),
    Column("held_on", "日期", kind=Kind.DATE, link=lambda row: row.get_absolute_url()),
    Column("hours", "时间", lambda row: hours_of_day(row.activity), default=False),
    Column("org", "党组织", lambda row: str(row.org), link=link_to("org")),
    Column("org_code", "党组织代码", "org.code", default=False),
    Column("host", "主办党组织", host_of, default=False),
    Column("title", "主题", "activity.title", link=lambda row: row.get_absolute_url()),
    Column("place", "地点", "activity.place", default=False),
    Column("chair", "主持", "activity.chair"),
    Column("recorder", "记录", "activity.recorder", default=False),
    Column("speaker", "主讲", "activity.speaker", default=False),
    Column("expected", "应到", kind=Kind.INTEGER),
    Column("present", "实到", kind=Kind.INTEGER),
    Column("rate", "到会率", rate, kind=Kind.PERCENT),
    Column("absent", "缺席及原因", clip=SHOWN_OF_TEXT),
    Column("attendees", "到会人员", clip=SHOWN_OF_TEXT, default=False),
    Column("visitors", "来访党员", clip=SHOWN_OF_TEXT, default=False),
    Column("guests", "列席", "activity.guests", clip=SHOWN_OF_TEXT, default=False),
    Column("units", "参加单位", "activity.units", clip=SHOWN_OF_TEXT, default=False),
    Column("others_present", "其他参加人数", "activity.others_present", kind=Kind.INTEGER, default=False),
    Column("agenda", "议题", "activity.agenda", clip=SHOWN_OF_TEXT, default=False),
    Column("minutes", "内容", minutes_text, clip=SHOWN_OF_TEXT, default=False),
    Column("resolution", "决议", "activity.resolution", clip=SHOWN_OF_TEXT, default=False),
    Column("votes", "表决", clip=SHOWN_OF_TEXT, default=False),
    Column("study_hours", "学时", "activity.study_hours", kind=Kind.MONEY, default=False),
    Column("state", "状态", choices=dict(State.choices()), tone=lambda row: STATE_TONES.get(row.state, "neutral")),
    Column("reported_on", "提交日期", kind=Kind.DATE, default=False),
    Column("late", "是否迟报", lateness, tone=lambda row: "success" if lateness(row) == "按时" else "warning"),
    Column("review_note", "审核意见", "activity.review_note", default=False),
    Column("correction", "更正编号", "activity.correction_number", kind=Kind.INTEGER, default=False),
    Column("files", "附件数", kind=Kind.INTEGER, default=False),
)  # fmt: skip


class _Lead:
    """What a book is about and, on its page, 次数 and 人次 of what is listed."""

    def __get__(self, ledger: RecordLedger | None, owner: type[RecordLedger]) -> str:
        return owner.about if ledger is None else f"{owner.about}{ledger.figures}"


class RecordLedger(Ledger):
    """Base of the books of records; `books` says which 记录本 a book is the table of."""

    permission = permissions.VIEW
    columns = COLUMNS
    books: ClassVar[tuple[Book, ...]]
    about: ClassVar[str]
    lead = _Lead()  # type: ignore[assignment]
    orderings = {
        "": Ordering("最近的在前", ("-held_on", "-pk")),
        "org": Ordering("按党组织", ("org_path", "-held_on", "-pk")),
    }
    search_hint = "主题或党组织"

    def rows(self) -> QuerySet[Any]:
        rows = Participation.objects.filter(of_book(*self.books), state__in=REPORTED)
        related = rows.select_related("activity__form", "activity__org", "org", "kind", "second_kind")
        return related.annotate(
            entry_days=entry_days(self), absent=absent_names(), attendees=present_names(), visitors=visitor_names(),
            votes=vote_lines(), files=file_count(),
        )  # fmt: skip

    def search(self, rows: Any, text: str) -> Any:
        return rows.filter(Q(activity__title__icontains=text) | Q(org__in=PartyOrg.objects.named_like(text)))

    @cached_property
    def figures(self) -> str:
        """次数, 应到 and 实到人次 of the listed records that count, as far as the page counts rows."""
        try:
            listed = self.queryset().filter(state__in=COUNTED).order_by().values("pk", "expected", "present")
        except DomainError:
            return ""  # the page says what is wrong with the filter
        sums = listed[: self.count_cap + 1].aggregate(n=Count("pk"), expected=Sum("expected"), present=Sum("present"))
        if sums["n"] > self.count_cap:
            return f"所列在 {self.count_cap:,} 次以上，筛选后显示次数和人次。"
        expected, present = sums["expected"] or 0, sums["present"] or 0
        share = f"，到会率 {Decimal(100 * present) / expected:.1f}%" if expected else ""
        return f"所列计入 {sums['n']:,} 次，应到 {expected:,} 人次，实到 {present:,} 人次{share}。"


def kinds_of(*books: Book) -> Any:
    """The kinds that are bound in the books, and those that stand in them as somebody's second kind."""
    return once("kinds", lambda ledger: list(ActivityKind.objects.filter(book__in=books).values_list("pk", "name")))


FORMS = once("forms", lambda ledger: list(ActivityForm.objects.values_list("pk", "name")))


def filters_of(*books: Book) -> tuple[Filter, ...]:
    return (
        Filter("kind", "类型", choices=kinds_of(*books), apply=lambda rows, kind, ledger: rows.of_kind(kind)),
        Filter("quarter", "季度", choices=recent_quarters, apply=in_period),
        Filter("year", "年度", choices=recent_years, apply=in_period),
        organization_filter(),
        Filter("state", "状态", choices=[(state, state.label) for state in REPORTED]),
        Filter("late", "迟报", kind="bool", apply=came_late),
        Filter("form", "形式", choices=FORMS, lookup="activity__form"),
        Filter("held_from", "日期起", kind="date", lookup="held_on__gte"),
        Filter("held_to", "日期止", kind="date", lookup="held_on__lte"),
        Filter("corrected", "更正", kind="bool",
               apply=lambda rows, value, ledger: rows.filter(activity__correction_number__isnull=not value)),
    )  # fmt: skip


@register
class MeetingLedger(RecordLedger):
    """三会一课台账: 党员大会, 支委会, 党小组会, 党课, 组织生活会, 民主评议 …"""

    code, title = "activities.meetings", "三会一课台账"
    about = "提交后的三会一课和组织生活会记录；记入哪一期按活动日期，迟报的注明天数。"
    books = (Book.MEETINGS,)
    filters = filters_of(Book.MEETINGS)
    empty_text = "还没有提交的三会一课记录。在「组织生活」里记录一次，或导入已有的台账。"


@register
class ThemeDayLedger(RecordLedger):
    """主题党日台账."""

    code, title = "activities.theme_days", "主题党日台账"
    about = "提交后的主题党日记录；同时作为党课等的，也列入三会一课台账。"
    books = (Book.THEME_DAYS,)
    filters = filters_of(Book.THEME_DAYS)
    empty_text = "还没有提交的主题党日记录。在「组织生活」里记录一次，或导入已有的台账。"


@register
class OtherRecordLedger(RecordLedger):
    """党员活动台账: 学习, 谈心谈话, 志愿服务, 考察, 竞赛 … whatever stands in neither of the two others."""

    code, title = "activities.records", "党员活动台账"
    about = "学习、谈心谈话、志愿服务、学习考察等其他活动的记录。"
    books = (Book.STUDY, Book.ACTIVITIES)
    filters = (
        *filters_of(Book.STUDY, Book.ACTIVITIES),
        Filter("book", "记录本", choices=[(book, book.label) for book in books],
               apply=lambda rows, value, ledger: rows.filter(of_book(Book(value)))),
    )  # fmt: skip
    empty_text = "还没有提交的活动记录。在「组织生活」里记录一次，或导入已有的台账。"
