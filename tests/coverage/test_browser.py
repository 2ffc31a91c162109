"""The simulator in a browser: the new rate is there the moment an enterprise is ticked."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browsing import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("path", ["/coverage/gap/", "/"])
def test_ticking_shows_the_new_rate_at_once(cast: Any, visit: Any, path: str) -> None:
    officer = visit("park_officer", PHONE).go(path).sees("66.7% → 66.7%")
    officer.page.locator(f"input[name=pick][value='{cast.enterprise_uncovered.pk}']").check()
    officer.sees("已勾选 1 家", "66.7% → 100%")
    officer.follow(officer.page.locator("[data-simulator] button.btn[type=submit]").last).sees("66.7% → 100%")
    assert "pick=" in officer.page.url


def test_the_report_fits_a_phone_and_opens_its_names(cast: Any, visit: Any) -> None:
    officer = visit("park_officer", PHONE).go("/coverage/")
    officer.follow(officer.page.locator("a.figure-value").first).sees(cast.enterprise_a.name)
    assert "/coverage/names/" in officer.page.url
