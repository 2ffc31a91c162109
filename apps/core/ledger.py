"""A ledger: one declaration of columns, four outputs (page, xlsx, csv, API).

The list page is the ledger on screen. Filters, search, order, masks and the rows themselves are decided
here, so that the outputs cannot disagree. To add one, subclass `Ledger`, declare columns and `rows()`,
and decorate it with `@register`; its page, Excel, csv, API, permission and tests follow.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar

from django.db.models import QuerySet

from .errors import DomainError
from .keyset import Page, page_of


class Kind(Enum):
    """How a value is shown and stored in Excel; the value is the Excel number format."""

    TEXT = "@"
    DATE = "yyyy-mm-dd"
    DATETIME = "yyyy-mm-dd hh:mm"
    INTEGER = "0"
    MONEY = "#,##0.00"
    PERCENT = "0.0%"
    BOOL = "General"

    @property
    def numeric(self) -> bool:
        return self in (Kind.INTEGER, Kind.MONEY, Kind.PERCENT)


@dataclass(frozen=True)
class Column:
    """One column. `source` is an attribute path or a function of the row; `mask` hides part of a value.

    `choices` turns stored codes into labels; `link` gives the URL behind the value on screen;
    `tone` names the colour of a badge; `default` says whether the page shows it before anyone chooses; `clip` how
    many characters of a long text the page shows (0: all), while the files and the API have all of it.
    """

    name: str
    label: str
    source: str | Callable[[Any], Any] = ""
    kind: Kind = Kind.TEXT
    mask: Callable[[str], str] | None = None
    link: Callable[[Any], str] | None = None
    choices: Mapping[Any, Any] | None = None
    tone: Callable[[Any], str] | None = None
    default: bool = True
    clip: int = 0

    def value(self, row: Any, *, reveal: bool = False) -> Any:
        source = self.source or self.name
        value = source(row) if callable(source) else _follow(row, source)
        if self.choices is not None and value not in (None, ""):
            value = str(self.choices.get(value, value))
        if self.mask and value and not reveal:
            return self.mask(value)
        return value


def _follow(row: Any, path: str) -> Any:
    for part in path.split("."):
        row = getattr(row, part, None) if row is not None else None
    return row


@dataclass(frozen=True)
class Filter:
    """One filter of a ledger. `apply(rows, value, ledger)` narrows; `lookup` is the short form of it.

    `kind` is choice, text, date, number or bool; `choices` may be a function of the ledger (under its scope).
    """

    name: str
    label: str
    kind: str = "choice"
    lookup: str = ""
    apply: Callable[[Any, Any, Any], Any] | None = None
    choices: Any = ()

    def options(self, ledger: Ledger) -> list[tuple[str, str]]:
        if self.kind == "bool":
            return [("1", "是"), ("0", "否")]
        found = self.choices(ledger) if callable(self.choices) else self.choices
        return [(str(value), str(label)) for value, label in found]

    def parsed(self, text: str, ledger: Ledger) -> Any:
        """The typed value, or DomainError naming the filter: a wrong filter never widens a list."""
        try:
            if self.kind == "date":
                return _day(text)
            if self.kind == "number":
                return int(text)
        except ValueError:
            raise DomainError(f"筛选条件「{self.label}」的值不正确。", code="bad_filter", field=self.name) from None
        if self.kind in ("choice", "bool") and text not in {v for v, _ in self.options(ledger)}:
            raise DomainError(f"筛选条件「{self.label}」没有这个选项。", code="bad_filter", field=self.name)
        return text == "1" if self.kind == "bool" else text

    def narrow(self, rows: Any, text: str, ledger: Ledger) -> Any:
        value = self.parsed(text, ledger)
        return self.apply(rows, value, ledger) if self.apply else rows.filter(**{self.lookup or self.name: value})


def _day(text: str) -> datetime.date:
    """A typed day; ValueError also for years in which nothing was and to which no day can be added."""
    day = datetime.date.fromisoformat(text)
    if not 1900 <= day.year <= 2999:
        raise ValueError(text)
    return day


@dataclass(frozen=True)
class Ordering:
    """A named order. `fields` must be unique together and never NULL; pages are keyset pages over them."""

    label: str
    fields: tuple[str, ...]


class Ledger:
    """A book of rows under the active scope. Subclasses declare; nothing is kept between requests."""

    code: ClassVar[str]
    title: ClassVar[str]
    lead: ClassVar[str] = ""
    permission: ClassVar[str]
    columns: ClassVar[tuple[Column, ...]]
    filters: ClassVar[tuple[Filter, ...]] = ()
    orderings: ClassVar[dict[str, Ordering]] = {"": Ordering("按组织", ("org_path", "pk"))}
    search_hint: ClassVar[str] = ""
    searches_by_post: ClassVar[bool] = False  # people may type a personal number: it must reach no address and no log
    empty_text: ClassVar[str] = "还没有记录。"
    reveal_permission: ClassVar[str] = ""
    page_size: ClassVar[int] = 50
    count_cap: ClassVar[int] = 10_000
    do_not_call_in_templates: ClassVar[bool] = True  # a template that lists ledgers gets the classes themselves

    def __init__(self, params: Mapping[str, str] | None = None, *, today: datetime.date, user: Any = None) -> None:
        given = {k: str(v).replace("\x00", "") for k, v in (params or {}).items() if v is not None}
        self.params = {k: v for k, v in given.items() if v}
        self.today = today
        self.user = user

    def rows(self) -> QuerySet[Any]:
        """Every row of the book in the active scope, with what the columns read, before filters."""
        raise NotImplementedError

    def search(self, rows: Any, text: str) -> Any:
        """Narrow to the rows that match a typed text. Ledgers with `search_hint` implement it."""
        raise NotImplementedError

    @classmethod
    def search_word(cls, text: str) -> str:
        """What stands for a typed text in addresses, saved filters and jobs: a keyed hash for a personal number."""
        return text

    @property
    def ordering(self) -> Ordering:
        return self.orderings.get(self.params.get("order", ""), next(iter(self.orderings.values())))

    def queryset(self) -> QuerySet[Any]:
        """Rows after filters and search, in order. Raises DomainError(code="bad_filter")."""
        rows = self.rows()
        for each in self.filters:
            if each.name in self.params:
                rows = each.narrow(rows, self.params[each.name], self)
        if self.search_hint and self.params.get("q", "").strip():
            rows = self.search(rows, self.params["q"].strip())
        return rows.order_by(*self.ordering.fields)

    def page(self) -> Page:
        return page_of(self.queryset(), self.ordering.fields, self.params, self.page_size)

    def count(self) -> int:
        """Number of rows, counted no further than `count_cap` + 1."""
        return self.queryset().order_by().values("pk")[: self.count_cap + 1].count()

    def records(self, *, reveal: bool = False) -> Iterator[list[Any]]:
        """The values of every filtered row, streamed from a server-side cursor."""
        for row in self.queryset().iterator(chunk_size=500):
            yield [column.value(row, reveal=reveal) for column in self.columns]

    @property
    def headers(self) -> list[str]:
        return [column.label for column in self.columns]

    def as_json(self, row: Any) -> dict[str, Any]:
        return {column.name: column.value(row) for column in self.columns}


registry: dict[str, type[Ledger]] = {}


def register(cls: type[Ledger]) -> type[Ledger]:
    if cls.code in registry:
        raise ValueError(f"ledger {cls.code} is registered twice")
    names = [column.name for column in cls.columns]
    if len(set(names)) != len(names):
        raise ValueError(f"ledger {cls.code} has two columns of one name")
    registry[cls.code] = cls
    return cls
