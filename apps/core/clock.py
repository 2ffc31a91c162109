"""Days and moments as people read and write them; every moment is said in the time of the place."""

from __future__ import annotations

import datetime

from django.utils import timezone


def local(moment: datetime.datetime) -> datetime.datetime:
    """The moment by the clock on the wall; one without a zone is taken as it is."""
    return timezone.localtime(moment) if timezone.is_aware(moment) else moment


def minute(moment: datetime.datetime | None) -> str:
    """2026-11-22 09:05; empty for a moment that has not come."""
    return f"{local(moment):%Y-%m-%d %H:%M}" if moment else ""


def day_named(text: str) -> datetime.date | None:
    """The day that an address or a filter names as 2026-11-22; None for what names none."""
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None
