"""When a reminder is due and when it may be sent. Pure functions; the days and hours are parameters."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from apps.core.choices import Choice

SHANGHAI = ZoneInfo("Asia/Shanghai")


class StepKind(Choice):
    OPENED = "opened", "开始"
    AHEAD = "ahead", "到期前"
    DUE = "due", "到期当天"
    OVERDUE = "overdue", "逾期"


@dataclass(frozen=True)
class Cadence:
    """The rhythm of one rule: so many days ahead of the due day, and then every so many days once overdue."""

    days_ahead: tuple[int, ...]
    overdue_every: int


@dataclass(frozen=True)
class Step:
    """One reminder of a due thing. `key` is stable: it is part of what makes a reminder unique."""

    kind: StepKind
    key: str
    day: datetime.date


@dataclass(frozen=True)
class QuietHours:
    """No channel sends from `begins` to `ends` o'clock, Asia/Shanghai; equal hours mean never quiet."""

    begins: int
    ends: int

    def covers(self, hour: int) -> bool:
        if self.begins <= self.ends:
            return self.begins <= hour < self.ends
        return hour >= self.begins or hour < self.ends


def steps(*, opens: datetime.date, due: datetime.date, until: datetime.date, cadence: Cadence) -> Iterator[Step]:
    """Yield the reminders of something that opened and is due, day by day, up to and including `until`.

    A step ahead that would fall on or before the opening is left out: the opening said it already.
    """
    planned = [Step(StepKind.OPENED, "opened", opens)] if opens < due else []
    for days in sorted(set(cadence.days_ahead), reverse=True):
        day = due - datetime.timedelta(days=days)
        if opens < day < due:
            planned.append(Step(StepKind.AHEAD, f"ahead-{days}", day))
    planned.append(Step(StepKind.DUE, "due", due))
    yield from (step for step in planned if step.day <= until)
    yield from _overdue_steps(due, until, cadence)


def _overdue_steps(due: datetime.date, until: datetime.date, cadence: Cadence) -> Iterator[Step]:
    if cadence.overdue_every < 1:
        return
    for number in range(1, (until - due).days // cadence.overdue_every + 1):
        day = due + datetime.timedelta(days=number * cadence.overdue_every)
        yield Step(StepKind.OVERDUE, f"overdue-{number}", day)


def current_step(*, opens: datetime.date, due: datetime.date, today: datetime.date, cadence: Cadence) -> Step | None:
    """Return the latest step that has come: a planner that was down sends one reminder and not four."""
    latest = None
    for step in steps(opens=opens, due=due, until=today, cadence=cadence):
        latest = step
    return latest


def time_left(due: datetime.date, *, today: datetime.date) -> str:
    """Return what a reminder made today says about its time: 还有7天, 今天到期, 已逾期14天.

    It counts from today and not from the day of the step: a planner that was down speaks late, but not wrongly.
    """
    days = (due - today).days
    if days < 0:
        return f"{due:%Y-%m-%d}到期，已逾期{-days}天"
    if days == 0:
        return f"今天（{due:%Y-%m-%d}）到期"
    return f"{due:%Y-%m-%d}到期，还有{days}天"


def quiet_until(moment: datetime.datetime, quiet: QuietHours) -> datetime.datetime | None:
    """Return the end of the quiet hours that the moment falls into, None when it may be sent at once."""
    local = moment.astimezone(SHANGHAI)
    if not quiet.covers(local.hour):
        return None
    end = local.replace(hour=quiet.ends, minute=0, second=0, microsecond=0)
    return end if local < end else end + datetime.timedelta(days=1)


def next_allowed(moment: datetime.datetime, quiet: QuietHours) -> datetime.datetime:
    """Return the first moment, from this one on, at which a channel may send."""
    return quiet_until(moment, quiet) or moment


def digest_day(moment: datetime.datetime, quiet: QuietHours) -> datetime.date:
    """Return the day whose digest carries a reminder that is ready now: one a day per person and channel."""
    return next_allowed(moment, quiet).astimezone(SHANGHAI).date()
