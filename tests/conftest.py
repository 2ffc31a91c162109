"""Plumbing of the whole suite: the services. Fixtures of the domain live in the modules listed below."""

import os
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
from django.db import connection

from parkparty import embedded

# Modules with fixtures for all tests (the cast of people, organisations and enterprises) are listed here.
pytest_plugins: list[str] = ["tests.cast", "tests.browsing"]

STARTED = pytest.StashKey[bool]()


# A busy machine is slow, which says nothing of the code; in CI the same examples are tried each time.
hypothesis.settings.register_profile(
    "parkparty",
    deadline=None,
    derandomize=os.environ.get("CI") == "true",
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("parkparty")


def pytest_configure(config: pytest.Config) -> None:
    """Start the services before anything asks for the database; remember whether they are ours to stop."""
    is_worker = hasattr(config, "workerinput")
    config.stash[STARTED] = bool(embedded.ensure()) and not is_worker
    # Playwright's synchronous interface keeps an event loop in the thread of the test.
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def pytest_unconfigure(config: pytest.Config) -> None:
    if config.stash.get(STARTED, False):
        embedded.services().stop()


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Files made for a test carry the time in them: by their bytes two workers would give one test two names."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The test database, which nothing holds when it is dropped: threads of the live server may have left sessions."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
