"""The ledger on screen: turns a ledger and a request into what `core/ledger.html` shows."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils.formats import number_format

from .clock import minute
from .errors import DomainError
from .guard import may_open
from .ledger import Column, Kind, Ledger, registry
from .models import SavedFilter

PAGING = ("after", "before")


def shown(column: Column, value: Any) -> str:
    """A value as people read it on screen. Empty stays empty: the template shows a dash."""
    if value in (None, ""):
        return ""
    if column.kind is Kind.BOOL:
        return "是" if value else "否"
    if column.kind is Kind.PERCENT:
        return f"{Decimal(value) * 100:.1f}%"
    if column.kind is Kind.MONEY:
        return number_format(value, decimal_pos=2, force_grouping=True)
    if isinstance(value, datetime.datetime):
        return minute(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, int) and column.kind is Kind.INTEGER:
        return number_format(value, force_grouping=True)
    return str(value)


SHORT_WORD = 4
"""Characters of a word that is never broken (appearance only)."""


def stays_whole(text: str) -> bool:
    """A code, a number or a word like a person's name, which are unreadable in two lines."""
    return (text.isascii() and text.isalnum()) or len(text) <= SHORT_WORD


def ledger_for(cls: type[Ledger], request: HttpRequest, today: datetime.date) -> Ledger:
    return cls({k: v for k, v in request.GET.items() if k != "columns"}, today=today, user=request.user)


class LedgerPage:
    """The context of one ledger page. A filter that makes no sense is said, and narrows to nothing."""

    def __init__(self, ledger: Ledger, request: HttpRequest) -> None:
        self.ledger = ledger
        self.request = request
        self.problem = ""
        chosen = [n for n in request.GET.getlist("columns") if n in {c.name for c in ledger.columns}]
        self.columns = [c for c in ledger.columns if (c.name in chosen if chosen else c.default)]

    def context(self) -> dict[str, Any]:
        try:
            page = self.ledger.page()
            count = self.ledger.count()
        except DomainError as error:
            self.problem = error.message
            page, count = None, 0
        return {
            "ledger": self.ledger,
            "title": self.ledger.title,
            "problem": self.problem,
            "columns": [{"name": c.name, "label": c.label, "numeric": c.kind.numeric} for c in self.columns],
            "rows": [self._row(row) for row in page.rows] if page else [],
            "page": {
                "count_label": self._count_label(count),
                "next_url": self._url(after=page.next) if page and page.next else "",
                "previous_url": self._url(before=page.previous) if page and page.previous else "",
            },
            "filters": self._filters(),
            "filter_names": " ".join(["q", *PAGING, *(f.name for f in self.ledger.filters)]),
            "search": {"name": "q", "value": self.ledger.params.get("q", ""), "placeholder": self.ledger.search_hint,
                       "by_post": self.ledger.searches_by_post} if self.ledger.search_hint else None,
            "active_filters": self._active(),
            "orderings": self._orderings(),
            "column_choices": [
                {"name": c.name, "label": c.label, "shown": c in self.columns} for c in self.ledger.columns
            ],
            "empty": {"text": self.ledger.empty_text},
            **self._saved(),
        }  # fmt: skip

    def _row(self, row: Any) -> dict[str, Any]:
        cells = []
        for column in self.columns:
            value = column.value(row)
            text = shown(column, value)
            if column.clip and len(text) > column.clip:
                text = text[: column.clip] + "…"
            cells.append({
                "text": text,
                "url": self._link(column, row),
                "numeric": column.kind.numeric,
                "unbroken": column.kind in (Kind.DATE, Kind.DATETIME) or column.mask is not None or stays_whole(text),
                "badge": (column.tone(row) if column.tone and value not in (None, "") else ""),
            })  # fmt: skip
        return {"pk": row.pk, "url": "", "cells": cells}

    def _link(self, column: Column, row: Any) -> str:
        """The page behind a value, where this user may open it."""
        url = column.link(row) if column.link else ""
        return url if url and may_open(self.request.user, url) else ""

    def _count_label(self, count: int) -> str:
        cap = self.ledger.count_cap
        return f"共 {cap:,} 条以上" if count > cap else f"共 {count:,} 条"

    def _url(self, **changes: str) -> str:
        query = self.request.GET.copy()
        for name in PAGING:
            query.pop(name, None)
        for name, value in changes.items():
            query.pop(name, None)
            if value:
                query[name] = value
        text = query.urlencode()
        return f"{self.request.path}?{text}" if text else self.request.path

    def _filters(self) -> list[dict[str, Any]]:
        return [
            {"name": f.name, "label": f.label, "kind": f.kind, "value": self.ledger.params.get(f.name, ""),
             "choices": f.options(self.ledger) if f.kind in ("choice", "bool") else []}
            for f in self.ledger.filters
        ]  # fmt: skip

    def _active(self) -> list[dict[str, str]]:
        active = []
        if self.ledger.search_hint and self.ledger.params.get("q"):
            active.append({"label": "搜索", "value": self.ledger.params["q"], "remove_url": self._url(q="")})
        for each in self.ledger.filters:
            if value := self.ledger.params.get(each.name):
                label = dict(each.options(self.ledger)).get(value, value)
                active.append({"label": each.label, "value": label, "remove_url": self._url(**{each.name: ""})})
        return active

    def _orderings(self) -> list[dict[str, Any]]:
        current = self.ledger.ordering
        return [
            {"label": o.label, "url": self._url(order=key), "active": o is current}
            for key, o in self.ledger.orderings.items()
        ]

    def _saved(self) -> dict[str, Any]:
        if self.ledger.code not in registry:
            return {"saved_filters": []}
        rows = SavedFilter.objects.filter(user=self.request.user, ledger=self.ledger.code)
        return {
            "save_filter_url": f"/filters/{self.ledger.code}/",
            "export_form_action": f"/ledgers/{self.ledger.code}/export/",
            "saved_filters": [
                {"label": s.name, "url": f"{self.request.path}?{s.query}", "delete_url": f"/filters/delete/{s.pk}/"}
                for s in rows
            ],
        }
