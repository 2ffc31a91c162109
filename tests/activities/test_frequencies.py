"""Every rhythm at one period before, in and after its own, over year ends, and what time zones and calendars do to it."""

from __future__ import annotations

import datetime
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.activities.compliance import cells
from apps.activities.models import Requirement
from apps.branches.models import PartyOrg
from apps.core.periods import Period
from apps.core.scoping import unscoped


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


@pytest.fixture
def done(cast, roster):
    """(expected, actual) of a kind at branch_a for the period of a rhythm, on a day; None where nothing is asked."""

    def show(code, period, rhythm, today):
        quarter = Period.quarter_of(Period.parse(period).last_day)
        shown = Period.parse(period) if rhythm == "month" else quarter
        with cast.within(cast.branch_a):
            cell = cells.board(cast.branch_a, shown, today=today).total.cells.get(f"{code}-{rhythm}-organisation")
        return cell and (cell.expected, cell.actual)

    return show


@pytest.mark.parametrize(
    ("code", "rhythm", "before", "own", "after"),
    [
        ("theme_day", "month", "2025-12", "2026-01", "2026-02"),
        ("theme_day", "month", "2026-01", "2026-02", "2026-03"),
        ("theme_day", "month", "2026-11", "2026-12", "2027-01"),
        ("theme_day", "month", "2028-01", "2028-02", "2028-03"),
        ("assembly", "quarter", "2025Q4", "2026Q1", "2026Q2"),
        ("assembly", "quarter", "2026Q3", "2026Q4", "2027Q1"),
        ("lecture", "quarter", "2026Q4", "2027Q1", "2027Q2"),
        ("life_meeting", "year", "2025", "2026", "2027"),
        ("appraisal", "year", "2027", "2028", "2029"),
    ],
)
@pytest.mark.parametrize("edge", ["first", "last"])
def test_a_record_counts_in_its_own_period_only(done, cast, logbook, code, rhythm, before, own, after, edge):
    """On the first and on the last day of its period; the day before and the day after are other periods."""
    span = Period.parse(own)
    late = Period.parse(after).last_day
    logbook.log(code, day=span.start if edge == "first" else span.last_day, reported=late)
    assert [done(code, period, rhythm, late) for period in (before, own, after)] == [(1, 0), (1, 1), (1, 0)]


@pytest.mark.parametrize(("held", "actual"), [(0, 0), (1, 1), (2, 2), (3, 2)])
def test_what_is_asked_twice_is_met_by_two(done, logbook, cast, held, actual):
    with unscoped("the office asks for two"):
        Requirement.objects.filter(kind__code="theme_day").update(times=2)
    for number in range(held):
        logbook.log("theme_day", day=day("2026-10-10") + datetime.timedelta(days=number))
    assert done("theme_day", "2026-10", "month", day("2026-11-22")) == (2, actual)


@pytest.mark.parametrize(("year", "last"), [(2027, 28), (2028, 29), (2100, 28)])
def test_february_ends_when_it_ends(done, logbook, year, last):
    month = f"{year}-02"
    logbook.log("theme_day", day=datetime.date(year, 2, last), reported=datetime.date(year, 3, 1))
    assert done("theme_day", month, "month", datetime.date(year, 3, 1)) == (1, 1)
    assert done("theme_day", f"{year}-03", "month", datetime.date(year, 3, 1)) == (1, 0)


def test_an_activity_across_midnight_belongs_to_its_start(done, logbook):
    logbook.log("theme_day", day=day("2026-10-31"), hour=23)
    logbook.log("lecture", day=day("2026-10-31"), hour=0)
    assert done("theme_day", "2026-10", "month", day("2026-11-22")) == (1, 1)
    assert done("theme_day", "2026-11", "month", day("2026-11-22")) == (1, 0)


@pytest.mark.parametrize(
    ("founded", "asked"),
    [("2026-09-30", True), ("2026-10-01", True), ("2026-10-02", False), ("2026-10-31", False), (None, True)],
)
def test_a_branch_owes_whole_months_from_its_founding_on(done, cast, founded, asked):
    with unscoped("the branch was founded on another day"):
        PartyOrg.objects.filter(pk=cast.branch_a.pk).update(founded_on=founded and day(founded))
    assert done("theme_day", "2026-10", "month", day("2026-11-22")) == ((1, 0) if asked else None)
    assert done("theme_day", "2026-11", "month", day("2026-11-22")) == (1, 0)


@pytest.mark.parametrize(("ended", "asked"), [("2026-11-02", True), ("2026-11-01", True), ("2026-10-31", False)])
def test_a_branch_owes_whole_months_until_its_end(done, cast, ended, asked):
    """Its end is the first day without it."""
    with unscoped("the branch has ended"):
        PartyOrg.objects.filter(pk=cast.branch_a.pk).update(ended_on=day(ended))
    assert done("theme_day", "2026-10", "month", day("2026-11-22")) == ((1, 0) if asked else None)
    assert done("theme_day", "2026-11", "month", day("2026-11-22")) is None


