"""What the tests of organisational life share: the day, scopes, and `logbook`, which logs activities in one line."""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import time_machine

from apps.activities.kinds import AbsenceReason
from apps.activities.models import Activity, ActivityForm, ActivityKind, Attendance, Participation
from apps.activities.services.records import Absence, Facts, Roll, log_activity
from apps.branches.models import PartyOrg
from apps.core.scoping import EVERYTHING, active_scope, use_scope
from apps.members.kinds import PostRole
from apps.members.models import Member, Post
from tests.cast import Cast

TODAY = datetime.date(2026, 11, 22)
SHANGHAI = zoneinfo.ZoneInfo("Asia/Shanghai")
MORNING = datetime.datetime(2026, 11, 22, 9, 0, tzinfo=SHANGHAI)


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
def closed_until(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime.date], None]:
    """Close every day before a given one, as a finished census round does."""
    from apps.core import period_guard

    def close(day: datetime.date) -> None:
        def guard(spans: Any) -> None:
            if any(span.since < day for span in spans):
                raise period_guard.PeriodClosed(f"{day:%Y-%m-%d} 之前的季度已关闭。", open_from=day)

        monkeypatch.setattr(period_guard, "_guards", [guard])

    return close


class Logbook:
    """Logs activities of the cast. Days default to TODAY, the branch to branch_a, the hour to 14:00 of the place.

    Works in the active scope, or, where there is none, in the scope of everything. `reported` is the day on which
    it is done: the day of the activity, so that it is on time, and TODAY for a plan.
    """

    def __init__(self, cast: Cast, roster: Any) -> None:
        self.cast, self.roster = cast, roster

    def kind(self, code: str) -> ActivityKind:
        return ActivityKind.objects.get(code=code)

    def form(self, code: str) -> ActivityForm:
        return ActivityForm.objects.get(code=code)

    def facts(self, kind: str = "theme_day", day: datetime.date = TODAY, **more: Any) -> Facts:
        """Facts as a form would give them; `second_kind` and `form` by code, `hour` for the beginning."""
        start = datetime.datetime.combine(day, datetime.time(more.pop("hour", 14)), SHANGHAI)
        given = {"title": "学习新修订的党章", "starts_at": start, **more}
        if isinstance(given.get("second_kind"), str):
            given["second_kind"] = self.kind(given["second_kind"])
        if isinstance(given.get("form"), str):
            given["form"] = self.form(given["form"])
        return Facts(kind=self.kind(kind), **given)

    def roll(
        self, absent: Iterable[Any] = (), chosen: Iterable[Member] = (), visitors: Iterable[Member] = (),
        co_hosts: Iterable[PartyOrg] = (),
    ) -> Roll:  # fmt: skip
        """Absent are members (当班), or (member, reason) pairs."""
        pairs = [each if isinstance(each, tuple) else (each, AbsenceReason.SHIFT) for each in absent]
        return Roll(tuple(Absence(*pair) for pair in pairs), tuple(chosen), tuple(visitors), tuple(co_hosts))

    def log(
        self, kind: str = "theme_day", *, org: PartyOrg | None = None, day: datetime.date = TODAY,
        absent: Iterable[Any] = (), chosen: Iterable[Member] = (), visitors: Iterable[Member] = (),
        co_hosts: Iterable[PartyOrg] = (), submit: bool = True, reported: datetime.date | None = None,
        reason: str = "", key: Any = None, actor: Any = None, **facts: Any,
    ) -> Activity:  # fmt: skip
        """One activity by one service call."""
        with self.scope():
            return log_activity(  # type: ignore[no-any-return]
                org=org or self.cast.branch_a, facts=self.facts(kind, day, **facts),
                roll=self.roll(absent, chosen, visitors, co_hosts), submit=submit, key=key, late_reason=reason,
                actor=actor or self.cast.users.secretary_a, today=reported or min(day, TODAY),
            )  # fmt: skip

    def seat(self, org: PartyOrg, *members: Member, since: datetime.date = datetime.date(2024, 1, 1)) -> list[Post]:
        """Put members into the committee of an organisation: 书记, 副书记, then 委员."""
        roles = [PostRole.SECRETARY, PostRole.DEPUTY, *[PostRole.COMMITTEE] * len(members)]
        posts = [
            Post(org=org, member=member, name=member.name, role=role.value, since=since)
            for member, role in zip(members, roles, strict=False)
        ]
        with self.scope():
            return list(Post.objects.bulk_create(posts))

    def sides(self, activity: Activity) -> dict[str, tuple[int, int]]:
        """(应到, 实到) of each participating branch by its name."""
        with use_scope(EVERYTHING):
            rows = Participation.objects.filter(activity=activity).select_related("org")
            return {str(row.org): (row.expected, row.present) for row in rows}

    def present(self, activity: Activity) -> set[str]:
        """The names of everybody who was there, visitors too."""
        with use_scope(EVERYTHING):
            rows = Attendance.objects.filter(activity=activity, presence="present")
            return set(rows.values_list("member__name", flat=True))

    @contextmanager
    def scope(self) -> Iterator[None]:
        """The active scope, or everything."""
        with use_scope(active_scope() or EVERYTHING):
            yield


@pytest.fixture
def logbook(cast: Cast, roster: Any) -> Logbook:
    """Activities in one line, on the rosters of the cast."""
    return Logbook(cast, roster)
