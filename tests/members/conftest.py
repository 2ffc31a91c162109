"""What the tests of the rosters share: the day, scopes, and the closing of quarters. `roster` is in tests/cast.py."""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from tests.cast import Cast

TODAY = datetime.date(2026, 11, 22)
MORNING = datetime.datetime(2026, 11, 22, 9, 0, tzinfo=zoneinfo.ZoneInfo("Asia/Shanghai"))


@pytest.fixture(autouse=True)
def on_the_day() -> Iterator[None]:
    """Pages and endpoints ask the clock: it shows the day of the tests."""
    with time_machine.travel(MORNING, tick=True):
        yield


@pytest.fixture
def today() -> datetime.date:
    return TODAY


@pytest.fixture
def officer(cast: Cast, roster: Any) -> Iterator[Any]:
    """The park officer at work: the scope of the whole park is active."""
    with cast.within(cast.park_org):
        yield cast.users.park_officer


@pytest.fixture
def secretary(cast: Cast, roster: Any) -> Iterator[Any]:
    """The secretary of branch_a at work: the scope of that branch is active."""
    with cast.within(cast.branch_a):
        yield cast.users.secretary_a


@pytest.fixture
def closed_until(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Close every day before a given one, as a finished census round does."""
    from apps.core import period_guard
    from apps.core.errors import Conflict

    def close(day: datetime.date) -> None:
        def guard(spans: Any) -> None:
            if any(span.since < day for span in spans):
                raise Conflict(f"{day:%Y-%m-%d} 之前的季度已关闭。")

        monkeypatch.setattr(period_guard, "_guards", [guard])

    return close
