"""What tests of venues share: a room as somebody types it, and hours of a day."""

from __future__ import annotations

import datetime
from typing import Any

from django.utils import timezone


def facts(**changes: Any) -> dict[str, Any]:
    """A room for thirty, open to nobody else."""
    return {
        "name": "党员之家", "kind": "activity_room", "since": datetime.date(2021, 7, 1), "area": 60, "seats": 30,
        **changes,
    }  # fmt: skip


def at(clock: str, day: datetime.date = datetime.date(2026, 11, 25)) -> datetime.datetime:
    """14:00 of the day, by the clock on the wall."""
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.fromisoformat(clock)))
