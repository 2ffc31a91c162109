"""What the tests of the engine share: moments of a working day, and mail that is kept in memory."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from apps.reminders.rules import SHANGHAI


def at(day: str, hour: int = 9, minute: int = 0) -> datetime.datetime:
    """A moment in Shanghai."""
    return datetime.datetime.combine(datetime.date.fromisoformat(day), datetime.time(hour, minute), SHANGHAI)


@pytest.fixture
def mail(settings: Any, mailoutbox: list[Any]) -> list[Any]:
    """Mail is switched on; what was sent is in the list."""
    settings.EMAIL_HOST = "mail.example"
    return mailoutbox
