"""What the tests of coverage share."""

from __future__ import annotations

import pytest

from apps.coverage.rules import Definition, built_in_definitions


@pytest.fixture
def definition() -> Definition:
    """The default definition with the published numbers."""
    return built_in_definitions(min_staff=10, focus_staff=100, attention_staff=50)["2026-1"]
