"""The first sign-in as a person lives it: on a phone and at a desk, with and without JavaScript."""

import re

import pytest

from apps.accounts.models import User
from tests.cast import PASSWORD

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}


def sign_in(page, live_server, username, password):
    page.goto(f"{live_server.url}/signin/")
    page.fill("[name=username]", username)
    page.fill("[name=password]", password)
    page.click("main button[type=submit]")


@pytest.mark.browser
@pytest.mark.parametrize(("viewport", "scripts"), [(PHONE, True), (DESK, True), (DESK, False)])
def test_an_officer_opens_an_account_and_its_owner_makes_it_his_own(chromium, live_server, cast, viewport, scripts):
    desk = chromium.new_page(viewport=DESK)
    sign_in(desk, live_server, "park_officer", PASSWORD)
    desk.goto(f"{live_server.url}/accounts/new/")
    desk.fill("[name=username]", "chen")
    desk.fill("[name=display_name]", "陈书记")
    desk.select_option("[name=role]", "branch_secretary")
    chosen = str(cast.branch_b.pk)
    desk.evaluate("([pk]) => document.querySelector('[name=org]').tomselect.setValue(pk)", [chosen])
    desk.click("main button[type=submit]")
    secret = desk.locator("[data-private]").inner_text().strip()
    desk.close()

    context = chromium.new_context(viewport=viewport, java_script_enabled=scripts)
    page = context.new_page()
    sign_in(page, live_server, "chen", secret)
    assert "/password/" in page.url
    assert page.locator(".sidebar").count() == 0
    page.fill("[name=old_password]", secret)
    page.fill("[name=new_password]", "Brand-new-2026")
    page.fill("[name=repeated]", "Brand-new-2026")
    page.click("main button[type=submit]")
    page.goto(f"{live_server.url}/orgs/")
    assert "丑寅" in page.locator("main").inner_text()
    context.close()
    assert not User.objects.get(username="chen").must_change_password


@pytest.mark.browser
@pytest.mark.parametrize("viewport", [PHONE, DESK])
def test_no_administration_page_is_wider_than_the_screen_or_breaks_the_policy(chromium, live_server, cast, viewport):
    context = chromium.new_context(viewport=viewport)
    page = context.new_page()
    broken = []
    page.on("console", lambda said: broken.append(said.text) if re.search("Content Security|Uncaught", said.text) else None)
    page.on("pageerror", lambda error: broken.append(str(error)))
    sign_in(page, live_server, "authority_officer", PASSWORD)
    user = f"/accounts/{cast.users.secretary_a.pk}/"
    pages = (
        "/accounts/", user, f"{user}grant/", f"{user}reset/", "/settings/parameters/", "/settings/calendar/",
        "/settings/calendar/2026-11-25/", "/audit/", "/tokens/", "/tokens/new/", "/filters/", "/password/",
    )  # fmt: skip
    for path in pages:
        assert page.goto(f"{live_server.url}{path}").status == 200, path
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, path
    assert broken == []
    context.close()
