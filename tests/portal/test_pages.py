"""The portal's own pages: every role has a home that fits it, finds things, and is led nowhere it may not go."""

from __future__ import annotations

import datetime
import re

import pytest

from apps.core.panels import TodoItem
from apps.core.urgency import due_label, in_order, tone

pytestmark = pytest.mark.django_db
ROLES = (
    "park_officer", "authority_officer", "secretary_a", "clerk_a1", "instructor", "auditor", "system_admin",
)  # fmt: skip
OWN_PAGES = ("/", "/todo/", "/search/", "/help/", "/menu/", "/jobs/", "/ledgers/")


@pytest.mark.parametrize("page", OWN_PAGES)
@pytest.mark.parametrize("role", ROLES)
def test_everybody_with_a_role_has_the_pages_of_the_portal(cast, client, role, page):
    client.force_login(getattr(cast.users, role))
    assert client.get(page).status_code == 200


@pytest.mark.parametrize("role", ROLES)
def test_no_link_of_the_frame_leads_where_the_role_may_not_go(cast, client, role):
    client.force_login(getattr(cast.users, role))
    page = client.get("/").content.decode()
    frame = page[: page.index("<main")]
    links = set(re.findall(r'href="(/[a-z][^"#]*)"', frame)) - {"/static/"}
    refused = {url: client.get(url).status_code for url in links if not url.startswith("/static/")}
    assert {url: code for url, code in refused.items() if code not in (200, 302)} == {}


def test_who_has_no_role_is_told_so(cast, client):
    client.force_login(cast.users.visitor)
    answer = client.get("/")
    assert answer.status_code == 403
    assert "权限" in answer.content.decode()


@pytest.mark.parametrize("text", ["子精", "zjm", "子精密机械"])
def test_the_search_box_finds_an_enterprise_by_two_characters_initials_or_more(cast, client, text):
    client.force_login(cast.users.park_officer)
    assert cast.enterprise_a.name in client.get("/search/", {"q": text}).content.decode()


def test_the_search_box_finds_nothing_outside_the_scope(cast, client):
    client.force_login(cast.users.secretary_b)
    page = client.get("/search/", {"q": "子精密"}).content.decode()
    assert cast.enterprise_a.name not in page
    assert "没有找到" in page


def test_the_api_documents_list_the_ledgers_and_need_a_sign_in(cast, client):
    assert client.get("/api/v1/schema/").status_code == 401
    client.force_login(cast.users.park_officer)
    assert "/api/v1/ledgers/enterprises.roster/" in client.get("/api/v1/schema/").content.decode()
    page = client.get("/api/v1/docs/").content.decode()
    assert "<style" not in page, "the content security policy refuses inline style"


@pytest.mark.parametrize(("days", "label", "colour"), [
    (-1, "逾期 1 天", "danger"), (0, "今天", "warning"), (1, "还有 1 天", "warning"), (7, "还有 7 天", "warning"),
    (8, "还有 8 天", "success"),
])  # fmt: skip
def test_urgency_is_said_in_days(days, label, colour):
    today = datetime.date(2026, 11, 22)
    due = today + datetime.timedelta(days=days)
    assert (due_label(due, today), tone(due, today)) == (label, colour)


def test_what_is_due_first_stands_first_and_the_undated_last():
    day = datetime.date(2026, 11, 22)
    later = day + datetime.timedelta(days=1)
    items = [TodoItem("丙", "", "/", "办"), TodoItem("乙", "", "/", "办", later), TodoItem("甲", "", "/", "办", day)]
    assert [item.title for item in in_order(items)] == ["甲", "乙", "丙"]


@pytest.mark.parametrize("number", ["id_number", "phone"])
def test_a_number_typed_into_the_search_box_finds_its_member_and_reaches_no_address(roster, cast, client, number):
    client.force_login(cast.users.secretary_a)
    typed = getattr(roster.worker_a1, number)
    answer = client.post("/search/", {"q": f" {typed} "}, follow=True)
    asked = answer.redirect_chain[0][0]
    assert typed not in asked
    page = answer.content.decode()
    assert f"/members/{roster.worker_a1.pk}/" in page
    assert typed not in page


def test_a_number_finds_nobody_of_another_branch(roster, cast, client):
    client.force_login(cast.users.secretary_a)
    page = client.post("/search/", {"q": roster.sibling_1.id_number}, follow=True).content.decode()
    assert f"/members/{roster.sibling_1.pk}/" not in page
    assert "没有找到" in page


def test_what_is_no_number_is_asked_for_as_it_was_typed(cast, client):
    client.force_login(cast.users.park_officer)
    answer = client.post("/search/", {"q": "子精密"})
    assert answer["Location"] == "/search/?q=%E5%AD%90%E7%B2%BE%E5%AF%86"
