"""Facts that hold from one date to another: history is rows, not overwritten fields.

`since` is the first day on which the fact holds and `until` the first day on which it no longer does
(NULL: it still holds). So a quarter asks for its state with its last day, and two rows that follow each
other share a date without overlapping.
"""

from __future__ import annotations

import datetime
from typing import Any

from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import F, Func, Q, Value

from .scoping import ScopedQuerySet


def in_force(day: datetime.date, prefix: str = "") -> Q:
    """The condition "holds on `day`" for a model with since/until, optionally behind a join prefix."""
    return Q(**{f"{prefix}since__lte": day}) & (
        Q(**{f"{prefix}until__isnull": True}) | Q(**{f"{prefix}until__gt": day})
    )


class DatedQuerySet(ScopedQuerySet):
    def as_of(self, day: datetime.date) -> Any:
        """The rows that hold on `day`."""
        return self.filter(in_force(day))

    def open(self) -> Any:
        """The rows that have no end yet."""
        return self.filter(until__isnull=True)


class Dated(models.Model):
    """Mixin of a row that holds in [since, until)."""

    since = models.DateField("起始日期")
    until = models.DateField("终止日期", null=True, blank=True, help_text="从这一天起不再有效；留空表示仍然有效")

    class Meta:
        abstract = True

    def holds_on(self, day: datetime.date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)


class Identity(Func):
    """A foreign key as a range of one id: lets an exclusion constraint compare it without btree_gist."""

    function = "int8range"

    def __init__(self, name: str) -> None:
        super().__init__(F(name), F(name), Value("[]"))


class Days(Func):
    """[since, until) as a date range."""

    function = "daterange"
    output_field = DateRangeField()


def dates_in_order(name: str) -> models.CheckConstraint:
    """The database constraint that a dated row ends after it began. `name` must be unique."""
    return models.CheckConstraint(
        condition=Q(until__isnull=True) | Q(until__gt=F("since")),
        name=name,
        violation_error_message="终止日期须晚于起始日期。",
    )
