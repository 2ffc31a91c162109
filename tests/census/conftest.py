"""A quarter's census in the park of the cast: open, with one return for each enterprise."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine

from apps.census import services
from apps.census.models import CensusReturn, CensusRound
from apps.core.periods import Period
from apps.core.scoping import unscoped
from tests.cast import Cast

TODAY = datetime.date(2026, 11, 22)
NOON = datetime.datetime(2026, 11, 22, 4, 0, tzinfo=datetime.UTC)
Q4 = Period.parse("2026Q4")


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    """It is noon of TODAY in Shanghai. Shifts with `clock.move_to(...)`."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def today() -> datetime.date:
    return TODAY


@pytest.fixture
def census_round(cast: Cast) -> CensusRound:
    """第四季度摸底 of the park, opened three weeks ago and due on the day after tomorrow."""
    with cast.within(cast.park_org):
        return services.open_round(
            org=cast.park_org, period=Q4, today=TODAY, actor=cast.users.park_officer,
            opens_on=datetime.date(2026, 11, 1), due_on=datetime.date(2026, 11, 24),
        ).round  # fmt: skip


@pytest.fixture
def return_of(census_round: CensusRound) -> Callable[[Any], CensusReturn]:
    """The return of an enterprise as it stands in the database."""

    def find(enterprise: Any) -> CensusReturn:
        with unscoped("a test looks"):
            found: CensusReturn = CensusReturn.objects.select_related("round", "enterprise").get(
                enterprise=enterprise, round=census_round
            )
        return found

    return find


@pytest.fixture
def officer(cast: Cast) -> Iterator[Any]:
    with cast.within(cast.park_org):
        yield cast.users.park_officer


@pytest.fixture
def unchanged(cast: Cast, return_of: Any) -> Callable[..., CensusReturn]:
    """An enterprise's return answered in one press."""

    def answer(enterprise: Any, **more: Any) -> CensusReturn:
        given = {"method": "phone", "checked_on": TODAY, "today": TODAY, "actor": cast.users.secretary_a, **more}
        with unscoped("a test answers"):
            return services.answer_unchanged(census_return=return_of(enterprise), **given)

    return answer
