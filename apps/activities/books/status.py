"""归档: how complete the 记录本 of a year are, for one organisation or for a whole list of them."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, Count, F, Func, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Cast, Coalesce, JSONObject

from apps.branches.models import PartyOrg
from apps.branches.rules import OrgKind
from apps.core.periods import Period

from ..kinds import COUNTED, Book, State
from ..ledgers.records import of_book
from ..models import MadeBook, Participation

UNFINISHED: Final = (State.DRAFT, State.RETURNED, State.CORRECTION)
"""Records that the branch has begun and that do not count yet."""


@dataclass(frozen=True)
class BookStatus:
    """One book of one organisation and year. `made` is the last making: {bound, at, by}, where there was one."""

    book: Book
    records: int = 0
    confirmed: int = 0
    unfinished: int = 0
    bound: int = 0
    made: dict[str, Any] | None = None

    @property
    def is_complete(self) -> bool:
        """Whether there is something to bind and all of it is confirmed."""
        return self.records > 0 and self.records == self.confirmed and not self.unfinished

    @property
    def is_archived(self) -> bool:
        """Whether everything is confirmed and the book was made after the last change."""
        return self.is_complete and self.made is not None and self.made["bound"] == self.bound

    @property
    def label(self) -> str:
        if not self.records and not self.unfinished:
            return "无记录"
        if self.unfinished:
            return f"{self.unfinished} 篇未完成"
        if self.records > self.confirmed:
            return f"{self.records - self.confirmed} 篇待审核"
        if self.is_archived:
            return "已归档"
        return "有变化，待重新生成" if self.made else "待归档"

    @property
    def tone(self) -> str:
        if self.is_archived:
            return "success"
        if self.unfinished:
            return "danger"
        if self.is_complete:
            return "info"
        return "warning" if self.records else "neutral"

    @property
    def text(self) -> str:
        """Count and state in one line, as the list shows it."""
        return f"{self.records} 篇，{self.label}" if self.records else self.label


def with_books(orgs: Any, year: int) -> Any:
    """Organisations with the figures of their four books of the year; two subqueries for each book."""
    period = Period("year", year)
    figures = {f"figures_{book.value}": _figures(book, period) for book in Book}
    made = {f"made_{book.value}": _made(book, year) for book in Book}
    return orgs.annotate(**figures, **made)


def statuses(org: Any) -> list[BookStatus]:
    """The four books of an organisation that `with_books` has counted."""
    return [status_of(org, book) for book in Book]


def status_of(org: Any, book: Book) -> BookStatus:
    figures = getattr(org, f"figures_{book.value}") or (0, 0, 0, 0)
    made = getattr(org, f"made_{book.value}")
    records, confirmed, unfinished, bound = (int(figure) for figure in figures)
    return BookStatus(book, records, confirmed, unfinished, bound, made)


def keepers(year: int) -> Any:
    """Organisations of the scope that keep record books and existed in the year; groups are in their branch's."""
    period = Period("year", year)
    there = Q(founded_on__isnull=True) | Q(founded_on__lt=period.end)
    rows = PartyOrg.objects.filter(there).filter(Q(ended_on__isnull=True) | Q(ended_on__gte=period.start))
    return rows.filter(kind__in=[kind.value for kind in KEEPING])


KEEPING: Final = (
    OrgKind.BRANCH, OrgKind.JOINT_BRANCH, OrgKind.TEMPORARY_BRANCH, OrgKind.MOBILE_BRANCH, OrgKind.GENERAL_BRANCH,
    OrgKind.COMMITTEE, OrgKind.WORK_COMMITTEE,
)  # fmt: skip


def _figures(book: Book, period: Period) -> Subquery:
    """[handed in, confirmed, unfinished, fingerprint] of the organisation and its 党小组."""
    own = PartyOrg.objects.filter(
        Q(pk=OuterRef(OuterRef("pk"))) | Q(parent=OuterRef(OuterRef("pk")), kind=OrgKind.GROUP.value)
    )
    rows = Participation.objects.held_in(period).filter(of_book(book), org__in=own.values("pk")).order_by()
    handed_in = Q(state__in=COUNTED)
    counted = Func(
        Count("pk", filter=handed_in), Count("pk", filter=Q(state=State.CONFIRMED)),
        Count("pk", filter=Q(state__in=UNFINISHED)),
        Coalesce(Cast(Sum(F("activity_id") * 1000 + F("activity__version"), filter=handed_in), BigIntegerField()), 0),
        function="", template="ARRAY[%(expressions)s]", output_field=ArrayField(BigIntegerField()),
    )  # fmt: skip
    return Subquery(rows.annotate(one=Value(1)).values("one").annotate(figures=counted).values("figures"))


def _made(book: Book, year: int) -> Subquery:
    rows = MadeBook.objects.filter(org=OuterRef("pk"), year=year, book=book).order_by("-pk")
    return Subquery(rows.values(data=JSONObject(bound="bound", at="made_at", by="made_by_name", format="format"))[:1])


def made_on(status: BookStatus) -> datetime.datetime | None:
    """When the book was last made."""
    return datetime.datetime.fromisoformat(status.made["at"]) if status.made else None
