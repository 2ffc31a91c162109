"""People at a browser: they sign in with a password, walk by labels, and notice everything that goes wrong.

The vocabulary of every browser test. A click that leads to another page is a `press` or a `follow`: they return when
that page is there. What changes the page in place is a `touch`, and the test then says what it `sees`.
"""

from __future__ import annotations

import datetime
import os
import re
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings

from apps.core.jobs import run
from apps.core.models import Job
from apps.core.scoping import unscoped
from tests.cast import PASSWORD

DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
SHOTS = os.environ.get("PARKPARTY_SHOTS", "")
TODAY = datetime.date(2026, 11, 22)
PATIENCE = 60_000
"""Milliseconds. A busy machine is slow, which says nothing of the code."""

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


def find_chromium() -> str | None:
    """The browser that `browser` tests drive: PARKPARTY_CHROMIUM, else the first one installed."""
    return os.environ.get("PARKPARTY_CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a browser its tests are skipped and say so; in CI they run and fail."""
    if find_chromium() or os.environ.get("CI") == "true":
        return
    skip = pytest.mark.skip(reason="no Chromium found: install it or name it in PARKPARTY_CHROMIUM")
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(skip)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A running Chromium of Playwright's, in which `visit` opens a context for each person."""
    from playwright.sync_api import sync_playwright

    path = find_chromium()
    if path is None:
        pytest.fail("no Chromium found: install it or name it in PARKPARTY_CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()


class Person:
    """Somebody at a browser, with everything that the browser complained of."""

    def __init__(self, context: Any, username: str) -> None:
        self.context, self.username = context, username
        self.page = context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("response", self._answered)

    def _hear(self, said: Any) -> None:
        # What the server answered is noted with its address by `_answered`.
        if said.type in ("error", "warning") and not said.text.startswith("Failed to load resource"):
            self.complaints.append(said.text)

    def _answered(self, response: Any) -> None:
        if response.status >= 400:
            self.complaints.append(f"{response.status} {response.request.method} {response.url}")

    @contextmanager
    def refused(self, status: int) -> Iterator[None]:
        """What follows is answered with this status, and with nothing else that is wrong."""
        before = list(self.complaints)
        yield
        found = self.complaints[len(before) :]
        assert found, f"nothing was answered with {status}"
        assert all(each.startswith(f"{status} ") for each in found), found
        self.complaints[:] = before

    def sign_in(self, password: str = PASSWORD) -> Person:
        """On the sign-in page, wherever it leads."""
        self.page.get_by_label("账号").fill(self.username)
        self.page.get_by_label("密码").fill(password)
        return self.press("登录")

    def go(self, path: str) -> Person:
        self.page.goto(path)
        return self.looks()

    def looks(self) -> Person:
        """No page is wider than the screen. With PARKPARTY_SHOTS a picture is kept of each."""
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{self.page.url} is {wide} px too wide"
        if SHOTS:
            name = re.sub(r"\W+", "-", self.page.url.split("/", 3)[3])[:60]
            width = self.page.viewport_size["width"]
            self.page.screenshot(path=str(Path(SHOTS) / f"{self.username}-{name}-{width}.png"), full_page=True)
        return self

    def fill(self, **values: str) -> Person:
        """Fill inputs and choose options of the form by field name; a choice is given by its label."""
        for name, text in values.items():
            field = self.page.locator(f"main form:has(button[type=submit]) [name='{name}']").first
            if field.get_attribute("type") in ("radio", "checkbox"):
                field.locator("xpath=ancestor::form").get_by_label(text, exact=True).first.check(force=True)
            elif field.evaluate("one => one.tagName") == "SELECT":
                self._choose(field, text)
            else:
                field.fill(text)
        return self

    def _choose(self, select: Any, label: str) -> None:
        """Choose by a part of the option's text, through the search box where the select has become one."""
        options = select.evaluate("one => [...one.options].map(option => [option.value, option.text])")
        value = next((value for value, text in options if label in text), None)
        assert value is not None, f"no option {label} among {options}"
        if select.evaluate("one => Boolean(one.tomselect)"):
            select.evaluate("(one, value) => one.tomselect.setValue(value)", value)
        else:
            select.select_option(value)

    def choose(self, file: Path) -> Person:
        self.page.locator("main input[type=file]").set_input_files(file)
        return self

    def _named(self, name: str) -> Any:
        """The button or link of this name on the page; one that bears the name as a part of its own otherwise."""
        main = self.page.locator("main")

        def named(*, exact: bool) -> Any:
            button, link = (main.get_by_role(role, name=name, exact=exact) for role in ("button", "link"))
            return button.or_(link)

        named(exact=False).first.wait_for(state="attached")
        return (named(exact=True) if named(exact=True).count() else named(exact=False)).first

    def touch(self, name: str) -> Person:
        """Press what changes this page without leaving it."""
        self._named(name).click()
        return self

    def press(self, name: str, *, agree: bool = False) -> Person:
        """Press the button or follow the link of this name, agreeing to the question that the page asks before."""
        if not agree:
            return self.follow(self._named(name))
        return self.touch(name).follow(self.page.get_by_role("dialog").get_by_role("button", name="确定"))

    def follow(self, target: Any) -> Person:
        """Click and be on the page that it leads to."""
        with self.page.expect_navigation(wait_until="load"):
            target.click()
        return self

    def press_twice(self, name: str) -> Person:
        """As a hasty person does: again while the first press waits for its answer. The form is sent once."""
        sent: list[str] = []

        def again(route: Any) -> None:
            if route.request.method == "POST":
                sent.append(route.request.url)
                self.page.mouse.down()
                self.page.mouse.up()
            route.continue_()

        self.page.route("**", again)
        self.press(name)
        self.page.unroute("**")
        assert len(sent) == 1, sent
        return self

    def sees(self, *texts: str) -> Person:
        for text in texts:
            self.page.locator("main").get_by_text(text).filter(visible=True).first.wait_for()
        return self.looks()

    def text(self) -> str:
        return str(self.page.locator("main").inner_text())

    def download(self, name: str, target: Path) -> Path:
        with self.page.expect_download() as download:
            self.touch(name)
        path = target / download.value.suggested_filename
        download.value.save_as(path)
        return path


@pytest.fixture
def afternoon() -> Iterator[None]:
    """It is two in the afternoon of TODAY, and the clock goes on: nobody meets midnight or the end of a quarter."""
    with time_machine.travel(f"{TODAY} 14:00+08:00", tick=True):
        yield


@pytest.fixture
def visit(chromium: Any, live_server: Any, afternoon: None, cast: Any) -> Iterator[Callable[..., Person]]:
    """`visit("park_officer")` signs in at a desk; `visit("secretary_a", PHONE)` on a phone. Nobody may complain."""
    people: list[Person] = []

    def one(
        username: str, viewport: dict[str, int] = DESK, *, scripts: bool = True, password: str = PASSWORD
    ) -> Person:  # fmt: skip
        context = chromium.new_context(
            viewport=viewport, java_script_enabled=scripts, base_url=live_server.url, reduced_motion="reduce",
            locale="zh-CN", timezone_id=settings.TIME_ZONE,
        )  # fmt: skip
        context.set_default_timeout(PATIENCE)
        people.append(Person(context, username))
        return people[-1].go("/signin/").sign_in(password)

    yield one
    complaints = {person.username: person.complaints for person in people if person.complaints}
    for person in people:
        person.context.close()
    _let_finish(live_server.thread)
    assert complaints == {}


def _let_finish(server: Any) -> None:
    """What the closed pages still asked for is answered before the tables are emptied."""
    with socket.create_connection((server.host, server.port)) as last:
        last.shutdown(socket.SHUT_WR)
        last.recv(1)  # connections are taken in their order: there is a thread for each earlier one
    for thread in threading.enumerate():
        if thread.name.endswith("(process_request_thread)"):
            thread.join()


@pytest.fixture
def work() -> Callable[[], None]:
    """What the worker does with everything that waits in the queue."""

    def all_of_it() -> None:
        with unscoped("test"):
            waiting = list(Job.objects.filter(finished_at__isnull=True).values_list("pk", flat=True))
        for pk in waiting:
            run(pk)

    return all_of_it
