"""Opening a round, its arrivals, and its closing."""

from __future__ import annotations

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.census import progress, services
from apps.census.models import CensusReturn, CensusRound
from apps.core.errors import Conflict, DomainError
from apps.core.models import AuditEntry
from apps.core.periods import Period
from apps.core.scoping import unscoped
from apps.enterprises.models import Condition, Enterprise
from tests.census.conftest import Q4, TODAY

DAY = datetime.timedelta(days=1)


def arrive(cast, count, *, since=TODAY, status="operating", org=None):
    with unscoped("test"):
        made = Enterprise.objects.bulk_create(
            Enterprise(name=f"新入驻{n}号", org=org or cast.branch_a, park=cast.park) for n in range(count)
        )
        Condition.objects.bulk_create(Condition(enterprise=e, since=since, staff=10, status=status) for e in made)
    return made


def test_every_enterprise_that_is_there_gets_one_return_filled_from_the_register(cast, census_round, return_of):
    with unscoped("test"):
        names = set(CensusReturn.objects.values_list("enterprise__name", flat=True))
    assert names == {cast.enterprise_a.name, cast.enterprise_b.name, cast.enterprise_uncovered.name}
    row = return_of(cast.enterprise_a)
    assert (row.state, row.staff, row.formal_members, row.method, row.operations_clear) == (
        "not_started", 120, 5, "", None
    )


@pytest.mark.parametrize("status", ["moved_out", "cancelled", "revoked"])
def test_an_enterprise_that_has_left_is_not_asked(cast, officer, status):
    arrive(cast, 1, status=status)
    assert services.open_round(org=cast.park_org, period=Q4, today=TODAY, actor=officer).added == 3


def test_the_next_round_starts_from_the_last_return(cast, census_round, return_of, unchanged, officer, clock):
    row = return_of(cast.enterprise_a)
    services.submit(census_return=row, today=TODAY, actor=officer, facts={
        "method": "visit", "checked_on": TODAY, "technologists": 7, "foreigners": 2,
        "operations_clear": True, "staff_clear": True, "members_clear": True, "owner_clear": True,
    })  # fmt: skip
    services.close_round(census_round=census_round, today=TODAY, actor=officer, confirmed=True)
    clock.move_to(datetime.datetime(2027, 1, 5, 4, tzinfo=datetime.UTC))
    services.open_round(
        org=cast.park_org, period=Period.parse("2027Q1"), today=datetime.date(2027, 1, 5), actor=officer
    )
    new = CensusReturn.objects.get(enterprise=cast.enterprise_a, round__period="2027Q1")
    assert (new.technologists, new.foreigners, new.minor_party_members, new.state) == (7, 2, None, "not_started")


def test_opening_the_same_again_adds_only_new_arrivals(cast, census_round, officer):
    arrive(cast, 2)
    again = services.open_round(org=cast.park_org, period=Q4, today=TODAY, actor=officer)
    assert (again.round.pk, again.is_new, again.added) == (census_round.pk, False, 2)
    assert services.open_round(org=cast.park_org, period=Q4, today=TODAY, actor=officer).added == 0


def test_the_hourly_task_adds_arrivals_to_every_open_round(cast, census_round):
    arrive(cast, 3)
    assert services.tend_rounds(today=TODAY) == (3, 0)
    assert services.tend_rounds(today=TODAY) == (0, 0)


@pytest.mark.parametrize(("attribute", "said"), [("authority", "甲园区党工委"), ("branch_a", "上级组织")])
def test_a_round_above_or_below_of_the_same_period_is_refused(cast, census_round, attribute, said):
    org = getattr(cast, attribute)
    with cast.within(org), pytest.raises(DomainError, match=said) as caught:
        services.open_round(org=org, period=Q4, today=TODAY, actor=cast.users.authority_officer)
    assert caught.value.code == "round_exists"


def test_another_park_and_another_period_have_rounds_of_their_own(cast, census_round):
    with unscoped("test"):
        services.open_round(org=cast.sibling_org, period=Q4, today=TODAY, actor=None)
        services.open_round(org=cast.park_org, period=Period.parse("2026"), today=TODAY, actor=None)
        assert CensusRound.objects.count() == 3


@pytest.mark.parametrize(("day", "refused"), [(-1, True), (0, False), (1, False)])
def test_a_period_can_be_opened_from_its_first_day_on(cast, officer, day, refused):
    period = Period.parse("2027Q1")
    on = period.start + day * DAY
    if refused:
        with pytest.raises(DomainError, match="尚未开始"):
            services.open_round(org=cast.park_org, period=period, today=on, actor=officer)
    else:
        assert services.open_round(org=cast.park_org, period=period, today=on, actor=officer).is_new


@pytest.mark.parametrize(("offset", "refused"), [(-1, True), (0, False), (1, False)])
def test_a_round_is_due_at_the_earliest_on_its_opening_day(cast, officer, offset, refused):
    due = TODAY + offset * DAY
    if refused:
        with pytest.raises(DomainError, match="截止日期不能早于开始日期"):
            services.open_round(org=cast.park_org, period=Q4, today=TODAY, actor=officer, due_on=due)
    else:
        opened = services.open_round(org=cast.park_org, period=Q4, today=TODAY, actor=officer, due_on=due)
        assert opened.round.due_on == due


