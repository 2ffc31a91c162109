"""记录本: the list by organisation, the four books of one, their print layout, and making them as files."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.functional import cached_property

from apps.branches.models import PartyOrg
from apps.core.clock import minute
from apps.core.jobs import start_job
from apps.core.periods import Period
from apps.core.views import ActionView, DetailPage, LedgerView, PageView, may

from .. import permissions
from ..books.making import FORMATS, KIND
from ..books.reading import read_book
from ..books.status import BookStatus, made_on, statuses, with_books
from ..kinds import Book
from ..ledgers.books import BookLedger
from ..ledgers.records import YEARS_BACK
from .records_common import RECORDS

BOOKS = {"label": "记录本", "url": "/books/"}
MOST_PRINTED = 300_000
"""Characters that a browser lays out well; a longer book is made as a file."""

LEDGERS = {
    Book.MEETINGS: "activities.meetings", Book.THEME_DAYS: "activities.theme_days", Book.STUDY: "activities.records",
    Book.ACTIVITIES: "activities.records",
}  # fmt: skip


class BookList(LedgerView):
    """记录本归档 of the organisations of the reader."""

    ledger = BookLedger

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [RECORDS]


class AboutBooks:
    """The organisation is one that the reader sees, the year one in the address or this one."""

    request: HttpRequest
    kwargs: dict[str, Any]
    today: Any

    @cached_property
    def year(self) -> int:
        text = self._asked("year")
        years = self.years
        if text and text not in {str(year) for year in years}:
            raise Http404
        return int(text) if text else years[0]

    def _asked(self, name: str) -> str:
        sent = self.request.POST if self.request.method == "POST" else self.request.GET
        return sent.get(name, "")

    @property
    def years(self) -> list[int]:
        return list(range(self.today.year, self.today.year - YEARS_BACK, -1))

    @cached_property
    def period(self) -> Period:
        """The year, or the quarter of it that the address names."""
        text = self._asked("quarter")
        if not text:
            return Period("year", self.year)
        if text not in ("1", "2", "3", "4"):
            raise Http404
        return Period("quarter", self.year, int(text))

    @cached_property
    def book(self) -> Book:
        if self.kwargs["book"] not in {book.value for book in Book}:
            raise Http404
        return Book(self.kwargs["book"])

    @cached_property
    def org(self) -> PartyOrg:
        return get_object_or_404(PartyOrg.objects, pk=self.kwargs["pk"])


class BooksOfOrg(AboutBooks, DetailPage):
    """The four books of an organisation and a year: what is in them, whether they are archived, how to have them."""

    permission = permissions.VIEW
    template_name = "activities/books.html"

    def get_queryset(self) -> Any:
        return with_books(PartyOrg.objects.all(), self.year)

    def get_title(self) -> str:
        return f"{self.object} {self.year}年记录本"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [BOOKS]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            books=[self._shown(status) for status in statuses(self.object)], year=self.year, years=self.years,
            formats=FORMATS.items(), quarters=range(1, 5), **kwargs,
        )  # fmt: skip

    def _shown(self, status: BookStatus) -> dict[str, Any]:
        ledger = f"/ledgers/{LEDGERS[status.book]}/?year={self.year}&org={self.object.code}"
        if LEDGERS[status.book] == "activities.records":
            ledger += f"&book={status.book}"
        figures = [
            ("记录", status.records, ledger), ("已确认", status.confirmed, f"{ledger}&state=confirmed"),
            ("未完成", status.unfinished, "/activities/" if may(self.request.user, permissions.KEEP) else ""),
        ]  # fmt: skip
        return {
            "code": status.book.value, "title": status.book.label, "status": status, "figures": figures,
            "made": _made(status), "here": f"/books/{self.object.pk}/{status.book.value}/",
        }  # fmt: skip


def _made(status: BookStatus) -> str:
    """When the book was last made, and whether that is what stands in it today."""
    at = made_on(status)
    if at is None or status.made is None:
        return "还没有生成过。"
    since = "" if status.made["bound"] == status.bound else "，此后记录有变化"
    return f"{status.made['by']} {minute(at)} 生成过{since}。"


class PrintBook(AboutBooks, PageView):
    """打印版: the book as the browser prints it on A4."""

    permission = permissions.VIEW
    template_name = "activities/book_print.html"

    def get_title(self) -> str:
        return f"{self.org} {self.period.label}{self.book.label}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [BOOKS, {"label": str(self.org), "url": f"/books/{self.org.pk}/?year={self.year}"}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        at = timezone.localtime()
        content = read_book(self.org, self.book, self.period, reader=self.request.user, at=at)
        return super().get_context_data(
            content=content, too_long=content.characters > MOST_PRINTED,
            back=f"/books/{self.org.pk}/?year={self.year}", **kwargs,
        )  # fmt: skip


class MakeBook(AboutBooks, ActionView):
    """Start making a book as a file; it is found under 我的任务."""

    permission = permissions.VIEW
    success_message = ""

    def perform(self) -> Any:
        format = self.request.POST.get("format", "")
        if format not in FORMATS:
            raise Http404
        title = f"生成{self.org} {self.period.label}{self.book.label}（{FORMATS[format]}）"
        return start_job(
            kind=KIND, title=title[:200], permission=permissions.VIEW, actor=self.request.user,
            params={"org": self.org.pk, "book": self.book.value, "period": str(self.period), "format": format},
        )  # fmt: skip
