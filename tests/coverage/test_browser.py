"""The simulator in a browser: the new rate is there the moment an enterprise is ticked."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(cast: Any, chromium: Any, live_server: Any) -> Any:
    client = Client()
    client.force_login(cast.users.park_officer)
    opened = chromium.new_page(viewport={"width": 390, "height": 844})
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    opened.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    yield opened
    opened.close()


@pytest.mark.parametrize("path", ["/coverage/gap/", "/"])
def test_ticking_shows_the_new_rate_at_once(cast: Any, page: Any, live_server: Any, path: str) -> None:
    page.goto(live_server.url + path)
    shown = page.locator("[data-simulation]")
    assert "66.7% → 66.7%" in shown.inner_text().replace("\n", " ")
    page.locator(f"input[name=pick][value='{cast.enterprise_uncovered.pk}']").check()
    assert page.locator("[data-organisation]").inner_text() == "100%"
    assert page.locator("[data-count]").inner_text() == "1"
    page.locator("[data-simulator] button.btn[type=submit]").last.click()
    page.wait_for_url("**/coverage/gap/?**pick=**")
    assert page.locator("[data-organisation]").inner_text() == "100%"


def test_the_report_fits_a_phone_and_opens_its_names(cast: Any, page: Any, live_server: Any) -> None:
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.goto(live_server.url + "/coverage/")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.locator("a.figure-value").first.click()
    page.wait_for_url("**/coverage/names/**")
    assert cast.enterprise_a.name in page.content()
    assert problems == []
