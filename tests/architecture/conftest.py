"""The matrices see every noun: the cast of these tests has its members on their rosters."""

from __future__ import annotations

import pytest

from tests.cast import Cast, enrol_members


@pytest.fixture
def cast(db: None, cast: Cast) -> Cast:
    """Names `db` itself: of a fixture that stands in for another pytest sees only what it names."""
    enrol_members(cast)
    return cast
