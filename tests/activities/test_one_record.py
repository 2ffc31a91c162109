"""Record once, generate everywhere: what is typed in one minute stands in every book and count, and is typed nowhere again."""

from __future__ import annotations

from typing import Any

import pytest

from apps.activities.kinds import Book, State
from apps.activities.models import Activity, PointEntry
from apps.core.periods import Period
from apps.core.scoping import unscoped

from .conftest import MORNING, TODAY
from .test_record_pages import NEW, page, send, sent, text  # noqa: F401 - fixtures
from .test_tips import issued

TITLE = "2026年11月主题党日"
MINUTES = "学习新修订的党章，三名党员结合岗位发言。"


@pytest.fixture
def sheet(cast: Any, roster: Any) -> Any:
    """A 提示单 of the running quarter that the branch has not answered."""
    return issued(cast)


@pytest.fixture
def recorded(sheet: Any, page: Any, send: Any, cast: Any, roster: Any, logbook: Any) -> Any:  # noqa: F811
    """One theme day with a 党课 in it: three things are typed or ticked, and the committee's officer passes it."""
    before = sent(page(NEW).context["form"])
    with unscoped("test"):
        receipt = sheet.receipts.get(org=cast.branch_a)
    changes = {"minutes": MINUTES, "second_kind": str(logbook.kind("lecture").pk), "sheets": [str(receipt.pk)]}
    assert send(**changes).status_code == 302
    with unscoped("test"):
        activity = Activity.objects.get()
    passed = page(f"/activities/{activity.pk}/review/", "park_officer", decision="pass", version=str(activity.version))
    assert passed.status_code == 302
    activity.refresh_from_db()
    assert activity.state == State.CONFIRMED
    return {"activity": activity, "typed": [name for name in changes if before.get(name) != changes[name]], "receipt": receipt}


def test_only_the_minutes_are_typed_and_two_ticks_are_made(recorded):
    assert recorded["typed"] == ["minutes", "second_kind", "sheets"]


@pytest.mark.parametrize("code", ["activities.meetings", "activities.theme_days"])
def test_the_record_stands_in_the_ledger_of_each_of_its_kinds(recorded, page, code):  # noqa: F811
    assert TITLE in text(page(f"/ledgers/{code}/"))


def test_it_stands_in_both_record_books_with_its_minutes(recorded, cast, roster):
    from apps.activities.books.reading import read_book

    for book in (Book.MEETINGS, Book.THEME_DAYS):
        with cast.within(cast.branch_a):
            content = read_book(cast.branch_a, book, Period("year", 2026), reader=cast.users.secretary_a, at=MORNING)
        assert MINUTES in repr(content)


def test_the_attendance_sheet_names_everybody_who_was_there(recorded, page, roster):  # noqa: F811
    shown = text(page(f"/activities/{recorded['activity'].pk}/sheet/"))
    assert all(member.name in shown for member in roster.of_a)


def test_everybody_has_the_hours_of_the_day(recorded, page, roster):  # noqa: F811
    from apps.activities.models import Attendance

    with unscoped("test"):
        given = set(Attendance.objects.filter(activity=recorded["activity"]).values_list("hours", "counted"))
    assert given == {(recorded["activity"].study_hours, True)}
    assert recorded["activity"].study_hours == 2


def test_everybody_has_points_that_the_committee_decides_on(recorded, roster):
    with unscoped("test"):
        got = set(PointEntry.objects.filter(activity=recorded["activity"]).values_list("member", flat=True))
    assert got == {member.pk for member in roster.of_a}


def test_the_tip_sheet_is_done_and_opens_again_when_the_record_is_returned(recorded, page):  # noqa: F811
    receipt, activity = recorded["receipt"], recorded["activity"]
    receipt.refresh_from_db()
    assert receipt.done_on == activity.held_on
    back = page(f"/activities/{activity.pk}/review/", "park_officer", decision="return", note="请补充。", version=str(activity.version))
    assert back.status_code == 302
    receipt.refresh_from_db()
    assert receipt.done_on is None


def test_what_was_missing_is_no_longer_missing(recorded, page, cast):  # noqa: F811
    from apps.activities.compliance.cells import duties_of

    with cast.within(cast.branch_a):
        month = [d for d in duties_of(cast.branch_a, today=TODAY) if d.kind.code in ("theme_day", "lecture")]
    assert all(d.actual >= 1 for d in month)
    assert {d.kind.code for d in month} <= {"theme_day", "lecture"}


def test_the_sheet_can_be_taken_off_again_on_the_same_form(recorded, page, cast):  # noqa: F811
    activity, receipt = recorded["activity"], recorded["receipt"]
    url = f"/activities/{activity.pk}/edit/"
    form = page(url).context["form"]
    assert [str(pk) for pk in form["sheets"].value()] == [str(receipt.pk)]
    data = sent(form)
    data.pop("sheets")
    assert page(url, **data).status_code == 302
    receipt.refresh_from_db()
    assert receipt.done_on is None
