"""The first sign-in as a person lives it: on a phone and at a desk, with and without JavaScript."""

from __future__ import annotations

from typing import Any

import pytest

from apps.accounts.models import User
from tests.browsing import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("viewport", "scripts"), [(PHONE, True), (DESK, True), (DESK, False)])
def test_an_officer_opens_an_account_and_its_owner_makes_it_his_own(
    visit: Any, cast: Any, viewport: dict[str, int], scripts: bool
) -> None:
    officer = visit("park_officer").go("/accounts/new/")
    officer.fill(username="chen", display_name="陈书记", role="支部书记", org="丑寅").press("建立账号")
    secret = officer.page.locator("[data-private]").inner_text().strip()

    owner = visit("chen", viewport, scripts=scripts, password=secret)
    assert "/password/" in owner.page.url
    assert owner.page.locator(".sidebar").count() == 0
    owner.fill(old_password=secret, new_password="Brand-new-2026", repeated="Brand-new-2026").press("保存新密码")
    owner.go("/orgs/").sees("丑寅")
    assert not User.objects.get(username="chen").must_change_password


@pytest.mark.parametrize("viewport", [PHONE, DESK])
def test_no_administration_page_is_wider_than_the_screen_or_breaks_the_policy(
    visit: Any, cast: Any, viewport: dict[str, int]
) -> None:
    officer = visit("authority_officer", viewport)
    user = f"/accounts/{cast.users.secretary_a.pk}/"
    for path in (
        "/accounts/", user, f"{user}grant/", f"{user}reset/", "/settings/parameters/", "/settings/calendar/",
        "/settings/calendar/2026-11-25/", "/audit/", "/tokens/", "/tokens/new/", "/filters/", "/password/",
    ):  # fmt: skip
        officer.go(path)
