"""The tree and the select in a real browser: opening, keys, searching, and the same without JavaScript."""

from __future__ import annotations

from typing import Any

import pytest

from apps.branches.fields import ALL_SHOWN_UP_TO
from apps.branches.models import PartyOrg
from apps.branches.tree import segment
from apps.core.scoping import unscoped
from apps.core.text import pinyin_initials
from tests.browsing import DESK, PHONE, Person
from tests.cast import Cast

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


def station(officer: Person) -> Any:
    return officer.page.locator("summary", has_text="第2指导站")


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without"])
def test_a_closed_station_opens_to_its_branches(visit: Any, crowded: Cast, scripts: bool) -> None:
    officer = visit("park_officer", scripts=scripts).go("/orgs/")
    assert "第001公司" not in officer.text()
    station(officer).locator(".hint").click()
    if not scripts:
        officer.follow(officer.page.locator("a >> visible=true", has_text="显示 200 个下级"))
    officer.sees("第001公司", "第200公司")


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without"])
def test_a_branch_is_moved_to_a_station_that_was_searched_for(visit: Any, crowded: Cast, scripts: bool) -> None:
    officer = visit("park_officer", scripts=scripts).go(f"/orgs/{crowded.branch_a.pk}/move/")
    if scripts:
        officer.page.locator(".ts-control").click()
        with officer.page.expect_response("**q=d7zdz*"):
            officer.page.locator(".ts-dropdown input").press_sequentially("d7zdz")
        officer.page.locator(".ts-dropdown .option", has_text="第6指导站").wait_for(state="detached")
        officer.page.locator(".ts-dropdown .option", has_text="第7指导站").click()
    else:
        officer.fill(parent_text="第7指导站")
    officer.fill(on="2026-03-01").press("划转").sees("划转至「第7指导站」")
    with unscoped("test"):
        assert PartyOrg.objects.get(pk=crowded.branch_a.pk).parent.code == "S07"


def test_arrow_keys_walk_the_tree(visit: Any, crowded: Cast) -> None:
    officer = visit("park_officer").go("/orgs/")
    keyboard, focused = officer.page.keyboard, "document.activeElement.textContent.trim()"
    station(officer).focus()
    keyboard.press("ArrowRight")
    officer.sees("第001公司")
    keyboard.press("ArrowDown")
    assert "第001公司" in officer.page.evaluate(focused)
    keyboard.press("ArrowLeft")
    assert "第2指导站" in officer.page.evaluate(focused)
    keyboard.press("ArrowLeft")
    assert "第001公司" not in officer.text()


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_no_page_is_wider_than_its_window(visit: Any, crowded: Cast, viewport: dict[str, int]) -> None:
    officer = visit("park_officer", viewport)
    for path in ("/orgs/", "/orgs/?q=公司", "/orgs/list/", f"/orgs/{crowded.committee.pk}/",
                 f"/orgs/{crowded.branch_a.pk}/move/", f"/orgs/{crowded.committee.pk}/dissolve/"):  # fmt: skip
        officer.go(path)
