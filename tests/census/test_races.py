"""Two people at the same moment: one closing, no lost write, nobody waiting in a circle."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apps.census import services
from apps.census.models import CensusReturn, CensusRound
from apps.core.errors import Conflict, DomainError
from apps.core.scoping import unscoped
from apps.coverage.models import Snapshot, SnapshotRow
from apps.enterprises.models import Condition
from apps.enterprises.services import record_condition
from tests.census.conftest import Q4, TODAY
from tests.racing import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture(autouse=True)
def clock() -> None:
    """These tests run in real time: threads wait for each other."""


def close(census_round: CensusRound, actor: Any) -> Callable[[], Any]:
    return lambda: services.close_round(census_round=census_round, today=TODAY, actor=actor, confirmed=True)


def test_two_officers_closing_at_once_make_one_closing_and_one_snapshot(cast, census_round):
    actors = [cast.users.park_officer, cast.users.authority_officer]
    results = at_once(*(close(census_round, actor) for actor in actors))
    refused = [r for r in results if isinstance(r, Conflict)]
    closed = [r for r in results if isinstance(r, CensusRound)]
    assert (len(closed), len(refused)) == (1, 1)
    assert f"由{closed[0].closed_by_name}关闭，不能重复关闭" in refused[0].message
    with unscoped("test"):
        assert Snapshot.objects.count() == 1


def test_two_openings_at_once_make_one_round(cast):
    results = at_once(
        lambda: services.open_round(org=cast.park_org, period=Q4, today=TODAY, actor=cast.users.park_officer),
        lambda: services.open_round(org=cast.authority, period=Q4, today=TODAY, actor=cast.users.authority_officer),
        lambda: services.open_round(org=cast.park_org, period=Q4, today=TODAY, actor=cast.users.park_officer),
    )  # fmt: skip
    with unscoped("test"):
        assert CensusRound.objects.filter(period="2026Q4").count() == 1
        per_enterprise = CensusReturn.objects.values_list("enterprise", flat=True)
        assert len(per_enterprise) == len(set(per_enterprise))
    assert any(not isinstance(result, DomainError) for result in results)


@pytest.mark.parametrize("attempt", range(5))
def test_what_was_written_before_the_closing_is_in_the_snapshot_and_the_rest_is_refused(cast, census_round, attempt):
    enterprises = [cast.enterprise_a, cast.enterprise_b, cast.enterprise_uncovered]

    def write(enterprise: Any) -> Callable[[], Any]:
        return lambda: record_condition(
            enterprise=enterprise, on=TODAY, changes={"staff": 77}, source="登记", today=TODAY,
            actor=cast.users.park_officer,
        )  # fmt: skip

    results = at_once(*map(write, enterprises), close(census_round, cast.users.park_officer))
    assert isinstance(results[-1], CensusRound), results[-1]
    with unscoped("test"):
        frozen = dict(SnapshotRow.objects.values_list("enterprise_id", "staff"))
    for enterprise, result in zip(enterprises, results, strict=False):
        assert isinstance(result, (Condition, Conflict)), result
        assert (frozen[enterprise.pk] == 77) is isinstance(result, Condition)


@pytest.mark.parametrize("attempt", range(3))
def test_an_answer_and_a_closing_do_not_wait_in_a_circle(cast, census_round, attempt):
    with unscoped("test"):
        rows = list(CensusReturn.objects.select_related("round", "enterprise").order_by("pk"))
        for row in rows:
            services.answer_unchanged(census_return=row, method="visit", checked_on=TODAY, today=TODAY, actor=None,
                                      unbuilt_reason="no_candidate")  # fmt: skip
    officer = cast.users.park_officer
    results = at_once(
        lambda: services.approve_all(returns=rows, today=TODAY, actor=officer),
        lambda: services.send_back(census_return=rows[0], comment="请核对", today=TODAY, actor=officer),
        close(census_round, officer),
    )  # fmt: skip
    assert isinstance(results[-1], CensusRound), results[-1]
    with unscoped("test"):
        assert set(CensusReturn.objects.values_list("state", flat=True)) == {"locked"}
