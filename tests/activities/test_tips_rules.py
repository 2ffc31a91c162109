"""When a tip sheet is signed in time, done, late, and which records answer it."""

from __future__ import annotations

import datetime

import pytest

from apps.activities.rules.tips import ReceiptState, answers, due_finding, receipt_state, sign_by
from apps.core.periods import Period

DUE = datetime.date(2026, 9, 30)
QUARTER = Period.parse("2026Q3")
DAY = datetime.timedelta(days=1)


@pytest.mark.parametrize(
    ("done_on", "today", "is_signed", "is_closed", "expected"),
    [
        (DUE - DAY, DUE, True, False, ReceiptState.DONE),
        (DUE, DUE, True, True, ReceiptState.DONE),
        (DUE + DAY, DUE + DAY, True, False, ReceiptState.DONE_LATE),
        (None, DUE - DAY, False, False, ReceiptState.UNSIGNED),
        (None, DUE, True, False, ReceiptState.SIGNED),
        (None, DUE + DAY, True, False, ReceiptState.OVERDUE),
        (None, DUE + DAY, False, False, ReceiptState.OVERDUE),
        (None, DUE - DAY, True, True, ReceiptState.CLOSED),
    ],
)
def test_a_sheet_is_done_by_the_day_of_its_first_counted_record_and_late_after_the_deadline(
    done_on, today, is_signed, is_closed, expected
):
    found = receipt_state(is_signed=is_signed, done_on=done_on, due_on=DUE, is_closed=is_closed, today=today)
    assert found is expected


@pytest.mark.parametrize(("days", "last"), [(6, "2026-07-07"), (7, "2026-07-08"), (8, "2026-07-09")])
def test_signing_is_in_time_for_so_many_days_after_the_sheet_came(days, last):
    assert sign_by(datetime.date(2026, 7, 1), days) == datetime.date.fromisoformat(last)


@pytest.mark.parametrize(
    ("due_on", "code"),
    [
        (QUARTER.start - DAY, "due_outside_quarter"),
        (QUARTER.start, None),
        (QUARTER.last_day, None),
        (QUARTER.end, "due_outside_quarter"),
    ],
)
def test_the_deadline_lies_within_the_quarter(due_on, code):
    finding = due_finding(due_on, QUARTER, today=QUARTER.start)
    assert (finding and finding.code) == code


@pytest.mark.parametrize(("today", "code"), [(DUE - DAY, None), (DUE, None), (DUE + DAY, "due_passed")])
def test_a_sheet_is_not_issued_after_its_deadline(today, code):
    finding = due_finding(DUE, QUARTER, today=today)
    assert (finding and finding.code) == code


@pytest.mark.parametrize(
    ("held_on", "fits"), [(QUARTER.start - DAY, False), (QUARTER.start, True), (QUARTER.end, True)]
)
def test_records_from_before_the_quarter_answer_nothing_and_late_ones_do(held_on, fits):
    assert answers(held_on, QUARTER) is fits