def test_without_a_due_day_the_parameter_gives_it(cast, officer):
    opened = services.open_round(org=cast.park_org, period=Q4, today=TODAY, actor=officer)
    assert opened.round.due_on == TODAY + 30 * DAY


def test_opening_takes_one_statement_for_the_returns_however_many(cast, officer):
    arrive(cast, 300)
    with CaptureQueriesContext(connection) as captured:
        opened = services.open_round(org=cast.park_org, period=Q4, today=TODAY, actor=officer)
    inserts = [q for q in captured if "INSERT INTO census_censusreturn (" in q["sql"]]
    assert opened.added == 303
    assert len(inserts) == 1


def test_figures_add_up_and_who_left_is_no_longer_expected(cast, census_round, unchanged, officer):
    unchanged(cast.enterprise_a)
    counts = progress.totals(census_round, today=TODAY)
    assert counts.as_json() == {
        "expected": 3, "not_started": 2, "draft": 0, "submitted": 1, "returned": 0, "approved": 0, "on_time": 1,
        "reported": 1, "outstanding": 2,
    }  # fmt: skip
    from apps.enterprises.kinds import Status
    from apps.enterprises.services import change_status

    for enterprise in (cast.enterprise_a, cast.enterprise_b):
        change_status(enterprise=enterprise, status=Status.MOVED_OUT, on=TODAY, today=TODAY, actor=officer)
    after = progress.totals(census_round, today=TODAY)
    assert (after.expected, after.submitted, after.not_started) == (2, 1, 1)
    services.close_round(census_round=census_round, today=TODAY, actor=officer, confirmed=True)
    assert progress.totals(census_round, today=TODAY) == after


def test_the_groups_of_the_cockpit_sum_up_to_the_round(cast, census_round, unchanged, officer):
    unchanged(cast.enterprise_a)
    total = progress.totals(census_round, today=TODAY)
    for groups in (
        progress.by_park(census_round, today=TODAY),
        progress.by_building(census_round, today=TODAY),
        progress.by_organisation(census_round, cast.park_org, today=TODAY),
    ):
        for figure, value in total.as_json().items():
            assert sum(group.counts.as_json()[figure] for group in groups) == value


def test_closing_with_returns_outstanding_asks_and_lists_them(cast, census_round, unchanged, officer):
    unchanged(cast.enterprise_a)
    with pytest.raises(DomainError, match="未开始 2 份、待审核 1 份") as caught:
        services.close_round(census_round=census_round, today=TODAY, actor=officer)
    assert caught.value.code == "outstanding"
    closed = services.close_round(census_round=census_round, today=TODAY, actor=officer, confirmed=True)
    assert closed.closed_by_name == "李明"
    with unscoped("test"):
        states = set(CensusReturn.objects.values_list("state", "locked_from"))
    assert states == {("locked", "submitted"), ("locked", "not_started")}
    assert AuditEntry.objects.filter(action="census.closed").count() == 1


def test_a_closed_round_refuses_writes_and_a_second_closing(cast, census_round, return_of, unchanged, officer):
    services.close_round(census_round=census_round, today=TODAY, actor=officer, confirmed=True)
    with pytest.raises(Conflict, match="2026年第四季度已于2026年11月22日由李明关闭，不能重复关闭"):
        services.close_round(census_round=census_round, today=TODAY, actor=officer, confirmed=True)
    with pytest.raises(Conflict, match="如需更正请发起更正说明"):
        unchanged(cast.enterprise_a)
    with pytest.raises(Conflict):
        services.add_arrivals(census_round=census_round, today=TODAY, actor=officer)


def test_the_closing_takes_the_snapshot_of_coverage(cast, census_round, officer, unchanged):
    from apps.coverage.models import Snapshot, SnapshotRow

    unchanged(cast.enterprise_a)
    services.close_round(census_round=census_round, today=TODAY, actor=officer, confirmed=True)
    snapshot = Snapshot.objects.get()
    assert (snapshot.period, snapshot.as_of, snapshot.rows) == ("2026Q4", TODAY, 3)
    states = dict(SnapshotRow.objects.values_list("enterprise_id", "return_state"))
    assert states[cast.enterprise_a.pk] == "submitted"


@pytest.mark.parametrize(
    ("closed", "as_of"),
    [("2026-12-30", "2026-12-30"), ("2026-12-31", "2026-12-31"), ("2027-01-01", "2026-12-31")],
)
def test_facts_are_those_of_the_last_day_or_of_an_earlier_closing(cast, census_round, officer, clock, closed, as_of):
    day = datetime.date.fromisoformat(closed)
    clock.move_to(datetime.datetime.combine(day, datetime.time(4), datetime.UTC))
    row = services.close_round(census_round=census_round, today=day, actor=officer, confirmed=True)
    assert row.as_of(day + 30 * DAY) == datetime.date.fromisoformat(as_of)