@pytest.mark.parametrize(
    ("founded", "quarter", "year"),
    [("2026-01-01", True, True), ("2026-01-02", True, False), ("2026-10-02", False, False)],
)
def test_a_branch_founded_in_the_year_owes_the_quarters_that_it_saw_whole(done, cast, founded, quarter, year):
    with unscoped("the branch was founded on another day"):
        PartyOrg.objects.filter(pk=cast.branch_a.pk).update(founded_on=day(founded))
    assert bool(done("assembly", "2026Q4", "quarter", day("2026-11-22"))) == quarter
    assert bool(done("life_meeting", "2026", "year", day("2026-11-22"))) == year


def test_what_changed_in_the_middle_of_the_year_holds_from_the_next_period(done, cast, logbook):
    from apps.activities.services.requirements import set_requirement

    asked = {"kind": logbook.kind("theme_day"), "org_kinds": ["branch", "joint_branch", "temporary_branch", "mobile_branch"],
             "condition": "has_members", "source": "市委社会工作部通知", "actor": cast.users.authority_officer}  # fmt: skip
    with unscoped("the office asks for more"):
        set_requirement(**asked, rhythm="month", times=2, since=day("2026-08-02"))
    expected = [done("theme_day", f"2026-{month:02d}", "month", day("2026-11-22"))[0] for month in range(6, 12)]
    assert expected == [1, 1, 1, 2, 2, 2]


def test_a_park_may_ask_for_more_and_its_branch_for_nothing(done, cast, logbook):
    from apps.activities.services.requirements import set_requirement

    asked = {"kind": logbook.kind("lecture"), "org_kinds": ["branch", "joint_branch", "temporary_branch", "mobile_branch"],
             "condition": "has_members", "source": "园区党工委会议决定", "actor": cast.users.park_officer}  # fmt: skip
    today = day("2026-11-22")
    with unscoped("the park asks for more"):
        set_requirement(**asked, rhythm="quarter", times=3, since=day("2026-10-01"), org_path=cast.park_org.path)
        assert done("lecture", "2026Q3", "quarter", today) == (1, 0)
        assert done("lecture", "2026Q4", "quarter", today) == (3, 0)
        set_requirement(**asked, rhythm="quarter", times=0, since=day("2026-10-01"), org_path=cast.branch_a.path)
        assert done("lecture", "2026Q4", "quarter", today) is None
        with cast.within(cast.authority):
            found = cells.board(cast.authority, Period.parse("2026Q4"), today=today).total
        cell = found.cells["lecture-quarter-organisation"]
        assert (cell.bound, cell.expected) == (2, 3 + 1)


def test_where_what_is_asked_has_ended_the_node_above_speaks_again(done, cast, logbook):
    from apps.activities.services.requirements import end_requirement, set_requirement

    with unscoped("the park asks for more, for a while"):
        row = set_requirement(
            kind=logbook.kind("lecture"), org_kinds=["branch"], rhythm="quarter", times=2, since=day("2026-07-01"),
            condition="has_members", source="园区通知", org_path=cast.park_org.path, actor=cast.users.park_officer,
        )  # fmt: skip
        end_requirement(requirement=row, until=day("2026-09-30"), actor=cast.users.park_officer)
    quarters = [done("lecture", f"2026Q{n}", "quarter", day("2026-11-22")) for n in (2, 3, 4)]
    assert quarters == [(1, 0), (2, 0), (1, 0)]


@given(st.dates(datetime.date(2019, 1, 1), datetime.date(2099, 12, 31)))
def test_every_day_lies_in_one_month_one_quarter_and_one_year(some_day):
    for kind in ("month", "quarter", "year"):
        span = Period.of(kind, some_day)
        assert span.contains(some_day)
        assert not span.previous().contains(some_day)
        assert not span.next().contains(some_day)


AWAY = """
import django, datetime, zoneinfo
django.setup()
from django.utils import timezone
from apps.core.periods import Period
from apps.activities.rules.compliance import months_begun
moment = datetime.datetime(2026, 12, 31, 16, 30, tzinfo=datetime.UTC)
today = timezone.localdate(moment)
print(today, Period.quarter_of(today), months_begun(Period.parse("2027Q1"), today), months_begun(Period.parse("2026Q4"), today))
"""


@pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles", "Asia/Shanghai"])
def test_the_day_is_the_day_of_the_place_wherever_the_machine_stands(zone):
    """Half past midnight on New Year's Day in Shanghai is the old year in UTC."""
    environment = {**os.environ, "TZ": zone, "DJANGO_SETTINGS_MODULE": "parkparty.settings"}
    said = subprocess.run([sys.executable, "-c", AWAY], env=environment, capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["2027-01-01", "2027Q1", "1", "3"]


@pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles"])
def test_a_record_counts_on_its_day_of_the_place_whatever_the_zone_of_the_session(done, logbook, zone):
    """The database's session may stand elsewhere too: days are days."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('TimeZone', %s, true)", [zone])
    logbook.log("theme_day", day=day("2026-10-31"), hour=23)
    logbook.log("assembly", day=day("2026-10-01"), hour=0)
    assert done("theme_day", "2026-10", "month", day("2026-11-22")) == (1, 1)
    assert done("assembly", "2026Q4", "quarter", day("2026-11-22")) == (1, 1)
    assert done("assembly", "2026Q3", "quarter", day("2026-11-22")) == (1, 0)
