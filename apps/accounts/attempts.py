"""How often a password may be tried: an atomic counter of each account name and address.

The try is counted before the password is looked at, in one statement of its own transaction. However many
requests arrive at once, exactly `max_failures` of them get a number that lets the password be checked.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.db import connection

from apps.core import parameters

from .models import SignInAttempt
from .parameters import MAX_FAILURES, PAUSE_MINUTES

NAME_WIDTH = SignInAttempt._meta.get_field("username").max_length

# A counted try starts the pause anew, a refused one does not: the pause ends for whoever waits.
COUNT = """
INSERT INTO accounts_signinattempt AS counter (username, address, tries, last_at)
VALUES (%(username)s, %(address)s, 1, %(now)s)
ON CONFLICT (username, address) DO UPDATE SET
    tries = CASE WHEN counter.last_at <= %(window)s THEN 1 ELSE least(counter.tries + 1, %(most)s + 1) END,
    last_at = CASE WHEN counter.last_at > %(window)s AND counter.tries >= %(most)s
                   THEN counter.last_at ELSE %(now)s END
RETURNING tries
"""


@dataclass(frozen=True)
class Try:
    """One counted try. `allowed` lets the password be checked; after a wrong one, `is_last` begins the pause."""

    number: int
    most: int
    pause_minutes: int

    @property
    def allowed(self) -> bool:
        return self.number <= self.most

    @property
    def is_last(self) -> bool:
        return self.number == self.most

    @property
    def sentence(self) -> str:
        return (
            f"连续输错 {self.most} 次，为保护账号已暂停登录，请在 {self.pause_minutes} 分钟后再试；"
            "忘记密码请联系系统管理员重置。"
        )


def count_try(username: str, address: str, *, now: datetime.datetime, today: datetime.date) -> Try:
    """Count one try of an account name, known or not, from an address."""
    rule = parameters.values([MAX_FAILURES, PAUSE_MINUTES], on=today)
    most, minutes = rule[MAX_FAILURES], rule[PAUSE_MINUTES]
    values = {
        "username": _key(username), "address": address, "now": now, "most": most,
        "window": now - datetime.timedelta(minutes=minutes),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(COUNT, values)
        number = cursor.fetchone()[0]
    return Try(number, most, minutes)


def forget_tries(username: str, address: str | None = None) -> None:
    """Begin anew after a success (from that address), or after a reset by an administrator (from everywhere)."""
    rows = SignInAttempt.objects.filter(username=_key(username))
    (rows if address is None else rows.filter(address=address)).delete()


def forget_before(moment: datetime.datetime) -> int:
    """Drop the counters that nobody has touched since; returns how many."""
    return SignInAttempt.objects.filter(last_at__lt=moment).delete()[0]


def _key(username: str) -> str:
    return username.casefold()[:NAME_WIDTH]
