"""What the tests of core share."""

from collections.abc import Iterator

import pytest
import time_machine


@pytest.fixture
def noon() -> Iterator[None]:
    """The clock stands at noon of 22 November 2026."""
    with time_machine.travel("2026-11-22 12:00+08:00", tick=False):
        yield
