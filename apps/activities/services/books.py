"""What is remembered of record books that were made."""

from __future__ import annotations

from typing import Any

from apps.branches.models import PartyOrg
from apps.core.audit import record, write

from ..kinds import Book
from ..models import MadeBook


@write
def note_made_book(
    *,
    org: PartyOrg,
    book: Book,
    year: int,
    part: str,
    format: str,
    records: int,
    confirmed: int,
    bound: int,
    actor: Any,
) -> MadeBook | None:
    """Note that a book was made. A part of a year (one quarter) leaves its trace in the audit and archives nothing."""
    made = None
    if not part:
        made = MadeBook(
            org=org, book=book, year=year, format=format, records=records, confirmed=confirmed, bound=bound,
            made_by_name=actor.display_name,
        )  # fmt: skip
        made.full_clean(exclude=["org_path"])
        made.save()
    span = part or f"{year}年"
    record(
        actor, "book.made", made or org, org_path=org.path, summary=f"生成「{org}」{span}{book.label}（{format}），{records} 篇",
        data={"org": org.code, "book": str(book), "year": year, "part": part, "format": format, "records": records},
    )  # fmt: skip
    return made
