"""Plumbing of the whole suite: services and browser. Fixtures of the domain live in the modules listed below."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
from django.db import connection

from parkparty import embedded

# Modules with fixtures for all tests (the cast of people, organisations and enterprises) are listed here.
pytest_plugins: list[str] = ["tests.cast"]

STARTED = pytest.StashKey[bool]()
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


# A busy machine is slow, which says nothing of the code; in CI the same examples are tried each time.
hypothesis.settings.register_profile(
    "parkparty",
    deadline=None,
    derandomize=os.environ.get("CI") == "true",
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("parkparty")


def find_chromium() -> str | None:
    """The browser that `browser` tests drive: PARKPARTY_CHROMIUM, else the first one installed."""
    return os.environ.get("PARKPARTY_CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


def pytest_configure(config: pytest.Config) -> None:
    """Start the services before anything asks for the database; remember whether they are ours to stop."""
    is_worker = hasattr(config, "workerinput")
    config.stash[STARTED] = bool(embedded.ensure()) and not is_worker
    # Playwright's synchronous interface keeps an event loop in the thread of the test.
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def pytest_unconfigure(config: pytest.Config) -> None:
    if config.stash.get(STARTED, False):
        embedded.services().stop()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a browser its tests are skipped and say so; in CI they run and fail."""
    if find_chromium() or os.environ.get("CI") == "true":
        return
    skip = pytest.mark.skip(reason="no Chromium found: install it or name it in PARKPARTY_CHROMIUM")
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(skip)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The test database, which nothing holds when it is dropped: threads of the live server may have left sessions."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A running Chromium of Playwright's; a test opens its own context in it: `chromium.new_page(viewport=...)`."""
    from playwright.sync_api import sync_playwright

    path = find_chromium()
    if path is None:
        pytest.fail("no Chromium found: install it or name it in PARKPARTY_CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()
