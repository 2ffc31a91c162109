"""A closed quarter stays as it was: rows, tree, names and figures."""

from __future__ import annotations

import datetime

import pytest
from django.db import connection, transaction
from django.db.utils import InternalError

from apps.branches.models import PartyOrg
from apps.core.errors import DomainError
from apps.core.periods import Period
from apps.coverage import basis, figures, services, snapshot_sql, summaries
from apps.coverage.models import Correction, NodeSummary, Snapshot, SnapshotOrg, SnapshotRow
from apps.enterprises.models import Condition, Enterprise, Establishment
from tests.racing import at_once

pytestmark = pytest.mark.django_db
Q3 = Period.parse("2026Q3")
LAST = datetime.date(2026, 9, 30)
TODAY = datetime.date(2026, 11, 22)


@pytest.fixture
def closed(cast) -> Snapshot:
    """甲园区's third quarter, closed on its last day."""
    with cast.within(cast.park_org):
        return services.take_snapshot(org=cast.park_org, period=Q3, as_of=LAST, actor=cast.users.park_officer)


def test_the_snapshot_holds_every_enterprise_with_its_names(cast, closed) -> None:
    with cast.within(cast.park_org):
        row = SnapshotRow.objects.get(snapshot=closed, enterprise=cast.enterprise_a)
        assert closed.rows == 3
        assert (row.name, row.org_name, row.park_name) == (cast.enterprise_a.name, cast.branch_a.name, "甲园区")
        assert (row.forms, row.covering[0]["org"], row.staff) == (["single"], cast.branch_a.name, 120)
        assert SnapshotOrg.objects.filter(snapshot=closed).count() == 6


def test_what_changes_after_closing_does_not_change_the_report(cast, closed, definition) -> None:
    with cast.within(cast.authority):
        before = figures.level(basis.of_period(cast.park_org, Q3, today=TODAY), definition)
        names = [(r.name, r.staff) for r in figures.names(basis.of_period(cast.park_org, Q3, today=TODAY), definition)]
        Condition.objects.update(staff=3)
        Establishment.objects.all().delete()
        Enterprise.objects.filter(pk=cast.enterprise_a.pk).update(name="改名后的公司")
        PartyOrg.objects.filter(pk=cast.branch_a.pk).update(name="改名后的支部", short_name="")
        NodeSummary.objects.all().delete()
        again = basis.of_period(cast.park_org, Q3, today=TODAY)
        assert figures.level(again, definition) == before
        assert [(r.name, r.staff) for r in figures.names(again, definition)] == names
        assert services.seal_holds(closed)


