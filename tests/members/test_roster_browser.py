"""The roster in a real browser: a whole number that is typed reaches no address, with JavaScript and without."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import pytest

from tests.browsing import DESK, PHONE
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(
    ("screen", "scripts"), [(DESK, True), (PHONE, False)], ids=["desk", "phone without JavaScript"]
)
def test_a_person_is_found_by_a_whole_number_that_the_address_does_not_hold(
    transactional_db: None, cast: Cast, roster: Any, visit: Any, screen: Any, scripts: bool
) -> None:
    officer = visit("park_officer", screen, scripts=scripts).go("/members/")
    asked: list[str] = []
    officer.page.on("request", lambda request: asked.append(request.url))
    box = officer.page.locator("#filter-q")
    for typed, word in ((roster.worker_a3.id_number, "身份证号"), (roster.worker_b1.phone, "电话")):
        box.fill(typed)
        box.press("Enter")
        officer.page.wait_for_url(re.compile("q=" + re.escape(quote(word))))
        officer.sees("共 1 条")
    box.fill("孙")
    box.press("Enter")
    officer.page.wait_for_url(re.compile("q=" + re.escape(quote("孙")) + "$"))
    officer.sees("孙·阿依古丽", "共 1 条")
    assert asked
    for number in (roster.worker_a3.id_number, roster.worker_b1.phone):
        assert not [url for url in asked if number in url]
