"""The board: what was asked, what was done, and that its sums agree however it is counted."""

from __future__ import annotations

import datetime

import pytest

from apps.activities.compliance import cells, summary
from apps.core.periods import Period

Q4 = Period.parse("2026Q4")


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


@pytest.fixture
def board(cast, roster, today):
    """The board of a node, as somebody sees it who answers for the whole tree."""

    def show(org, period="2026Q4", today=today):
        with cast.within(cast.authority):
            return cells.board(org, Period.parse(period), today=today)

    return show


def figures(line, code, rhythm="month", subject="organisation"):
    cell = line.cells.get(f"{code}-{rhythm}-{subject}")
    return cell and (cell.expected, cell.actual, cell.on_time, cell.late, cell.missing)


def test_a_branch_with_members_owes_a_theme_day_each_month_that_has_begun(board, cast):
    assert figures(board(cast.branch_a).total, "theme_day") == (2, 0, 0, 0, 1)


def test_a_record_meets_its_month_and_only_its_month(board, cast, logbook):
    logbook.log("theme_day", day=day("2026-10-15"))
    logbook.log("theme_day", day=day("2026-10-20"))
    assert figures(board(cast.branch_a, "2026-10").total, "theme_day") == (1, 1, 1, 0, 0)
    assert figures(board(cast.branch_a, "2026-11").total, "theme_day") == (1, 0, 0, 0, 1)
    assert figures(board(cast.branch_a).total, "theme_day") == (2, 1, 1, 0, 1)