def test_summaries_of_a_snapshot_say_what_its_rows_say(cast, closed, definition) -> None:
    with cast.within(cast.authority):
        kept = figures.level(basis.of_period(cast.park_org, Q3, today=TODAY), definition)
        assert NodeSummary.objects.filter(snapshot=closed).count() == 6 * 4
        NodeSummary.objects.all().delete()
        counted = figures.level(basis.of_period(cast.park_org, Q3, today=TODAY), definition)
    assert kept.total == counted.total
    assert {r.key: r.totals for r in kept.rows} == {r.key: r.totals for r in counted.rows}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE coverage_snapshotrow SET staff = 1",
        "DELETE FROM coverage_snapshotrow",
        "UPDATE coverage_snapshotorg SET name = 'x'",
        "UPDATE coverage_snapshot SET sha256 = 'x'",
        "DELETE FROM coverage_snapshot",
    ],
)
def test_the_database_refuses_to_change_a_snapshot(closed, statement) -> None:
    with pytest.raises(InternalError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_no_row_is_added_to_a_sealed_snapshot(cast, closed) -> None:
    with cast.within(cast.authority):
        parts = basis.on_day(cast.sibling_org, LAST).parts
    with pytest.raises(InternalError), transaction.atomic():
        snapshot_sql.freeze_rows(closed.pk, parts, {})


def test_the_same_facts_give_the_same_seal(cast, closed) -> None:
    with cast.within(cast.authority):
        other = services.take_snapshot(org=cast.committee, period=Q3, as_of=LAST, actor=cast.users.park_officer)
        rows = SnapshotRow.objects.filter(snapshot=closed, org_path__startswith=cast.committee.path)
        assert other.rows == rows.count() == 2
        fourth = services.take_snapshot(
            org=cast.park_org, period=Period.parse("2026Q4"), as_of=LAST, actor=cast.users.park_officer
        )
    assert fourth.sha256 == closed.sha256


def test_closing_again_gives_the_first_snapshot(cast, closed) -> None:
    with cast.within(cast.park_org):
        Condition.objects.update(staff=3)
        again = services.take_snapshot(org=cast.park_org, period=Q3, as_of=LAST, actor=cast.users.park_officer)
    assert again == closed


def test_the_district_takes_over_what_a_park_has_closed(cast, closed, definition) -> None:
    with cast.within(cast.authority):
        Condition.objects.filter(enterprise=cast.enterprise_a).update(status="moved_out")
        Condition.objects.filter(enterprise=cast.enterprise_sibling).update(staff=5)
        partly = basis.of_period(cast.authority, Q3, today=TODAY)
        seen = figures.level(partly, definition)
        services.take_snapshot(org=cast.authority, period=Q3, as_of=LAST, actor=cast.users.authority_officer)
        frozen = figures.level(basis.of_period(cast.authority, Q3, today=TODAY), definition)
        park = figures.total(basis.of_period(cast.park_org, Q3, today=TODAY), definition)
    assert not partly.frozen
    assert partly.unclosed == ("乙园区",)
    assert seen == frozen
    assert seen.total.enterprises == 3
    assert dict(seen.total.excluded) == {"too_few_staff": 1}
    assert seen.rows[0].totals == park


def test_an_enterprise_that_moves_after_its_park_closed_is_not_counted_twice(cast, closed, definition) -> None:
    with cast.within(cast.authority):
        moved = Enterprise.objects.get(pk=cast.enterprise_a.pk)
        moved.org = cast.sibling_org
        moved.save()
        found = figures.level(basis.of_period(cast.authority, Q3, today=TODAY), definition)
    assert found.total.enterprises == 4
    assert [row.totals.enterprises for row in found.rows] == [3, 1]


def test_a_node_founded_after_the_closing_has_no_figures_in_it(cast, closed, definition) -> None:
    from apps.branches import tree

    with cast.within(cast.authority):
        late = PartyOrg(code="NEW", name="新支部", kind="branch", parent=cast.committee, founded_on=TODAY)
        tree.place([late])
        late.save()
        found = figures.level(basis.of_period(late, Q3, today=TODAY), definition)
    assert found.total.enterprises == 0
    assert found.rows == ()


def test_old_reports_keep_the_old_shape(cast, closed, definition) -> None:
    from apps.branches import tree

    with cast.within(cast.authority):
        before = figures.level(basis.of_period(cast.park_org, Q3, today=TODAY), definition)
        org = PartyOrg.objects.get(pk=cast.committee.pk)
        tree.move(org, cast.sibling_org)
        org.parent = cast.sibling_org
        org.save()
    with cast.within(cast.park_org):
        park = PartyOrg.objects.get(pk=cast.park_org.pk)
        after = figures.level(basis.of_period(park, Q3, today=TODAY), definition)
        names = figures.names(basis.of_period(park, Q3, today=TODAY), definition)
        assert after.total == before.total
        assert [(row.label, row.totals) for row in after.rows] == [(row.label, row.totals) for row in before.rows]
        assert names.count() == 3


def test_a_period_that_has_not_begun_has_no_report(cast) -> None:
    with cast.within(cast.park_org), pytest.raises(DomainError, match="尚未开始"):
        basis.of_period(cast.park_org, Period.parse("2027Q1"), today=TODAY)


def test_a_correction_is_numbered_when_somebody_else_approves_it(cast, closed) -> None:
    change = {"enterprise": cast.enterprise_a.name, "field": "职工数", "before": "120", "after": "98"}
    with cast.within(cast.authority):
        first = services.propose_correction(
            snapshot=closed, reason="职工数多报", changes=[change], actor=cast.users.park_officer
        )
        with pytest.raises(DomainError, match="以外的人批准"):
            services.approve_correction(correction=first, actor=cast.users.park_officer)
        services.approve_correction(correction=first, actor=cast.users.authority_officer)
        second = services.propose_correction(
            snapshot=closed, reason="再次更正", changes=[change], actor=cast.users.authority_officer
        )
        services.approve_correction(correction=second, actor=cast.users.park_officer)
        assert list(Correction.objects.values_list("number", flat=True)) == [1, 2]
        with pytest.raises(DomainError, match="已经批准"):
            services.approve_correction(correction=second, actor=cast.users.park_officer)
        assert services.seal_holds(closed)
        with pytest.raises(InternalError), transaction.atomic():
            Correction.objects.filter(pk=first.pk).update(reason="改写")


def test_kept_figures_are_believed_only_while_nothing_changes(cast, definition) -> None:
    with cast.within(cast.authority):
        today = basis.on_day(cast.authority, TODAY)
        assert summaries.kept(today, definition) is None
        summaries.rebuild(TODAY)
        counted = figures.level(today, definition)
        assert summaries.kept(today, definition) is not None
        Condition.objects.filter(enterprise=cast.enterprise_b).update(staff=9)
        assert summaries.kept(today, definition) is None
        assert figures.total(today, definition).enterprises == counted.total.enterprises - 1


def test_kept_figures_of_every_node_are_the_counted_ones(cast, definition) -> None:
    nodes = [cast.authority, cast.park_org, cast.committee, cast.station, cast.branch_a, cast.group_a]
    with cast.within(cast.authority):
        counted = [figures.level(basis.on_day(org, TODAY), definition) for org in nodes]
        summaries.rebuild(TODAY)
        assert [figures.level(basis.on_day(org, TODAY), definition) for org in nodes] == counted


@pytest.mark.django_db(transaction=True)
def test_two_officers_closing_at_once_make_one_snapshot(cast) -> None:
    def close() -> Snapshot:
        with cast.within(cast.park_org):
            return services.take_snapshot(org=cast.park_org, period=Q3, as_of=LAST, actor=cast.users.park_officer)

    found = {snapshot.pk for snapshot in at_once(close, close)}
    with cast.within(cast.park_org):
        assert len(found) == Snapshot.objects.count() == 1
