"""Sending: claim with a lease, check again that the reason holds, send, mark.

In-app: the claim and the inbox row are one transaction, so exactly once. E-mail and robots cannot
de-duplicate: they get at most one digest a day, and one whose end was not seen is 状态不明 for a person.
"""

from __future__ import annotations

import datetime
import uuid
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db import transaction

from apps.core.failpoints import reach

from .channels import ChannelRefused, deliver
from .models import Channel, Digest, Reminder
from .parameters import quiet_hours
from .planning import still_due
from .rules import SHANGHAI, digest_day, quiet_until

BATCH = 1000
LEASE = datetime.timedelta(minutes=5)
TRIES = 3


def send(at: datetime.datetime) -> dict[str, int]:
    """Deliver what is planned. Returns counts: in_app, dropped, digests, failed, unknown, waiting (quiet hours)."""
    today = at.astimezone(SHANGHAI).date()
    quiet = quiet_hours(on=today)
    counts = {"in_app": 0, "dropped": 0, "digests": 0, "failed": 0, "unknown": _expire_claims(at), "waiting": 0}
    while (batch := _send_in_app(at, today)) is not None:
        counts["in_app"] += batch[0]
        counts["dropped"] += batch[1]
    external = Reminder.objects.filter(state=Reminder.State.PLANNED).exclude(channel=Channel.IN_APP)
    if quiet_until(at, quiet):
        counts["waiting"] = external.count()
        return counts
    day = digest_day(at, quiet)
    _regather(day)
    for channel, recipient, robot in external.values_list("channel", "recipient", "robot").order_by().distinct():
        digest = _claim_digest(channel, recipient, robot, day, at, today)
        if digest is not None:
            counts["digests" if _deliver(digest, at) else "failed"] += 1
    return counts


def _send_in_app(at: datetime.datetime, today: datetime.date) -> tuple[int, int] | None:
    """One batch into the inbox: (sent, dropped), or None when nothing is left."""
    with transaction.atomic():
        rows = list(
            Reminder.objects.select_for_update(skip_locked=True)
            .filter(state=Reminder.State.PLANNED, channel=Channel.IN_APP).order_by("id")[:BATCH]
        )  # fmt: skip
        if not rows:
            return None
        reach("reminders.claimed")
        live, dead = _divided(rows, today)
        Reminder.objects.filter(pk__in=dead).update(state=Reminder.State.DROPPED)
        Reminder.objects.filter(pk__in=live).update(state=Reminder.State.SENT, sent_at=at)
        return len(live), len(dead)


def _divided(rows: Iterable[Reminder], today: datetime.date) -> tuple[list[int], list[int]]:
    """(ids whose reason still holds, ids whose reason is gone): an enterprise that left gets none."""
    by_rule: dict[str, list[Reminder]] = defaultdict(list)
    for row in rows:
        by_rule[row.rule].append(row)
    live: list[int] = []
    dead: list[int] = []
    for rule, mine in by_rule.items():
        due = still_due(rule, [r.subject_id for r in mine], today)
        for row in mine:
            (live if row.subject_id in due else dead).append(row.pk)
    return live, dead


def _claim_digest(
    channel: str, recipient: int | None, robot: int | None, day: datetime.date, at: datetime.datetime,
    today: datetime.date,
) -> Digest | None:  # fmt: skip
    """Gather today's digest of one recipient and claim it; None when today's is taken or nothing is due."""
    with transaction.atomic():
        digest, created = Digest.objects.get_or_create(
            channel=channel, recipient_id=recipient, robot_id=robot, day=day,
            defaults={"key": uuid.uuid4(), "lease_until": at + LEASE},
        )  # fmt: skip
        if not created:
            return None
        rows = list(
            Reminder.objects.select_for_update(skip_locked=True).filter(
                state=Reminder.State.PLANNED, channel=channel, recipient_id=recipient, robot_id=robot
            )
        )
        live, dead = _divided(rows, today)
        Reminder.objects.filter(pk__in=dead).update(state=Reminder.State.DROPPED)
        if not live:
            digest.delete()
            return None
        Reminder.objects.filter(pk__in=live).update(state=Reminder.State.CLAIMED, digest=digest)
        digest.items = len(live)
        digest.save(update_fields=["items"])
        return digest


def _deliver(digest: Digest, at: datetime.datetime) -> bool:
    """Call the channel once. A refusal before anything was sent may be tried again; silence may not."""
    reach("reminders.claimed")
    rows = list(Reminder.objects.filter(digest=digest).order_by("due_on", "id"))
    try:
        deliver(digest, rows)
    except ChannelRefused as error:
        _refused(digest, error)
        return False
    reach("reminders.channel_called")
    mark_sent(digest, at)
    return True


def mark_sent(digest: Digest, at: datetime.datetime) -> None:
    with transaction.atomic():
        Digest.objects.filter(pk=digest.pk).update(state=Digest.State.SENT, sent_at=at, problem="")
        Reminder.objects.filter(digest=digest).update(state=Reminder.State.SENT, sent_at=at)


def _refused(digest: Digest, error: ChannelRefused) -> None:
    """The channel said no: free today's digest for the next run, up to `TRIES` times; a doubt goes to a person."""
    state = Digest.State.UNKNOWN if error.maybe_sent else Digest.State.FAILED
    Digest.objects.filter(pk=digest.pk).update(state=state, problem=str(error)[:300])


def _regather(day: datetime.date) -> None:
    """What a channel refused on an earlier day was certainly not sent: it goes into today's digest instead."""
    with transaction.atomic():
        refused = Digest.objects.select_for_update().filter(state=Digest.State.FAILED, day__lt=day)
        ids = list(refused.values_list("pk", flat=True))
        Reminder.objects.filter(digest__in=ids).update(state=Reminder.State.PLANNED, digest=None)
        Digest.objects.filter(pk__in=ids).delete()


def _expire_claims(at: datetime.datetime) -> int:
    """Claims whose process died: what was sent of them is not known."""
    lost: Any = Digest.objects.filter(state=Digest.State.CLAIMED, lease_until__lt=at)
    return int(lost.update(state=Digest.State.UNKNOWN, problem="发送过程中断，不确定是否已送达"))


def retry(digest: Digest, at: datetime.datetime) -> bool:
    """A person asks to send a failed or unknown digest again. Compare-and-set: two presses send once."""
    taken = Digest.objects.filter(pk=digest.pk, state__in=(Digest.State.FAILED, Digest.State.UNKNOWN)).update(
        state=Digest.State.CLAIMED, lease_until=at + LEASE, attempts=digest.attempts + 1
    )
    return bool(taken) and _deliver(digest, at)


def retry_failed(at: datetime.datetime) -> int:
    """Send today's digests again that a channel had refused before taking them, up to `TRIES` times, never at night."""
    today = at.astimezone(SHANGHAI).date()
    if quiet_until(at, quiet_hours(on=today)):
        return 0
    failed = Digest.objects.filter(state=Digest.State.FAILED, attempts__lt=TRIES, day=today)
    return sum(retry(digest, at) for digest in list(failed))
