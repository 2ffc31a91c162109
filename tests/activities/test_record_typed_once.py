"""Nothing is typed twice: one form, a few typed fields, and every book, count and sheet follows."""

from __future__ import annotations

import datetime
import io
from decimal import Decimal

from docx import Document

from apps.activities.books.pdf import as_data
from apps.activities.books.reading import read_book
from apps.activities.books.word import write_book
from apps.activities.compliance.cells import board
from apps.activities.kinds import Book
from apps.activities.ledgers.hours import HoursLedger
from apps.activities.ledgers.records import MeetingLedger, OtherRecordLedger, ThemeDayLedger
from apps.activities.models import Activity, Attendance, PointEntry
from apps.activities.services.records_review import confirm_activities
from apps.core.periods import Period
from apps.core.scoping import unscoped

from .conftest import TODAY
from .test_record_pages import sent

TYPED = {
    "title": "学习新修订的党章", "minutes": "王书记领学，三名党员结合岗位谈了体会。", "place": "三楼党员活动室", "chair": "王书记",
}  # fmt: skip
"""Words that a person writes. Everything else on the form is a tick or was brought along."""

MOST_TYPED = 5
"""Fields that are typed for one activity: the words above and, for each absent member, one choice of a reason."""


def test_one_record_fills_everything(cast, roster, client):
    client.force_login(cast.users.secretary_a)
    form = client.get("/activities/new/?kind=theme_day").context["form"]
    untouched = sent(form)
    absent = roster.worker_a1
    filled = {**untouched, **TYPED}
    lecture = next(pk for pk, label in form.fields["second_kind"].choices if str(label) == "党课")
    filled["second_kind"] = str(lecture)
    filled["present"] = [pk for pk in untouched["present"] if pk != str(absent.pk)]
    filled[f"reason_{absent.pk}"] = "illness"
    typed = [
        name
        for name, value in filled.items()
        if untouched.get(name) != value and name not in ("present", "second_kind")
    ]
    assert len(typed) <= MOST_TYPED, typed
    answer = client.post("/activities/new/?kind=theme_day", filled)
    assert answer.status_code == 302, answer.context["form"].errors
    with unscoped("the test looks"):
        record = Activity.objects.get()
        in_every_book(record, cast)
        in_every_count(record, cast)
    sheet = client.get(f"/activities/{record.pk}/sheet/").content.decode()
    assert all(text in sheet for text in ("学习新修订的党章", "三楼党员活动室", "缺席（病假）", "王建国"))


def in_every_book(record, cast) -> None:
    """三会一课台账 and 主题党日台账, and the record books of both, with every word that was typed."""
    found = {
        cls.code: [
            {c.name: c.value(row) for c in cls.columns}
            for row in cls(today=TODAY, user=cast.users.secretary_a).queryset()
        ]
        for cls in (MeetingLedger, ThemeDayLedger, OtherRecordLedger)
    }
    assert found["activities.meetings"] == found["activities.theme_days"]
    assert found["activities.records"] == []
    (line,) = found["activities.meetings"]
    assert {name: line[name] for name in TYPED} == TYPED
    assert (line["expected"], line["present"], line["absent"]) == (6, 5, "陈一鸣（病假）")
    at = datetime.datetime(2026, 11, 22, 9, 5, tzinfo=datetime.UTC)
    for book in (Book.MEETINGS, Book.THEME_DAYS):
        content = read_book(record.org, book, Period("year", 2026), reader=cast.users.secretary_a, at=at)
        target = io.BytesIO()
        write_book(content, target)
        cells = {cell.text for table in Document(target).tables for row in table.rows for cell in row.cells}
        assert set(TYPED.values()) | {"陈一鸣（病假）"} <= cells, book
        assert all(word in str(as_data(content)) for word in TYPED.values())


def in_every_count(record, cast) -> None:
    """Person-times, 学时, what is due, and after the review the points."""
    attended = Attendance.objects.counted().filter(activity=record, presence="present")
    assert attended.count() == 5
    hours = {row.member.name: row.hours for row in HoursLedger(today=TODAY, user=cast.users.secretary_a).queryset()}
    assert (hours["王建国"], hours["陈一鸣"]) == (Decimal(2), 0)
    assert MeetingLedger(today=TODAY, user=cast.users.secretary_a).figures.startswith(
        "所列计入 1 次，应到 6 人次，实到 5 人次"
    )
    confirm_activities(activities=[record], actor=cast.users.park_officer, today=TODAY)
    given = set(PointEntry.objects.filter(activity=record).values_list("member__name", flat=True))
    assert given == {"孙·阿依古丽", "王建国", "李秀英", "赵敏", "周小满"}
    shown = board(cast.branch_a, Period.quarter_of(TODAY), today=TODAY)
    done = {cell.kind.code: cell.tally.actual for cell in shown.total.cells.values()}
    assert (done["theme_day"], done["lecture"]) == (1, 1)
