"""What the tests of the rosters share: the day, scopes, and the closing of quarters. `roster` is in tests/cast.py."""

from __future__ import annotations

import datetime
import io
import zoneinfo
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from apps.core.imports.batches import check_batch, upload_file
from apps.core.imports.commit import commit_batch
from apps.core.imports.spec import importer_class
from apps.core.imports.undo import undo_batch
from apps.ledgers.exporting import write_ledger
from apps.members.ledgers.roster import MemberRoster
from tests.cast import Cast
from tests.core.excel.workbooks import book

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


@pytest.fixture
def desk(cast, roster, officer, today):
    """The park officer's desk: workbooks go in, exports come out."""

    def upload(data, mode="update", org=cast.branch_a, actor=officer):
        facts = {"file_name": "名册.xlsx", "data": data, "mode": mode, "actor": actor}
        return upload_file(importer=importer_class("members.roster"), org=org, **facts)

    def sheet(*rows):
        headers = list(dict.fromkeys(name for row in rows for name in row))
        return book([[row.get(name) for name in headers] for row in rows], headers)

    def check(*rows, **more):
        return check_batch(batch=upload(sheet(*rows), **more), actor=more.get("actor", officer), today=today)

    def commit(*rows, data=None, **more):
        batch = upload(data or sheet(*rows), **more)
        return commit_batch(batch=batch, actor=more.get("actor", officer), today=today)

    def problems(*rows, **more):
        return [(p.row, p.column, p.code) for p in check(*rows, **more).errors]

    def export(**params):
        target = io.BytesIO()
        ledger = MemberRoster(params, today=today, user=officer)
        write_ledger(ledger, target, format="xlsx", at=timezone.now(), actor=officer)
        return target.getvalue()

    return SimpleNamespace(
        upload=upload, sheet=sheet, check=check, commit=commit, problems=problems, export=export,
        undo=lambda batch: undo_batch(batch=batch, actor=officer),
    )  # fmt: skip
