"""A record book as a file, made in the background: read, set, noted."""

from __future__ import annotations

import datetime
from typing import IO, Any, Final

from django.utils import timezone

from apps.branches.models import PartyOrg
from apps.core.errors import DomainError
from apps.core.jobs import JobRun
from apps.core.periods import Period

from ..kinds import Book
from ..services.books import note_made_book
from .content import BookContent
from .pdf import pdf_of
from .reading import read_book, records_of
from .word import write_book

KIND: Final = "activities.book"
FORMATS: Final = {"docx": "Word 文档", "pdf": "PDF"}


def make_book(run: JobRun) -> None:
    """Make the book that the parameters name, in the scope that the owner has now.

    Raises DomainError for an organisation outside it, an empty book, a missing font and a book too long for PDF.
    """
    org = PartyOrg.objects.filter(pk=run.params["org"]).first()
    if org is None:
        raise DomainError("您已不能查看这个党组织的记录。")
    book, period, format = Book(run.params["book"]), Period.parse(run.params["period"]), run.params["format"]
    at = timezone.localtime()
    total = records_of(org, book, period).count()
    if not total:
        raise DomainError(f"「{org}」{period.label}没有归入{book.label}的记录，没有生成文件。", code="empty")
    run.progress(0, total + 1, "正在读取记录")
    content = read_book(org, book, period, reader=run.actor, at=at, progress=run.progress)
    run.progress(total, total + 1, "正在排版")
    with run.result_file(file_name(content, org, at, format)) as target:
        _write(content, target, format)
    note_made_book(
        org=org, book=book, year=period.year, part=content.part, format=format, records=len(content.entries),
        confirmed=content.confirmed, bound=content.bound, actor=run.actor,
    )  # fmt: skip
    run.progress(total + 1, total + 1, f"共 {len(content.entries)} 篇")


def _write(content: BookContent, target: IO[bytes], format: str) -> None:
    if format == "pdf":
        target.write(pdf_of(content))
    else:
        write_book(content, target)


def file_name(content: BookContent, org: Any, at: datetime.datetime, format: str) -> str:
    return f"{org}_{content.part or f'{content.year}年'}_{content.title}_{at:%Y%m%d_%H%M}.{format}".replace("/", "_")
