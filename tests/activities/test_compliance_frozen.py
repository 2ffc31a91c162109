"""A closed quarter: what is shown for it never changes, whatever becomes known or moves afterwards."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db import InternalError, connection, transaction

from apps.activities.compliance import cells, freezing
from apps.activities.models import Activity, ComplianceFrozen, ComplianceSnapshot, Participation
from apps.branches.models import PartyOrg
from apps.branches.services import move_organization
from apps.core.closing import Closing, announce_closing
from apps.core.periods import Period
from apps.core.scoping import unscoped

Q3 = Period.parse("2026Q3")
THEME = "theme_day-month-organisation"
TODAY = datetime.date(2026, 11, 22)


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


@pytest.fixture
def close(cast, roster):
    """Close a quarter for an organisation, as a finished census round does."""

    def act(org, period=Q3, as_of=None):
        with unscoped("a round is closed"), transaction.atomic():
            freezing.freeze(Closing(org=org, period=period, as_of=as_of or period.last_day, actor=cast.users.park_officer))
            return ComplianceSnapshot.objects.get(org=org, quarter=str(period))

    return act


@pytest.fixture
def shown(cast, roster):
    def show(org, period=Q3, today=TODAY):
        with cast.within(cast.authority):
            return cells.board(PartyOrg.objects.get(pk=org.pk), period, today=today)

    return show


def figure(line, key=THEME) -> Any:
    cell = line.cells.get(key)
    return cell and (cell.expected, cell.actual, cell.missing)


def test_closing_is_told_to_compliance(cast, roster):
    with unscoped("a round is closed"), transaction.atomic():
        announce_closing(Closing(org=cast.park_org, period=Q3, as_of=Q3.last_day, actor=cast.users.park_officer))
        assert ComplianceSnapshot.objects.filter(org=cast.park_org, quarter="2026Q3").exists()


def test_a_closed_quarter_shows_what_was_frozen_and_counts_corrections_beside_it(cast, logbook, close, shown):
    logbook.log("theme_day", day=day("2026-07-15"))
    before = shown(cast.park_org)
    snapshot = close(cast.park_org)
    late = logbook.log("theme_day", day=day("2026-08-15"), reported=TODAY)
    with unscoped("somebody else approves the correction"):
        Activity.objects.filter(pk=late.pk).update(correction_number=1, state="confirmed")
        Participation.objects.filter(activity=late).update(state="confirmed")
    after = shown(cast.park_org)
    assert (before.is_frozen, after.is_frozen, after.corrections) == (False, True, 1)
    assert {key: cell.tally for key, cell in after.total.cells.items()} == {
        key: cell.tally for key, cell in before.total.cells.items()
    }
    assert [line.name for line in after.lines] == [line.name for line in before.lines]
    with unscoped("the seal is checked"):
        assert freezing.seal_holds(snapshot)
        assert snapshot.rows == 6


def test_an_open_quarter_has_no_corrections(cast, logbook, shown):
    logbook.log("theme_day", day=day("2026-07-15"))
    assert (shown(cast.park_org).corrections, shown(cast.park_org).is_frozen) == (0, False)


def test_closing_twice_gives_one_snapshot(cast, close):
    assert close(cast.park_org).pk == close(cast.park_org).pk
    with unscoped("counted"):
        assert ComplianceSnapshot.objects.count() == 1


def test_frozen_rows_cannot_be_changed_and_a_changed_one_would_be_found_out(cast, close, roster):
    snapshot = close(cast.park_org)
    for sql in ("UPDATE activities_compliancefrozen SET name = 'x'", "DELETE FROM activities_compliancefrozen",
                "UPDATE activities_compliancesnapshot SET rows = 1", "DELETE FROM activities_compliancesnapshot"):  # fmt: skip
        with pytest.raises(InternalError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    with unscoped("the seal is checked"), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        ComplianceFrozen.objects.filter(org=cast.branch_a).update(figures=[])
        assert not freezing.seal_holds(snapshot)


def test_the_names_of_a_closed_quarter_are_its_figure(cast, logbook, close, shown):
    logbook.log("theme_day", day=day("2026-07-15"))
    close(cast.park_org)
    with unscoped("a branch has another name now"):
        PartyOrg.objects.filter(pk=cast.branch_b.pk).update(short_name="新名称支部")
    board = shown(cast.park_org)
    with cast.within(cast.authority):
        for column in board.columns:
            names = cells.missing(cast.park_org, Q3, column, today=TODAY)
            assert len(names) == board.total.cells[column.key].missing
    assert "新名称支部" not in {each.name for each in names}


def test_a_node_above_adds_what_is_frozen_and_what_is_open(cast, logbook, close, shown):
    open_before = shown(cast.authority)
    close(cast.park_org)
    logbook.log("theme_day", day=day("2026-07-15"), reported=TODAY)
    logbook.log("theme_day", org=cast.sibling_branch, day=day("2026-07-15"), actor=cast.users.authority_officer)
    board = shown(cast.authority)
    lines = {line.name: figure(line) for line in board.lines}
    assert lines == {"甲园区党工委": (6, 0, 2), "乙园区党工委": (3, 1, 1)}
    assert figure(board.total) == (9, 1, 3)
    assert figure(open_before.total) == (9, 0, 3)
    assert board.frozen_below == ("甲园区党工委",)
    with cast.within(cast.authority):
        names = cells.cells_below(cast.authority, Q3, cells.column_of(THEME), today=TODAY)
    assert [(each.name, each.actual) for each in names] == [("子公司党支部", 0), ("丑寅联合党支部", 0), ("丁公司党支部", 1)]


def test_a_branch_that_moved_after_the_closing_is_counted_once(cast, logbook, close, shown):
    close(cast.park_org)
    with unscoped("a branch goes to the other park"):
        move_organization(
            org=PartyOrg.objects.get(pk=cast.branch_b.pk), parent=PartyOrg.objects.get(pk=cast.sibling_org.pk),
            on=day("2026-10-15"), today=TODAY, actor=cast.users.authority_officer,
        )  # fmt: skip
    board = shown(cast.authority)
    assert {line.name: figure(line) for line in board.lines} == {"甲园区党工委": (6, 0, 2), "乙园区党工委": (3, 0, 1)}
    assert figure(board.total) == (9, 0, 3)
    now = shown(cast.authority, Period.parse("2026Q4"))
    assert {line.name: figure(line) for line in now.lines} == {"甲园区党工委": (2, 0, 1), "乙园区党工委": (4, 0, 2)}


def test_what_a_branch_closed_before_is_taken_over_as_it_was(cast, logbook, close, shown):
    close(cast.branch_a)
    logbook.log("theme_day", day=day("2026-07-15"), reported=TODAY)
    logbook.log("theme_day", org=cast.branch_b, day=day("2026-07-15"), reported=TODAY, actor=cast.users.secretary_b)
    assert figure(shown(cast.station).total) == (6, 1, 2)
    close(cast.park_org)
    assert {line.name: figure(line) for line in shown(cast.station).lines} == {
        "子公司党支部": (3, 0, 1), "丑寅联合党支部": (3, 1, 1),
    }  # fmt: skip
    assert figure(shown(cast.park_org).total) == (6, 1, 2)


def test_a_branch_that_came_after_the_closing_has_no_figures_in_it(cast, close, shown):
    close(cast.sibling_org)
    with unscoped("a branch comes to the closed park"):
        move_organization(
            org=PartyOrg.objects.get(pk=cast.branch_b.pk), parent=PartyOrg.objects.get(pk=cast.sibling_org.pk),
            on=day("2026-10-15"), today=TODAY, actor=cast.users.authority_officer,
        )  # fmt: skip
    assert figure(shown(cast.branch_b).total) is None
    assert figure(shown(cast.sibling_org).total) == (3, 0, 1)


def test_a_quarter_closed_before_its_end_asks_for_the_months_that_had_begun(cast, close, shown):
    close(cast.park_org, Period.parse("2026Q4"), as_of=day("2026-11-20"))
    assert figure(shown(cast.park_org, Period.parse("2026Q4"), day("2027-01-10")).total) == (4, 0, 2)


def test_only_quarters_are_frozen(cast, roster):
    with unscoped("a year is closed"), transaction.atomic():
        freezing.freeze(Closing(org=cast.park_org, period=Period.parse("2026"), as_of=TODAY, actor=None))
        assert not ComplianceSnapshot.objects.exists()
