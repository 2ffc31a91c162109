"""A person at a browser: signs in with a password, walks by labels, and notices everything that goes wrong."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from apps.core.jobs import run
from apps.core.models import Job
from apps.core.scoping import unscoped
from tests.cast import PASSWORD

DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
SHOTS = os.environ.get("PARKPARTY_SHOTS", "")


class Person:
    """Somebody signed in, with everything that the browser complained of."""

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
        self.page.wait_for_load_state()
        found = self.complaints[len(before) :]
        assert found, f"nothing was answered with {status}"
        assert all(each.startswith(f"{status} ") for each in found), found
        self.complaints[:] = before

    def sign_in(self) -> Person:
        self.page.goto("/signin/")
        return self.sign_in_again()

    def sign_in_again(self) -> Person:
        """On the sign-in page, wherever it leads."""
        self.page.get_by_label("账号").fill(self.username)
        self.page.get_by_label("密码").fill(PASSWORD)
        self.press("登录")
        return self

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
            field = self.page.locator(f"main form:has(button[type=submit]) [name='{name}']")
            if field.first.get_attribute("type") in ("radio", "checkbox"):
                field.first.locator("xpath=ancestor::form").get_by_label(text, exact=True).first.check(force=True)
            elif field.first.evaluate("one => one.tagName") == "SELECT":
                self._choose(field.first, text)
            else:
                field.first.fill(text)
        return self

    def _choose(self, select: Any, label: str) -> None:
        """Choose by a part of the option's text, through the search box where the select has become one."""
        options = select.evaluate("one => [...one.options].map(option => [option.value, option.text])")
        value = next((value for value, text in options if label in text), None)
        if select.evaluate("one => Boolean(one.tomselect)"):
            select.evaluate("(one, value) => one.tomselect.setValue(value)", value)
        else:
            select.select_option(value)

    def choose(self, file: Path) -> Person:
        self.page.locator("main input[type=file]").set_input_files(file)
        return self

    def press(self, name: str, *, twice: bool = False) -> Person:
        """Press the button or follow the link of this name on the page, as a hasty person does twice."""
        main = self.page.locator("main")

        def named(*, exact: bool) -> Any:
            button, link = (main.get_by_role(role, name=name, exact=exact) for role in ("button", "link"))
            return button.or_(link)

        target = (named(exact=True) if named(exact=True).count() else named(exact=False)).first
        target.dblclick() if twice else target.click()
        self.page.wait_for_load_state()
        return self

    def agree(self) -> Person:
        """Answer the question that the page asks before it writes."""
        self.page.get_by_role("dialog").get_by_role("button", name="确定").click()
        self.page.wait_for_load_state()
        return self

    def sees(self, *texts: str) -> Person:
        for text in texts:
            self.page.locator("main").get_by_text(text).filter(visible=True).first.wait_for(timeout=10_000)
        return self.looks()

    def text(self) -> str:
        return str(self.page.locator("main").inner_text())

    def download(self, name: str, target: Path) -> Path:
        with self.page.expect_download() as download:
            self.press(name)
        path = target / download.value.suggested_filename
        download.value.save_as(path)
        return path


@pytest.fixture
def visit(chromium: Any, live_server: Any, cast: Any) -> Iterator[Callable[..., Person]]:
    """`visit("park_officer")` signs in at a desk; `visit("secretary_a", PHONE)` on a phone. Nobody may complain."""
    people: list[Person] = []

    def one(username: str, viewport: dict[str, int] = DESK, *, scripts: bool = True) -> Person:
        context = chromium.new_context(
            viewport=viewport, java_script_enabled=scripts, base_url=live_server.url,
            locale="zh-CN", timezone_id=settings.TIME_ZONE,
        )  # fmt: skip
        people.append(Person(context, username))
        return people[-1].sign_in()

    yield one
    complaints = {person.username: person.complaints for person in people if person.complaints}
    for person in people:
        person.context.close()
    assert complaints == {}


@pytest.fixture
def work() -> Callable[[], None]:
    """What the worker does with everything that waits in the queue."""

    def all_of_it() -> None:
        with unscoped("test"):
            waiting = list(Job.objects.filter(finished_at__isnull=True).values_list("pk", flat=True))
        for pk in waiting:
            run(pk)

    return all_of_it
