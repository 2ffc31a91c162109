"""What the page of a new record weighs on a phone: every byte of the first visit and of the next, as the product serves it."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from apps.core.scoping import unscoped
from apps.members.models import Member, Membership
from tests.browsing import PHONE
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NEW = "/activities/new/?kind=theme_day"
FIRST_VISIT, NEXT_VISIT = 150 * 1024, 30 * 1024
SLOW = {"offline": False, "latency": 400, "downloadThroughput": 400 * 1024 / 8, "uploadThroughput": 400 * 1024 / 8}
"""A 3G connection as browsers imitate it: 400 kbit/s with 400 ms to and fro."""
PATIENT_SECONDS = 20


@pytest.fixture(autouse=True)
def a_large_branch(transactional_db: None, cast: Cast, roster: Any) -> None:
    """Forty members: more than most branches have."""
    with unscoped("test"):
        people = [
            Member(name=f"党员{n:02d}", initials=f"dy{n}", org=cast.branch_a, code=f"DY8{n:07d}") for n in range(34)
        ]
        Member.objects.bulk_create(people)
        Membership.objects.bulk_create(
            Membership(member=each, org=cast.branch_a, since="2021-01-01") for each in people
        )


class Scales:
    """Adds up what a page costs: heads as they are sent, bodies compressed as the front door compresses them.

    The server of the tests compresses nothing. A static file is kept compressed beside itself by collectstatic (gzip
    9) and stays in the browser for ever; a page is compressed on its way (gzip 6) and asked for each time.
    """

    def __init__(self, page: Any) -> None:
        self.costs: dict[str, int] = {}
        self.page = page
        page.on("requestfinished", self._weigh)
        self.waiting: list[Any] = []

    def _weigh(self, request: Any) -> None:
        self.waiting.append(request)

    def total(self) -> int:
        for request in self.waiting:
            response = request.response()
            path = urlsplit(request.url).path
            static = finders.find(path.removeprefix("/static/")) if path.startswith("/static/") else None
            body = gzip.compress(Path(static).read_bytes(), 9) if static else gzip.compress(response.body(), 6)
            heads = request.sizes()
            self.costs[path] = len(body) + heads["responseHeadersSize"] + heads["requestHeadersSize"]
        self.waiting.clear()
        return sum(self.costs.values())


def test_the_first_visit_and_the_next_are_light(visit: Any, live_server: Any) -> None:
    person = visit("secretary_a", PHONE)
    cookies = person.context.cookies()
    fresh = person.context.browser.new_context(viewport=PHONE, base_url=live_server.url)
    try:
        fresh.add_cookies(cookies)
        page = fresh.new_page()
        first = Scales(page)
        page.goto(NEW, wait_until="networkidle")
        assert page.locator("input[name=present]").count() == 40
        weight = first.total()
        assert "/static/vendor/bootstrap/bootstrap.min.css" in first.costs  # the scales see what the page loads
        assert weight <= FIRST_VISIT, first.costs
        again = sum(cost for path, cost in first.costs.items() if not path.startswith("/static/"))
        assert again <= NEXT_VISIT, first.costs
    finally:
        fresh.close()


def test_the_page_can_be_used_on_a_slow_connection(visit: Any) -> None:
    person = visit("secretary_a", PHONE)
    session = person.context.new_cdp_session(person.page)
    session.send("Network.enable")
    session.send("Network.clearBrowserCache")
    session.send("Network.emulateNetworkConditions", SLOW)
    person.page.goto(NEW, wait_until="commit")
    box = person.page.get_by_label("陈一鸣", exact=True)
    box.wait_for(timeout=PATIENT_SECONDS * 1000)
    box.uncheck()
    assert person.page.get_by_label("陈一鸣的缺席原因").is_visible()
    person.page.get_by_label("内容记录", exact=True).fill("慢网也能写")
    session.send(
        "Network.emulateNetworkConditions", {**SLOW, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    )
    person.page.wait_for_load_state()


def test_a_page_leaves_the_server_compressed(cast: Cast, client: Client) -> None:
    """Also where no front door stands before it, as with `make run`."""
    client.force_login(cast.users.secretary_a)
    answer = client.get(NEW, headers={"accept-encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.content) <= NEXT_VISIT
    plain = client.get(NEW)
    assert "Content-Encoding" not in plain.headers
    assert len(plain.content) > len(answer.content)
    assert b'name="csrfmiddlewaretoken"' in gzip.decompress(answer.content)
