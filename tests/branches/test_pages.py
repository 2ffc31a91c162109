"""The pages of the tree as people of different roles meet them."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.branches import outline
from apps.branches.models import OrgEvent, PartyOrg
from apps.branches.tree import segment
from apps.core.scoping import unscoped
from apps.core.text import pinyin_initials

MAX_QUERIES = 12


@pytest.fixture
def officer(cast, client):
    client.force_login(cast.users.park_officer)
    return client


def many_children(parent, count, kind="branch"):
    with unscoped("a large tree"):
        first = PartyOrg.objects.filter(parent=parent).count() + 1
        PartyOrg.objects.bulk_create(
            PartyOrg(
                code=f"{parent.code}{n:04d}", name=f"中共第{n:04d}公司支部委员会", kind=kind, parent=parent,
                path=parent.path + segment(n), initials=pinyin_initials(f"第{n}公司"),
            )
            for n in range(first, first + count)
        )  # fmt: skip


def queries_of(client, url, **headers):
    client.get(url, headers=headers)
    with CaptureQueriesContext(connection) as captured:
        response = client.get(url, headers=headers)
    assert response.status_code == 200
    return len([query for query in captured if "SAVEPOINT" not in query["sql"]])  # those belong to the test


def test_the_tree_shows_the_subtree_of_the_reader_with_counts(officer, cast):
    page = officer.get("/orgs/").content.decode()
    assert "甲园区工作委员会" in page
    assert "下级 5 · 党支部 2" in page
    assert "乙园区" not in page
    assert "社会工作部" not in page


def test_a_visitor_without_a_role_is_refused(cast, client):
    client.force_login(cast.users.visitor)
    assert client.get("/orgs/").status_code == 403


def test_the_tree_of_two_thousand_nodes_renders_a_bounded_page_in_few_queries(officer, cast):
    small = queries_of(officer, "/orgs/")
    with unscoped("a large tree"):
        for place in range(3, 13):
            station = PartyOrg.objects.create(
                code=f"S{place}", name=f"第{place}指导站", kind="guidance_station", parent=cast.committee,
                path=cast.committee.path + segment(place),
            )  # fmt: skip
            many_children(station, 200)
    assert queries_of(officer, "/orgs/") <= min(small, MAX_QUERIES)
    page = officer.get("/orgs/").content.decode()
    assert page.count("<li id=") <= outline.NODES_AT_FIRST
    assert "下级 2015" in page


def test_a_closed_node_offers_its_children_as_a_plain_link_and_to_htmx(officer, cast):
    many_children(cast.branch_b, 130, "group")
    page = officer.get("/orgs/").content.decode()
    assert f'href="/orgs/?open={cast.branch_b.pk}#org-{cast.branch_b.pk}"' in page
    assert f'hx-get="/orgs/?under={cast.branch_b.pk}"' in page
    plain = officer.get(f"/orgs/?open={cast.branch_b.pk}").content.decode()
    part = officer.get(f"/orgs/?under={cast.branch_b.pk}", headers={"HX-Request": "true"}).content.decode()
    for answer in (plain, part):
        assert "第0130公司" in answer
    assert "<html" in plain
    assert "<html" not in part


def test_a_node_with_very_many_children_is_shown_by_pages(officer, cast):
    many_children(cast.branch_b, outline.CHILDREN_AT_ONCE + 1, "group")
    part = officer.get(f"/orgs/?under={cast.branch_b.pk}", headers={"HX-Request": "true"}).content.decode()
    assert "显示更多下级" in part
    assert "第0201公司" not in part
    rest = f"/orgs/?under={cast.branch_b.pk}&after={cast.branch_b.path}{segment(200)}"
    part = officer.get(rest, headers={"HX-Request": "true"}).content.decode()
    assert "第0201公司" in part
    assert "显示更多下级" not in part


def test_a_top_with_very_many_children_shows_the_first_page_of_them(cast, client):
    client.force_login(cast.users.secretary_b)
    many_children(cast.branch_b, outline.CHILDREN_AT_ONCE + 1, "group")
    page = client.get("/orgs/").content.decode()
    assert page.count("<li id=") == 1 + outline.CHILDREN_AT_ONCE
    assert "显示更多下级" in page


@pytest.mark.parametrize(("levels", "shown"), [("1", 1), ("2", 2), ("3", 3), ("4", 5)])
def test_the_tree_opens_to_the_level_asked_for(officer, levels, shown):
    assert officer.get("/orgs/", {"levels": levels}).content.decode().count("<li id=") == shown


@pytest.mark.parametrize("text", ["丑寅", "cylh", "JYB"])
def test_search_finds_by_characters_initials_and_code_and_shows_the_ancestors(officer, cast, text):
    page = officer.get("/orgs/", {"q": text}).content.decode()
    assert "<mark>中共丑寅联合支部委员会</mark>" in page
    assert "甲园区党建指导站" in page
    assert "子公司" not in page


def test_search_without_hits_says_what_to_do(officer):
    assert "换一个词" in officer.get("/orgs/", {"q": "不存在"}).content.decode()


def test_an_organisation_outside_the_scope_is_the_same_404_as_one_that_is_not_there(officer, cast):
    outside = officer.get(f"/orgs/{cast.sibling_org.pk}/")
    missing = officer.get("/orgs/999999/")
    assert outside.status_code == missing.status_code == 404
    assert outside.content == missing.content
    assert officer.get(f"/orgs/?open={cast.sibling_org.pk}").status_code == 404
    assert officer.post(f"/orgs/{cast.sibling_org.pk}/move/", {}).status_code == 404


def test_the_page_of_an_organisation_tells_facts_children_and_breadcrumbs_of_the_scope(officer, cast):
    page = officer.get(f"/orgs/{cast.station.pk}/").content.decode()
    assert "丑寅联合支部委员会" in page
    assert f'href="/orgs/{cast.committee.pk}/"' in page
    assert f'href="/orgs/{cast.authority.pk}/"' not in page
    top = officer.get(f"/orgs/{cast.park_org.pk}/").content.decode()
    assert "社会工作部" in top
    assert f'href="/orgs/{cast.authority.pk}/"' not in top


@pytest.mark.parametrize("url", ["/orgs/", "/orgs/list/", "/orgs/?q=dy", "/orgs/options/?q=z"])
def test_each_list_asks_as_few_queries_for_sixty_rows_as_for_three(officer, cast, url):
    few = queries_of(officer, url)
    many_children(cast.station, 60)
    assert queries_of(officer, url) == few <= MAX_QUERIES


def test_the_page_of_an_organisation_costs_the_same_with_sixty_children(officer, cast):
    few = queries_of(officer, f"/orgs/{cast.station.pk}/")
    many_children(cast.station, 60)
    assert queries_of(officer, f"/orgs/{cast.station.pk}/") == few


def post(client, url, **data):
    return client.post(url, data)


def test_an_officer_founds_a_child_and_it_stands_in_the_tree(officer, cast):
    response = post(officer, f"/orgs/{cast.station.pk}/found/", kind="branch", name="中共新公司支部委员会",
                    founded_on="2026-03-01", document="园党发〔2026〕3号")  # fmt: skip
    assert response.status_code == 302
    with unscoped("test"):
        org = PartyOrg.objects.get(name="中共新公司支部委员会")
        assert org.parent == cast.station
        assert org.code.startswith("ZZ")
        assert OrgEvent.objects.get(org=org).document == "园党发〔2026〕3号"
    assert "园党发〔2026〕3号" in officer.get(response.url).content.decode()


def test_a_refusal_stands_on_the_form_with_its_basis(officer, cast):
    response = post(officer, f"/orgs/{cast.station.pk}/found/", kind="branch", name="重码", founded_on="2026-03-01",
                    code="JYA")  # fmt: skip
    assert response.status_code == 422
    assert "组织代码" in response.content.decode()


def test_a_secretary_edits_the_contacts_and_nothing_else(cast, client):
    client.force_login(cast.users.secretary_a)
    url = f"/orgs/{cast.branch_a.pk}/edit/"
    page = client.get(url).content.decode()
    assert "contact_name" in page
    assert "can_approve_probationary" not in page
    data = {"contact_name": "王一", "contact_phone": "13812345678", "can_approve_probationary": "on", "version": 1}
    assert client.post(url, data).status_code == 302
    with unscoped("test"):
        org = PartyOrg.objects.get(pk=cast.branch_a.pk)
    assert (org.contact_name, org.can_approve_probationary, org.version) == ("王一", False, 2)
    page = client.get(f"/orgs/{org.pk}/").content.decode()
    assert "138****5678" in page
    assert "13812345678" not in page


def test_a_phone_left_masked_stays_as_it_is(cast, client):
    with unscoped("test"):
        PartyOrg.objects.filter(pk=cast.branch_a.pk).update(contact_phone="13812345678")
    client.force_login(cast.users.secretary_a)
    url = f"/orgs/{cast.branch_a.pk}/edit/"
    assert "13812345678" not in client.get(url).content.decode()
    client.post(url, {"contact_name": "王一", "contact_phone": "138****5678", "version": 1})
    with unscoped("test"):
        assert PartyOrg.objects.get(pk=cast.branch_a.pk).contact_phone == "13812345678"


def test_the_second_writer_sees_both_values(officer, cast):
    url = f"/orgs/{cast.branch_a.pk}/edit/"
    officer.post(url, {"contact_name": "甲", "version": 1})
    response = officer.post(url, {"contact_name": "乙", "version": 1})
    assert response.status_code == 409
    page = response.content.decode()
    assert "甲" in page
    assert "乙" in page


def test_dissolving_is_guided_by_what_is_left(officer, cast):
    url = f"/orgs/{cast.branch_a.pk}/dissolve/"
    page = officer.get(url).content.decode()
    assert "撤销前请先处理这些" in page
    assert "第一党小组" in page
    response = officer.post(url, {"on": "2026-03-01", "version": 1})
    assert response.status_code == 422


def test_an_ended_organisation_offers_only_its_restoration(officer, cast):
    with unscoped("test"):
        PartyOrg.objects.filter(pk=cast.group_a.pk).update(ended_on=datetime.date(2026, 1, 1))
    page = officer.get(f"/orgs/{cast.group_a.pk}/").content.decode()
    assert "恢复" in page
    assert f"/orgs/{cast.group_a.pk}/rename/" not in page
    assert "第一党小组" not in officer.get("/orgs/").content.decode()
    assert "第一党小组" in officer.get("/orgs/?ended=1").content.decode()
    assert "已于 2026-01-01 撤销" in officer.get(f"/orgs/{cast.group_a.pk}/rename/").content.decode()


def test_options_are_those_of_the_scope_and_of_the_kinds(officer, cast):
    found = officer.get("/orgs/options/", {"q": "园区"}).json()["results"]
    assert {each["value"] for each in found} == {cast.park_org.pk, cast.committee.pk, cast.station.pk}
    found = officer.get("/orgs/options/", {"kinds": "branch,joint_branch"}).json()["results"]
    assert {each["value"] for each in found} == {cast.branch_a.pk, cast.branch_b.pk}


@pytest.mark.parametrize("url", ["/orgs/?q=%00", "/orgs/?open=x", "/orgs/?open=99999999999999999999", "/orgs/?levels=99",
                                 "/orgs/options/?on=2026-02-30&kinds=nothing&q=%00", "/orgs/list/?q=%00&after=%00",
                                 "/orgs/list/?founded_from=2026-02-30"])  # fmt: skip
def test_no_query_string_is_a_server_error(officer, url):
    assert officer.get(url).status_code in (200, 404)
