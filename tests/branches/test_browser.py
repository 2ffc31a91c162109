"""The tree and the select in a real browser: opening, keys, searching, and the same without JavaScript."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from apps.branches.fields import ALL_SHOWN_UP_TO
from apps.branches.models import PartyOrg
from apps.branches.tree import segment
from apps.core.scoping import unscoped
from apps.core.text import pinyin_initials
from tests.cast import PASSWORD, Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def crowded(transactional_db: None, cast: Cast) -> Cast:
    """A tree too large to be shown at once: many stations, one of them with two hundred branches."""
    with unscoped("a large tree"):
        stations = PartyOrg.objects.bulk_create(
            PartyOrg(code=f"S{n:02d}", name=f"第{n}指导站", initials=pinyin_initials(f"第{n}指导站"), parent=cast.committee,
                     kind="guidance_station", path=cast.committee.path + segment(n)) for n in range(2, ALL_SHOWN_UP_TO + 3)
        )  # fmt: skip
        PartyOrg.objects.bulk_create(
            PartyOrg(code=f"X{n:03d}", name=f"中共第{n:03d}公司支部委员会", initials=f"zgd{n:03d}gszbwyh", kind="branch",
                     parent=stations[0], path=stations[0].path + segment(n)) for n in range(1, 201)
        )  # fmt: skip
    return cast


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without"])
def page(chromium: Any, live_server: Any, crowded: Cast, request: Any) -> Iterator[Any]:
    context = chromium.new_context(base_url=live_server.url, locale="zh-CN", java_script_enabled=request.param)
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.goto("/signin/?next=/orgs/")
    page.fill("input[name=username]", "park_officer")
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url("**/orgs/")
    page.scripted = request.param
    yield page
    context.close()


def summary(page: Any, name: str) -> Any:
    return page.locator("summary", has_text=name)


def test_a_closed_station_opens_to_its_branches(page: Any) -> None:
    assert page.locator("text=第001公司").count() == 0
    summary(page, "第2指导站").locator(".hint").click()
    if not page.scripted:
        page.locator("a >> visible=true", has_text="显示 200 个下级").click()
    page.locator("text=第001公司").wait_for()
    assert page.locator("text=第200公司").is_visible()


def test_a_branch_is_moved_to_a_station_that_was_searched_for(page: Any, crowded: Cast) -> None:
    page.goto(f"/orgs/{crowded.branch_a.pk}/move/")
    if page.scripted:
        page.click(".ts-control")
        page.keyboard.type("d7zdz")
        page.locator(".ts-dropdown .option", has_text="第7指导站").click()
    else:
        page.fill("input[name=parent_text]", "第7指导站")
    page.fill("input[name=on]", "2026-03-01")
    page.click("main button[type=submit]")
    page.wait_for_url(f"**/orgs/{crowded.branch_a.pk}/")
    assert page.locator("text=划转至「第7指导站」").is_visible()
    with unscoped("test"):
        assert PartyOrg.objects.get(pk=crowded.branch_a.pk).parent.code == "S07"


@pytest.mark.parametrize("page", [True], indirect=True)
def test_arrow_keys_walk_the_tree(page: Any) -> None:
    focused = "document.activeElement.textContent.trim()"
    summary(page, "第2指导站").focus()
    page.keyboard.press("ArrowRight")
    page.locator("text=第001公司").wait_for()
    page.keyboard.press("ArrowDown")
    assert "第001公司" in page.evaluate(focused)
    page.keyboard.press("ArrowLeft")
    assert "第2指导站" in page.evaluate(focused)
    page.keyboard.press("ArrowLeft")
    assert not page.locator("text=第001公司").is_visible()


@pytest.mark.parametrize("page", [True], indirect=True)
@pytest.mark.parametrize("width", [390, 1440])
def test_no_page_is_wider_than_its_window(page: Any, crowded: Cast, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    for url in ("/orgs/", "/orgs/?q=公司", "/orgs/list/", f"/orgs/{crowded.committee.pk}/",
                f"/orgs/{crowded.branch_a.pk}/move/", f"/orgs/{crowded.committee.pk}/dissolve/"):  # fmt: skip
        page.goto(url)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, url
