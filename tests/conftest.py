"""Plumbing of the whole suite: services, database, browser. The cast and other fixtures live in the modules below."""

import pytest

from parkparty import embedded

# Modules with fixtures for all tests (the cast of people, organisations and enterprises) are listed here.
pytest_plugins: list[str] = []


def pytest_configure(config: pytest.Config) -> None:
    """Start the services before anything asks for the database; remember whether they are ours to stop."""
    config.started_services = not hasattr(config, "workerinput") and bool(embedded.ensure())  # type: ignore[attr-defined]


def pytest_unconfigure(config: pytest.Config) -> None:
    if getattr(config, "started_services", False):
        embedded.services().stop()
