"""The API of the tree: the same rights, services and refusals as the pages."""

import pytest

from apps.branches.models import PartyOrg
from apps.core.scoping import unscoped


@pytest.fixture
def officer(cast, client):
    client.force_login(cast.users.park_officer)
    return client


def send(client, url, method="post", **data):
    return getattr(client, method)(url, data, content_type="application/json")


def test_the_list_is_the_ledger_of_the_scope(officer, cast):
    body = officer.get("/api/v1/orgs/").json()
    assert [row["code"] for row in body["results"]] == ["JY", "JYW", "JYZ", "JYA", "JYA1", "JYB"]
    assert body["results"][3]["kind"] == "党支部"
    assert body["results"][3]["parent_code"] == "JYZ"


def test_filters_are_those_of_the_page_and_a_wrong_one_is_400(officer):
    found = officer.get("/api/v1/orgs/", {"kind": "branches", "q": "丑寅"}).json()["results"]
    assert [row["code"] for row in found] == ["JYB"]
    answer = officer.get("/api/v1/orgs/", {"kind": "nothing"})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_filter")


def test_founding_answers_the_row_and_a_refusal_names_its_basis(officer, cast):
    data = {"name": "中共新公司支部委员会", "kind": "branch", "parent": "JYZ", "founded_on": "2026-03-01", "code": "N1"}
    answer = send(officer, "/api/v1/orgs/", **data)
    assert (answer.status_code, answer.json()["code"]) == (201, "N1")
    refused = send(officer, "/api/v1/orgs/", **{**data, "parent": "JYA"})
    assert refused.status_code == 409
    assert "支部工作条例" in refused.json()["basis"]


def test_a_parent_outside_the_scope_is_as_unknown_as_any(officer):
    data = {"name": "甲", "kind": "branch", "founded_on": "2026-03-01"}
    outside = send(officer, "/api/v1/orgs/", parent="YY", **data)
    missing = send(officer, "/api/v1/orgs/", parent="NONE", **data)
    assert outside.status_code == missing.status_code == 400
    assert outside.json() == missing.json()


def test_a_move_answers_where_it_is_now(officer, cast):
    answer = send(officer, f"/api/v1/orgs/{cast.branch_a.pk}/move/", parent="JYW", on="2026-03-01", version=1)
    assert (answer.status_code, answer.json()["parent_code"]) == (200, "JYW")
    again = send(officer, f"/api/v1/orgs/{cast.branch_a.pk}/move/", parent="JYZ", on="2026-03-01", version=1)
    assert (again.status_code, again.json()["code"]) == (409, "conflict")


def test_a_secretary_changes_contacts_only_and_founds_nothing(cast, client):
    client.force_login(cast.users.secretary_a)
    url = f"/api/v1/orgs/{cast.branch_a.pk}/"
    assert send(client, url, "patch", contact_phone="13812345678").json()["contact_phone"] == "138****5678"
    assert send(client, url, "patch", national_code="123").status_code == 403
    assert send(client, f"{url}rename/", name="甲", on="2026-03-01").status_code == 403
    with unscoped("test"):
        assert PartyOrg.objects.get(pk=cast.branch_a.pk).national_code == ""


def test_writable_fields_are_listed(officer, cast):
    url = f"/api/v1/orgs/{cast.branch_a.pk}/"
    assert send(officer, url, "patch", path="0009", name="甲", ended_on="2020-01-01", id=1).status_code == 200
    with unscoped("test"):
        org = PartyOrg.objects.get(pk=cast.branch_a.pk)
    assert (org.path, org.name, org.ended_on) == (cast.branch_a.path, cast.branch_a.name, None)


@pytest.mark.parametrize("verb", ["rename", "upgrade", "move", "dissolve", "restore"])
def test_an_organisation_outside_the_scope_is_404_for_every_action(officer, cast, verb):
    assert send(officer, f"/api/v1/orgs/{cast.sibling_branch.pk}/{verb}/", on="2026-03-01").status_code == 404


def test_signed_out_is_401(cast, client):
    assert client.get("/api/v1/orgs/").status_code in (401, 403)
