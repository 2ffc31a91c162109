"""Questions about one's own inbox."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Count, Max, Min, Q

from apps.core.audit import write

from .models import Channel, Reminder
from .registry import registry


def inbox(user: Any) -> Any:
    """What was delivered to the user in-app, newest first."""
    return Reminder.objects.filter(recipient_id=user.pk, channel=Channel.IN_APP, state=Reminder.State.SENT)


def unread_groups(user: Any) -> int:
    """How many unread messages: reminders of one rule, period and step read as one."""
    return inbox(user).filter(read_at__isnull=True).order_by().values("rule", "period", "step").distinct().count()


def groups(user: Any, *, limit: int = 50) -> list[dict[str, Any]]:
    """The messages: one for each rule, period and step, with how many things it names."""
    rows = (
        inbox(user).order_by().values("rule", "period", "step")
        .annotate(items=Count("pk"), unread=Count("pk", filter=Q(read_at__isnull=True)), newest=Max("pk"),
                  sent_at=Max("sent_at"), due_on=Min("due_on"), title=Min("title"), when_text=Max("when_text"),
                  url=Min("url"))
        .order_by("-newest")[:limit]
    )  # fmt: skip
    return [{**row, "label": registry[row["rule"]].label if row["rule"] in registry else row["rule"],
             "basis": registry[row["rule"]].basis if row["rule"] in registry else None} for row in rows]  # fmt: skip


def one_group(user: Any, rule: str, period: str, step: str) -> Any:
    return inbox(user).filter(rule=rule, period=period, step=step).order_by("due_on", "pk")


@write
def mark_read(*, rows: Any, at: datetime.datetime, actor: Any) -> int:
    """Mark one's own messages read. Not audited: nobody else's business changes."""
    return int(rows.filter(recipient_id=actor.pk, read_at__isnull=True).update(read_at=at))
