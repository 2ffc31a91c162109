"""The person's path on a phone: a quarter's answer in a real browser at 390 px, with and without JavaScript."""

from __future__ import annotations

import time

import pytest
from django.conf import settings

from apps.census.models import CensusReturn
from apps.core.scoping import unscoped
from tests.cast import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 390, "height": 844}
SMALL_TARGETS = """[...document.querySelectorAll('main .btn, main .form-control, main .form-select, main .choice-tiles label')]
  .filter((one) => one.offsetParent && one.getBoundingClientRect().height < 44).map((one) => one.outerHTML.slice(0, 80))"""


@pytest.fixture
def clock():
    """The browser lives in real time."""


@pytest.fixture
def census_round(cast):
    from django.utils import timezone

    from apps.census.services import open_round
    from apps.core.periods import Period

    today = timezone.localdate()
    with unscoped("test"):
        return open_round(org=cast.park_org, period=Period.quarter_of(today), today=today, actor=None).round


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def phone(request, chromium, live_server, cast, census_round):
    context = chromium.new_context(viewport=PHONE, java_script_enabled=request.param, locale="zh-CN",
                                   timezone_id=settings.TIME_ZONE)  # fmt: skip
    page = context.new_page()
    page.goto(f"{live_server.url}/signin/")
    page.fill("input[name=username]", "secretary_a")
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url(f"{live_server.url}/")
    yield page
    context.close()


def state_of(enterprise):
    with unscoped("test"):
        return CensusReturn.objects.get(enterprise=enterprise)


def test_a_quarter_without_change_is_one_press(phone, cast):
    start = time.monotonic()
    phone.goto(phone.url + "census/mine/")
    phone.click("button:has-text('走访')")
    phone.wait_for_selector("text=已上报：本季无变化")
    assert time.monotonic() - start < 60
    row = state_of(cast.enterprise_a)
    assert (row.state, row.method, row.no_change) == ("submitted", "visit", True)


def test_a_changed_number_goes_through_the_form_with_large_targets(phone, cast):
    phone.goto(phone.url + f"census/returns/{state_of(cast.enterprise_a).pk}/fill/")
    assert "需要您填 1 项：摸排方式" in phone.content()
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert phone.evaluate(SMALL_TARGETS) == []
    phone.check("input[name=method][value=phone]", force=True)
    phone.fill("input[name=staff]", "118")
    phone.click("button:has-text('上报')")
    phone.wait_for_selector("text=的摸底表已上报")
    row = state_of(cast.enterprise_a)
    assert (row.state, row.staff, row.no_change) == ("submitted", 118, False)


def test_a_draft_is_kept_on_the_server(phone, cast):
    url = phone.url + f"census/returns/{state_of(cast.enterprise_a).pk}/fill/"
    phone.goto(url)
    phone.fill("input[name=staff]", "131")
    phone.click("button:has-text('存草稿')")
    phone.wait_for_selector("text=草稿已保存")
    phone.goto(url)
    assert phone.input_value("input[name=staff]") == "131"
