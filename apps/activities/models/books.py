"""记录本 that were made: what was bound when, from which follows whether a year is archived."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from apps.branches.models import OrgOwned
from apps.core.scoping import ScopedManager

from ..kinds import Book


class MadeBook(OrgOwned):
    """One making of a 记录本 of `org` for a year, as a file that somebody downloaded or will download.

    `bound` is the fingerprint of the records in it (`querysets.books`): when it differs from that of today's records,
    something changed since and the book has to be made again. `confirmed` of the `records` had passed the review.
    """

    book = models.CharField("记录本", max_length=12, choices=Book.choices())
    year = models.PositiveSmallIntegerField("年度")
    format = models.CharField("格式", max_length=4)
    records = models.PositiveIntegerField("记录数")
    confirmed = models.PositiveIntegerField("已确认")
    bound = models.BigIntegerField("记录指纹", default=0)
    made_at = models.DateTimeField("生成时间", db_default=Now())
    made_by_name = models.CharField("生成人", max_length=100)

    objects = ScopedManager()

    class Meta:
        verbose_name = "已生成的记录本"
        ordering = ["-id"]
        indexes = [models.Index(fields=["org", "year", "book", "-id"], name="made_book_of_year")]

    def __str__(self) -> str:
        return f"{self.org} {self.year}年{self.get_book_display()}"
