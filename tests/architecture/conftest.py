"""The matrices see every noun: the cast of these tests has its members on their rosters."""

from __future__ import annotations

import pytest

from tests.cast import Cast, enrol_members


@pytest.fixture
def cast(cast: Cast) -> Cast:
    enrol_members(cast)
    return cast
