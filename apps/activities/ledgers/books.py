"""记录本归档: the four books of each organisation and year, with what is in them and what keeps them open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import F, Q, QuerySet, Value

from apps.branches.rules import OrgKind
from apps.core.ledger import Column, Filter, Kind, Ledger, Ordering, register

from .. import permissions
from ..books.status import keepers, status_of, statuses, with_books
from ..kinds import Book
from .records import recent_years


def year_of(ledger: Ledger) -> int:
    """The year that is asked for, else this one. What is no year is refused by the filter."""
    text = ledger.params.get("year", "")
    return int(text) if text in dict(recent_years(ledger)) else ledger.today.year


def page_of(row: Any) -> str:
    return f"/books/{row.pk}/?year={row.of_year}"


def archived(row: Any) -> int:
    return sum(status.is_archived for status in statuses(row))


def filled(row: Any) -> int:
    """Books with records, which are to be archived."""
    return sum(bool(status.records or status.unfinished) for status in statuses(row))


def _any(condition: Callable[[str], Q]) -> Q:
    found = Q()
    for book in Book:
        found |= condition(f"figures_{book.value}")
    return found


def unfinished(rows: Any, value: bool, ledger: Ledger) -> Any:
    """Organisations with a draft, a returned record or a correction in one of the books."""
    some = _any(lambda name: Q(**{f"{name}__2__gt": 0}))
    return rows.filter(some) if value else rows.exclude(some)


def unreviewed(rows: Any, value: bool, ledger: Ledger) -> Any:
    """Organisations with a record that waits for its review."""
    some = _any(lambda name: Q(**{f"{name}__0__gt": F(f"{name}__1")}))
    return rows.filter(some) if value else rows.exclude(some)


def _book(book: Book) -> Column:
    return Column(
        book.value, book.label, lambda row: status_of(row, book).text, tone=lambda row: status_of(row, book).tone
    )


@register
class BookLedger(Ledger):
    """记录本归档: by organisation, the year by a filter."""

    code, title, permission = "activities.books", "记录本归档", permissions.VIEW
    lead = "四种记录本由活动记录自动汇编。全部记录审核确认，并在最后一次改动之后生成过记录本的，为已归档。"
    columns = (
        Column("org", "党组织", lambda row: str(row), link=page_of),
        Column("code", "党组织代码", default=False),
        Column("kind", "类别", choices=dict(OrgKind.choices()), default=False),
        Column("year", "年度", lambda row: str(row.of_year)),
        *(_book(book) for book in Book),
        Column("filled", "应归档（本）", filled, kind=Kind.INTEGER),
        Column("archived", "已归档（本）", archived, kind=Kind.INTEGER),
    )
    filters = (
        Filter("year", "年度（不选为今年）", choices=recent_years, apply=lambda rows, value, ledger: rows),
        Filter("org", "党组织（代码或全称）", kind="text", apply=lambda rows, text, ledger: _below(rows, text)),
        Filter("unfinished", "有未完成的记录", kind="bool", apply=unfinished),
        Filter("unreviewed", "有待审核的记录", kind="bool", apply=unreviewed),
    )
    orderings = {"": Ordering("按组织", ("path",))}
    search_hint = "党组织名称、拼音首字母或代码"
    empty_text = "没有记录活动的党组织。"

    def rows(self) -> QuerySet[Any]:
        year = year_of(self)
        return with_books(keepers(year), year).annotate(of_year=Value(year))

    def search(self, rows: Any, text: str) -> Any:
        return rows.named_like(text)


def _below(rows: Any, text: str) -> Any:
    """The subtree of the organisation that the text names."""
    found = rows.model.objects.called(text)
    return rows.filter(path__startswith=found[0].path) if len(found) == 1 else rows.none()
