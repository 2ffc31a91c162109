"""The records of a branch and a year become the content of a book. Reads under the active scope, writes nothing."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Final

from django.db.models import Q

from apps.branches.models import PartyOrg
from apps.branches.rules import OrgKind
from apps.core.clock import local
from apps.core.excel.text import watermark
from apps.core.periods import Period

from ..kinds import Audience, Book, State
from ..ledgers.record_texts import (
    absent_names,
    entry_days,
    file_count,
    hours_of_day,
    lateness,
    present_names,
    visitor_names,
    vote_lines,
)
from ..ledgers.records import of_book
from ..models import Participation
from ..services.roll import audience_at
from .content import BookContent, Entry, Field, Line
from .paragraphs import lines_of, printable

WEEKDAYS: Final = "一二三四五六日"
READ_AT_ONCE: Final = 50
ALWAYS: Final = {
    Book.MEETINGS: ("缺席人员及原因", "列席人员", "议题", "内容记录", "形成的决议", "表决情况"),
    Book.THEME_DAYS: ("缺席人员及原因", "列席人员", "议题", "内容记录"),
    Book.STUDY: ("缺席人员及原因", "内容记录"),
    Book.ACTIVITIES: ("内容记录",),
}
"""Lines of the official form, which stand in it also where nothing was written."""


def records_of(org: PartyOrg, book: Book, period: Period) -> Any:
    """Participations that stand in the book: what was handed in, of the organisation and of its 党小组."""
    return (
        Participation.objects.counted().held_in(period).filter(of_book(book))
        .filter(Q(org=org) | Q(org__parent=org, org__kind=OrgKind.GROUP))
    )  # fmt: skip


def read_book(
    org: PartyOrg, book: Book, period: Period, *, reader: Any, at: datetime.datetime,
    progress: Callable[[int], None] = lambda done: None,
) -> BookContent:  # fmt: skip
    """The whole book of a year, or of a quarter of it, in the order of the days."""
    rows = records_of(org, book, period).annotate(
        entry_days=entry_days(Cache()), absent=absent_names(), attendees=present_names(), guests_named=visitor_names(),
        votes=vote_lines(), files=file_count(),
    )  # fmt: skip
    rows = rows.select_related("activity__form", "activity__org", "org", "kind", "second_kind")
    entries, kinds, bound = [], Counter[str](), 0
    for number, row in enumerate(_in_order(rows), start=1):
        entries.append(entry_of(row, book, number))
        bound += fingerprint(row.activity_id, row.activity.version)
        kinds.update(kind.name for kind in (row.kind, row.second_kind) if kind is not None)
        if number % READ_AT_ONCE == 0:
            progress(number)
    return BookContent(
        book=book, org=org.name, year=period.year, part="" if period.kind == "year" else period.label,
        entries=tuple(entries), made_on=at.date(), made_by=reader.display_name,
        watermark=watermark(reader.display_name, at).replace("本表", "本册"), counts=tuple(kinds.most_common()),
        bound=bound,
    )  # fmt: skip


class Cache:
    """Keeps what one reading asks for once."""


def _in_order(rows: Any) -> Iterator[Participation]:
    yield from rows.order_by("held_on", "activity__starts_at", "pk").iterator(chunk_size=READ_AT_ONCE)


def fingerprint(activity: int, version: int) -> int:
    """What a record adds to the fingerprint of a book; `books.status` sums the same in the database."""
    return activity * 1000 + version


def entry_of(row: Any, book: Book, number: int) -> Entry:
    activity = row.activity
    kinds = f"{row.kind}（同时作为{row.second_kind}）" if row.second_kind else str(row.kind)
    return Entry(
        number=number, kinds=printable(kinds), title=printable(activity.title), held_on=row.held_on,
        org=printable(row.org.name), state=State(row.state).label, is_confirmed=row.state == State.CONFIRMED,
        pairs=_pairs(row, book, kinds), wide=tuple(_wide(row, book)), remark="".join(_remarks(row)),
    )  # fmt: skip


def _pairs(row: Any, book: Book, kinds: str) -> tuple[tuple[Field, Field], ...]:
    activity = row.activity
    share = f"（到会率 {100 * row.present / row.expected:.1f}%）" if row.expected else ""
    lines = [
        (short("类别", kinds), short("形式", str(activity.form or ""))),
        (short("时间", when(activity)), short("地点", activity.place or activity.link)),
        (short("主持人", activity.chair), short("记录人", activity.recorder)),
        (short("应到", f"{row.expected} 人"), short("实到", f"{row.present} 人{share}")),
    ]
    if book is Book.STUDY or activity.speaker:
        lines.insert(3, (short("主讲人", activity.speaker), short("学时", f"{activity.study_hours.normalize():f}")))
    return tuple(lines)


def short(label: str, text: str) -> Field:
    return Field(label, (Line(printable(text)),))


def when(activity: Any) -> str:
    """2026年9月15日（星期二）19:00—20:30."""
    start = local(activity.starts_at)
    day = f"{start.year}年{start.month}月{start.day}日（星期{WEEKDAYS[start.weekday()]}）"
    return day + hours_of_day(activity)


def _wide(row: Any, book: Book) -> Iterator[Field]:
    """The lines over the whole width: those of the official form, and others where something was written."""
    activity = row.activity
    is_chosen = audience_at(row.org, row.kind, row.second_kind) is Audience.CHOSEN
    guests = "；".join(filter(None, [activity.guests, row.guests_named and f"来访党员：{row.guests_named}"]))
    texts = (
        ("主题", lines_of(activity.title)),
        ("主办党组织", () if row.is_host else lines_of(activity.org.name)),
        ("参加人员", lines_of(row.attendees or "") if is_chosen else ()),
        ("缺席人员及原因", lines_of(row.absent or "无") if row.expected else ()),
        ("列席人员", lines_of(guests)),
        ("参加单位", lines_of(activity.units)),
        ("其他参加人员", lines_of(f"{activity.others_present} 人") if activity.others_present else ()),
        ("议题", lines_of(activity.agenda)),
        ("内容记录", lines_of(activity.minutes, rich=activity.minutes_rich)),
        ("形成的决议", lines_of(activity.resolution)),
        ("表决情况", lines_of((row.votes or "").replace("；", "；\n"))),
    )
    for label, lines in texts:
        if lines or label in ALWAYS[book]:
            yield Field(label, lines)


def _remarks(row: Any) -> Iterator[str]:
    """What the reader of the paper has to know: whether it was reviewed, came late, or was a correction."""
    activity = row.activity
    if row.state == State.CONFIRMED:
        yield f"{activity.reviewed_by_name or '上级'}审核通过。"
    else:
        yield "已提交，尚未审核。"
    late = lateness(row)
    if late and late != "按时":
        yield f"{activity.reported_on:%Y-%m-%d} 提交，{late}。"
    if activity.correction_number:
        yield f"第 {activity.correction_number} 号更正：{printable(activity.correction_reason)}。"
    if row.files:
        yield f"另有附件 {row.files} 件存于平台。"
